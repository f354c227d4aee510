"""An export of RedBrick AI as a source: a folder, or a zip of it, with tasks.json and masks under segmentations/.

tasks.json is what the SDK makes of the API's payloads; they are put together again from it (`rebuilt`). It has no ids
of people, no events and no taxonomy: people go by their addresses, classes and attributes by their names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import IO

from msgspec.structs import replace

from audit.sources.base import FileRef, SourceError, SourceEvent, TaskHistory, TaskPage
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind, FileSource, in_pages, once
from audit.sources.exported.looks import Item as Looked
from audit.sources.exported.looks import candidates, first_of_array, only, tasks_of
from audit.sources.files.errors import BadFile, quoted
from audit.sources.redbrick.events import read_task
from audit.sources.redbrick.labels import Made, label_event
from audit.sources.redbrick.live import broken
from audit.sources.redbrick.payload import actor_kind, named
from audit.sources.redbrick.project import RedBrickProject
from audit.sources.redbrick.rebuilt import datapoint_of, entries, row_of, rows_of
from audit.sources.redbrick.taxonomy import Taxonomy
from audit.sources.values import Item, canonical, text, when

WHAT = "export of RedBrick AI (tasks.json)"


class RedBrickExport(FileSource):
    """One export. Raises BadFile or SourceError for what is none, and where a mask file is not in it."""

    cannot_tell = (
        "RedBrick AI's export has no events and no active time: of what happened to a task, only when it was created.",
        "RedBrick AI's export has no taxonomy: classes and attributes are those that labels name.",
        *FileSource.cannot_tell,
    )

    def __init__(self, container: Container, name: str) -> None:
        super().__init__(container, name)
        self._members = frozenset(container.names)
        self._root = PurePosixPath()

    def project_events(self) -> Iterator[SourceEvent]:
        """The classes and attributes that labels name, as a taxonomy."""
        taxonomy = Taxonomy()
        for _, task in self._tasks():
            for data, _ in rows_of(task):
                for entry in entries(data):
                    taxonomy.add(entry)
        told = taxonomy.told()
        yield SourceEvent(
            task=None,
            type="project.updated",
            source_type="export",
            occurred_at=None,
            instant=None,
            derived=True,
            content=json.dumps({"name": self.name, "taxonomy": told}).encode(),
            key_fields=(sha256(canonical(told)).hexdigest(),),
        )

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Tasks in the file's order. Raises BadFile for two of one id."""
        found = ((self.container.path, line, self._history(task)) for line, task in self._tasks())
        return in_pages(once(found, "tasks with the id"))

    def file(self, ref: FileRef, into: IO[bytes]) -> None:
        """A member of the export."""
        path = json.loads(ref.where)[1]
        member = self._member(path)
        if member is None:
            raise SourceError("missing", f"{ref.what} ({quoted(path)}) is not in the export; export it again")
        try:
            self.container.copy(member, into)
        except BadFile as problem:
            raise SourceError("answer", f"{ref.what}: {problem.text}") from None
        if not ref.media and (why := broken(into)) is not None:
            raise SourceError("answer", f"{ref.what} ({quoted(path)}) is damaged: {why}. Export it again")

    def _tasks(self) -> Iterator[tuple[int, Item]]:
        name = only(self.container, _found(self.container), WHAT)
        self._root = PurePosixPath(name).parent
        with self.container.text(name) as file:
            for line, _, task in tasks_of(file):
                if not text(task, "taskId"):
                    raise BadFile(file.path, line, 'a task of RedBrick AI has a "taskId"; this object has none')
                yield line, task

    def _history(self, task: Item) -> TaskHistory:
        """The task with its label; of a consensus, with each labeler's as well."""
        (newest, _), *others = rows_of(task)
        wire = {
            "taskId": task["taskId"],
            "currentStageName": task.get("currentStageName"),
            "priority": task.get("priority"),
            "datapoint": datapoint_of(task),
            "latestTaskData": row_of(newest),
        }
        history, told = read_task(json.dumps(wire).encode(), PROJECT)
        events = [*_created(task), *history.events]
        for data, several in others:
            row = row_of(data)
            if row["tdId"] is not None:
                told.made[row["tdId"]] = Made(consensus=several)
            if (event := label_event(json.dumps(row).encode(), told, PROJECT)) is not None:
                events.append(event)
        return TaskHistory(history.task, tuple(self._there(event) for event in events))

    def _member(self, path: str) -> str | None:
        name = (self._root / path).as_posix()
        return name if name in self._members else None

    def _there(self, event: SourceEvent) -> SourceEvent:
        """The event with those of its images that are in the export. Raises SourceError for a mask that is not."""
        found = []
        for ref in event.files:
            if self._member(ref.name) is not None:
                found.append(ref)
            elif not ref.media:
                raise SourceError(
                    "missing",
                    f"{ref.what} ({quoted(ref.name)}) is not in the export. Load the whole folder, or a zip of it; "
                    "where it is whole, export that task again: masks of tasks called alike replace each other",
                )
        return replace(event, files=tuple(found)) if event.files else event


PROJECT = RedBrickProject("", None, {})
"""An export does not say what its stages are, or who the members are."""


def _created(task: Item) -> Iterator[SourceEvent]:
    """That the task was created: the export says when and by whom."""
    occurred_at, instant = when(task, "createdAt")
    if occurred_at is None:
        return
    who = next(iter(named({"by": datapoint_of(task).get("createdByEntity")})), None)
    yield SourceEvent(
        task=task["taskId"],
        type="task.created",
        source_type="CREATED_AT",
        occurred_at=occurred_at,
        instant=instant,
        actor=who,
        actor_kind=actor_kind(who.external_id if who else None),
        derived=True,
    )


def looks(first: Looked) -> bool:
    """Whether it is a task of tasks.json; one of a report has events."""
    labelled = isinstance(first.get("series"), list) or ("tdId" in first and "labels" in first)
    return isinstance(first.get("taskId"), str) and labelled and "events" not in first


def _found(container: Container) -> list[str]:
    """Files of the name that `redbrick export` gives; a single file may be called otherwise."""
    names = candidates(container, ("tasks.json",), lambda name: looks(first_of_array(container, name)))
    return [name for name in names if container.is_single or PurePosixPath(name).name == "tasks.json"]


def recognises(container: Container) -> bool:
    """Whether it has exactly one such file."""
    return len(_found(container)) == 1


KIND = ExportKind("redbrick-export", "an export of RedBrick AI", "redbrick", recognises, RedBrickExport)
