"""Labels: a task's label data has rows, each by an id of its own (`tdId`); each row is a label.

Rows do not say at which stage they were made, the events that name them do. What a row says of classes by name comes
from the taxonomy (the server fills it in beside the ids): a class that is renamed makes no new version of a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from audit.sources.base import FileRef, SourceEvent, Version
from audit.sources.redbrick.payload import actor_kind, facts, people_of, user_id
from audit.sources.redbrick.project import REVIEW, RedBrickProject
from audit.sources.redbrick.series import Series, storage_of
from audit.sources.redbrick.walk import ENTERED, Step
from audit.sources.values import (
    Item,
    canonical,
    item,
    parsed,
    part,
    parts,
    text,
    unsigned,
    values,
    when,
    without_halves,
)

SOURCE_TYPE = "taskData"
CONSENSUS, REVIEWED, DEFAULT, MODEL = "CONSENSUS", "REVIEW", "DEFAULT", "PREDICTION"
_MODEL = "model"


@dataclass(slots=True)
class Made:
    """Where a label was made, as far as the task's events tell; whether it is one of several people's."""

    stage: str | None = None
    consensus: bool = False


@dataclass(slots=True)
class Told:
    """What a task says of its labels besides what is in them: `made` by label id, `stage` where the task is now."""

    task: str
    name: str
    series: Sequence[Series] = ()
    stage: str | None = None
    made: dict[str, Made] = field(default_factory=dict)

    def event(self, event: Item, step: Step) -> None:
        """Take note of the labels that an event names; the events come in their order."""
        data = event.get("taskData")
        if isinstance(data, dict) and (id_ := text(data, "tdId")) is not None:
            made = self.made.setdefault(id_, Made())
            # A task comes to a stage with what was made before; comments may be written anywhere.
            if made.stage is None and step.name != ENTERED and event.get("__typename") == "TaskEvent":
                made.stage = text(data, "stageName") or step.stage
        for field_, name in (("outputEvent", "multiLabels"), ("inputEvent", "consensusInfo")):
            of = event.get(field_)
            if isinstance(of, dict) and of.get(name):
                self._several(parts(of, name), step.stage)

    def standing(self, work: Item) -> None:
        """Take note of whose label data the current stage has."""
        several = [*parts(work, "subTasks"), *parts(work, "consensusInfo")]
        if several:
            self._several([work, *several] if values(work, "subTasks") else several, self.stage)
        elif (id_ := text(part(work, "taskData"), "tdId")) is not None:
            self.made.setdefault(id_, Made())

    def _several(self, entries: Iterable[Item], stage: str | None) -> None:
        for entry in entries:
            if (id_ := text(part(entry, "taskData"), "tdId")) is not None:
                made = self.made.setdefault(id_, Made())
                made.stage, made.consensus = made.stage or stage, True


def label_event(raw: bytes, told: Told, project: RedBrickProject) -> SourceEvent | None:
    """A label as it is now; None for a row of label data without an id."""
    data = item(raw)
    id_ = text(data, "tdId")
    if id_ is None:
        return None
    made = told.made.get(id_)
    # What no event names was saved since the last one: where the task is.
    stage = made.stage if made is not None else None
    if stage is None and told.stage in project.worked():
        stage = told.stage
    consensus = made is not None and made.consensus
    content = b",".join(
        (
            b'{"taskId":' + msgspec.json.encode(told.task),
            b'"stage":' + msgspec.json.encode(stage),
            b'"kind":' + msgspec.json.encode(_kind(stage, consensus, project)),
            b'"taskData":' + unsigned(raw) + b"}",
        )
    )
    who = user_id(data.get("createdByEntity"))
    occurred_at, instant = when(data, "createdAt")
    updated = SourceEvent(
        task=told.task,
        type="label.updated",
        source_type=SOURCE_TYPE,
        occurred_at=occurred_at,
        instant=instant,
        actor=None if who is None or actor_kind(who) == "system" else project.person(who),
        actor_kind=actor_kind(who),
        stage=stage,
        content=content,
        people=people_of(data, project.person),
        files=_files(data, told),
    )
    state = sha256(canonical([stage, consensus, facts(settled(data))])).hexdigest()
    return replace(updated, version=Version(f"label/{id_}", state, first=replace(updated, type="label.created")))


def drawn(data: Item, *, whole: bool = False) -> list[Item]:
    """What was drawn and chosen, of a row that has it in itself; `whole`: with U+FFFD for half characters. Raises
    ValueError for what is no such list."""
    written = data.get("labelsData")
    raw = written.encode("utf-8", "surrogatepass") if isinstance(written, str) else b""
    return listed(without_halves(raw) if whole else raw) if raw else []


def listed(raw: bytes) -> list[Item]:
    """What was drawn and chosen. Raises ValueError for what is no list of objects."""
    found = parsed(raw)
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise ValueError("it is no list of labels")
    return found


def settled(data: Item) -> Item:
    """The row without names that the server fills in from the taxonomy, and without what it does not say."""
    try:
        entries = drawn(data)
    except ValueError:
        return data
    return {**data, "labelsData": [_unnamed(entry) for entry in entries]}


def _unnamed(entry: Item) -> Item:
    found = {key: value for key, value in entry.items() if value is not None}
    if "classid" in found:
        found.pop("category", None)
    if attributes := parts(entry, "attributes"):
        found["attributes"] = [
            {key: value for key, value in one.items() if key not in ("name", *(("value",) if _chosen(one) else ()))}
            if one.get("attrid") is not None
            else one
            for one in attributes
        ]
    return found


def _chosen(attribute: Item) -> bool:
    """Whether the value is the name of an option, whose id stands beside it."""
    return attribute.get("optionid") is not None


def _kind(stage: str | None, consensus: bool, project: RedBrickProject) -> str:
    if consensus:
        return CONSENSUS
    brick = project.bricks.get(stage or "")
    return REVIEWED if brick == REVIEW else MODEL if brick == _MODEL else DEFAULT


def masks(data: Item, series: Sequence[Series]) -> list[tuple[int, str]]:
    """The paths of mask files, each with the index of its series, which is found as the SDK finds it."""
    found: list[tuple[int, str]] = []
    of_item = {index: at for at, one in enumerate(series) for index in one.items}
    for at, entry in enumerate(values(data, "labelsMap")):
        if isinstance(entry, dict) and (path := text(entry, "labelName")) is not None:
            told, image = entry.get("seriesIndex"), entry.get("imageIndex")
            known = told if isinstance(told, int) else of_item.get(image) if isinstance(image, int) else None
            found.append((at if known is None else known, path))
    return found


def labels_path(data: Item) -> str | None:
    """The path of the file with what was drawn; None where the row has it in itself."""
    return text(data, "labelsDataPath") if data.get("labelsData") is None else None


def place(storage: str, path: str) -> str:
    """What `FileRef.where` says of a file."""
    return msgspec.json.encode([storage, path]).decode()


def _files(data: Item, told: Told) -> tuple[FileRef, ...]:
    """Masks, and what was drawn where it is not in the row itself."""
    storage = storage_of(data, "labelsStorage")
    refs: dict[str, FileRef] = {}
    if (path := labels_path(data)) is not None:
        refs[path] = FileRef(path, place(storage, path), f'the labels of task "{told.name}"')
    for at, path in masks(data, told.series):
        named = told.series[at].title if 0 <= at < len(told.series) else str(at + 1)
        what = f'the mask of series "{named}" of task "{told.name}"'
        refs.setdefault(path, FileRef(path, place(storage, path), what))
    return tuple(refs.values())
