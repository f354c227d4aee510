"""What deviates: the rules of the section on findings, watched task by task while the events are counted.

A new rule is one entry in `RULES`, and what finds it. A changed one gets a new version: definitions name them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from audit.eventtypes import TYPES
from audit.log.envelope import Envelope
from exports.reports import facts

KEPT = 1_000
"""Events that are kept of a rule, for findings.csv."""
EXAMPLES = 5
"""Events that are printed of a rule."""
LABELLING = frozenset({"label.created", "label.updated", "task.submitted", "rework.submitted"})
REVIEWING = frozenset({"review.accepted", "review.corrected", "review.rejected"})
ACCEPTING = frozenset({"review.accepted", "review.corrected"})
CHANGING = frozenset({"label.created", "label.updated", "label.deleted", "groundtruth.edited"})
REASON_DUE = frozenset(
    {"review.rejected", "review.corrected", "groundtruth.edited", "consensus.edited", "task.skipped", "task.reopened"}
)
"""Decisions that ought to carry a reason: where there is none, the report says so."""
SLOW = timedelta(hours=26)
"""Sources are read at least daily; two hours more is what a reading may take."""

Severity = Literal["critical", "major", "minor", "noted"]
SEVERITIES: tuple[Severity, ...] = ("critical", "major", "minor", "noted")
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it says when it finds something, and what it tests."""

    key: str
    version: int
    severity: Severity
    says: str
    tests: str


RULES = (
    Rule("SOD-1", 2, "critical", "The same person labelled and reviewed a task.", "review decisions with a person"),
    Rule("GT-1", 1, "major", "Ground truth without an accepting review before it.", "tasks that became ground truth"),
    Rule("GT-2", 1, "major", "A label changed after it had become ground truth.", "tasks that became ground truth"),
    Rule(
        "REJ-1", 1, "major", "Rejected, and neither submitted nor decided again up to this state of the log.",
        "rejections",
    ),
    Rule(
        "RSN-1", 1, "minor",
        "A rejection, correction, skip, reopening or late edit without a text, of its own or just before it.",
        "such events",
    ),
    Rule(
        "PACE-1", 1, "minor",
        "Work far faster than its class: robust z of the log of its seconds under −3.5. A class is a stage, first or "
        "rework, with 20 visits or more.",
        "visits in such classes",
    ),
    Rule("ORD-1", 1, "minor", "An event was recorded after a later one of its task.", "events with a time"),
    Rule(
        "LATE-1", 1, "minor",
        "Received more than 26 hours after it occurred, although the log had begun by then.",
        "events since the log began",
    ),
    Rule("DIV-1", 1, "noted", "The source changed something after it had been recorded.", "events"),
)  # fmt: skip


@dataclass(slots=True)
class Noted:
    """How many events something is true of, and the first of them as (task, index)."""

    events: int = 0
    first: list[tuple[str, int]] = field(default_factory=list)

    def add(self, event: Envelope, index: int) -> None:
        """One more event."""
        self.events += 1
        if len(self.first) < KEPT:
            self.first.append((event.task or "", index))


@dataclass(slots=True)
class Rulebook:
    """What was tested and found so far, by the rule's key."""

    tested: Counter[str] = field(default_factory=Counter)
    found: defaultdict[str, Noted] = field(default_factory=lambda: defaultdict(Noted))

    def test(self, rule: str, event: Envelope, index: int, found: bool) -> None:
        """One event was tested."""
        self.tested[rule] += 1
        if found:
            self.found[rule].add(event, index)

    def findings(self) -> tuple[facts.Finding, ...]:
        """What each rule found, those that found nothing too."""
        return tuple(
            facts.Finding(
                rule.key, rule.version, rule.severity, rule.says, rule.tests, self.tested[rule.key],
                self.found[rule.key].events, tuple(self.found[rule.key].first[:EXAMPLES]),
                tuple(self.found[rule.key].first),
            )
            for rule in RULES
        )  # fmt: skip


def is_ground_truth(stage: str) -> bool:
    """Whether a stage is where finished tasks are: by its name, END at RedBrick AI."""
    return stage == "END" or stage.replace("_", " ").strip().lower() in {"ground truth", "groundtruth"}


@dataclass(slots=True)
class TaskWatch:
    """What the rules remember of one task while its events pass, by n."""

    book: Rulebook
    labelled: defaultdict[str, set[str | None]] = field(default_factory=lambda: defaultdict(set))
    reviewed: list[tuple[Envelope, int]] = field(default_factory=list)
    rejected: list[tuple[Envelope, int]] = field(default_factory=list)
    accepted: bool = False
    finished: bool = False
    wrote: set[str | None] = field(default_factory=set)

    def take(self, event: Envelope, index: int, before: str, after: str) -> None:
        """One event of the task; its stage before and after."""
        if event.type in LABELLING:
            self.rejected.clear()
            self.wrote.clear()
            if event.actor is not None:
                self.labelled[event.actor].add(event.stage)
        if event.type in REVIEWING:
            self._review(event, index)
        if event.text is not None and TYPES[event.type].group == "comment":
            self.wrote.add(event.actor)
        if event.type in REASON_DUE and not event.derived:
            self.book.test("RSN-1", event, index, event.text is None and event.actor not in self.wrote)
        if self.finished and event.type in CHANGING and not event.derived:
            self.book.found["GT-2"].add(event, index)
        if is_ground_truth(after) and not is_ground_truth(before):
            self._finish(event, index)

    def _review(self, event: Envelope, index: int) -> None:
        if event.actor is not None:
            self.reviewed.append((event, index))
        self.accepted = event.type in ACCEPTING
        self.rejected.clear()
        if event.type == "review.rejected":
            self.book.tested["REJ-1"] += 1
            self.rejected.append((event, index))

    def _finish(self, event: Envelope, index: int) -> None:
        if not self.finished:
            self.book.tested["GT-2"] += 1
        self.finished = True
        self.book.test("GT-1", event, index, not self.accepted)

    def end(self) -> None:
        """No more events of the task."""
        for event, index in self.reviewed:
            stages = self.labelled.get(event.actor or "", set())
            # What a reviewer changes at the stage of the review is a correction, which is what reviewers do.
            self.book.test("SOD-1", event, index, any(stage is None or stage != event.stage for stage in stages))
        for event, index in self.rejected:
            self.book.found["REJ-1"].add(event, index)


def received_slowly(event: Envelope, instant: datetime, begun: datetime) -> bool | None:
    """Whether an event came late although the log had begun when it occurred; None where that says nothing."""
    if event.derived or instant <= begun:
        return None
    return datetime.fromisoformat(event.received_at) - instant > SLOW
