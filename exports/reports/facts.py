"""What a report states, as plain values: gathered from the log, printed by the templates, without a database.

Texts that other people wrote are already safe to look at (`words.line`, `words.lines`); None means "not recorded"
wherever a field may be None. Times are aware and UTC; lengths of time are milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acted, or was given work. `name` is None when redacted, erased or never told.

    `unnamed` says which; `did` lists what they did most, `other_kinds` counts the rest.
    ."""

    pseudonym: str
    name: str | None
    unnamed: str
    did: tuple[tuple[str, int], ...]
    other_kinds: int
    tasks: int
    events: int
    active_ms: int | None
    first: datetime | None
    last: datetime | None


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
class Check:
    """Something expected and found. `result` is the answer in words; `erased` counts what is known to be erased."""

    what: str
    according_to: str
    expected: int
    found: int
    result: str
    erased: int = 0

    @property
    def agrees(self) -> bool:
        """Whether all is there, or accounted for."""
        return self.found + self.erased == self.expected


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that was not recorded: how often, of how many, and the indices of the first few events."""

    what: str
    events: int
    of: int
    first: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A reading of the source that ended well, as its event in the log states it."""

    index: int
    received: datetime
    file: str | None
    sha256: str | None
    found: int | None
    added: int | None


@dataclass(frozen=True, slots=True)
class Completeness:
    """Counts that must agree, what was not recorded, and the readings that brought the events."""

    checks: tuple[Check, ...]
    missing: tuple[Missing, ...]
    readings: tuple[SourceRead, ...]
    other_readings: int

    @property
    def agrees(self) -> bool:
        """Whether every count is as expected, but for what was erased."""
        return all(check.agrees for check in self.checks)

    @property
    def erased(self) -> int:
        """Payloads and texts that were erased."""
        return sum(check.erased for check in self.checks)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: events as (task, index); `events` first few of `found`, `listed` for findings.csv."""

    rule: str
    version: int
    severity: Literal["critical", "major", "minor", "noted"]
    says: str
    tests: str
    tested: int
    found: int
    events: tuple[tuple[str, int], ...]
    listed: tuple[tuple[str, int], ...] = ()


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


@dataclass(frozen=True, slots=True)
class Change:
    """A value that changed: `old` is None when there was none before."""

    label: str
    old: str | None
    new: str


@dataclass(frozen=True, slots=True)
class Row:
    """One event of a trail. `derived` ones Labeltrail concluded.

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


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature under an earlier report of the project, as its event of this `index` states it.

    `of` is the task's id of a dossier, None of a report of the project; `report`, `as_of` and `sha256` (of the PDF)
    name the report. Fields of a payload that is no longer there are None.
    """

    index: int
    signed: datetime
    who: str | None
    meaning: str | None
    report: str | None
    of: str | None
    as_of: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file inside the PDF."""

    name: str
    description: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ListingVolume:
    """A volume beside the report: events of the tasks `first` to `last`. The report itself is volume 1."""

    number: int
    first: str
    last: str
    events: int
    pages: int
    bytes: int
    sha256: str

    @property
    def suffix(self) -> str:
        """What its file's name has before .pdf."""
        return f"volume-{self.number:03}"


@dataclass(frozen=True, slots=True)
class Integrity:
    """The state of the log that the report shows. `output` is what the attached verifier prints on the attached files.

    `entries` says which entries are attached: all of the log, those of the task with proofs, or none.
    """

    origin: str
    size: int
    root: str
    root_base64: str
    note: str
    key: str
    key_id: str
    entries: Literal["all", "selection", "none"]
    attached_entries: int
    command: str
    output: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What the report is about. `first` and `last` bound the times that the source recorded."""

    project: str
    project_id: str
    source: str
    zone: str
    task: str | None
    task_id: str | None
    tasks: int
    events: int
    project_events: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a report states. `issued` is when the last event it shows was received: no clock is read."""

    title: str
    issued: datetime
    scope: Scope
    derived: int
    redacted: bool
    paper: Literal["a4", "letter"]
    program: str
    definition: tuple[tuple[str, str], ...]
    definition_sha256: str
    people: tuple[Person, ...]
    nobody: tuple[Count, ...]
    process: Process
    completeness: Completeness
    quality: Quality
    time: ActiveTime
    findings: tuple[Finding, ...]
    printed: Printed
    signatures: tuple[Signature, ...]
    integrity: Integrity
    attached: tuple[AttachedFile, ...]
    volumes: tuple[ListingVolume, ...] = ()
