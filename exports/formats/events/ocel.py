"""`ocel`: the log as an object-centric event log, OCEL 2.0 in JSON (https://www.ocel-standard.org/).

Objects are tasks, people and the labels that tasks have; an event is related to its task, to who did it and to whom it
was given, a label to its task, its author and the event that brought it. Nothing is invented, but for one thing: OCEL
wants a time of every event, so one for which the source recorded none has the time of its receipt, and says so.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson

from audit.eventtypes import TYPES
from exports.archive.build import Archive, Target
from exports.formats.base import (
    AUDIT,
    PEOPLE,
    EventRow,
    Format,
    Parameter,
    Progress,
    Reads,
    Snapshot,
    Trail,
    Value,
    Written,
    flag,
)

Item = dict[str, Any]

TASK, PERSON, LABEL = "task", "person", "label"
_EVENT_ATTRIBUTES = (
    ("source_type", "string"), ("stage", "string"), ("to_stage", "string"), ("cycle", "integer"),
    ("actor_kind", "string"), ("derived", "boolean"), ("late", "boolean"), ("text", "string"),
    ("time_recorded", "boolean"), ("n", "integer"), ("index", "integer"),
)  # fmt: skip
_OBJECT_TYPES = (
    {"name": TASK, "attributes": [{"name": "name", "type": "string"}, {"name": "number", "type": "integer"}]},
    {"name": PERSON, "attributes": [{"name": "name", "type": "string"}]},
    {"name": LABEL, "attributes": [{"name": "kind", "type": "string"}, {"name": "version", "type": "integer"}]},
)
_ALWAYS = "1970-01-01T00:00:00Z"
"""The time of attributes that do not change: OCEL's own convention."""


class OcelFormat(Format):
    """An object-centric event log."""

    slug: ClassVar[str] = "ocel"
    title: ClassVar[str] = "OCEL 2.0 event log"
    extension: ClassVar[str] = "json"
    beside: ClassVar[bool] = True
    parameters: ClassVar[tuple[Parameter, ...]] = (
        flag("derived", False, "with the events that Labeltrail concluded from others, such as active time"),
        PEOPLE,
        AUDIT,
    )

    def reads(self, values: Mapping[str, Value]) -> Reads:
        """Events with their texts, and labels."""
        return Reads(kinds=("tasks", "events", "labels"), derived=values["derived"] is True)

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """Types, objects, events. Events are read twice: who they name is an object, and objects come first."""
        people: dict[str, None] = {}
        tasks = events = 0
        labels = array("q")  # The indices of the events that brought them: eight bytes a label.
        with archive.file("log.json") as target:
            head = orjson.dumps({"objectTypes": _OBJECT_TYPES, "eventTypes": list(_event_types())})
            target.write(head[:-1] + b',\n"objects":[')
            out = _Items(target)
            for trail in snapshot.trails():
                tasks += 1
                out.add(_task(trail))
                for row in trail.events:
                    people |= dict.fromkeys(who for who in (row.envelope.actor, row.envelope.assignee) if who)
            for task in snapshot.labelled():
                for label in task.labels:
                    labels.append(label.index)
                    attributes = [_attribute("kind", label.kind), _attribute("version", label.number)]
                    related = [_related(_task_id(task.task), "of task")]
                    related += [_related(_person_id(label.author), "author")] if label.author else []
                    people |= {label.author: None} if label.author else {}
                    out.add(_object(_label_id(label.index), LABEL, attributes, related))
            for who in sorted(people):
                out.add(_object(_person_id(who), PERSON, [_attribute("name", snapshot.person(who) or who)], []))
            target.write(b'],\n"events":[')
            brought = array("q", sorted(labels))
            out = _Items(target)
            for done, trail in enumerate(snapshot.trails(), 1):
                for row in trail.events:
                    out.add(_event(trail, row, of_label=_has(brought, row.index)))
                    events += 1
                progress(done)
            target.write(b"]}\n")
        return {"tasks": tasks, "events": events, "labels": len(labels)}


class _Items:
    """The items of an array, one a line."""

    def __init__(self, target: Target) -> None:
        self._write: Callable[[bytes], None] = target.write
        self._between = b"\n"

    def add(self, item: Item) -> None:
        """The next one."""
        self._write(self._between + orjson.dumps(item))
        self._between = b",\n"


def _event_types() -> Iterator[Item]:
    attributes = [{"name": name, "type": type_} for name, type_ in _EVENT_ATTRIBUTES]
    for name, kind in TYPES.items():
        if kind.group not in ("record", "service", "project"):
            yield {"name": name, "attributes": attributes}


def _task(trail: Trail) -> Item:
    attributes = [_attribute("name", trail.name), _attribute("number", trail.number)]
    return _object(_task_id(trail.task), TASK, attributes, [])


def _event(trail: Trail, row: EventRow, *, of_label: bool) -> Item:
    event = row.envelope
    told: Item = {
        "source_type": event.source_type,
        "stage": event.stage,
        "to_stage": event.to_stage,
        "cycle": event.cycle,
        "actor_kind": event.actor_kind,
        "derived": event.derived,
        "late": row.late,
        "text": row.text.decode(errors="replace") if row.text is not None else None,
        "time_recorded": row.instant is not None,
        "n": event.n,
        "index": row.index,
    }
    related = [_related(_task_id(trail.task), "task")]
    related += [_related(_person_id(event.actor), "actor")] if event.actor else []
    related += [_related(_person_id(event.assignee), "assignee")] if event.assignee else []
    related += [_related(_label_id(row.index), "label")] if of_label else []
    return {
        "id": f"event:{row.index}",
        "type": event.type,
        "time": _time(row.instant or datetime.fromisoformat(event.received_at)),
        "attributes": [{"name": name, "value": value} for name, value in told.items() if value is not None],
        "relationships": related,
    }


def _has(indices: array[int], index: int) -> bool:
    """Whether it is one of these, which are in order."""
    place = bisect_left(indices, index)
    return place < len(indices) and indices[place] == index


def _object(id_: str, type_: str, attributes: list[Item], related: list[Item]) -> Item:
    return {"id": id_, "type": type_, "attributes": attributes, "relationships": related}


def _attribute(name: str, value: object) -> Item:
    return {"name": name, "time": _ALWAYS, "value": value}


def _related(object_id: str, qualifier: str) -> Item:
    return {"objectId": object_id, "qualifier": qualifier}


def _task_id(task: str) -> str:
    return f"task:{task}"


def _person_id(pseudonym: str) -> str:
    return f"person:{pseudonym}"


def _label_id(index: int) -> str:
    return f"label:{index}"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
