"""Kili's own record of events, by asset: it is told for the whole project in order of time, and needed task by task.

It lies in temporary tables, so that memory does not grow with the project.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from audit.sources.kili.catalogue import DELETED, DESTROYED
from audit.sources.kili.events import named
from exportsite.temporary import TemporaryTables

_TABLES = (
    "CREATE TABLE event (n INTEGER PRIMARY KEY, id TEXT UNIQUE, kind TEXT, asset TEXT, raw BLOB)",
    "CREATE INDEX of_asset ON event (asset, n)",
    "CREATE TABLE listed (asset TEXT PRIMARY KEY) WITHOUT ROWID",
)
_UNLISTED = (
    "SELECT DISTINCT asset FROM event WHERE asset > ? AND asset NOT IN (SELECT asset FROM listed) "
    "AND (? OR asset NOT IN (SELECT asset FROM event WHERE kind IN (?, ?) AND asset IS NOT NULL)) "
    "ORDER BY asset LIMIT ?"
)


class Spool:
    """Events of assets, and which assets were listed. May be asked by several threads."""

    def __init__(self) -> None:
        self._tables = TemporaryTables(*_TABLES)

    def close(self) -> None:
        """Forget all."""
        self._tables.close()

    def add(self, rows: Iterable[bytes]) -> int:
        """Take note of events, in their order; how many of them are new."""
        found = ((*named(raw), raw) for raw in rows)
        return self._tables.changed("INSERT OR IGNORE INTO event (id, kind, asset, raw) VALUES (?, ?, ?, ?)", found)

    def of(self, asset: str) -> list[bytes]:
        """The events of one asset, in their order."""
        found = self._tables.rows("SELECT raw FROM event WHERE asset = ? ORDER BY n", asset)
        return [bytes(raw) for (raw,) in found]

    def of_no_asset(self, size: int) -> Iterator[list[bytes]]:
        """The events that are about no asset, in their order, so many at a time."""
        last = 0
        query = "SELECT n, raw FROM event WHERE asset IS NULL AND n > ? ORDER BY n LIMIT ?"
        while rows := self._tables.rows(query, last, size):
            last = rows[-1][0]
            yield [bytes(raw) for _, raw in rows]

    def last(self) -> tuple[int, str] | None:
        """How many events there are, and the id of the newest."""
        query = "SELECT count(*), (SELECT id FROM event ORDER BY n DESC LIMIT 1) FROM event"
        ((count, newest),) = self._tables.rows(query)
        return (int(count), str(newest)) if count else None

    def forget(self) -> None:
        """Begin anew: no events, nothing listed."""
        self._tables.do("DELETE FROM event", "DELETE FROM listed")

    def came(self, assets: Iterable[str]) -> list[str]:
        """Take note that these assets are there; those that came for the first time."""
        statement = "INSERT OR IGNORE INTO listed VALUES (?)"
        return [asset for asset in dict.fromkeys(assets) if self._tables.changed(statement, [(asset,)])]

    def unlist(self) -> None:
        """A listing begins: nothing came yet."""
        self._tables.do("DELETE FROM listed")

    def unlisted(self, size: int, *, deleted: bool = True) -> Iterator[list[str]]:
        """The assets that events name and that did not come, so many at a time; also those that an event says were
        `deleted`."""
        last = ""
        while rows := self._tables.rows(_UNLISTED, last, deleted, DELETED, DESTROYED, size):
            last = rows[-1][0]
            yield [asset for (asset,) in rows]
