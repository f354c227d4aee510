"""What a task's events make of the task: one pure function, used by append, rebuild, verify and exports alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from audit.eventtypes import TYPES
from audit.log.envelope import Envelope, clean
from audit.sources.base import ActiveSpan, TaskDetails

STAGE_GROUPS = frozenset({"task", "assignment", "work", "review", "activity"})

LABEL_TYPES = frozenset({"label.created", "label.updated", "label.deleted"})
"""Events whose content is a label, or names the one that is gone."""

TimeKey = tuple[str | None, int | None, str | None]
"""What a revised active time replaces: that of the same stage, cycle and person."""


def is_version(event: Envelope) -> bool:
    """Whether the event's content is what its source says of the task from then on.

    What a creation says holds until the first details. Those may come before it: a source may tell later when a task
    was created.
    """
    return event.type == "task.updated" or (event.type == "task.created" and event.n == 1)


@dataclass(slots=True)
class TaskState:
    """A task as its events so far leave it. People are pseudonyms; `times` maps to milliseconds that hold now.

    `first_at` and `last_at` bound the instants that the source recorded; while it recorded none (`dated` is false)
    they are those of receipt.
    """

    name: str
    from_index: int
    first_at: datetime
    last_at: datetime
    dated: bool = False
    stage: str = ""
    status: str = ""
    assignee: str | None = None
    cycle: int | None = None
    events: int = 0
    active_ms: int = 0
    last_index: int = 0
    times: dict[TimeKey, int] = field(default_factory=dict)

    def is_late(self, instant: datetime | None) -> bool:
        """Whether an event of this instant comes after the record of a later one."""
        return self.dated and instant is not None and instant < self.last_at


def begin(task: str, index: int, received: datetime) -> TaskState:
    """The state of a task before its first event, which stands at `index`."""
    return TaskState(name=task, from_index=index, first_at=received, last_at=received)


def fold(
    state: TaskState,
    event: Envelope,
    index: int,
    instant: datetime | None,
    details: TaskDetails | None = None,
    span: ActiveSpan | None = None,
) -> bool:
    """Take the next event into `state`; whether it was late. A late event does not undo what later ones said."""
    late = state.is_late(instant)
    state.events = event.n
    state.last_index = index
    if instant is not None:
        if not state.dated or instant < state.first_at:
            state.first_at = instant
        if not state.dated or instant > state.last_at:
            state.last_at = instant
        state.dated = True
    if details is not None and details.name:
        state.name = clean(details.name)
    if span is not None:
        _fold_time(state, event, span)
    if not late:
        _fold_progress(state, event)
    return late


def _fold_progress(state: TaskState, event: Envelope) -> None:
    kind = TYPES[event.type]
    if kind.group in STAGE_GROUPS:
        state.stage = event.to_stage or event.stage or state.stage
    if kind.status:
        state.status = kind.status
    if kind.assigns == "assignee":
        state.assignee = event.assignee
    elif kind.assigns == "actor":
        state.assignee = event.actor or state.assignee
    elif kind.assigns == "nobody":
        state.assignee = None
    if event.cycle is not None:
        state.cycle = event.cycle


def _fold_time(state: TaskState, event: Envelope, span: ActiveSpan) -> None:
    key: TimeKey = (event.stage or None, event.cycle, event.actor)
    before = state.times.get(key, 0)
    now = span.milliseconds if event.type == "time.revised" else before + span.milliseconds
    state.times[key] = now
    state.active_ms += now - before
