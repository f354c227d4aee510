"""What Diffgram tells of the whole project and is needed task by task: events of its feed, and which tasks jobs list.

It lies in temporary tables, so that memory does not grow with the project.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from exportsite.temporary import TemporaryTables

_TABLES = (
    "CREATE TABLE event (id INTEGER PRIMARY KEY, task TEXT, kind TEXT, day TEXT, raw BLOB)",
    "CREATE INDEX of_task ON event (task, id)",
    "CREATE TABLE listed (task TEXT PRIMARY KEY, job INTEGER) WITHOUT ROWID",
)
_UNLISTED = (
    "SELECT DISTINCT task FROM event WHERE task > ? AND task NOT IN (SELECT task FROM listed) ORDER BY task LIMIT ?"
)
PAGE = 100


class Told(NamedTuple):
    """An event of the feed: its number, task (None: it is about the project), kind and day, and its bytes."""

    id: int
    task: str | None
    kind: str
    day: str
    raw: bytes


class Spool:
    """Events by task, oldest first, and the job of each task. May be asked by several threads."""

    def __init__(self) -> None:
        self._tables = TemporaryTables(*_TABLES)

    def close(self) -> None:
        """Forget all."""
        self._tables.close()

    def forget_events(self) -> None:
        """The feed is to be read anew."""
        self._tables.do("DELETE FROM event")

    def add(self, events: Iterable[Told]) -> int:
        """Take note of events; how many of them are new."""
        return self._tables.changed("INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?)", events)

    def events(self, task: str | None) -> list[tuple[str, bytes]]:
        """The events of a task, or the project's own: the kind of each, and its bytes."""
        return self._tables.rows("SELECT kind, raw FROM event WHERE task IS ? ORDER BY id", task)

    def is_touched(self, task: str, since: date) -> bool:
        """Whether an event is told of the task on that day or later."""
        return bool(
            self._tables.rows("SELECT 1 FROM event WHERE task IS ? AND day >= ? LIMIT 1", task, since.isoformat())
        )

    def forget_listed(self) -> None:
        """A listing begins."""
        self._tables.do("DELETE FROM listed")

    def take_listed(self, job: int, tasks: Iterable[str]) -> None:
        """Take note that a job lists these tasks."""
        self._tables.changed("INSERT OR REPLACE INTO listed VALUES (?, ?)", ((task, job) for task in tasks))

    def count(self) -> int:
        """How many tasks are listed."""
        return int(self._tables.rows("SELECT count(*) FROM listed")[0][0])

    def job(self, task: str) -> int | None:
        """The job that lists the task."""
        found = self._tables.rows("SELECT job FROM listed WHERE task = ?", task)
        return int(found[0][0]) if found else None

    def unlisted(self) -> Iterator[str]:
        """The tasks that events name and that no job lists."""
        last = ""
        while found := self._tables.rows(_UNLISTED, last, PAGE):
            yield from (task for (task,) in found)
            last = found[-1][0]
