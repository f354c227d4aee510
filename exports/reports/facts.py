"""What a report states, as plain values: gathered from the log, printed by the templates, without a database.

Texts that other people wrote are already safe to look at (`words.line`, `words.lines`); None means "not recorded"
wherever a field may be None. Times are aware and UTC; lengths of time are milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from exports.reports.figures import ActiveTime, Count, Process, Quality
from exports.reports.rows import Printed


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
    """What the report is about; with `filters` (name, values) only what they let through.

    `first` and `last` bound the times that the source recorded."""

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
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a report states. `issued` is when the last event it shows was received: no clock is read."""

    title: str
    issued: datetime
    scope: Scope
    derived: int
    superseded: int
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
