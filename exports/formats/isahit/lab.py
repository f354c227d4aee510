"""`isahit_lab`: tasks of isahit lab as its SDK's `lab` export has them (isahitlab 0.17.0); of isahit lab alone.

A task is as the platform tells it, without its jobs, which are events here; `data` is what its label says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import ClassVar

import orjson

from audit.ontology import Ontology
from audit.sources.origins import origin
from audit.sources.unread import why
from exports.archive.build import Archive, Noting
from exports.formats.base import LabelledTask, Parameter, Progress, ProjectInfo, Snapshot, Unfit, Value, Written
from exports.formats.isahit.family import OWN, IsahitFamily, said_of, task_row
from exports.formats.labels.annotated import LABELS, chosen
from exports.formats.labels.left_out import leave_out, unread
from exports.formats.labels.made import Kept, array, told, write_lines, written


class IsahitLabFormat(IsahitFamily):
    """A JSON array with an object for each task."""

    slug: ClassVar[str] = "isahit_lab"
    title: ClassVar[str] = "isahit lab"
    extension: ClassVar[str] = "json"
    beside: ClassVar[bool] = True
    of_media: ClassVar[frozenset[str]] = frozenset()
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
        kept, count = Kept(), Counter[str]()

        def make(task: LabelledTask) -> bytes | None:
            try:
                return _row(kept, snapshot, task, values)
            except Exception as error:
                leave_out(kept, task, "unreadable", f"its payload can't be written as JSON: {why(error)}")
                return None

        with archive.file("tasks.json") as target:
            write_lines(target, array(told(archive, snapshot, make, kept, count, progress)))
        return written(count)


def _row(noting: Noting, snapshot: Snapshot, task: LabelledTask, values: Mapping[str, Value]) -> bytes:
    """The task as JSON. A payload that is none ends in any error that `why` has words for."""
    row = {"_id": task.task, "name": task.name, **task_row(task)}
    labels = chosen(task, values)
    if labels:
        try:
            said = said_of(noting, snapshot, task.task, labels[-1].content)
            return orjson.dumps(row | {"data": said}, option=orjson.OPT_INDENT_2)
        except Exception as error:
            unread(noting, task, labels[-1], f"what it says can't be written as JSON: {why(error)}")
    return orjson.dumps(row | {"data": {}}, option=orjson.OPT_INDENT_2)
