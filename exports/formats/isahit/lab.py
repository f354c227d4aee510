"""`isahit_lab`: tasks of isahit lab as its SDK's `lab` export has them (isahitlab 0.17.0); of isahit lab alone.

A task is as the platform tells it, without its jobs, which are events here; `data` is what its label says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import orjson

from audit.annotations import Ontology
from audit.sources.origins import origin
from exports.archive.build import Archive, Skipped
from exports.formats.base import LabelledTask, Parameter, Progress, ProjectInfo, Snapshot, Unfit, Value, Written
from exports.formats.isahit.family import OWN, IsahitFamily, said_of, task_row
from exports.formats.labels.annotated import LABELS, chosen


class IsahitLabFormat(IsahitFamily):
    """A JSON array with an object for each task."""

    slug: ClassVar[str] = "isahit_lab"
    title: ClassVar[str] = "isahit lab"
    extension: ClassVar[str] = "json"
    beside: ClassVar[bool] = True
    parameters: ClassVar[tuple[Parameter, ...]] = LABELS

    def refusal(self, project: ProjectInfo) -> str:
        """It has no words of its own for what others say."""
        if project.source not in OWN:
            return f"isahit_lab has tasks as isahit lab tells them; this project comes from: {origin(project.source)}"
        return super().refusal(project)

    def unfit(self, ontology: Ontology) -> str:
        """It holds whatever a form asks."""
        return ""

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> tuple[Unfit, ...]:
        """It has all inputs."""
        return ()

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """The array, a task after the other."""
        tasks = labels = 0
        with archive.file("tasks.json") as target:
            target.write(b"[")
            for done, task in enumerate(snapshot.labelled(), 1):
                try:
                    written = self._task(archive, snapshot, task, values)
                except (ValueError, TypeError) as error:
                    said = f"its payload can't be written as JSON: {error}"
                    archive.skip("tasks", Skipped(task.task, "unreadable", said))
                    for row in task.labels:
                        archive.skip("labels", Skipped(task.task, "unreadable", said, row.external_id))
                else:
                    target.write((b",\n" if tasks else b"\n") + written)
                    tasks, labels = tasks + 1, labels + len(task.labels)
                progress(done)
            target.write(b"\n]\n" if tasks else b"]\n")
        return {"tasks": tasks, "labels": labels}

    def _task(self, archive: Archive, snapshot: Snapshot, task: LabelledTask, values: Mapping[str, Value]) -> bytes:
        labels = chosen(task, values)
        row = {"_id": task.task, "name": task.name, **task_row(task)}
        row["data"] = said_of(archive, snapshot, task.task, labels[-1].content) if labels else {}
        return orjson.dumps(row, option=orjson.OPT_INDENT_2)
