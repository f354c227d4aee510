"""Data rows of Labelbox as its exports have them, put together from the bytes that it sent.

Blocks that are always there, by parameter, and what of a label each parameter decides: the tables below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import orjson

from audit.sources.values import part, text
from exports.formats.base import LabelledTask, LabelRow, ProjectInfo, Value

Parts = dict[str, msgspec.Raw]
Row = dict[str, Any]

ALWAYS = ("data_row", "media_attributes")
"""Blocks of a data row that no parameter asks for; so is `project_tags` of its project."""
BY_PARAMETER = ("attachments", "metadata_fields", "embeddings")
"""Blocks of a data row that the parameter of the same name asks for."""
OF_LABELS = ("label_details", "performance_details")
"""Blocks of a label that the parameter of the same name asks for."""
_RECORDS = ("project_name", "project_details", "project_tags", "labels", "model_runs", "files")
"""What the record keeps in a data row's payload and an export has elsewhere."""
_RUN = ("run_data_row_id", "annotation_group_id", "split")
EMBEDDING = "EMBEDDING"
"""The record's name of events that tell an embedding."""
PREDICTION = "PREDICTION"


def project_id(project: ProjectInfo) -> str:
    """The project's id at Labelbox, which that of a loaded export is not."""
    details = orjson.loads(project.details) if project.details else {}
    return text(part(details, "project"), "id") or project.external_id


def row_of(
    project: ProjectInfo, of: str, task: LabelledTask, labels: Sequence[LabelRow], values: Mapping[str, Value]
) -> Row:
    """The data row with its labels; `of` is the project's id."""
    told = _parts(task.details) if task.details is not None else {}
    figures = _figures(told) if any(values[name] for name in OF_LABELS) else {}
    runs = _Runs(told, values)
    ours: list[orjson.Fragment] = []
    for label in labels:
        found = _parts(label.content)
        if "run_id" in found:
            runs.add(found, values)
        else:
            ours.append(_label(found, figures, values))
    row: Row = {
        "data_row": _data_row(told, task, values),
        "media_attributes": _spliced(told, "media_attributes", b"{}"),
    }
    for name in BY_PARAMETER[:2]:
        if values[name]:
            row[name] = _spliced(told, name, b"[]")
    if values["embeddings"]:
        row["embeddings"] = _embeddings(task)
    others = {*ALWAYS, *BY_PARAMETER, *_RECORDS}
    row |= {name: orjson.Fragment(bytes(raw)) for name, raw in told.items() if name not in others}
    its: Row = {"name": _spliced(told, "project_name", orjson.dumps(project.name)), "labels": ours}
    if values["project_details"]:
        its["project_details"] = _project_details(told, task)
    its["project_tags"] = _spliced(told, "project_tags", b"[]")
    row["projects"] = {of: its}
    if runs.wanted:
        row["experiments"] = runs.models
    return row


def _data_row(told: Parts, task: LabelledTask, values: Mapping[str, Value]) -> Row:
    found = _parts(bytes(told.get("data_row", b"{}"))) or {"id": msgspec.Raw(orjson.dumps(task.task))}
    if not values["data_row_details"]:
        found.pop("details", None)
    return _fragments(found)


def _project_details(told: Parts, task: LabelledTask) -> Row:
    """With the data row's way through the task queues, of which each step is an event."""
    found = _fragments(_parts(bytes(told.get("project_details", b"{}"))))
    steps = [content for type_, content in task.told if type_ != EMBEDDING and content and _is_step(content)]
    return found | {"workflow_history": [orjson.Fragment(step) for step in steps]}


def _is_step(content: bytes) -> bool:
    found = _parts(content)
    return "next_task_id" in found or "previous_task_id" in found


def _embeddings(task: LabelledTask) -> list[orjson.Fragment]:
    """The newest version of each, in the order in which they were first told."""
    newest = {
        text(orjson.loads(content), "id"): content for type_, content in task.told if type_ == EMBEDDING and content
    }
    return [orjson.Fragment(content) for content in newest.values()]


def _figures(told: Parts) -> dict[str, Parts]:
    """What stands of labels with the data row: details and performance, by the label's id."""
    found = [_parts(bytes(raw)) for raw in msgspec.json.decode(told.get("labels", b"[]"), type=list[msgspec.Raw])]
    return {_text(one.get("id")): one for one in found}


def _label(found: Parts, figures: Mapping[str, Parts], values: Mapping[str, Value]) -> orjson.Fragment:
    """A label, with the newest of its figures that the record has: beside the data row, or in the label itself."""
    beside = figures.get(_text(found.get("id")), {}) if figures else {}
    if beside and _updated(beside) >= _updated(found):
        found |= {name: beside[name] for name in OF_LABELS if name in beside}
    return _spared(found, values)


