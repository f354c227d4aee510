"""What a report prints of trails: tasks, their events, and what these changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A value that changed: `old` is None when there was none before."""

    label: str
    old: str | None
    new: str


@dataclass(frozen=True, slots=True)
class Row:
    """One event of a trail. `derived` ones Labeltrail concluded; `superseded` ones of these count no more.

    `owes` says that a missing time, person or stage is a gap, `reason_due` that a missing text is one.

    `withheld` and `text_withheld` say why a payload or text that the envelope commits to is not shown.
    """

    n: int
    index: int
    occurred: datetime | None
    local: str | None
    who: str | None
    stage: str | None
    to_stage: str | None
    event: str
    derived: bool
    superseded: bool
    owes: bool
    late: bool
    changes: tuple[Change, ...]
    more_changes: int
    withheld: str
    text: str | None
    text_withheld: str
    reason_due: bool


@dataclass(frozen=True, slots=True)
class Trail:
    """A task's events by (occurred_at, n). `events` is how many there are, `rows` those that are printed."""

    external_id: str
    name: str
    stage: str | None
    status: str | None
    active_ms: int
    events: int
    rows: tuple[Row, ...]

    @property
    def named(self) -> bool:
        """Whether the task has a name besides its id."""
        return self.name != self.external_id

    @property
    def has_local(self) -> bool:
        """Whether any event has a local time."""
        return any(row.local for row in self.rows)

    @property
    def has_stage(self) -> bool:
        """Whether any event has a stage."""
        return any(row.stage for row in self.rows)

    @property
    def has_text(self) -> bool:
        """Whether any event has, had or ought to have a text."""
        return any(row.text is not None or row.text_withheld or row.reason_due for row in self.rows)


@dataclass(frozen=True, slots=True)
class Printed:
    """The trails that are printed, and what is left out; `listed` when volumes beside the report hold every event."""

    trails: tuple[Trail, ...]
    left_tasks: int
    left_events: int
    cut: bool
    listed: bool = False

    @property
    def rows(self) -> int:
        """How many events are printed."""
        return sum(len(trail.rows) for trail in self.trails)
