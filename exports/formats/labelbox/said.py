"""What labels of other platforms say, as data rows of Labelbox: a row for each medium of a task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson

from audit.annotations import Annotation, Classification, Medium, MediumKind, Range, Relation, Transcription
from audit.ontology import Ontology
from exports.archive.build import Noting, Skipped
from exports.formats.base import LabelRow, Snapshot, Value
from exports.formats.labelbox.datarow import DataRow, member
from exports.formats.labelbox.features import Features, Row
from exports.formats.labelbox.shapes import DRAWN
from exports.formats.labelbox.told import Told
from exports.formats.labels.annotated import Asset, LabelItem
from exports.formats.redbrick.volumes import Volumes

HELD: tuple[type[Annotation], ...] = (*DRAWN, Classification, Transcription, Relation, Range)

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
        self._features = Features(ontology)
        self._volumes: tuple[LabelRow, Volumes] | None = None

    def _volumes_of(self, item: LabelItem) -> Volumes:
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
        told = Told(medium, self._features, partial(self._note, asset, item), partial(self._volumes_of, item))
        for place, one in enumerate(item.said.annotations):
            if one.medium == medium.index:
                told.add(one, f"{label['id']}/{place}", filled=bool(values["interpolated_frames"]))
        told.finish(filled=bool(values["interpolated_frames"]))
        label["annotations"] = told.annotations()
        return label

    def _note(self, asset: Asset, item: LabelItem, one: Annotation, code: str, text: str) -> None:
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
