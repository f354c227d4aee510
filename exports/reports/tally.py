"""One pass over the events of a report, counting what its sections state. Memory does not grow with the events.

Everything is read from the envelopes, and each task's state comes from the log's own fold: the report shows the record,
not the tables that repeat it, and "as of" is nothing but where the pass ends.
"""

from __future__ import annotations

import heapq
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from audit.eventtypes import TYPES
from audit.log.envelope import Envelope, unseal
from audit.log.fold import TaskState, begin, fold
from audit.log.read import StoredEvent
from audit.models.log import INDEX_BITS
from audit.sources.base import ActiveSpan, Reading, TaskDetails
from exports.reports.quality import QualityTally, QualityWatch
from exports.reports.rules import KEPT, Noted, Rulebook, TaskWatch, received_slowly

OURS = frozenset({"record", "project", "service"})
"""Groups of events that say something of the record or the project: nobody did them at a stage."""


@dataclass(slots=True)
class PersonTally:
    """What one person did."""

    did: Counter[str] = field(default_factory=Counter)
    tasks: int = 0
    events: int = 0
    first: datetime | None = None
    last: datetime | None = None
    last_task: int | None = None


@dataclass(slots=True)
class StageTally:
    """What happened at one stage."""

    tasks_now: int = 0
    events: int = 0
    people: set[str] = field(default_factory=set)
    first: float = math.inf
    """Index of the first event that names it."""


@dataclass(order=True, frozen=True, slots=True)
class Recent:
    """A task by its newest activity."""

    last_at: datetime
    task_id: int
    events: int = field(compare=False)


@dataclass(slots=True)
class Tally:
    """The counts. `rows` is how many events may be printed: of the tasks, the newest that fill them are kept.

    `begun` is when the log received its first event. `events` and what is counted of them are the selected ones; all
    that were `read`, whole trails, go through the rules and the figures of quality; but for
    `superseded` ones, which are rows of the log, and nothing that anybody did.
    """

    rows: int
    begun: datetime
    events: int = 0
    read: int = 0
    project_events: int = 0
    derived: int = 0
    superseded: int = 0
    tasks: int = 0
    dated_tasks: int = 0
    numbers_wrong: int = 0
    first: datetime | None = None
    last: datetime | None = None
    commits: Counter[str] = field(default_factory=Counter)
    people: defaultdict[str, PersonTally] = field(default_factory=lambda: defaultdict(PersonTally))
    nobody: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)
    stages: defaultdict[str, StageTally] = field(default_factory=lambda: defaultdict(StageTally))
    transitions: Counter[tuple[str, str]] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    rules_unstated: int = 0
    timeless: Noted = field(default_factory=Noted)
    ownerless: Noted = field(default_factory=Noted)
    stageless: Noted = field(default_factory=Noted)
    due: Counter[str] = field(default_factory=Counter)
    book: Rulebook = field(default_factory=Rulebook)
    quality: QualityTally = field(default_factory=QualityTally)
    recent: list[Recent] = field(default_factory=list)
    recent_events: int = 0

    def test(self, event: Envelope, index: int, instant: datetime | None, late: bool) -> None:
        """Put one event to the rules that look at events one by one."""
        if instant is not None:
            self.book.test("ORD-1", event, index, late)
            if (slow := received_slowly(event, instant, self.begun)) is not None:
                self.book.test("LATE-1", event, index, slow)
        self.book.test("DIV-1", event, index, event.type == "source.diverged")

    def row(self, event: Envelope) -> None:
        """Count one event as a row of the log."""
        self.events += 1
        self.commits["content"] += event.content is not None
        self.commits["text"] += event.text is not None
        self.derived += event.derived

    def take(self, event: Envelope, index: int, instant: datetime | None) -> None:
        """Count what one event says, whatever it belongs to."""
        self.kinds[label_of(event)] += 1
        if instant is not None:
            self.first = instant if self.first is None else min(self.first, instant)
            self.last = instant if self.last is None else max(self.last, instant)
            self.days[instant.toordinal()] += 1
        if event.actor is None:
            self.nobody[event.actor_kind if event.actor_kind in ("service", "system") else "unknown"] += 1
        self._missing(event, index)

    def _missing(self, event: Envelope, index: int) -> None:
        """Note what the source left out."""
        if not owes(event):
            return
        self.due["event"] += 1
        if event.occurred_at is None:
            self.timeless.add(event, index)
        if event.stage is None:
            self.stageless.add(event, index)
        if event.actor_kind not in ("service", "system"):
            self.due["person"] += 1
            if event.actor is None:
                self.ownerless.add(event, index)

    def take_of_task(
        self, event: Envelope, index: int, task_id: int, instant: datetime | None, before: str, after: str
    ) -> None:
        """Count what an event of a task says of its people and stages; stages as they were before and after it."""
        if event.assignee is not None:
            self.people[event.assignee]  # Listed, even if they never do anything.
        if event.actor is not None:
            person = self.people[event.actor]
            person.events += 1
            person.did[label_of(event)] += 1
            if person.last_task != task_id:
                person.last_task = task_id
                person.tasks += 1
            if instant is not None:
                person.first = instant if person.first is None else min(person.first, instant)
                person.last = instant if person.last is None else max(person.last, instant)
        for named in filter(None, (event.stage, event.to_stage)):
            self.stages[named].first = min(self.stages[named].first, index)
        if event.stage:
            stage = self.stages[event.stage]
            stage.events += 1
            if event.actor is not None:
                stage.people.add(event.actor)
        if before and after and before != after:
            self.transitions[before, after] += 1

    def take_rule(self, content: bytes | None) -> None:
        """Note the rule by which an active time was measured, where its payload names one."""
        try:
            payload = json.loads(content or b"{}")
        except (ValueError, RecursionError):
            payload = {}
        rule = payload.get("rule") if isinstance(payload, dict) else None
        if isinstance(rule, str) and rule:
            self.rules[rule[:400]] += 1
        else:
            self.rules_unstated += 1

    def end_task(self, task_id: int, state: TaskState, selected: int) -> None:
        """Count a task as its last event left it, with so many events to print."""
        self.tasks += 1
        self.dated_tasks += state.dated
        if state.stage:
            self.stages[state.stage].tasks_now += 1
        heapq.heappush(self.recent, Recent(state.last_at, task_id, selected))
        self.recent_events += selected
        while self.recent_events - self.recent[0].events >= self.rows:
            self.recent_events -= heapq.heappop(self.recent).events

    def newest(self) -> list[Recent]:
        """The tasks of newest activity that fit whole into the rows, newest first; at least one."""
        chosen: list[Recent] = []
        rows = 0
        for task in sorted(self.recent, reverse=True):
            rows += task.events
            if chosen and rows > self.rows:
                break
            chosen.append(task)
        return chosen


