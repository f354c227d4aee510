"""Data rows of Labelbox as its exports have them, put together from the bytes that it sent.

Blocks that are always there, by parameter, and what of a label each parameter decides: the tables below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import orjson

from audit.sources.unread import why
from audit.sources.values import part, readable, text
from exports.archive.build import Noting
from exports.formats.base import LabelledTask, LabelRow, ProjectInfo, Value
from exports.formats.labelbox.datarow import DataRow, Parts, Piece, joined, listed, member, parts
from exports.formats.labelbox.keyframes import drawn_by_hand
from exports.formats.labels.left_out import unread

ALWAYS = ("data_row", "media_attributes")
"""Blocks of a data row that no parameter asks for; so is `project_tags` of its project."""
BY_PARAMETER = ("attachments", "metadata_fields", "embeddings")
"""Blocks of a data row that the parameter of the same name asks for."""
OF_LABELS = ("label_details", "performance_details")
"""Blocks of a label that the parameter of the same name asks for."""
OF_RUNS = ("all_model_runs", "predictions", "model_run_details")
"""Parameters each of which asks for model runs."""
_RECORDS = ("project_name", "project_details", "project_tags", "labels", "model_runs", "files")
"""What the record keeps in a data row's payload and an export has elsewhere."""
_ELSEWHERE = frozenset((*ALWAYS, *BY_PARAMETER, *_RECORDS))
_RUN = ("run_data_row_id", "annotation_group_id", "split")
EMBEDDING = "EMBEDDING"
"""The record's name of events that tell an embedding."""
PREDICTION = "PREDICTION"

_NULL = msgspec.Raw(b"null")
_raws = msgspec.json.Decoder(list[msgspec.Raw] | None).decode


def project_id(project: ProjectInfo) -> str:
    """The project's id at Labelbox, which that of a loaded export is not."""
    return text(part(readable(project.details), "project"), "id") or project.external_id


class RowMaker:
    """Makes the data rows of one project, with the blocks that parameters ask for. Labels that can't be read are noted.

    With `merging`, they say when something of them last changed.
    """

    def __init__(
        self, archive: Noting, project: ProjectInfo, values: Mapping[str, Value], *, merging: bool = False
    ) -> None:
        self._archive = archive
        self._merging = merging
        self._of = orjson.dumps(project_id(project)) + b":"
        self._name = orjson.dumps(project.name)
        self._values = values
        self._dropped = frozenset(("files", *(name for name in OF_LABELS if not values[name])))
        self._figured = any(values[name] for name in OF_LABELS)
        only = values["model_run_ids"]
        self._only = frozenset(only) if isinstance(only, tuple) else frozenset()
        self._runs = bool(only) or any(values[name] for name in OF_RUNS)
        self._filled = bool(values["interpolated_frames"])

    def row(self, task: LabelledTask, labels: Sequence[LabelRow]) -> DataRow:
        """The data row with its labels. A payload of others' tasks ends in any error that `why` has words for."""
        values = self._values
        told = parts(task.details) if task.details is not None else {}
        figures = _figures(told) if self._figured else {}
        runs = _Runs(told, values, self._only) if self._runs else None
        ours: list[bytes] = []
        for label in labels:
            try:
                found = parts(label.content)
                if "run_id" not in found:
                    ours.append(self._label(label.content, found, figures))
                elif runs is not None:
                    runs.add(label.content, self._spared(bytes(found["label"]), parts(found["label"])))
            except Exception as error:
                unread(self._archive, task, label, f"what it says is none of Labelbox's: {why(error)}")
        head = [member("data_row", self._data_row(told, task)), member("media_attributes", _or(told, ALWAYS[1], b"{}"))]
        head += [member(name, _or(told, name, b"[]")) for name in BY_PARAMETER[:2] if values[name]]
        if values["embeddings"]:
            head.append(member("embeddings", _embeddings(task)))
        head += [member(name, raw) for name, raw in told.items() if name not in _ELSEWHERE]
        its = [member("name", _or(told, "project_name", self._name)), member("labels", listed(ours))]
        if values["project_details"]:
            its.append(member("project_details", _project_details(told, task)))
        its.append(member("project_tags", _or(told, "project_tags", b"[]")))
        return DataRow(
            task.task,
            b"{" + b",".join(head),
            self._of + b"{" + b",".join(its) + b"}",
            orjson.dumps(runs.models) if runs is not None else b"",
            _active(told) if self._merging else "",
            shared=True,
        )

    def _data_row(self, told: Parts, task: LabelledTask) -> Piece:
        raw = _or(told, "data_row", b"{}")
        if self._values["data_row_details"] and "data_row" in told:
            return raw
        found: dict[str, Piece] = {name: one for name, one in parts(raw).items() if name != "details"}
        return joined(found or {"id": orjson.dumps(task.task)})

    def _label(self, raw: bytes, found: Parts, figures: Mapping[str, Parts]) -> bytes:
        """A label, with the newest of its figures that the record has: beside the data row, or in the label itself."""
        beside = figures.get(_text(found.get("id")), {}) if figures else {}
        newer = {name: beside[name] for name in OF_LABELS if name in beside and beside[name] != found.get(name)}
        if newer and _updated(beside) >= _updated(found):
            return self._spared(b"", found | newer)
        return self._spared(raw, found)

    def _spared(self, raw: bytes, found: Parts) -> bytes:
        """The label without what no parameter asks for. `raw` is all of it, or empty where `found` says otherwise."""
        told = found.get("annotations")
        if told is not None and not self._filled and b'"frames"' in (annotations := bytes(told)):
            found = found | {"annotations": msgspec.Raw(drawn_by_hand(annotations))}
            raw = b""
        if raw and self._dropped.isdisjoint(found):
            return raw
        return joined({name: one for name, one in found.items() if name not in self._dropped})


