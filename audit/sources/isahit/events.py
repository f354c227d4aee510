"""From a task as isahit lab tells it to events.

The platform keeps no list of events: they are concluded from the times, the data, the status and the jobs of the task;
only entries of a job's history are its own record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from audit.sources.base import SourceError, SourceEvent, TaskHistory, Version
from audit.sources.isahit.jobs import job_events
from audit.sources.isahit.label import body_of, label_event, step_of
from audit.sources.isahit.media import media_facts, media_files
from audit.sources.isahit.people import facts, people, person
from audit.sources.isahit.project import ANNOTATION, REVIEW, IsahitProject
from audit.sources.values import Item, canonical, item, text, unsigned, when

VOLATILE = ("updatedAt", "status", "lastAnnotator", "__v")
"""Fields of a task that make no new version of it: its status has events, the others change with everything."""

_APART = ("data", "jobs", "metrics")  # They have events of their own.
_SUBMITTED = frozenset({"task.submitted", "rework.submitted"})
_REVIEWED = frozenset({"review.accepted", "review.corrected", "review.rejected"})
_LAST = datetime.max.replace(tzinfo=UTC)
_NULL = msgspec.Raw(b"null")


def history_of(raw: bytes, project: IsahitProject) -> TaskHistory:
    """The task with all its events, oldest first, what has no time last. Raises SourceError for what is no task."""
    try:
        fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        task = msgspec.json.decode(fields["_id"], type=str)
        events = list(_events(task, fields, project))
    except KeyError:
        raise SourceError("answer", "isahit lab sent a task without an id") from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SourceError("answer", f"isahit lab sent something that is no task: {error}") from None
    events.sort(key=_time)  # Stable: what has one time stays in the platform's order.
    labelled = any(event.type == "label.updated" for event in events)
    return TaskHistory(task, tuple(_rounds(events)), frozenset({task} if labelled else ()))


def _events(task: str, fields: Mapping[str, msgspec.Raw], project: IsahitProject) -> Iterator[SourceEvent]:
    found = item(msgspec.json.encode({name: value for name, value in fields.items() if name not in _APART}))
    data_raw = bytes(fields.get("data", _NULL))
    data = item(data_raw)
    created = _created(task, found)
    if created is not None:
        yield created
    jobs = msgspec.json.decode(fields.get("jobs", _NULL), type=list[msgspec.Raw] | None) or []
    done = list(job_events(task, jobs))
    yield from done
    types = {event.type for event in done}
    if data:
        saved = _saved(task, data)
        if types.isdisjoint(_REVIEWED if step_of(data) == REVIEW else _SUBMITTED):
            types.add(saved.type)
            yield saved
        yield label_event(task, data_raw)
    yield from _metrics(task, bytes(fields.get("metrics", _NULL)))
    yield from _status(task, found, types)
    yield _details(task, fields, found, body_of(data), project)


def _created(task: str, found: Item) -> SourceEvent | None:
    occurred_at, instant = when(found, "createdAt")
    if occurred_at is None:
        return None
    return SourceEvent(
        task=task,
        type="task.created",
        source_type="CREATED_AT",
        occurred_at=occurred_at,
        instant=instant,
        derived=True,
    )


def _saved(task: str, data: Item) -> SourceEvent:
    """That the data was saved, where no job says so."""
    review = step_of(data) == REVIEW
    author = person(data.get("user"))
    occurred_at, instant = when(data, "createdAt")
    return SourceEvent(
        task=task,
        type="review.accepted" if review else "task.submitted",
        source_type="DATA_REVIEWED" if review else "DATA_SAVED",
        occurred_at=occurred_at,
        instant=instant,
        actor=author,
        actor_kind="unknown" if author is None else "person",
        stage=REVIEW if review else ANNOTATION,
        derived=True,
    )


def _metrics(task: str, raw: bytes) -> Iterator[SourceEvent]:
    """The task's metrics as they are; none are no news, unless there were some before."""
    found = item(raw)
    event = SourceEvent(
        task=task,
        type="activity.recorded",
        source_type="METRICS",
        occurred_at=None,
        instant=None,
        derived=True,
        content=raw if found else b"{}",
        people=people(found),
    )
    state = sha256(canonical(facts(found))).hexdigest()
    yield replace(event, version=Version("metrics", state, first=event if found else None))


def _status(task: str, found: Item, types: set[str]) -> Iterator[SourceEvent]:
    """Where the task stands. When it came to that the platform does not tell; what another event tells is not said
    twice, and that a task is new is only news after it was something else."""
    status = text(found, "status")
    if status is None:
        return
    type_, to_stage = "activity.recorded", None
    if status == "complete" and types.isdisjoint(_SUBMITTED):
        type_ = "task.submitted"
    elif status == "reviewed" and types.isdisjoint(_REVIEWED):
        type_ = "review.accepted"
    elif status == "to-review":
        type_, to_stage = "task.moved", REVIEW
    elif status == "pending":
        type_ = "task.reopened"
    event = SourceEvent(
        task=task,
        type=type_,
        source_type=f"STATUS_{status}",
        occurred_at=None,
        instant=None,
        to_stage=to_stage,
        derived=True,
    )
    new = status in ("pending", "configuring")
    yield replace(event, version=Version("status", status, first=None if new else event))


def _details(
    task: str, fields: Mapping[str, msgspec.Raw], found: Item, body: Item, project: IsahitProject
) -> SourceEvent:
    """The task without what has events of its own, and with the facts of its media that stand in its data."""
    media = media_facts(found, body, project)
    kept = {name: value for name, value in fields.items() if name not in _APART}
    written = unsigned(msgspec.json.encode(kept))
    media_raw = msgspec.json.encode(media)
    state = {name: value for name, value in item(written).items() if name not in VOLATILE}
    return SourceEvent(
        task=task,
        type="task.updated",
        source_type="TASK",
        occurred_at=None,
        instant=None,
        derived=True,
        content=written[:-1] + b',"media":' + media_raw + b"}",
        people=people(found),
        key_fields=(sha256(canonical([facts(state), media])).hexdigest(),),
        files=tuple(media_files(found, body, project)),
    )


def _rounds(events: list[SourceEvent]) -> Iterator[SourceEvent]:
    """The events, submissions counted: the second one is rework of the second round."""
    count = 0
    for event in events:
        if event.type == "task.submitted" and event.instant is not None:
            count += 1
            yield replace(event, cycle=count, type="task.submitted" if count == 1 else "rework.submitted")
        else:
            yield event


def _time(event: SourceEvent) -> datetime:
    opening = event.opening() or event
    return opening.instant or _LAST
