"""Diffgram's database as the sync reads it: exact times, every version of an instance, active time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import IO

import msgspec

from audit.sources.base import FileRef, LiveSource, ProjectDetails, SourceEvent, TaskHistory, TaskPage
from audit.sources.diffgram.database import Database
from audit.sources.diffgram.people import Members, members_of
from audit.sources.diffgram.project import details_of, settings_event, thing_events
from audit.sources.diffgram.rows import event_of_project, history_of_rows, time_event
from audit.sources.diffgram.tables import Tables
from audit.sources.values import counted
from audit.sources.web import Conditions, Web

STORAGE = "Diffgram's storage"


class _Time(msgspec.Struct):
    row: msgspec.Raw
    total: bool


class DiffgramTables(LiveSource):
    """One project in Diffgram's database, all of it as of one moment."""

    cannot_tell = (
        "Files that are in no job are no tasks, and are not read.",
        "Diffgram does not record when a task's status or its assignee changed, or who changed it: such events have no "
        "time.",
        "Diffgram does not record who deleted an instance.",
        "Diffgram counts active time in the browser while its tab is visible, without an idle cut-off; of two tabs the "
        "longer one counts. It keeps sums, not when they came about.",
        "What Diffgram deleted from its tables before the first sync is not there any more.",
        "Files are in Diffgram's storage, not in its database, which has signed addresses of them: masks are fetched "
        "where these still hold (mask_url_expiry) when a sync reads them first; media are not.",
    )

    def __init__(self, url: str, key: str, project: str, how: Conditions) -> None:
        self._tables = Tables(Database(url, key, how), project)
        self._members: Members | None = None
        self._how = how
        self._storage: Web | None = None
        self._lock = threading.Lock()

    def check(self) -> ProjectDetails:
        """Name and description of the project."""
        return details_of(settings_event(self._tables.settings(), [], []).content or b"{}")

    def project_events(self) -> Iterator[SourceEvent]:
        """Settings with labels and attributes, directories, jobs, and the project's own events."""
        tables = self._tables
        yield settings_event(tables.settings(), tables.labels(), tables.attribute_groups())
        yield from thing_events("directory", tables.directories())
        yield from thing_events("job", tables.jobs())
        for rows in tables.own_events():
            yield from (event_of_project(raw, self.members()) for raw in rows)

    def count(self) -> int:
        """How many tasks the project has."""
        return self._tables.count()

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Tasks by their numbers, each with its whole history."""
        members, clock = self.members(), self._tables.database.clock()
        for rows in self._tables.tasks(since):
            yield TaskPage(tuple(history_of_rows(one, members, clock) for one in rows), clock)

    def task(self, external_id: str) -> TaskHistory | None:
        """One task; what is no number is none."""
        number = counted(external_id)
        found = None if number is None else self._tables.task(number)
        return None if found is None else history_of_rows(found, self.members(), self._tables.database.clock())

    def time_pages(self) -> Iterator[tuple[SourceEvent, ...]]:
        """Seconds that people worked, by task and its state then."""
        members = self.members()
        for rows in self._tables.times():
            found = [msgspec.json.decode(raw, type=_Time) for raw in rows]
            yield tuple(time_event(bytes(time.row), members, total=time.total) for time in found)

    def file(self, ref: FileRef, into: IO[bytes]) -> None:
        """A mask, from its signed address."""
        with self._lock:
            if self._storage is None:
                self._storage = Web(STORAGE, ref.where, {}, "", self._how)
        self._storage.fetch(ref.where, ref.what, into)

    def close(self) -> None:
        """Close all connections."""
        self._tables.database.close()
        if self._storage is not None:
            self._storage.close()

    def members(self) -> Members:
        """Who works in the installation."""
        if self._members is None:
            self._members = members_of(self._tables.people(), called=True)
        return self._members
