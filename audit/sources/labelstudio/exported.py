"""An export of Label Studio as a source: JSON with all fields, as "Export > JSON" and snapshots write it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from audit.sources.base import SourceEvent, TaskPage
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind, FileSource, in_pages, once
from audit.sources.exported.looks import Item, candidates, first_of_array, only, tasks_of
from audit.sources.files.errors import BadFile
from audit.sources.labelstudio.events import history_of
from audit.sources.labelstudio.media import kind_of, results_of
from audit.sources.labelstudio.neutral import chosen_of, control_of, labels_of
from audit.sources.values import canonical, part, text

WHAT = "export of Label Studio with annotations"


class LabelStudioSource(FileSource):
    """One JSON file. Raises BadFile or SourceError for what is none."""

    cannot_tell = (
        "Label Studio's export does not have the labelling configuration: controls and classes are those that labels "
        "name.",
        "Label Studio keeps the time of an annotation as one sum, without a history.",
        "Without their history (Enterprise) the export has the newest state of annotations, and when each was made.",
        *FileSource.cannot_tell,
    )

    def project_events(self) -> Iterator[SourceEvent]:
        """The controls and classes that labels name."""
        controls = _Controls()
        for _, _, task in self._tasks():
            controls.add(task)
        content = msgspec.json.encode({"name": self.name, "controls": controls.told()})
        yield SourceEvent(
            task=None,
            type="project.updated",
            source_type="labelstudio",
            occurred_at=None,
            instant=None,
            derived=True,
            content=content,
            key_fields=(sha256(canonical(controls.told())).hexdigest(),),
        )

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Tasks in the file's order. Raises BadFile for two of one id."""
        found = ((self.container.path, line, history_of(raw)) for line, raw, _ in self._tasks())
        return in_pages(once(found, "tasks with the id"))

    def _tasks(self) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
        with self.container.text(only(self.container, _found(self.container), WHAT)) as file:
            for line, raw, task in tasks_of(file):
                if not isinstance(task.get("data"), dict):
                    raise BadFile(file.path, line, 'a task of Label Studio has "data"; this object has none')
                yield line, raw, task


class _Controls:
    """What results say of the controls with which they were made, in the order in which they come."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, Any]] = {}
        self._labels: dict[str, dict[str, None]] = {}

    def add(self, task: dict[str, Any]) -> None:
        for one in results_of(task):
            name, value = control_of(one), part(one, "value")
            known = self._found.setdefault(name, {"name": name, "type": text(one, "type"), "multiple": False})
            named = labels_of(one) or chosen_of(value)
            known["multiple"] = known["multiple"] or len(named) > 1
            if "media" not in known and (kind := kind_of(one)) is not None:
                known["media"] = kind
            labels = self._labels.setdefault(name, {})
            for label in named:
                self._add(labels, label, paths=known["type"] == "taxonomy")

    @staticmethod
    def _add(labels: dict[str, None], label: str, *, paths: bool) -> None:
        steps = label.split("/") if paths else [label]
        for count in range(1, len(steps) + 1):
            labels.setdefault("/".join(steps[:count]))

    def told(self) -> list[dict[str, Any]]:
        return [{**known, "labels": list(self._labels[name])} for name, known in self._found.items()]


def looks(first: Item) -> bool:
    """Whether it is a task with annotations, as no other system writes them."""
    labelled = isinstance(first.get("annotations"), list) or isinstance(first.get("predictions"), list)
    return isinstance(first.get("data"), dict) and labelled and "id" in first


def _found(container: Container) -> list[str]:
    return candidates(container, (".json",), lambda name: looks(first_of_array(container, name)))


def recognises(container: Container) -> bool:
    """Whether it is one such file, or has exactly one."""
    return len(_found(container)) == 1


KIND = ExportKind("labelstudio", "an export of Label Studio", "labelstudio", recognises, LabelStudioSource)
