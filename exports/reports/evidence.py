"""The files inside the PDF: what a reader needs to check the report without asking us."""

from __future__ import annotations

import base64
import csv
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Literal

from django.db.models import QuerySet, Sum
from django.db.models.functions import Length

from audit.log import merkle, note, proof
from audit.log.checkpoint import sign, vkey
from audit.models import Disclosure, Event, Log
from exports.archive import VERIFIER, lines
from exports.reports import facts, figures
from exports.reports.definition import Definition
from exports.reports.gather import Gathered
from exports.reports.process import POLL
from exports.reports.render import Attached
from exports.reports.subject import Subject
from exports.reports.words import instant
from exportsite import scratch

MAX_ENTRIES = 20_000
MAX_BYTES = 48 * 1024 * 1024
"""What may be attached as entries: more makes a PDF that readers choke on. The archive holds every entry."""
MAX_DISCLOSED = 8 * 1024 * 1024
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")
VERIFIER_SECONDS = 300
Entries = Literal["all", "selection", "none"]


class EvidenceError(Exception):
    """The attached files do not verify: no report is made of them."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The files, and what checking them prints."""

    attached: tuple[Attached, ...]
    integrity: facts.Integrity


def collect(
    subject: Subject, definition: Definition, gathered: Gathered, check: Callable[[], None] = lambda: None
) -> Evidence:
    """Everything that is attached, verified once with the verifier that is attached too.

    `check` is called now and then; what it raises ends the work.
    """
    checkpoint = sign(subject.log, subject.as_of)
    stated = note.Checkpoint.parse(note.open_note(checkpoint.note, vkey(subject.log)))
    which = _which(subject)
    files = [
        Attached(
            "checkpoint.note", "Signed checkpoint of the log (C2SP signed note)", "Data", checkpoint.note.encode()
        ),
        *_entries(subject, which),
        Attached("definition.json", "What the report was asked to contain, as resolved", "Data", definition.data),
        Attached("findings.csv", "The events behind each finding", "Data", _findings(gathered.findings)),
        Attached("people.csv", "The table of people", "Data", _people(gathered.people)),
        Attached("active_time.csv", "Active time by person and by stage", "Data", _active_time(gathered.time)),
        Attached(
            "verify.py",
            "Offline verifier, Python 3.8 or later, standard library only",
            "Supplement",
            VERIFIER.read_bytes(),
        ),
    ]
    key = vkey(subject.log)
    command = f"python3 -I verify.py . --key '{key}'"
    output = _verify(files, key, check) if which != "none" else ""
    integrity = facts.Integrity(
        origin=stated.origin,
        size=stated.size,
        root=stated.root.hex(),
        root_base64=base64.b64encode(stated.root).decode(),
        note=checkpoint.note,
        key=key,
        key_id=key.split("+", 2)[1],
        entries=which,
        attached_entries={"all": subject.as_of, "selection": gathered.scope.events, "none": 0}[which],
        command=command,
        output=output,
    )
    return Evidence(tuple(files), integrity)


def listed(files: tuple[Attached, ...]) -> tuple[facts.AttachedFile, ...]:
    """The files as the annex lists them."""
    return tuple(
        facts.AttachedFile(item.name, item.description, len(item.data), sha256(item.data).hexdigest()) for item in files
    )


def _which(subject: Subject) -> Entries:
    """Which entries are attached: the whole log when it is small, else those of the task, else none."""
    whole = Event.objects.filter(id__gte=subject.log.event_id(0), id__lt=subject.before)
    if subject.as_of <= MAX_ENTRIES and _bytes(whole) <= MAX_BYTES:
        return "all"
    if (
        subject.task is not None
        and subject.selection is None
        and subject.events().count() <= MAX_ENTRIES
        and _bytes(subject.events()) <= MAX_BYTES
    ):
        return "selection"
    return "none"


def _bytes(events: QuerySet[Event]) -> int:
    return int(events.aggregate(sum=Sum(Length("envelope")))["sum"] or 0)


def _entries(subject: Subject, which: Entries) -> Iterator[Attached]:
    if which == "none":
        return
    events = (
        subject.events()
        if which == "selection"
        else Event.objects.filter(id__gte=subject.log.event_id(0), id__lt=subject.before)
    )
    first = subject.log.event_id(0)
    rows = events.order_by("id").values_list("id", "envelope")
    data = b"".join(lines.entry(pk - first, bytes(envelope)) for pk, envelope in rows.iterator())
    said = "Every entry of the log up to this size" if which == "all" else "The entries of this task"
    yield Attached("entries.jsonl", f"{said}, one a line, in log order", "Data", data)
    disclosures = _disclosures(subject)
    if disclosures:
        yield Attached("disclosures.jsonl", "What the printed events disclose, with salts", "Data", disclosures)
    if which == "selection":
        yield Attached("proof.json", "Proof for each entry that it is in the log", "Data", _proof(subject))


