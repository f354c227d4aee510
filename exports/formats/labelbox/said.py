"""What labels of other platforms say, as data rows of Labelbox: a row for each medium of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson

from audit.annotations import (
    Annotation,
    Answer,
    Classification,
    Medium,
    MediumKind,
    Ontology,
    Range,
    Relation,
    Transcription,
)
from exports.archive.build import Noting, Skipped
from exports.formats.base import LabelRow, Snapshot, Value
from exports.formats.labelbox.datarow import DataRow, member
from exports.formats.labelbox.shapes import DRAWN
from exports.formats.labelbox.told import Told, made_up
from exports.formats.labels.annotated import Asset, LabelItem
from exports.formats.redbrick.volumes import Volumes

HELD: tuple[type[Annotation], ...] = (*DRAWN, Classification, Transcription, Relation, Range)

Row = dict[str, Any]

ASSET_TYPES: dict[MediumKind, str] = {
    "image": "image",
    "video": "video",
    "text": "text",
    "pdf": "pdf",
    "audio": "audio",
    "conversation": "conversational",
    "html": "html",
    "geo": "geospatial",
    "volume": "dicom",
    "point cloud": "point_cloud",
}
PREDICTIONS = frozenset({"PREDICTION", "INFERENCE"})
"""Kinds of labels that models made: they stand in a model run."""
RUN = "predictions"
"""How model and model run are called where the platform has none."""
VERSION = "1.0.0"


class Sayer:
    """Says labels of one project. What Labelbox has no words for is noted in the archive."""

    def __init__(self, archive: Noting, snapshot: Snapshot, ontology: Ontology) -> None:
        self._archive = archive
        self._snapshot = snapshot
        self._titles = {job.key: job.title for job in ontology.jobs}
        self._classes = {(job.key, one.key): one.title for job in ontology.jobs for one in job.classes}
        self._volumes: tuple[LabelRow, Volumes] | None = None
        self._several = {job.key: job.multiple for job in ontology.jobs}

    def volumes(self, item: LabelItem) -> Volumes:
        """The volumes of a label; those that were asked for last are kept, one in memory."""
        if self._volumes is None or self._volumes[0] is not item.row:
            self._volumes = (item.row, Volumes(partial(self._snapshot.file, item.row.content)))
        return self._volumes[1]

    def rows(self, asset: Asset, values: Mapping[str, Value]) -> list[DataRow]:
        """The data rows of a task, which has one even without media."""
        media = asset.media or (Medium("other", asset.task.name),)
        return [self._row(asset, medium, values, alone=len(media) == 1) for medium in media]

    def _row(self, asset: Asset, medium: Medium, values: Mapping[str, Value], *, alone: bool) -> DataRow:
        project, task = self._snapshot.project, asset.task
        behind = "" if medium.index == 0 else f"/{medium.index}"
        row: Row = {"id": task.task + behind, "external_id": task.name if alone else medium.name}
        row["row_data"] = medium.url or medium.text or medium.name
        if values["data_row_details"]:
            row["details"] = {"dataset_id": project.external_id, "dataset_name": project.name}
        found: Row = {"data_row": row, "media_attributes": _attributes(medium)}
        found |= {name: [] for name in ("attachments", "metadata_fields", "embeddings") if values[name]}
        labels: list[Row] = []
        predictions: list[Row] = []
        for item in asset.labels:
            said = self._label(asset, item, medium, behind, values)
            (predictions if item.row.kind in PREDICTIONS else labels).append(said)
        ours: Row = {"name": project.name, "labels": labels}
        if values["project_details"]:
            ours["project_details"] = {"workflow_status": task.status, "task_name": task.stage, "workflow_history": []}
        its = member(project.external_id, orjson.dumps(ours | {"project_tags": []}))
        runs = b""
        if values["predictions"] and predictions:
            run: Row = {"name": RUN, "predictions": predictions}
            runs = orjson.dumps({RUN: {"name": RUN, "runs": {RUN: run}}})
        return DataRow(row["id"], orjson.dumps(found)[:-1], its, runs)

    def _label(self, asset: Asset, item: LabelItem, medium: Medium, behind: str, values: Mapping[str, Value]) -> Row:
        row = item.row
        label: Row = {"label_kind": "Video" if medium.kind == "video" else "Default", "version": VERSION}
        label["id"] = row.external_id + behind
        if values["label_details"]:
            at = _time(row.created_at)
            author = self._snapshot.person(row.author)
            label["label_details"] = {"created_at": at, "updated_at": at, "created_by": author, "reviews": []}
        if values["performance_details"]:
            seconds = None if row.milliseconds is None else row.milliseconds / 1000
            label["performance_details"] = {"seconds_to_create": seconds, "skipped": row.skipped}
        told = Told(self, asset, item, medium)
        for place, one in enumerate(item.said.annotations):
            if one.medium == medium.index:
                told.add(one, f"{label['id']}/{place}", filled=bool(values["interpolated_frames"]))
        told.finish(filled=bool(values["interpolated_frames"]))
        label["annotations"] = told.annotations()
        return label

    def feature(self, id_: str, job: str, key: str | None = None, kind: str = "") -> Row:
        """A feature of the ontology: a question, or a class of a job. Its schema's id is made of their keys.

        A class that is drawn as several kinds is a feature for each: a tool of Labelbox draws one kind.
        """
        title = self._titles.get(job, job) if key is None else self._classes.get((job, key), key)
        schema = made_up("/".join(name for name in (job, key, kind) if name))
        return {"feature_id": id_, "feature_schema_id": schema, "name": title, "value": key or job}

    def answer(self, answer: Answer, id_: str, *, message: bool = False) -> Row:
        """An answer to a question, with those to the questions that it made somebody ask."""
        row = self.feature(id_, answer.job)
        begin = "conversational_" if message else ""
        if answer.text is not None or answer.number is not None:
            written = answer.text if answer.text is not None else f"{answer.number:g}"
            return row | {f"{begin}text_answer": {"content": written}}
        chosen = [
            self.feature(f"{id_}/{place}", answer.job, choice.key)
            | ({} if choice.confidence is None else {"confidence": choice.confidence})
            | {"classifications": self.answers(choice.answers, f"{id_}/{place}")}
            for place, choice in enumerate(answer.choices)
        ]
        if len(chosen) == 1 and not self._several.get(answer.job, False):
            return row | {f"{begin}radio_answer": chosen[0]}
        return row | {f"{begin}checklist_answers": chosen}

    def answers(self, answers: Sequence[Answer], id_: str) -> list[Row]:
        """Answers within something."""
        return [self.answer(answer, f"{id_}/{answer.job}") for answer in answers]

    def note(self, asset: Asset, item: LabelItem, one: Annotation, code: str, text: str) -> None:
        """A line about what can't be said."""
        id_ = one.id or one.object
        self._archive.warn(Skipped(asset.task.task, code, text, item.row.external_id, one.job, id_))


def _attributes(medium: Medium) -> Row:
    known = {
        "height": medium.height,
        "width": medium.width,
        "asset_type": ASSET_TYPES.get(medium.kind),
        "frame_rate": medium.frame_rate,
        "frame_count": medium.frames,
        "page_count": len(medium.pages) or None,
    }
    return {name: _plain(value) for name, value in known.items() if value is not None}


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds")
