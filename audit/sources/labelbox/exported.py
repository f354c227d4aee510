"""An export of Labelbox as a source: NDJSON as its SDK and its pages write it, or the same rows in a JSON array."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import orjson
from msgspec.structs import replace

from audit.sources.base import SourceEvent, TaskHistory, TaskPage
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind, FileSource, in_pages, once
from audit.sources.exported.looks import lines_of
from audit.sources.files.errors import BadFile, listed, quoted
from audit.sources.files.jsonarray import objects
from audit.sources.labelbox.learned import Learned
from audit.sources.labelbox.project import LabelboxProject, settings_event
from audit.sources.labelbox.rows import history_of
from audit.sources.labelbox.told import Beside
from audit.sources.values import Item, item, part, parts, text

MOST_FILES = 50
"""Members of a folder or zip that are looked at."""
WHAT = "export of Labelbox"

_ROW = re.compile(rb'(?:\xef\xbb\xbf)?[\s\[]*\{\s*"data_row"\s*:\s*\{')


class LabelboxFile(FileSource):
    """One file with data rows. Raises BadFile or SourceError for what is none.

    Of a file with several projects it is the one that has the name, or the id, of the project into which it is loaded.
    It is read twice: for the ontology, which the file does not have by itself, and for the data rows; once more where
    there are several projects.
    """

    cannot_tell = (
        "Labelbox's export has no ontology: tools, questions and choices are those that labels name.",
        "Labelbox's export has neither versions of labels nor issues; what came of a review is in the workflow's "
        "history.",
        "Labelbox names people by e-mail in exports.",
        "Masks are named by their addresses, which a file does not have the key to.",
        *FileSource.cannot_tell,
    )

    def __init__(self, container: Container, name: str) -> None:
        super().__init__(container, name)
        self._project: LabelboxProject | None = None
        self._only: str | None = None

    def project_events(self) -> Iterator[SourceEvent]:
        """The project with its task queues and an ontology, as its data rows name them. Raises BadFile."""
        learned, projects, queues = self._read()
        if len(projects) > 1:
            self._only = self._chosen(projects)
            learned, projects, queues = self._read()
        id_ = next(iter(projects), "")
        self._project = LabelboxProject(id_)
        settings = {
            "project": {"id": id_, "name": self.name},
            "ontology": {"normalized": learned.normalized()},
            "task_queues": [{"name": name} for name in queues],
        }
        yield settings_event({name: orjson.dumps(value) for name, value in settings.items()})

    def _read(self) -> tuple[Learned, dict[str, str], dict[str, None]]:
        """What labels name, names of projects by their ids, and task queues; of one project where one is chosen."""
        learned, projects, queues = Learned(), dict[str, str](), dict[str, None]()
        for line, raw in self._lines():
            row = self._row(line, raw)
            if self._is_meant(row):
                for label in _labels(row, projects, queues, self._only):
                    learned.add(label)
        return learned, projects, queues

    def _is_meant(self, row: Item) -> bool:
        return self._only is None or self._only in part(row, "projects")

    def _chosen(self, projects: dict[str, str]) -> str:
        """The one of several projects that is to be loaded. Raises BadFile."""
        found = [id_ for id_, name in projects.items() if self.name in (id_, name)]
        if len(found) == 1:
            return found[0]
        what = f"its data rows are of {len(projects)} projects"
        if found:
            raise BadFile(
                self.container.path,
                None,
                f"{what}, {len(found)} of which are called {quoted(self.name)}: "
                f"name one by its id as --project ({listed(found, 5)})",
            )
        known = listed([f"{name} ({id_})" if name else id_ for id_, name in projects.items()], 5)
        text_ = (
            f"{what}, none of which is {quoted(self.name)}: load one of them as --project, by its name or id ({known})"
        )
        raise BadFile(self.container.path, None, text_)

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Data rows in the file's order. Raises BadFile for two of one id."""
        return in_pages(once(self._histories(), "data rows with the id"))

    def _histories(self) -> Iterator[tuple[str, int, TaskHistory]]:
        project = self.project()
        for line, raw in self._lines():
            if self._is_meant(self._row(line, raw)):
                history = history_of(raw, Beside(), None, project)
                events = tuple(map(_without_files, history.events))
                yield self.container.path, line, replace(history, events=events)

    def project(self) -> LabelboxProject:
        """The project that the file is of."""
        if self._project is None:
            list(self.project_events())
        assert self._project is not None
        return self._project

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        found = _found(self.container)
        if len(found) != 1:
            several = f"there are {len(found)} {WHAT}s in it: {listed(found, 5)}; load one of them by itself"
            raise BadFile(self.container.path, None, several if found else f"this is no {WHAT}")
        with self.container.text(found[0]) as file:
            yield from objects(file) if _is_array(file.head) else lines_of(file)

    def _row(self, line: int, raw: bytes) -> Item:
        try:
            found = item(raw)
        except (ValueError, RecursionError) as problem:
            raise BadFile(self.container.path, line, f"this is no JSON: {problem}") from None
        if text(part(found, "data_row"), "id") is None:
            raise BadFile(self.container.path, line, 'a line of a Labelbox export has a "data_row" with an "id"')
        return found


def _without_files(event: SourceEvent) -> SourceEvent:
    """Nobody can fetch them: their addresses ask for a key, or have expired."""
    version = event.version
    if version is not None and version.first is not None:
        version = replace(version, first=replace(version.first, files=()))
    return replace(event, files=(), version=version) if event.files else event


def _labels(row: Item, projects: dict[str, str], queues: dict[str, None], only: str | None) -> Iterator[Item]:
    """All labels of the row; notes its projects, with their names, and the task queues of its way."""
    found = part(row, "projects")
    for id_ in found if only is None else (only,):
        project = part(found, id_)
        projects[id_] = text(project, "name") or projects.get(id_, "")
        details = part(project, "project_details")
        for move in parts(details, "workflow_history"):
            for name in (text(move, "previous_task_name"), text(move, "next_task_name")):
                if name:
                    queues[name] = None
        yield from parts(project, "labels")
    models = part(row, "experiments")
    for model in models:
        runs = part(part(models, model), "runs")
        for run in runs:
            yield from parts(part(runs, run), "labels")
            yield from parts(part(runs, run), "predictions")


def _is_array(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def _found(container: Container) -> list[str]:
    """The members that are exports of Labelbox: their first object begins with a data row."""
    names = container.names if container.is_single else container.ending(".ndjson", ".jsonl", ".json")
    if len(names) > MOST_FILES:
        return []
    return [name for name in names if _ROW.match(container.head(name))]


def recognises(container: Container) -> bool:
    """Whether it is one such file, or has exactly one."""
    return len(_found(container)) == 1


KIND = ExportKind("labelbox", "an export of Labelbox", "labelbox", recognises, LabelboxFile)
