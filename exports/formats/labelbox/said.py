"""What labels of other platforms say, as data rows of Labelbox: a row for each medium of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

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
from exports.archive.build import Archive, Skipped
from exports.formats.base import Snapshot, Value
from exports.formats.labelbox.datarow import DataRow, member
from exports.formats.labelbox.shapes import DRAWN, drawn
from exports.formats.labels.annotated import Asset, LabelItem
from exports.formats.labels.shapes import Unwritable

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

    def __init__(self, archive: Archive, snapshot: Snapshot, ontology: Ontology) -> None:
        self._archive = archive
        self._snapshot = snapshot
        self._titles = {job.key: job.title for job in ontology.jobs}
        self._classes = {(job.key, one.key): one.title for job in ontology.jobs for one in job.classes}
        self._several = {job.key: job.multiple for job in ontology.jobs}

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
        told = _Told(self, asset, item, medium)
        for place, one in enumerate(item.said.annotations):
            if one.medium == medium.index:
                told.add(one, f"{label['id']}/{place}", filled=bool(values["interpolated_frames"]))
        label["annotations"] = told.annotations()
        return label

    def feature(self, id_: str, job: str, key: str | None = None, kind: str = "") -> Row:
        """A feature of the ontology: a question, or a class of a job. Its schema's id is made of their keys.

        A class that is drawn as several kinds is a feature for each: a tool of Labelbox draws one kind.
        """
        title = self._titles.get(job, job) if key is None else self._classes.get((job, key), key)
        schema = _made_up("/".join(name for name in (job, key, kind) if name))
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


class _Told:
    """The annotations of one label about one medium."""

    def __init__(self, sayer: Sayer, asset: Asset, item: LabelItem, medium: Medium) -> None:
        self._sayer, self._asset, self._item, self._medium = sayer, asset, item, medium
        self._objects: list[Row] = []
        self._answers: list[Row] = []
        self._relations: list[Row] = []
        self._frames: dict[int, Row] = {}
        self._keys: dict[str, dict[str, bool]] = {}
        self._shown: dict[str, list[int]] = {}
        self._spans: dict[str, list[list[int]]] = {}
        self._moments: dict[int, Row] = {}

    def add(self, one: Annotation, made_up: str, *, filled: bool) -> None:
        """Say one annotation; `made_up` is its id where it has none. `filled` ones are said where that is asked."""
        try:
            if isinstance(one, Range):
                self._range(one, made_up)
            elif isinstance(one, Relation):
                self._relation(one, made_up)
            elif isinstance(one, Classification | Transcription):
                answer = one.answer if isinstance(one, Classification) else Answer(one.job, text=one.text)
                self._answer(one, answer, one.id or _made_up(made_up), filled=filled)
            else:
                self._object(one, made_up, filled=filled)
        except Unwritable as error:
            self._sayer.note(self._asset, self._item, one, error.code, str(error))

    def annotations(self) -> Row:
        """All of them, in the form that the medium's kind has."""
        if self._medium.kind == "video":
            frames = {f"{number}": self._frames[number] for number in sorted(self._frames)}
            segments = {id_: _stretches(numbers) for id_, numbers in self._shown.items()}
            told: Row = {"frames": frames, "segments": segments, "key_frame_feature_map": self._keys}
            return told | {"classifications": self._answers}
        if self._medium.kind == "audio":
            timestamp = {f"{moment}": self._moments[moment] for moment in sorted(self._moments)}
            return {"classifications": self._answers, "segments": self._spans, "timestamp": timestamp}
        return {"objects": self._objects, "classifications": self._answers, "relationships": self._relations}

    def _object(self, one: Annotation, made_up: str, *, filled: bool) -> None:
        if not one.classes:
            raise Unwritable("no_class", "it has no class, which a feature of Labelbox needs")
        kind, said = drawn(one, self._medium)
        id_ = one.object or one.id or _made_up(made_up)
        row = self._sayer.feature(id_, one.job, one.classes[0], kind) | {"annotation_kind": kind}
        if one.confidence is not None:
            row["confidence"] = one.confidence
        row |= {"classifications": self._sayer.answers(one.answers, id_)} | said
        if self._medium.kind != "video":
            self._objects.append(row)
            return
        if one.frame is None:
            raise Unwritable("not_held", "it is in no frame, and objects of Labelbox's videos are")
        if f"{one.frame + 1}" in self._keys.get(id_, {}):
            raise Unwritable("not_held", f"object {id_} has several parts in frame {one.frame + 1}, where one may be")
        self._key(id_, one)
        if one.key_frame or filled:
            self._frame(one.frame)["objects"][id_] = row

    def _answer(self, one: Annotation, answer: Answer, id_: str, *, filled: bool) -> None:
        message = one.object if self._medium.kind == "conversation" else None
        row = self._sayer.answer(answer, id_, message=message is not None)
        if one.confidence is not None:
            row["confidence"] = one.confidence
        if message is not None:
            row["message_id"] = message
        if self._medium.kind != "video" or one.frame is None:
            self._answers.append(row)
            return
        self._key(id_, one)
        if one.key_frame or filled:
            self._frame(one.frame)["classifications"].append(row)

    def _key(self, id_: str, one: Annotation) -> None:
        frame = (one.frame or 0) + 1
        self._shown.setdefault(id_, []).append(frame)
        self._keys.setdefault(id_, {})[f"{frame}"] = one.key_frame

    def _frame(self, number: int) -> Row:
        """Frames count from 1 at Labelbox."""
        return self._frames.setdefault(number + 1, {"objects": {}, "classifications": []})

    def _relation(self, one: Relation, made_up: str) -> None:
        if self._medium.kind in ("video", "audio"):
            raise Unwritable("not_held", f"Labelbox has no relationships in a {self._medium.kind}")
        way = "unidirectional_relationship" if one.directed else "bidirectional_relationship"
        kind = "UnidirectionalRelationship" if one.directed else "BidirectionalRelationship"
        pairs = [{"source": source, "target": target} for source in one.sources for target in one.targets]
        for place, ends in enumerate(pairs):
            id_ = one.id if one.id is not None and len(pairs) == 1 else _made_up(f"{made_up}/{place}")
            row = self._sayer.feature(id_, one.job, one.classes[0] if one.classes else None)
            self._relations.append(row | {"annotation_kind": kind, way: ends})

    def _range(self, one: Range, made_up: str) -> None:
        """A stretch of a sound, in milliseconds; its class is the answer to the job."""
        if self._medium.kind != "audio" or one.unit != "seconds":
            raise Unwritable("not_held", f"Labelbox has no stretches of a {self._medium.kind} by themselves")
        id_ = one.object or one.id or _made_up(made_up)
        start, end = round(one.start * 1000), round(one.end * 1000)
        if one.answers:
            rows = self._sayer.answers(one.answers, id_)
            rows = [row | {"feature_id": id_} for row in rows[:1]] + rows[1:]
        elif one.classes:
            chosen = self._sayer.feature(f"{id_}/0", one.job, one.classes[0]) | {"classifications": []}
            rows = [self._sayer.feature(id_, one.job) | {"radio_answer": chosen}]
        else:
            raise Unwritable("no_class", "a stretch of time without an answer")
        self._moments.setdefault(start, {"objects": {}, "classifications": []})["classifications"] += rows
        for row in rows:
            self._spans.setdefault(row["feature_id"], []).append([start, end])


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


def _stretches(numbers: Sequence[int]) -> list[list[int]]:
    """Runs of frames without a gap, both ends in."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def _made_up(of: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"labeltrail:{of}"))


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds")
