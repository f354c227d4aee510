"""`trail`: events and active time in the shape of RedBrick's `get_task_events` and `get_active_time`.

Where an event's type is one of the SDK's fifteen, `eventType` and the people's keys are the SDK's; further keys are
ours and say what the record says. docs/formats.md lists them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson

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
    TimeRow,
    Trail,
    Value,
    Written,
    flag,
)

SDK_TYPES = {
    "task.created": "TASK_CREATED",
    "task.submitted": "TASK_SUBMITTED",
    "review.accepted": "TASK_ACCEPTED",
    "review.corrected": "TASK_CORRECTED",
    "review.rejected": "TASK_REJECTED",
    "task.moved": "TASK_MOVED",
    "groundtruth.edited": "GROUNDTRUTH_TASK_EDITED",
    "task.assigned": "TASK_ASSIGNED",
    "task.reassigned": "TASK_REASSIGNED",
    "task.unassigned": "TASK_UNASSIGNED",
    "task.skipped": "TASK_SKIPPED",
    "task.saved": "TASK_SAVED",
    "consensus.edited": "CONSENSUS_TASK_EDITED",
    "consensus.computed": "CONSENSUS_COMPUTED",
    "comment.added": "COMMENT_ADDED",
}
"""The fifteen values of `redbrick.TaskEventTypes`, by our types. Others are written in upper case: LABEL_CREATED."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the start of a formula, or drops to find one behind it."""

TASK_COLUMNS = ("taskId", "taskName", "currentStageName")
EVENT_COLUMNS = (
    "eventType", "createdAt", "stage", "createdBy", "updatedBy", "assignee", "prevAssignee", "commentText", "type",
    "sourceType", "n", "index", "instant", "receivedAt", "actor", "actorKind", "toStage", "cycle", "late", "derived",
    "text",
)  # fmt: skip
TIME_COLUMNS = (
    "orgId", "projectId", "stageName", "taskId", "completedBy", "timeSpent", "completedAt", "cycle", "startedAt",
    "actor", "index",
)  # fmt: skip

Row = dict[str, Any]


def event_type(type_: str) -> str:
    """The SDK's name of a type, or our own spelt like one."""
    return SDK_TYPES.get(type_) or type_.upper().replace(".", "_")


def event_of(row: EventRow, person: Callable[[str | None], str | None]) -> Row:
    """An event as an object: the SDK's keys that apply, then ours."""
    envelope = row.envelope
    text = row.text.decode() if row.text is not None else None
    found: Row = {"eventType": event_type(envelope.type), "createdAt": envelope.occurred_at, "stage": envelope.stage}
    actor, assignee = person(envelope.actor), person(envelope.assignee)
    if envelope.type in ("task.created", "comment.added"):
        found["createdBy"] = actor
    elif envelope.type not in ("task.assigned", "task.reassigned", "task.unassigned", "task.skipped", "task.saved"):
        found["updatedBy"] = actor
    if envelope.type == "task.unassigned":
        found["prevAssignee"] = assignee
    elif envelope.type in ("task.skipped", "task.saved"):
        found["assignee"] = assignee or actor
    elif assignee is not None:
        found["assignee"] = assignee
    if envelope.type == "comment.added":
        found["commentText"] = text
    found |= {
        "type": envelope.type,
        "sourceType": envelope.source_type,
        "n": envelope.n,
        "index": row.index,
        "instant": _time(row.instant),
        "receivedAt": envelope.received_at,
        "actor": envelope.actor,
        "actorKind": envelope.actor_kind,
        "toStage": envelope.to_stage,
        "cycle": envelope.cycle,
        "late": row.late,
        "derived": envelope.derived,
        "text": text,
    }
    return found


