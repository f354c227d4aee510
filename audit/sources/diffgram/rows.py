"""From rows of Diffgram's tables to events: `task_event`, `event`, `instance` and `task_time_tracking` know more than
its API tells."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
import orjson
from msgspec.structs import replace

from audit.sources.base import SourceEvent, TaskHistory, Version
from audit.sources.diffgram.events import assignment, details_event, in_order, standing_events
from audit.sources.diffgram.label import is_labelled, label_event, mask_url
from audit.sources.diffgram.people import Members
from audit.sources.diffgram.reading import CHANGING, milliseconds
from audit.sources.diffgram.tell import ANNOTATION, told
from audit.sources.values import Item, item, number, part, text, unsigned, unsigned_url, when, whole

LEFT_OUT = frozenset({"label_dict", "gold_standard_file", "cache_dict"})
"""Columns that hold copies of other tables."""
SAME = timedelta(minutes=5)
"""How far the two rows of one fact, in `task_event` and in `event`, may be apart."""


@dataclass(slots=True)
class TaskRows:
    """What the tables hold of one task. `instances` are all versions, those that were deleted included."""

    task: bytes
    file: Item
    task_events: list[bytes] = field(default_factory=list)
    events: list[bytes] = field(default_factory=list)
    instances: list[bytes] = field(default_factory=list)
    comments: Mapping[int, str] = field(default_factory=dict)


def history_of_rows(rows: TaskRows, members: Members, now: datetime) -> TaskHistory:
    """The task with all its events, as of now."""
    found = {name: value for name, value in item(rows.task).items() if name not in LEFT_OUT}
    task = str(found["id"])
    packet = _packet(rows)
    events = [*_task_events(task, rows, members)]
    if not any(event.type == "task.created" for event in events):
        events += _created(task, found)
    events += _other_events(task, rows.events, events, members)
    for raw in rows.instances:
        events += _instance_events(task, raw, members)
    events += standing_events(task, text(found, "status"))
    assignee = members.user(whole(found, "assignee_user_id"))
    given = [assignee] if assignee is not None else []
    about = msgspec.json.encode({"assignee_user_id": found.get("assignee_user_id")})
    events.append(assignment(task, "task_assignees", given, about, ANNOTATION))
    labels: frozenset[str] = frozenset()
    file = whole(part(packet, "file"), "id")
    if file is not None and is_labelled(text(found, "status"), packet):
        labels = frozenset({str(file)})
        saved_at, newest = _newest(rows.instances)
        author, kind = members.member(newest)
        raw_packet = orjson.dumps(packet)
        events.append(
            label_event(
                task,
                str(file),
                raw_packet,
                saved_at=saved_at,
                author=author,
                author_kind=kind,
                expired=_expired(rows.instances, now),
            )
        )
    events.append(details_event(task, orjson.dumps(found), packet))
    return TaskHistory(task, tuple(in_order(events)), labels)


def _expired(instances: Sequence[bytes], now: datetime) -> frozenset[str]:
    """Addresses of masks that do not hold any more, without their queries."""
    rows = [(mask_url(row), number(row.get("mask_url_expiry")) or 0.0) for row in map(item, instances)]
    return frozenset(unsigned_url(url) for url, until in rows if url is not None and until <= now.timestamp())


def event_of_project(raw: bytes, members: Members) -> SourceEvent:
    """A row of `event` that is of no task."""
    return _event(None, raw, members)


def time_event(raw: bytes, members: Members, *, total: bool) -> SourceEvent:
    """A row of `task_time_tracking`: seconds of a person at a task in one of its states.

    A `total` over states that have rows of their own is kept, and is no active time: it would count twice.
    """
    found = item(raw)
    who = members.user(whole(found, "user_id"))
    time = milliseconds(found.get("time_spent"))
    counted = time is not None and not total
    event = SourceEvent(
        task=str(found.get("task_id")),
        type="time.revised" if counted else "activity.recorded",
        source_type="TIME_TOTAL" if total else "TIME",
        occurred_at=None,
        instant=None,
        actor=who,
        actor_kind="unknown" if who is None else "person",
        stage=text(found, "status"),
        derived=not counted,
        content=raw,
    )
    first = replace(event, type="time.recorded") if counted else event
    return replace(event, version=Version(f"time/{found.get('id')}", f"{found.get('time_spent')}", first=first))


def _packet(rows: TaskRows) -> Item:
    """What an export would say of the file, from the tables: the instances that are there now."""
    kept: list[Item] = []
    for raw in rows.instances:
        row = item(raw)
        if row.get("soft_delete") is True:
            continue
        kept.append({name: value for name, value in row.items() if value is not None and name not in CHANGING})
    return {**rows.file, "instance_list": kept} if rows.file else {}


def _created(task: str, found: Item) -> Iterator[SourceEvent]:
    occurred_at, instant = when(found, "time_created")
    if occurred_at is not None:
        yield SourceEvent(
            task=task,
            type="task.created",
            source_type="TIME_CREATED",
            occurred_at=occurred_at,
            instant=instant,
            source_key="created",
            derived=True,
        )


def _task_events(task: str, rows: TaskRows, members: Members) -> Iterator[SourceEvent]:
    for raw in rows.task_events:
        row = item(raw)
        actor, kind = members.member(whole(row, "member_created_id"))
        others = [members.user(whole(row, name)) for name in ("user_assignee_id", "user_reviewer_id")]
        event = told(
            task,
            text(row, "event_type") or "task_event",
            raw,
            at=text(row, "time_created"),
            key=f"task_event/{row.get('id')}",
            actor=actor,
            actor_kind=kind,
            people=tuple(ref for ref in others if ref is not None),
        )
        comment = rows.comments.get(whole(row, "comment_id") or 0)
        yield event if comment is None else replace(event, text=comment)


def _other_events(
    task: str, rows: Sequence[bytes], known: Sequence[SourceEvent], members: Members
) -> Iterator[SourceEvent]:
    """Rows of `event`, but those whose fact has a row in `task_event`."""
    moments: dict[str, list[datetime]] = {}
    for event in known:
        if event.instant is not None:
            moments.setdefault(event.source_type, []).append(event.instant)
    for of_kind in moments.values():
        of_kind.sort()
    for raw in rows:
        event = _event(task, raw, members)
        if event.instant is None or not _is_near(event.instant, moments.get(event.source_type, ())):
            yield event


def _is_near(moment: datetime, others: Sequence[datetime]) -> bool:
    """Whether one of the others, which are in order, is the SAME fact."""
    first = bisect_left(others, moment - SAME)
    return first < len(others) and others[first] <= moment + SAME


def _event(task: str | None, raw: bytes, members: Members) -> SourceEvent:
    row = item(raw)
    kind = text(row, "kind") or "event"
    actor, actor_kind = members.member(whole(row, "member_id"))
    at, key = text(row, "time_created"), f"event/{row.get('id')}"
    return told(task, kind, raw, at=at, key=key, actor=actor, actor_kind=actor_kind)


def _instance_events(task: str, raw: bytes, members: Members) -> Iterator[SourceEvent]:
    """One version of an instance, and that somebody deleted it."""
    raw = unsigned(raw)
    row = item(raw)
    actor, kind = members.member(whole(row, "member_created_id"))
    key = f"instance/{row.get('id')}"
    action = text(row, "action_type") or ("edited" if whole(row, "previous_id") is not None else "created")
    drawn = told(
        task, f"INSTANCE_{action}", raw, at=text(row, "created_time"), key=key, actor=actor, actor_kind=kind, plain=True
    )
    yield replace(drawn, stage=ANNOTATION)
    if row.get("soft_delete") is True and text(row, "deletion_type") == "user" and action != "deleted":
        at = text(row, "deleted_time")
        gone = msgspec.json.encode({"id": row.get("id"), "deleted_time": at})
        deleted = told(
            task, "INSTANCE_deleted", gone, at=at, key=f"{key}/deleted", actor=None, actor_kind="unknown", plain=True
        )
        yield replace(deleted, stage=ANNOTATION)


def _newest(instances: Sequence[bytes]) -> tuple[str | None, int | None]:
    """When the file's instances changed last, and which member drew the newest one."""
    newest: tuple[datetime, str, int | None] | None = None
    for raw in instances:
        row = item(raw)
        moments = [("created_time", whole(row, "member_created_id"))]
        if text(row, "deletion_type") == "user":
            moments.append(("deleted_time", None))
        for name, member in moments:
            written, instant = when(row, name)
            if written is not None and instant is not None and (newest is None or instant >= newest[0]):
                newest = instant, written, member
    return (None, None) if newest is None else newest[1:]