def count(events: Iterable[StoredEvent], reading: Reading, rows: int, begun: datetime) -> Tally:
    """Count events that come task after task, each task's by n; those of the project itself have no task."""
    tally = Tally(rows, begun)
    for task_id, trail in groupby(events, key=lambda stored: stored.task_id):
        if task_id is None:
            _count_project(tally, trail)
        else:
            _count_task(tally, task_id, trail, reading)
    _count_pace(tally)
    return tally


def _count_project(tally: Tally, trail: Iterator[StoredEvent]) -> None:
    for number, stored in enumerate(trail, 1):
        event = unseal(stored.envelope)
        tally.project_events += 1
        tally.numbers_wrong += event.n != number
        tally.read += 1
        tally.row(event)
        tally.test(event, index_of(stored), instant_of(event, stored), late=False)
        tally.take(event, index_of(stored), instant_of(event, stored))


def _count_task(tally: Tally, task_id: int, trail: Iterator[StoredEvent], reading: Reading) -> None:
    state: TaskState | None = None
    rules, quality = TaskWatch(tally.book), QualityWatch(tally.quality)
    task, rows = "", 0
    for number, stored in enumerate(trail, 1):
        event = unseal(stored.envelope)
        index, instant = index_of(stored), instant_of(event, stored)
        if state is None:
            state = begin(event.task or "", index, datetime.fromisoformat(event.received_at))
        before = state.stage
        late = step(state, event, index, instant, stored.content, reading)
        task = event.task or ""
        tally.numbers_wrong += event.n != number
        tally.read += 1
        rows += stored.selected
        if stored.selected:
            tally.row(event)
        if stored.superseded:
            tally.superseded += stored.selected
            continue
        tally.test(event, index, instant, late)
        if stored.selected:
            tally.take(event, index, instant)
            tally.take_of_task(event, index, task_id, instant, before, state.stage)
            if event.type in ("time.recorded", "time.revised"):
                tally.take_rule(stored.content)
        rules.take(event, index, before, state.stage)
        quality.take(event, index, instant if not late else None, before, state.stage)
    rules.end()
    if state is not None:
        quality.end(state, task)
        tally.end_task(task_id, state, rows)


def _count_pace(tally: Tally) -> None:
    """Compare the visits with their class, once all of them are known."""
    noted = tally.book.found["PACE-1"]
    shortest: list[tuple[str, int]] = []
    for _, visits in sorted(tally.quality.visits.items()):
        threshold = visits.threshold()
        if threshold is None:
            continue
        tally.book.tested["PACE-1"] += visits.number
        times, fastest = visits.faster(threshold)
        noted.events += times
        shortest += fastest
    noted.first.extend(shortest[:KEPT])


def step(
    state: TaskState, event: Envelope, index: int, instant: datetime | None, content: bytes | None, reading: Reading
) -> bool:
    """Fold one event into its task's state, with what its payload says; whether it was late."""
    details: TaskDetails | None = None
    span: ActiveSpan | None = None
    if content is not None and event.type in ("task.created", "task.updated"):
        details = reading.task_details(content)
    elif content is not None and event.type in ("time.recorded", "time.revised"):
        span = reading.active_span(content)
    return fold(state, event, index, instant, details, span)


def owes(event: Envelope) -> bool:
    """Whether a missing time, person or stage is a gap: not in what Labeltrail concluded, or says of the record."""
    return not event.derived and TYPES[event.type].group not in OURS


def index_of(stored: StoredEvent) -> int:
    """The event's place in its log, from 0."""
    return stored.id & ((1 << INDEX_BITS) - 1)


def instant_of(event: Envelope, stored: StoredEvent) -> datetime | None:
    """When the event occurred; None when the source recorded no time (the column then has that of receipt)."""
    return stored.occurred_at if event.occurred_at is not None else None


def label_of(event: Envelope) -> str:
    """What the event is called: its type, or the source's own word for an activity."""
    return event.source_type if event.type == "activity.recorded" else event.type
