"""A report's figures: process, quality and active time. Everything that its sections count."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """Something counted, with a share of the whole for the charts."""

    label: str
    value: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: tasks that are there at the end of the report, events that happened there, people who acted there."""

    name: str
    tasks_now: int
    events: int
    people: int
    active_ms: int | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Minutes from entering a stage to the first work there, of those transitions whose wait is known."""

    measured: int
    median: int
    ninth: int
    longest: int


@dataclass(frozen=True, slots=True)
class Transition:
    """How often tasks went from one stage to another, and how long they waited there for the first work."""

    start: str
    end: str
    times: int
    wait: Wait | None = None


@dataclass(frozen=True, slots=True)
class Bin:
    """Events in a day, week, month or year."""

    label: str
    events: int


@dataclass(frozen=True, slots=True)
class Process:
    """Stages in order, transitions (most frequent first), kinds of events, and events over time in bins of `unit`."""

    stages: tuple[Stage, ...]
    transitions: tuple[Transition, ...]
    kinds: tuple[Count, ...]
    other_kinds: int
    unit: str
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions of reviews at a stage, or first decisions on what a person labelled; `interval` is that of accepted."""

    label: str | None
    accepted: int
    corrected: int
    rejected: int
    interval: tuple[float, float]

    @property
    def all(self) -> int:
        """How many decisions there are."""
        return self.accepted + self.corrected + self.rejected

    @property
    def rate(self) -> float:
        """The share that was accepted as it came."""
        return self.accepted / self.all


@dataclass(frozen=True, slots=True)
class VisitClass:
    """Seconds of visits of one kind of work: 5th, 25th, 50th, 75th and 95th percentile. `slowest` is PACE-1's bound."""

    label: str
    visits: int
    quantiles: tuple[int, int, int, int, int]
    bound: float | None


@dataclass(frozen=True, slots=True)
class Quality:
    """What reviews decided. `rejections` counts tasks by how often they were rejected; the rest counts events."""

    first: Decisions | None
    by_stage: tuple[Decisions, ...]
    by_labeller: tuple[Decisions, ...]
    rejections: tuple[Count, ...]
    counts: tuple[Count, ...]
    visits: tuple[VisitClass, ...]
    measured: str


@dataclass(frozen=True, slots=True)
class TimeSum:
    """Active time of a person or at a stage."""

    label: str | None
    milliseconds: int
    records: int


@dataclass(frozen=True, slots=True)
class ActiveTime:
    """Active time that holds at the end of the report, and the rules that its records name, with how many name each."""

    milliseconds: int
    records: int
    rules: tuple[Count, ...]
    unstated: int
    by_person: tuple[TimeSum, ...]
    by_stage: tuple[TimeSum, ...]
