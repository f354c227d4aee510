"""The section on completeness: what must agree, what the source left out, and the readings that brought the events."""

from __future__ import annotations

import json

from audit.log.envelope import unseal, unstamp
from audit.models import Disclosure
from exports.reports import facts, trail
from exports.reports.rules import EXAMPLES
from exports.reports.subject import Subject, contents_of_type, erasures
from exports.reports.tally import Tally
from exports.reports.words import line, plural

READINGS = 12


def completeness(subject: Subject, tally: Tally) -> facts.Completeness:
    whole = subject.task is None
    filtered = subject.selection is not None
    expected = subject.as_of if whole and not filtered else subject.events().count()
    numbered = tally.read - tally.numbers_wrong
    source = "log size in the checkpoint" if whole else "rows of the task in the log"
    if filtered:
        source = "rows of the log that the filters let through"
    what = (
        plural(tally.tasks, "task") + (" and for the project" if tally.project_events else "") if whole else "the task"
    )
    checks = [
        facts.Check("Events", source, expected,
                    tally.events, "agrees" if expected == tally.events else "does not agree"),
        facts.Check("Event numbers", f"n = 1 … k for {what}", tally.read, numbered,
                    "no gap, none twice" if not tally.numbers_wrong else "numbers missing or twice"),
    ]  # fmt: skip
    erased = _erased_counts(subject)
    for group, named in (("content", "Payloads"), ("text", "Texts")):
        commits, held = tally.commits[group], _disclosed(subject, group)
        gone = commits - held
        result = "all there" if not gone else f"{gone:,} erased" if gone == erased[group] else f"{gone:,} not there"
        accounted = gone if gone == erased[group] else 0
        checks.append(facts.Check(named, "commitments in the envelopes", commits, held, result, accounted))
    readings, other_readings = _readings(subject)
    return facts.Completeness(tuple(checks), _missing(tally), readings, other_readings)


def _missing(tally: Tally) -> tuple[facts.Missing, ...]:
    def row(what: str, noted: int, of: int, first: list[tuple[str, int]]) -> facts.Missing:
        return facts.Missing(what, noted, of, tuple(index for _, index in first[:EXAMPLES]))

    return (
        row("Time it occurred", tally.timeless.events, tally.due["event"], tally.timeless.first),
        row("Who did it", tally.ownerless.events, tally.due["person"], tally.ownerless.first),
        row("Stage", tally.stageless.events, tally.due["event"], tally.stageless.first),
        row("Tasks none of whose events has a time", tally.tasks - tally.dated_tasks, tally.tasks, []),
    )


def _disclosed(subject: Subject, group: str) -> int:
    rows = Disclosure.objects.filter(group=group, event_id__gte=subject.log.event_id(0), event_id__lt=subject.before)
    if subject.selection is not None:
        return rows.filter(event_id__in=subject.selected()).count()
    return (rows if subject.task is None else rows.filter(event__task=subject.task)).count()


def _erased_counts(subject: Subject) -> dict[str, int]:
    """Payloads of the report's events that erasures name, also later ones: what is gone is gone from every edition."""
    named = trail.erasures_of(subject.log, erasures(subject, later=True))
    counts = {"content": 0, "text": 0}
    own: set[int] | None = None
    if (subject.task is not None or subject.selection is not None) and named:
        ids = subject.events().filter(id__in=[subject.log.event_id(index) for index, _ in named])
        own = {event_id - subject.log.event_id(0) for event_id in ids.values_list("id", flat=True)}
    for index, group in named:
        counts[group] += index < subject.as_of if own is None else index in own
    return counts


def _readings(subject: Subject) -> tuple[tuple[facts.SourceRead, ...], int]:
    """The newest readings of the source, and how many more there are."""
    found = list(contents_of_type(subject, "sync.completed"))
    rows = []
    for index, envelope, content in found[:READINGS]:
        said = json.loads(content or b"{}")
        rows.append(
            facts.SourceRead(
                index=index,
                received=unstamp(unseal(envelope).received_at),
                file=line(str(said["file"]), 80) if said.get("file") else None,
                sha256=said.get("sha256"),
                found=said.get("found"),
                added=said.get("added"),
            )
        )
    return tuple(rows), len(found) - len(rows)