def _spared(found: Parts, values: Mapping[str, Value]) -> orjson.Fragment:
    """The label without what no parameter asks for."""
    row = {name: raw for name, raw in found.items() if name != "files" and (name not in OF_LABELS or values[name])}
    if not values["interpolated_frames"] and (told := row.get("annotations")) is not None:
        row["annotations"] = msgspec.Raw(key_frames(bytes(told)))
    return orjson.Fragment(orjson.dumps(_fragments(row)))


def _updated(found: Parts) -> str:
    details = _parts(bytes(found.get("label_details", b"{}")))
    return _text(details.get("updated_at"))


class _Runs:
    """Model runs of a data row: names always, and what parameters ask for."""

    def __init__(self, told: Parts, values: Mapping[str, Value]) -> None:
        self.wanted = any(values[name] for name in ("all_model_runs", "predictions", "model_run_details"))
        self.models: dict[str, Row] = {}
        for run in (orjson.loads(bytes(told.get("model_runs", b"[]"))) or ()) if self.wanted else ():
            into = self._run(run, values)
            if values["model_run_details"]:
                into |= {name: run[name] for name in _RUN if run.get(name) is not None}

    def _run(self, run: Row, values: Mapping[str, Value]) -> Row:
        model = self.models.setdefault(run["model_id"], {"name": run.get("model_name"), "runs": {}})
        into: Row = model["runs"].setdefault(run["run_id"], {"name": run.get("run_name")})
        if values["all_model_runs"]:
            into.setdefault("labels", [])
        if values["predictions"]:
            into.setdefault("predictions", [])
        return into

    def add(self, found: Parts, values: Mapping[str, Value]) -> None:
        """A label or prediction of a run."""
        if not self.wanted:
            return
        run = {name: orjson.loads(bytes(raw)) for name, raw in found.items() if name not in ("label", "files")}
        into = self._run(run, values)
        place = "predictions" if run.get("kind") == PREDICTION else "labels"
        if place in into:
            into[place].append(_spared(_parts(bytes(found["label"])), values))


def key_frames(annotations: bytes) -> bytes:
    """What was drawn by hand: without objects and answers of frames that the platform filled in.

    It says so of an object in `key_frame_feature_map`; what is not there was drawn. Of volumes each view has its own.
    """
    found = _parts(annotations)
    drawn = orjson.loads(bytes(found.get("key_frame_feature_map", b"{}")))
    if "frames" in found:
        found["frames"] = _drawn(found["frames"], drawn)
    elif "groups" in found:
        groups = msgspec.json.decode(found["groups"], type=dict[str, Parts])
        for view, group in groups.items():
            if "frames" in group:
                group["frames"] = _drawn(group["frames"], {id_: part(drawn[id_], view) for id_ in drawn})
        found["groups"] = _raw({view: _fragments(group) for view, group in groups.items()})
    else:
        return annotations
    return orjson.dumps(_fragments(found))


def _drawn(frames: msgspec.Raw, keys: Mapping[str, Any]) -> msgspec.Raw:
    """The frames in which something was drawn, with that."""
    kept: dict[str, Row] = {}
    for number, frame in msgspec.json.decode(frames, type=dict[str, Parts]).items():

        def by_hand(id_: str | None, number: str = number) -> bool:
            return id_ not in keys or part(dict(keys), id_ or "").get(number) is True

        row = _fragments(frame)
        if "objects" in frame:
            objects = _parts(bytes(frame["objects"]))
            row["objects"] = _fragments({id_: raw for id_, raw in objects.items() if by_hand(id_)})
        if "classifications" in frame:
            answers = msgspec.json.decode(frame["classifications"], type=list[msgspec.Raw])
            said = [raw for raw in answers if by_hand(text(orjson.loads(bytes(raw)), "feature_id"))]
            row["classifications"] = [orjson.Fragment(bytes(raw)) for raw in said]
        if row.get("objects") or row.get("classifications"):
            kept[number] = row
    return _raw(kept)


def _parts(raw: bytes) -> Parts:
    """The fields of an object, each as its bytes; none of null."""
    return msgspec.json.decode(raw, type=Parts | None) or {}


def _fragments(found: Parts) -> Row:
    return {name: orjson.Fragment(bytes(raw)) for name, raw in found.items()}


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(orjson.dumps(value))


def _spliced(told: Parts, name: str, default: bytes) -> orjson.Fragment:
    """The field's bytes; the default where there is none, or null."""
    raw = bytes(told.get(name, b"null"))
    return orjson.Fragment(default if raw == b"null" else raw)


def _text(raw: msgspec.Raw | None) -> str:
    found = None if raw is None else orjson.loads(bytes(raw))
    return found if isinstance(found, str) else ""
