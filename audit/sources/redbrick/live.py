"""RedBrick AI as the sync reads it."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import IO

from audit.sources.ahead import ahead, by_turns
from audit.sources.base import FileRef, LiveSource, ProjectDetails, SourceError, SourceEvent, TaskHistory, TaskPage
from audit.sources.redbrick.activetime import time_event
from audit.sources.redbrick.client import RedBrickClient
from audit.sources.redbrick.events import read_task
from audit.sources.redbrick.labels import Told, label_event, listed
from audit.sources.redbrick.project import RedBrickProject, member_events, project_of, settings_event
from audit.sources.redbrick.reading import RedBrickReading
from audit.sources.values import instant

REMEMBERED = 1_000
"""Tasks of which is remembered what their events say of labels: those whose labels are about to be asked for."""
BLOCK = 1 << 20


class RedBrickSource(LiveSource):
    """One project of RedBrick AI. Stages and members are asked for once, and again with `project_events`."""

    cannot_tell = (
        "RedBrick AI does not say when a comment was edited, or by whom and when its issue was resolved: such events "
        "have the time at which they were found.",
        "RedBrick AI does not list deleted tasks: they are found by a full pass.",
        "RedBrick AI keeps active time as one sum for each task, stage, round and person, without a history.",
        "RedBrick AI does not document which changes count as an update of a task: comments and assignments that an "
        "incremental pass misses are found by the next full pass.",
        "RedBrick AI does not say who changed a task's state in every case: where it does not, the person who has the "
        "task is named for what only that person can do, and nobody otherwise.",
        "RedBrick AI does not say when people became or ceased to be members.",
        "RedBrick AI lists a task's latest label data and those that its events name: drafts that were replaced before "
        "a sync came are not known.",
    )

    def __init__(self, client: RedBrickClient) -> None:
        self.client = client
        self._project: RedBrickProject | None = None
        self._told: dict[str, Told] = {}
        self._lock = threading.Lock()

    def check(self) -> ProjectDetails:
        """Name, description and stages of the project."""
        settings = self.client.project_settings()
        project_of(settings)
        return RedBrickReading().project_details(settings)

    def project_events(self) -> Iterator[SourceEvent]:
        """Settings with stages and taxonomy, then each member."""
        settings, members = self._settings()
        self._project = project_of(settings, members)
        yield settings_event(settings)
        yield from member_events(members)

    def count(self) -> int:
        """How many tasks the project has."""
        return self.client.count()

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Pages of tasks with their events."""
        project = self.project()
        for page in ahead(self.client.task_pages(since), 2):  # The next answer comes while this one is taken apart.
            histories = tuple(self._read(raw, project) for raw in page.items)
            yield TaskPage(histories, _clock(page.cache_time))

    def task(self, external_id: str) -> TaskHistory | None:
        """One task. Raises SourceError when another one came than was asked for."""
        raw = self.client.task(external_id)
        if raw is None:
            return None
        history = self._read(raw, self.project())
        if history.task != external_id:
            raise SourceError("answer", f"RedBrick AI was asked for task {external_id} and sent {history.task[:80]}")
        return history

    def label(self, task: str, external_id: str) -> SourceEvent | None:
        """An older row of a task's label data. Raises SourceError when another one came than was asked for."""
        raw = self.client.task_data(task, external_id)
        if raw is None:
            return None
        told = self._told.get(task)
        if told is None and self.task(task) is not None:
            told = self._told.get(task)
        event = label_event(raw, told or Told(task, task), self.project())
        if event is None or event.version is None or event.version.thing != f"label/{external_id}":
            raise SourceError("answer", f"RedBrick AI was asked for the label {external_id} and sent another one")
        return event

    def file(self, ref: FileRef, into: IO[bytes]) -> None:
        """A file of a storage: masks (NIfTI, usually gzip), lists of labels (JSON), items."""
        storage, path = json.loads(ref.where)
        self.client.fetch(storage, path, ref.what, into)
        if not ref.media and (problem := broken(into)) is not None:
            raise SourceError(
                "answer",
                f"{ref.what} came from RedBrick AI's storage, but {problem}. It is not kept; sync again, and look at "
                "the file there if it stays so",
            )

    def _read(self, raw: bytes, project: RedBrickProject) -> TaskHistory:
        """A task; what it tells of its labels is remembered until they have been asked for."""
        history, told = read_task(raw, project)
        with self._lock:
            self._told[history.task] = told
            while len(self._told) > REMEMBERED:
                del self._told[next(iter(self._told))]
        return history

    def time_pages(self) -> Iterator[tuple[SourceEvent, ...]]:
        """Active time at each stage at which people work, all stages at the same time.

        A page of one stage follows a page of another: the platform lists all stages' tasks in one order, so what is
        recorded of a task comes together.
        """
        project = self.project()
        yield from by_turns([self._times(stage, project) for stage in project.worked()])

    def _times(self, stage: str, project: RedBrickProject) -> Iterator[tuple[SourceEvent, ...]]:
        for page in self.client.time_pages(stage):
            yield tuple(time_event(row, stage, project) for row in page.items)

    def close(self) -> None:
        """Close all connections."""
        self.client.close()

    def project(self) -> RedBrickProject:
        """The project as it was when it was last asked for."""
        if self._project is None:
            self._project = project_of(*self._settings())
        return self._project

    def _settings(self) -> tuple[bytes, tuple[bytes, ...]]:
        with ThreadPoolExecutor(1) as thread:  # Both at the same time.
            members = thread.submit(self.client.members)
            return self.client.project_settings(), members.result()


def _clock(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        return instant(written)
    except ValueError:
        raise SourceError("answer", f"RedBrick AI's clock says {written[:60]!r}, which is no time") from None


def broken(file: IO[bytes]) -> str | None:
    """Why the bytes can't be all of a file; None where nothing speaks against it. Only gzip and JSON tell."""
    file.seek(0)
    block = file.read(BLOCK)
    if block[:1] in (b"[", b"{"):
        try:
            listed(block + file.read())
        except ValueError:
            return "it is no list of labels in JSON, or not all of it"
        return None
    if block[:2] != b"\x1f\x8b":
        return None if block else "it is empty"
    gzip = zlib.decompressobj(wbits=31)
    try:
        while block:
            gzip.decompress(block)
            if gzip.eof:
                return None
            block = file.read(BLOCK)
    except zlib.error as error:
        return f"it can't be unpacked ({error})"
    return "it ends in the middle"