class _Run(msgspec.Struct):
    """A model run, as a data row's payload and the payloads of its labels name it."""

    model_id: str
    run_id: str
    model_name: str | None = None
    run_name: str | None = None
    run_data_row_id: str | None = None
    annotation_group_id: str | None = None
    split: str | None = None
    kind: str | None = None


class _Runs:
    """Model runs of a data row: names always, and what parameters ask for."""

    def __init__(self, told: Parts, values: Mapping[str, Value], only: frozenset[str]) -> None:
        self._labels = bool(values["all_model_runs"] or only)
        self._predictions = bool(values["predictions"])
        self._only = only
        self.models: dict[str, Any] = {}
        for run in _runs(told.get("model_runs", b"null")) or ():
            into = self._run(run)
            if values["model_run_details"] and into is not None:
                into |= {name: one for name in _RUN if (one := getattr(run, name)) is not None}

    def _run(self, run: _Run) -> dict[str, Any] | None:
        """Where what is said of the run goes; None when others are asked for."""
        if self._only and run.run_id not in self._only:
            return None
        model = self.models.setdefault(run.model_id, {"name": run.model_name, "runs": {}})
        into: dict[str, Any] = model["runs"].setdefault(run.run_id, {"name": run.run_name})
        if self._labels:
            into.setdefault("labels", [])
        if self._predictions:
            into.setdefault("predictions", [])
        return into

    def add(self, content: bytes, label: bytes) -> None:
        """A label or prediction of a run; its payload, `content`, names the run."""
        run = _run(content)
        into = self._run(run)
        place = "predictions" if run.kind == PREDICTION else "labels"
        if into is not None and place in into:
            into[place].append(orjson.Fragment(label))


_run = msgspec.json.Decoder(_Run).decode
_runs = msgspec.json.Decoder(list[_Run] | None).decode


def _project_details(told: Parts, task: LabelledTask) -> bytes:
    """With the data row's way through the task queues, of which each step is an event."""
    steps = [content for type_, content in task.told if type_ != EMBEDDING and _is_step(content)]
    found: dict[str, Piece] = {**parts(told.get("project_details", b"null"))}
    return joined(found | {"workflow_history": listed(steps)})


def _is_step(content: bytes) -> bool:
    if b'"next_task_id"' not in content and b'"previous_task_id"' not in content:
        return False
    found = parts(content)
    return "next_task_id" in found or "previous_task_id" in found


def _embeddings(task: LabelledTask) -> bytes:
    """The newest version of each, in the order in which they were first told."""
    told = [content for type_, content in task.told if type_ == EMBEDDING and content]
    return listed({_text(parts(content).get("id")): content for content in told}.values())


def _figures(told: Parts) -> dict[str, Parts]:
    """What stands of labels with the data row: details and performance, by the label's id."""
    found = map(parts, _raws(told.get("labels", b"null")) or ())
    return {_text(one.get("id")): one for one in found}


def _updated(found: Parts) -> str:
    return _text(parts(found.get("label_details", b"null")).get("updated_at"))


def _active(told: Parts) -> str:
    """When Labelbox says that something of the data row last changed."""
    row = parts(told.get("data_row", b"null"))
    return _text(parts(row.get("details", b"null")).get("last_activity_at"))


def _or(told: Parts, name: str, default: bytes) -> Piece:
    """The field's bytes; the default where there is none, or null."""
    raw = told.get(name)
    return default if raw is None or raw == _NULL else raw


def _text(raw: msgspec.Raw | None) -> str:
    found = None if raw is None else orjson.loads(bytes(raw))
    return found if isinstance(found, str) else ""