def _disclosures(subject: Subject) -> bytes:
    """Payloads and texts of the events that the report is about; none in an edition without names, or if too many."""
    rows = Disclosure.objects.filter(event_id__gte=subject.log.event_id(0), event_id__lt=subject.before)
    if subject.selection is not None:
        rows = rows.filter(event_id__in=subject.selected())
    elif subject.task is not None:
        rows = rows.filter(event__task=subject.task)
    if subject.redacted or (rows.aggregate(sum=Sum(Length("data")))["sum"] or 0) > MAX_DISCLOSED:
        return b""
    first = subject.log.event_id(0)
    return b"".join(
        lines.disclosure(pk - first, group, bytes(salt), bytes(data))
        for pk, group, salt, data in rows.order_by("event_id", "group").values_list("event_id", "group", "salt", "data")
    )


def _proof(subject: Subject) -> bytes:
    """Inclusion proofs of the task's entries, and its last number (docs/contracts.md section 3)."""
    read_tile = proof.tile_reader(Log.objects.get(pk=subject.log.pk))
    start = subject.log.event_id(0)
    numbers = [(pk - start, n) for pk, n in subject.events().order_by("id").values_list("id", "n")]
    proofs = [
        lines.inclusion(index, merkle.inclusion_proof(index, subject.as_of, read_tile), first=not place)
        for place, (index, _) in enumerate(numbers)
    ]
    index, n = numbers[-1]
    last = lines.last(subject.task.external_id if subject.task else None, n, index, first=True)
    return b"".join([lines.proof_head(subject.as_of), *proofs, lines.PROOF_MIDDLE, last, lines.PROOF_END])


def _verify(files: list[Attached], key: str, check: Callable[[], None]) -> str:
    """What the attached verifier prints on the attached files; EvidenceError unless all of it holds."""
    with scratch.folder() as folder:
        for item in files:
            (folder / item.name).write_bytes(item.data)
        with (folder / "said").open("w+b") as said:
            code = _run([sys.executable, "-I", "verify.py", ".", "--key", key], folder, said, check)
            said.seek(0)
            output = said.read().decode("utf-8", "replace")
    if code != 0:
        raise EvidenceError(f"no report was made, since the record does not verify:\n{output.strip()}")
    return output.rstrip("\n")


def _run(command: list[str], folder: Path, said: IO[bytes], check: Callable[[], None]) -> int:
    """The command's exit code, what it printed in `said`; `check` can end it, and so does the clock."""
    process = subprocess.Popen(
        command, cwd=folder, env={"PATH": os.defpath, "LANG": "C.UTF-8"}, stdout=said, stderr=subprocess.STDOUT
    )
    until = time.monotonic() + VERIFIER_SECONDS
    try:
        while True:
            try:
                return process.wait(POLL)
            except subprocess.TimeoutExpired:
                check()
            if time.monotonic() > until:
                raise EvidenceError(f"checking the attached files took more than {VERIFIER_SECONDS} seconds")
    finally:
        process.kill()
        process.wait()


def _people(people: tuple[facts.Person, ...]) -> bytes:
    rows: list[list[object]] = [
        [item.pseudonym, item.name or item.unnamed or "not recorded", item.tasks, item.events,
         "" if item.active_ms is None else item.active_ms, _utc(item.first), _utc(item.last)]
        for item in people
    ]  # fmt: skip
    return _csv(["pseudonym", "name", "tasks", "events", "active_milliseconds", "first_utc", "last_utc"], rows)


def _findings(findings: tuple[facts.Finding, ...]) -> bytes:
    rows: list[list[object]] = [
        [rule.rule, rule.version, rule.severity, task, index] for rule in findings for task, index in rule.listed
    ]
    return _csv(["rule", "version", "severity", "task", "index"], rows)


def _active_time(time: figures.ActiveTime) -> bytes:
    rows: list[list[object]] = []
    for by, sums in (("person", time.by_person), ("stage", time.by_stage)):
        rows += [[by, item.label or "not recorded", item.milliseconds, item.records] for item in sums]
    return _csv(["by", "label", "milliseconds", "records"], rows)


def _utc(moment: datetime | None) -> str:
    return instant(moment).replace(" ", "T") if moment else "not recorded"


def _csv(head: list[str], rows: list[list[object]]) -> bytes:
    """CSV (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front (ASVS 1.2.10)."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(head)
    writer.writerows([[_plain(cell) for cell in row] for row in rows])
    return target.getvalue().encode()


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in FORMULA else cell
