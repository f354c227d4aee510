"""Diffgram's API as the sync reads it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import IO

from msgspec.structs import replace

from audit.sources.ahead import answers, side_by_side
from audit.sources.base import (
    FileRef,
    LiveSource,
    ProjectDetails,
    SourceError,
    SourceEvent,
    TaskHistory,
    TaskPage,
    Version,
)
from audit.sources.diffgram.client import DiffgramClient
from audit.sources.diffgram.events import file_of, history_of, in_order, task_id
from audit.sources.diffgram.feed import Feed, feed_events, lost_events, read_feed
from audit.sources.diffgram.people import Members, members_of
from audit.sources.diffgram.project import details_of, member_events, members_in, settings_event, thing_events
from audit.sources.diffgram.spool import Spool
from audit.sources.values import item, part, text, when, whole

FEW = 3
"""Tasks of a job that changed, up to which each one is exported by itself."""
BATCH = 100
AT_A_TIME = 2
"""Jobs that are exported at the same time; each export is held in memory."""
LISTED = 4
"""Jobs whose tasks are counted at the same time."""


class DiffgramSource(LiveSource):
    """One project of Diffgram. Its feed and its members are read with `project_events`, or when first needed."""

    cannot_tell = (
        "Diffgram's API tells the day of an event and no time of day: such an event stands at the beginning of its day "
        "(UTC). Reading the database (diffgram-db) gives exact times.",
        "Diffgram's API tells no more than 1,000 events of a day; days on which there were more are noted.",
        "Diffgram's API does not tell active time, nor who drew an instance and when: reading the database does.",
        "Diffgram does not say when a task's status or its assignees changed: such events have no time.",
        "Diffgram's exports hold nothing of audio and conversational files, and older servers leave out instances "
        "beyond the hundredth of a picture.",
        "Each pass makes exports in the project's list of exports; their events (export_generation) are not recorded.",
        "Files that are in no job are no tasks, and are not read.",
        "Diffgram does not list archived tasks: a full pass records them as deleted.",
        "Diffgram does not say that a task changed when its annotations did: what an incremental pass misses is found "
        "by the next full pass.",
    )

    def __init__(self, client: DiffgramClient) -> None:
        self.client = client
        self._feed: Feed | None = None
        self._members: Members | None = None
        self._spool = Spool()
        self._counted = False
        self._lock = threading.Lock()

    def check(self) -> ProjectDetails:
        """Name and description of the project."""
        return details_of(settings_event(self.client.settings(), [], []).content or b"{}")

    def project_events(self) -> Iterator[SourceEvent]:
        """Settings with labels and attributes, members, directories, jobs, and the project's own events."""
        settings = self.client.settings()
        self._members = members_of(members_in(settings), called=False)
        self._feed = None
        with ThreadPoolExecutor(1, "diffgram") as threads:
            feed = threads.submit(self.feed)
            schemas = self.client.schemas()
            lists: dict[str, Callable[[], list[bytes]]] = {
                "labels": lambda: [raw for schema in schemas for raw in self.client.labels(schema)],
                "groups": lambda: [raw for schema in schemas for raw in self.client.attribute_groups(schema)],
                "directory": self.client.directories,
                "job": lambda: list(self.client.jobs()),
            }
            found = dict(side_by_side(lists))
            feed.result()
        yield settings_event(settings, found["labels"], found["groups"])
        yield from member_events(members_in(settings))
        yield from thing_events("directory", found["directory"])
        yield from thing_events("job", found["job"])
        yield from lost_events(self.feed())
        yield from feed_events(None, self.feed().of(None), self.members())

    def count(self) -> int:
        """How many tasks the project's jobs list."""
        self._counted = False
        self._spool.forget_listed()

        def read(job: int) -> None:
            for page in self.client.task_pages(job):
                self._spool.take_listed(job, map(task_id, page))

        for _ in answers(read, self._job_ids(), LISTED):
            pass
        self._counted = True
        return self._spool.count()

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """The tasks of each job, with what an export of the job holds."""
        jobs = list(self._job_ids())
        clock = self.client.clock  # Before the first export: what changes while one is made is read again.

        def read(job: int) -> tuple[list[bytes], dict[str, bytes]]:
            rows: list[bytes] = []
            with ThreadPoolExecutor(1, "diffgram") as threads:
                whole_job: Future[dict[str, bytes]] | None = None
                for page in self.client.task_pages(job):
                    rows += page if since is None else [row for row in page if self._is_touched(row, since)]
                    if whole_job is None and len(rows) > (0 if since is None else FEW):
                        whole_job = threads.submit(self.client.export, job=job)  # It is made while rows are listed.
                return rows, self._packets(rows, {} if whole_job is None else whole_job.result())

        for _, (rows, packets) in answers(read, jobs, AT_A_TIME):
            for start in range(0, max(len(rows), 1), BATCH):
                histories = tuple(self._history(row, packets) for row in rows[start : start + BATCH])
                yield TaskPage(histories, clock)

    def task(self, external_id: str) -> TaskHistory | None:
        """One task, if one of the jobs lists it."""
        with self._lock:
            if not self._counted:
                self.count()
        job = self._spool.job(external_id)
        if job is None:
            return None
        for page in self.client.task_pages(job):
            for row in page:
                if task_id(row) == external_id:
                    return self._history(row, self._packets([row], {}))
        return None

    def time_pages(self) -> Iterator[tuple[SourceEvent, ...]]:
        """No active time; what the feed says of tasks that no job lists any more."""
        if not self._counted:
            return
        for task in self._spool.unlisted():
            if rows := self.feed().of(task):
                yield (*in_order(list(feed_events(task, rows, self.members()))), _gone(task))

    def file(self, ref: FileRef, into: IO[bytes]) -> None:
        """A mask or a medium, from its signed address."""
        self.client.wire.web.fetch(ref.where, ref.what, into)

    def close(self) -> None:
        """Close all connections, and forget what was read."""
        self.client.close()
        self._spool.close()

    def feed(self) -> Feed:
        """What the feed tells, read once."""
        with self._lock:
            if self._feed is None:
                self._feed = read_feed(self.client, self._spool)
            return self._feed

    def members(self) -> Members:
        """Who works in the project."""
        with self._lock:
            if self._members is None:
                self._members = members_of(members_in(self.client.settings()), called=False)
            return self._members

    def _job_ids(self) -> Iterator[int]:
        for raw in self.client.jobs():
            id_ = whole(item(raw), "id")
            if id_ is None:
                raise SourceError("answer", "Diffgram sent a job without a number")
            yield id_

    def _is_touched(self, row: bytes, since: datetime) -> bool:
        return _changed(row, since) or self.feed().spool.is_touched(task_id(row), since.date())

    def _packets(self, rows: list[bytes], exported: Mapping[str, bytes]) -> dict[str, bytes]:
        """The packets of these tasks' files by the task's number, as far as they are there. Raises SourceError where
        an export of the task itself lacks its file."""
        found: dict[str, bytes] = {}
        for row in rows:
            task, file = task_id(row), file_of(row)
            packet = None if file is None else exported.get(str(file))
            if packet is None:  # Not in the job's export, or the list did not tell the task's file.
                alone = self.client.export(task=int(task))
                packets = [raw for name, raw in alone.items() if name.isdecimal()]
                packet = packets[0] if len(packets) == 1 else alone.get(str(file))
            if packet is None:
                raise SourceError(
                    "answer",
                    f"an export of Diffgram lacks the file of task {task}. What was read until then is kept, but this "
                    "is not all. See in Diffgram's list of exports what failed, and sync again",
                )
            found[task] = packet
        return found

    def _history(self, row: bytes, packets: dict[str, bytes]) -> TaskHistory:
        task = task_id(row)
        history = history_of(row, packets[task], self.feed().of(task), self.members())
        return replace(history, untold=self.feed().untold())


def _gone(task: str) -> SourceEvent:
    """That a task is listed no more, in the words in which a pass says it of a task that it misses."""
    gone = SourceEvent(
        task=task, type="task.deleted", source_type="TASK_GONE", occurred_at=None, instant=None, derived=True
    )
    return replace(gone, version=Version("task", "gone", first=gone))


def _changed(row: bytes, since: datetime) -> bool:
    """Whether the platform calls the task changed since then; yes where it does not say."""
    found = item(row)
    moments = [when(found, name)[1] for name in ("time_updated", "time_created", "time_completed")]
    known = [moment for moment in moments if moment is not None]
    return not known or max(known) >= since or text(part(found, "file"), "type") is None
