"""What the record says of quality and pace: decisions of reviews, first ones by labeller, waits, seconds of visits."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from audit.eventtypes import TYPES
from audit.log.envelope import Envelope
from audit.log.fold import TaskState, TimeKey
from exports.reports.rules import LABELLING, REVIEWING
from exports.reports.spread import Spread, Visits

WORKING = frozenset({"work", "review", "label", "activity"})
"""Groups of events that show that somebody is at work on a task."""
Class = tuple[str, bool]
"""A kind of visit: the stage, and whether it is rework."""


@dataclass(slots=True)
class QualityTally:
    """The counts of the section on quality. Decisions are review types without `review.`"""

    decisions: defaultdict[str | None, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    first: defaultdict[str | None, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rejections: Counter[int] = field(default_factory=Counter)
    waits: defaultdict[tuple[str, str], Spread] = field(default_factory=lambda: defaultdict(Spread))
    active: defaultdict[Class, Visits] = field(default_factory=lambda: defaultdict(Visits))
    spans: defaultdict[Class, Visits] = field(default_factory=lambda: defaultdict(Visits))

    @property
    def visits(self) -> dict[Class, Visits]:
        """Seconds of visits: active ones, else those from a start to the submission, where pauses count."""
        return self.active or self.spans

    @property
    def measured(self) -> str:
        """What the seconds of visits are; empty when nothing says how long anything took."""
        if self.active:
            return "active seconds"
        return "seconds from start to submission, pauses included" if self.spans else ""


@dataclass(slots=True)
class QualityWatch:
    """What is remembered of one task while its events pass, by n."""

    tally: QualityTally
    labeller: str | None = None
    decided: bool = False
    rejected: int = 0
    entered: tuple[str, str, datetime] | None = None
    started: dict[tuple[str | None, str | None], datetime] = field(default_factory=dict)
    times: dict[TimeKey, int] = field(default_factory=dict)

    def take(self, event: Envelope, index: int, instant: datetime | None, before: str, after: str) -> None:
        """One event of the task; its stage before and after."""
        if event.type in REVIEWING:
            self._decide(event)
        if event.type in LABELLING and event.actor is not None:
            self.labeller = event.actor
        if event.type in ("time.recorded", "time.revised"):
            self.times[event.stage or None, event.cycle, event.actor] = index
        if instant is not None:
            self._measure(event, index, instant, before, after)

    def _decide(self, event: Envelope) -> None:
        decision = event.type.removeprefix("review.")
        self.tally.decisions[event.stage][decision] += 1
        if not self.decided:
            self.decided = True
            self.tally.first[self.labeller][decision] += 1
        self.rejected += decision == "rejected"

    def _measure(self, event: Envelope, index: int, instant: datetime, before: str, after: str) -> None:
        working = TYPES[event.type].group in WORKING
        if self.entered and working and event.stage == self.entered[1]:
            start, end, since = self.entered
            self.entered = None
            if instant >= since:
                self.tally.waits[start, end].add((instant - since).total_seconds() / 60)
        if before and after and before != after:
            self.entered = (before, after, instant)
        who = (event.actor, event.stage)
        if event.type == "task.started":
            self.started[who] = instant
        elif (event.type in LABELLING or event.type in REVIEWING) and who in self.started:
            milliseconds = int((instant - self.started.pop(who)).total_seconds() * 1000)
            if milliseconds >= 0:
                self.tally.spans[event.stage or "", (event.cycle or 1) > 1].visit(milliseconds, event.task or "", index)

    def end(self, state: TaskState, task: str) -> None:
        """No more events of the task; `state` is how they leave it."""
        if self.decided:
            self.tally.rejections[self.rejected] += 1
        for key, milliseconds in state.times.items():
            stage, cycle, _ = key
            self.tally.active[stage or "", (cycle or 1) > 1].visit(milliseconds, task, self.times.get(key, 0))
