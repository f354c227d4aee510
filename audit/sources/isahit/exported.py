"""A `lab` export of isahit as a source: its JSON array of tasks, as the SDK writes it.

The SDK leaves in a task's data only what was said (`body`), without who said it and when; and the project's
configuration is not in it. The one is put back where the API has it, the other is learned.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from audit.sources.base import SourceEvent, TaskHistory, TaskPage
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind, FileSource, in_pages, once
from audit.sources.exported.looks import Item as Looked
from audit.sources.exported.looks import candidates, first_of_array, only, tasks_of
from audit.sources.files.errors import BadFile, listed
from audit.sources.isahit.events import history_of
from audit.sources.isahit.learned import Learned
from audit.sources.isahit.project import IsahitProject, project_of, settings_event
from audit.sources.values import Item, part, text

WHAT = "lab export of isahit"
_WIRE = frozenset(("body", "metadata", "projectType", "createdAt", "user"))
"""Fields that data has at the API: a task saved from there is read as it is."""


class IsahitExport(FileSource):
    """One JSON file with the tasks of one project. Raises BadFile or SourceError for what is none."""

    cannot_tell = (
        "isahit lab's export says neither who worked on a task nor when; what happened is concluded from its status.",
        "isahit lab's export has no configuration: tools, inputs and labels are those that tasks name; a polyline "
        "looks like a polygon.",
        *FileSource.cannot_tell,
    )

    def __init__(self, container: Container, name: str) -> None:
        super().__init__(container, name)
        self._project: IsahitProject | None = None

    def project_events(self) -> Iterator[SourceEvent]:
        """The configuration that tasks show. Raises BadFile for tasks of several projects."""
        learned, projects = Learned(), dict[str, None]()
        for _, task in self._tasks():
            learned.add(part(part(task, "data"), "body"))
            if (id_ := text(task, "projectId")) is not None:
                projects[id_] = None
        if len(projects) > 1:
            raise BadFile(
                self.container.path,
                None,
                f"its tasks are of {len(projects)} projects ({listed(projects, 5)}); load an export of one project",
            )
        configuration = msgspec.json.encode(learned.configuration())
        self._project = project_of(configuration)
        project = {"_id": next(iter(projects), ""), "name": self.name}
        yield settings_event(msgspec.json.encode(project), configuration)

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Tasks in the file's order. Raises BadFile for two of one id."""
        return in_pages(once(self._histories(), "tasks with the id"))

    def _histories(self) -> Iterator[tuple[str, int, TaskHistory]]:
        if self._project is None:
            list(self.project_events())
        assert self._project is not None
        for line, task in self._tasks():
            history = history_of(msgspec.json.encode(task), self._project)
            yield self.container.path, line, TaskHistory(history.task, history.events)

    def _tasks(self) -> Iterator[tuple[int, Item]]:
        with self.container.text(only(self.container, _found(self.container), WHAT)) as file:
            for line, _, task in tasks_of(file):
                if not text(task, "_id"):
                    raise BadFile(file.path, line, 'a task of isahit lab has an "_id"; this object has none')
                yield line, _as_told(task)


def _as_told(task: Item) -> Item:
    """The task as the API has it: what was said stands in the data's body."""
    data = task.get("data")
    if not isinstance(data, dict) or "body" in data:
        return task
    return {**task, "data": {"body": data} if data.keys() - _WIRE else data}


def looks(first: Looked) -> bool:
    """Whether it is a task as the SDK's `lab` format has it."""
    return "_id" in first and "data" in first and ("batchId" in first or "projectId" in first)


def _found(container: Container) -> list[str]:
    return candidates(container, (".json",), lambda name: looks(first_of_array(container, name)))


def recognises(container: Container) -> bool:
    """Whether it is one such file, or has exactly one."""
    return len(_found(container)) == 1


KIND = ExportKind("isahit", "an export of isahit lab", "isahit", recognises, IsahitExport)