def time_of(row: TimeRow, project: str, person: Callable[[str | None], str | None]) -> Row:
    """Active time as an object of `get_active_time`; its cycle counts from 0, as the SDK's does."""
    return {
        "orgId": None,
        "projectId": project,
        "stageName": row.stage or None,
        "taskId": row.task,
        "completedBy": person(row.actor),
        "timeSpent": row.milliseconds,
        "completedAt": _time(row.ended_at or row.occurred_at),
        "cycle": row.cycle - 1 if row.cycle is not None else None,
        "startedAt": _time(row.started_at),
        "actor": row.actor,
        "index": row.index,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment is not None else None


def neutral(cell: object) -> object:
    """A cell of a CSV file: a text that a spreadsheet would take for a formula gets an apostrophe in front."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


class TrailFormat(Format):
    """Events and active time of every task, in the shape of RedBrick's SDK."""

    slug: ClassVar[str] = "trail"
    title: ClassVar[str] = "Audit trail"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("encoding", ("json", "ndjson", "csv"), "json", "JSON, a task a line, or an event a row"),
        flag("payload", False, "with what the source sent of each event, people put back"),
        PEOPLE,
        AUDIT,
    )

    def reads(self, values: Mapping[str, Value]) -> Reads:
        """Payloads only when they are written."""
        return Reads(kinds=("tasks", "events", "active_times"), payloads=values["payload"] is True)

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """Write `trail` and `active_time` in the encoding that was asked for."""
        encoding = str(values["encoding"])
        encoder = _ENCODERS[encoding](snapshot, payload=values["payload"] is True)
        with archive.file(f"trail.{encoding}") as target:
            tasks, events = encoder.trails(target, progress)
        with archive.file(f"active_time.{encoding}") as target:
            times = encoder.times(target)
        return {"tasks": tasks, "events": events, "active_times": times}


class _Json:
    """One array of tasks, and one of active times; an element a line."""

    opening, between, closing = b"[\n", b",\n", b"\n]\n"

    def __init__(self, snapshot: Snapshot, *, payload: bool) -> None:
        self.snapshot = snapshot
        self.payload = payload

    def trails(self, target: Target, progress: Progress) -> tuple[int, int]:
        tasks = events = 0
        target.write(self.opening)
        for trail in self.snapshot.trails():
            head = orjson.dumps({"taskId": trail.task, "taskName": trail.name, "currentStageName": trail.stage or None})
            target.write((self.between if tasks else b"") + head[:-1] + b',"events":[')
            comma = b""
            for event in trail.events:
                target.write(comma + self._event(event))
                comma = b","
                events += 1
            target.write(b"]}")
            tasks += 1
            progress(tasks)
        target.write(self.closing if tasks else self.closing.lstrip(b"\n"))
        return tasks, events

    def times(self, target: Target) -> int:
        count = 0
        target.write(self.opening)
        for row in self.snapshot.times():
            fields = time_of(row, self.snapshot.project.external_id, self.snapshot.person)
            target.write((self.between if count else b"") + orjson.dumps(fields))
            count += 1
        target.write(self.closing if count else self.closing.lstrip(b"\n"))
        return count

    def _event(self, row: EventRow) -> bytes:
        found = event_of(row, self.snapshot.person)
        if self.payload:
            found["payload"] = orjson.Fragment(_one_line(row.content)) if row.content is not None else None
        return orjson.dumps(found)


class _NdJson(_Json):
    """A task a line, an active time a line."""

    opening, between, closing = b"", b"\n", b"\n"


def _one_line(content: bytes) -> bytes:
    """The payload without line ends: JSON has them between its tokens only."""
    return content.replace(b"\n", b" ").replace(b"\r", b" ") if b"\n" in content or b"\r" in content else content


class _Csv:
    """RFC 4180, UTF-8: an event a row, an active time a row."""

    def __init__(self, snapshot: Snapshot, *, payload: bool) -> None:
        self.snapshot = snapshot
        self.columns = (*EVENT_COLUMNS, "payload") if payload else EVENT_COLUMNS

    def trails(self, target: Target, progress: Progress) -> tuple[int, int]:
        tasks = events = 0
        target.write(_line([*TASK_COLUMNS, *self.columns]))
        for trail in self.snapshot.trails():
            for cells in self._rows(trail):
                target.write(_line(cells))
                events += 1
            tasks += 1
            progress(tasks)
        return tasks, events

    def times(self, target: Target) -> int:
        count = 0
        target.write(_line(TIME_COLUMNS))
        for row in self.snapshot.times():
            fields = time_of(row, self.snapshot.project.external_id, self.snapshot.person)
            target.write(_line([fields[column] for column in TIME_COLUMNS]))
            count += 1
        return count

    def _rows(self, trail: Trail) -> Iterator[list[object]]:
        for row in trail.events:
            found = event_of(row, self.snapshot.person)
            found["payload"] = row.content.decode(errors="replace") if row.content is not None else None
            yield [trail.task, trail.name, trail.stage, *(found.get(column) for column in self.columns)]


def _line(cells: list[object] | tuple[object, ...]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([neutral(cell) for cell in cells])
    return out.getvalue().encode()


_ENCODERS: dict[str, type[_Json] | type[_Csv]] = {"json": _Json, "ndjson": _NdJson, "csv": _Csv}
