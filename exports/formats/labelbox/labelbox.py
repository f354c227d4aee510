"""`labelbox`: data rows as Labelbox's exports have them, one a line (NDJSON); of any source.

Labelbox's own rows are put together from the bytes that it sent (`labelbox_rows`); what other platforms' labels say is
said in its words (`labelbox_said`). Parameters are those of `Project.export(params=…)` of its SDK 7.17.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import msgspec
import orjson

from audit.annotations import Annotation
from audit.sources import file_kind
from exports.archive.build import Archive, Skipped
from exports.formats.base import (
    PEOPLE,
    LabelledTask,
    Parameter,
    Progress,
    Reads,
    Snapshot,
    Value,
    Written,
    flag,
)
from exports.formats.labelbox.rows import EMBEDDING, project_id, row_of
from exports.formats.labelbox.said import HELD, Sayer
from exports.formats.labels.annotated import EXPORT_TYPE, SENT_BACK, AnnotatedFormat, chosen, ontology_of

OWN = ("labelbox", file_kind("labelbox"))
"""Kinds of sources whose payloads are Labelbox's."""

ALL_TYPES = Parameter(
    "label_type_in",
    (),
    "",
    "labels of these kinds, every kind where none is named: DEFAULT, REVIEW, PREDICTION, MODEL_RUN, INFERENCE, "
    "CONSENSUS, or a word of the source's own",
    several=True,
)
ALL_LABELS = Parameter("export_type", EXPORT_TYPE.choices, "normal", EXPORT_TYPE.help)

BLOCKS = (
    flag("attachments", False, "with the data row's attachments"),
    flag("metadata_fields", False, "with its metadata"),
    flag("embeddings", False, "with its embeddings, which are larger than all the rest"),
    flag("data_row_details", False, "with its dataset, times and creator"),
    flag("project_details", False, "with its batch, priority, status and way through the workflow"),
    flag("label_details", False, "with each label's author, times and reviews"),
    flag("performance_details", False, "with the seconds that each label took"),
    flag("interpolated_frames", False, "with what the platform filled in between key frames"),
    flag("all_model_runs", False, "with the labels of model runs"),
    flag("predictions", False, "with what models said"),
    flag("model_run_details", False, "with the split of each model run, and its ids"),
)


class LabelboxFormat(AnnotatedFormat):
    """A data row a line."""

    slug: ClassVar[str] = "labelbox"
    title: ClassVar[str] = "Labelbox NDJSON"
    extension: ClassVar[str] = "ndjson"
    beside: ClassVar[bool] = True
    holds: ClassVar[tuple[type[Annotation], ...]] = HELD
    parameters: ClassVar[tuple[Parameter, ...]] = (*BLOCKS, ALL_TYPES, ALL_LABELS, SENT_BACK, PEOPLE)

    def reads(self, values: Mapping[str, Value]) -> Reads:
        """Tasks with labels; the workflow's steps and embeddings are events of theirs."""
        steps, embeddings = bool(values["project_details"]), bool(values["embeddings"])
        told = (*(("task.moved",) if steps else ()), *(("activity.recorded",) if steps or embeddings else ()))
        untold = () if embeddings else (EMBEDDING,)
        return Reads(kinds=("tasks", "labels"), texts=False, details=True, told=told, untold=untold)

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """A line for each task; of a task with several media one for each of these."""
        tasks = labels = 0
        own = snapshot.project.source in OWN
        rows = self._own(archive, snapshot, values) if own else self._others(archive, snapshot, values)
        with archive.file("data_rows.ndjson") as target:
            for done, (task, found) in enumerate(rows, 1):
                for row in found:
                    # Payloads may have line ends between tokens; inside of texts they are escaped.
                    line = orjson.dumps(row).replace(b"\n", b" ").replace(b"\r", b" ")
                    target.write(line + b"\n")
                if found:
                    tasks, labels = tasks + 1, labels + len(task.labels)
                progress(done)
        return {"tasks": tasks, "labels": labels}

    def _own(
        self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value]
    ) -> Iterator[tuple[LabelledTask, list[dict[str, Any]]]]:
        of = project_id(snapshot.project)
        for task in snapshot.labelled():
            try:
                yield task, [row_of(snapshot.project, of, task, chosen(task, every_kind(task, values)), values)]
            except (msgspec.DecodeError, ValueError, KeyError) as error:
                text = f"its payload, or that of one of its labels, is none of Labelbox's: {error}"
                archive.skip("tasks", Skipped(task.task, "unreadable", text))
                for label in task.labels:
                    archive.skip("labels", Skipped(task.task, "unreadable", text, label.external_id))
                yield task, []

    def _others(
        self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value]
    ) -> Iterator[tuple[LabelledTask, list[dict[str, Any]]]]:
        ontology = ontology_of(snapshot.project)
        say = Sayer(archive, snapshot, ontology)
        for task in snapshot.labelled():
            yield task, say.rows(self.asset(archive, snapshot, ontology, task, every_kind(task, values)), values)


def every_kind(task: LabelledTask, values: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters with every kind of label that the task has, where none is named."""
    kinds = values["label_type_in"] or tuple(dict.fromkeys(row.kind for row in task.labels))
    return {**values, "label_type_in": kinds}
