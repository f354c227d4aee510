"""What a file implies without saying it in one place: active time, and how a task is called at the end.

Works on a task's whole history at a time, in the order of its events, and keeps nothing from one task to the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

import orjson
from msgspec.structs import replace

from audit.sources.base import PersonRef, SourceEvent
from audit.sources.files.event import FileEvent
from audit.sources.files.times import instant

START = "start"
COMPLETE = frozenset({"complete", ""})
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(slots=True)
class _History:
    """What is kept of the task that is being read."""

    task: str | None = None
    traces: dict[bytes, None] = field(default_factory=dict)
    people: dict[PersonRef, None] = field(default_factory=dict)
    name: str | None = None
    started: dict[tuple[str, PersonRef | None], deque[SourceEvent]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)


def complete(events: Iterator[FileEvent], *, pairs: bool) -> Iterator[SourceEvent]:
    """The events, each task's in one row, with the `time.recorded` events they imply after them.

    What traces say of a task becomes one `task.updated` at its end, without a time: one, because the log tells by the
    newest whether anything changed. A name in a column becomes one at the line where it is new. With `pairs`, active
    time is what passes between a start and the next completion of the same activity by the same person, first start
    first; else it is what the file gives.
    """
    history = _History()
    for found in events:
        event = found.event
        if event.task != history.task:
            yield from _details(history)
            history = _History(event.task)
        if event.type == "task.updated" and event.content is not None:
            history.traces[event.content] = None
            history.people.update(dict.fromkeys(event.people))
            continue
        yield event
        if found.name and found.name != history.name:
            history.name = found.name
            yield _named(event, found.name)
        if event.source_key is not None:
            if event.source_key in history.ids:  # The same line twice, so the log keeps one: its time counts once.
                continue
            history.ids.add(event.source_key)
        if found.milliseconds is not None:
            yield time_recorded(event, found.milliseconds, None, None, "duration")
        if pairs:
            yield from _pair(history, found)
    yield from _details(history)


def _pair(history: _History, found: FileEvent) -> Iterator[SourceEvent]:
    event, key = found.event, (found.activity, found.event.actor)
    if found.transition == START:
        history.started.setdefault(key, deque()).append(event)
    elif found.transition in COMPLETE and (waiting := history.started.get(key)):
        begun = waiting.popleft()
        if begun.instant is not None and event.instant is not None:
            milliseconds = (event.instant - begun.instant) // _MILLISECOND
            yield time_recorded(event, milliseconds, _readable(begun), _readable(event), "start-complete")


def _readable(event: SourceEvent) -> str | None:
    """The event's time as the file writes it; in UTC where that needs a zone that a payload does not have."""
    try:
        instant(event.occurred_at or "", None)
    except ValueError:
        return event.instant.isoformat() if event.instant else None
    return event.occurred_at


def time_recorded(event: SourceEvent, milliseconds: int, start: str | None, end: str | None, rule: str) -> SourceEvent:
    """The active time that follows from the event by this rule."""
    content = {"milliseconds": milliseconds, "started_at": start, "ended_at": end, "rule": rule}
    return replace(
        event,
        type="time.recorded",
        source_key=None,
        derived=True,
        assignee=None,
        to_stage=None,
        content=orjson.dumps(content),
        text=None,
        key_fields=(rule, str(milliseconds), start or "", event.source_key or ""),
    )


def _named(event: SourceEvent, name: str) -> SourceEvent:
    """From the time of this event on, the task is called so."""
    content = orjson.dumps({"name": name})
    return SourceEvent(
        task=event.task,
        type="task.updated",
        source_type="name",
        occurred_at=event.occurred_at,
        instant=event.instant,
        derived=True,
        content=content,
        key_fields=(sha256(content).hexdigest(),),
    )


def _details(history: _History) -> Iterator[SourceEvent]:
    """The task as its trace (or all its traces) describe it, if they do."""
    if history.traces:
        # Each content is {"trace":[…]}; the lists are put together as they are, without reading them again.
        content = b'{"trace":[' + b",".join(content[len(b'{"trace":[') : -2] for content in history.traces) + b"]}"
        yield SourceEvent(
            task=history.task,
            type="task.updated",
            source_type="trace",
            occurred_at=None,
            instant=None,
            derived=True,
            content=content,
            people=tuple(history.people),
            key_fields=(sha256(content).hexdigest(),),
        )
