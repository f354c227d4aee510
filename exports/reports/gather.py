"""From the database to facts: the only part of a report that asks it anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count as CountOf
from django.db.models import Q, QuerySet, Sum

from audit.log import erasure
from audit.log.envelope import unseal, unstamp
from audit.log.read import trails
from audit.models import ActiveTime, Disclosure, Event, Log, Project, Task
from audit.sources import reading
from exports.reports import facts, trail
from exports.reports.names import Names
from exports.reports.tally import Tally, count
from exports.reports.words import MONTHS, line, plural

MAX_ROWS = 500
"""Events printed in one report: beyond that a PDF of this kind takes minutes, and the archive is the better reader."""
KINDS = 20
READINGS = 12
DID = 3
MAX_BINS = 32
TIME_RULES = {
    "duration": "“duration”: the length that the file itself states for the event",
    "start-complete": "“start-complete”: from a start to the completion of the same activity by the same person; "
    "pauses between the two count",
}
"""What the rules mean that Labeltrail's own readers name (audit/sources/files/active.py)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about: a project, or one task of it, at a size of its log."""

    project: Project
    task: Task | None
    log: Log
    as_of: int
    redacted: bool

    @property
    def before(self) -> int:
        """The id that no event of the report reaches."""
        return self.log.event_id(self.as_of)

    def events(self) -> QuerySet[Event]:
        """The events that the report is about."""
        events = Event.objects.filter(id__gte=self.log.event_id(0), id__lt=self.before)
        return events if self.task is None else events.filter(task=self.task)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts that come from the database; the rest (definition, integrity, attached files) is made of them."""

    issued: datetime
    scope: facts.Scope
    derived: int
    people: tuple[facts.Person, ...]
    nobody: tuple[facts.Count, ...]
    process: facts.Process
    completeness: facts.Completeness
    time: facts.ActiveTime
    findings: tuple[facts.Finding, ...]
    printed: facts.Printed


def issued_at(log: Log, as_of: int) -> datetime:
    """When the last event of the report was received: its date, so that no clock has to be read."""
    envelope = Event.objects.values_list("envelope", flat=True).get(id=log.event_id(as_of - 1))
    return unstamp(unseal(bytes(envelope)).received_at)


def gather(subject: Subject) -> Gathered:
    """Read everything that the report states."""
    names = Names(subject.project, redacted=subject.redacted)
    source = reading(subject.project.source.kind)
    events = (
        trails(subject.log, subject.as_of)
        if subject.task is None
        else trail.stored_events(subject.task.pk, subject.log, subject.as_of)
    )
    tally = count(events, source, MAX_ROWS)
    context = trail.Context(
        subject.log,
        subject.as_of,
        source,
        subject.project.source.zone,
        names,
        trail.erasures_of(subject.log, _erasures(subject)),
    )
    time = _time(subject, tally, names)
    return Gathered(
        issued=issued_at(subject.log, subject.as_of),
        scope=_scope(subject, tally),
        derived=tally.derived,
        people=_people(subject, tally, names),
        nobody=tuple(facts.Count(kind, tally.nobody[kind]) for kind in sorted(tally.nobody)),
        process=_process(subject, tally),
        completeness=_completeness(subject, tally),
        time=time,
        findings=_findings(tally),
        printed=_printed(subject, tally, context),
    )


def _scope(subject: Subject, tally: Tally) -> facts.Scope:
    project, task = subject.project, subject.task
    return facts.Scope(
        project=line(project.name),
        project_id=line(project.external_id),
        source=line(f"{project.source.kind}: {project.source.name}"),
        zone=line(project.source.zone),
        task=line(task.name) if task else None,
        task_id=line(task.external_id) if task else None,
        tasks=tally.tasks,
        events=tally.events,
        project_events=tally.project_events,
        first=tally.first,
        last=tally.last,
    )


def _people(subject: Subject, tally: Tally, names: Names) -> tuple[facts.Person, ...]:
    """Everybody who acted or was given work, who did most first."""
    active = dict(
        _times(subject).values_list("person__pseudonym").annotate(sum=Sum("milliseconds")).filter(person__isnull=False)
    )
    rows = [
        facts.Person(
            pseudonym=pseudonym,
            name=names.name(pseudonym),
            unnamed=names.unnamed(pseudonym),
            did=tuple((line(label, 60), times) for label, times in _top(person.did, DID)),
            other_kinds=max(len(person.did) - DID, 0),
            tasks=person.tasks,
            events=person.events,
            active_ms=active.get(pseudonym),
            first=person.first,
            last=person.last,
        )
        for pseudonym, person in tally.people.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.events, row.pseudonym)))


def _top(counter: dict[str, int], most: int) -> list[tuple[str, int]]:
    """The most frequent, in an order that does not depend on how they were counted."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:most]


def _process(subject: Subject, tally: Tally) -> facts.Process:
    order = [stage for stage in subject.project.stages if stage in tally.stages]
    order += sorted(set(tally.stages) - set(order))
    active = dict(_times(subject).values_list("stage").annotate(sum=Sum("milliseconds")))
    kinds = _top(tally.kinds, KINDS)
    unit, bins = bins_of(tally.days)
    return facts.Process(
        stages=tuple(
            facts.Stage(line(name, 60), stage.tasks_now, stage.events, len(stage.people), active.get(name))
            for name in order
            for stage in (tally.stages[name],)
        ),
        transitions=tuple(
            facts.Transition(line(start, 60), line(end, 60), times)
            for (start, end), times in sorted(tally.transitions.items(), key=lambda item: (-item[1], item[0]))[:KINDS]
        ),
        kinds=tuple(facts.Count(line(label, 80), times) for label, times in kinds),
        other_kinds=len(tally.kinds) - len(kinds),
        unit=unit,
        bins=bins,
    )


def bins_of(days: dict[int, int]) -> tuple[str, tuple[facts.Bin, ...]]:
    """Events per day, week, month or year: the finest that needs at most 32 columns. Weeks begin on Monday."""
    if not days:
        return "day", ()
    first, last = date.fromordinal(min(days)), date.fromordinal(max(days))
    for unit in ("day", "week", "month", "year"):
        starts = list(_starts(first, last, unit))
        if len(starts) <= MAX_BINS or unit == "year":
            break
    sums = dict.fromkeys(starts, 0)
    for ordinal, events in days.items():
        sums[_start(date.fromordinal(ordinal), unit)] += events
    return unit, tuple(facts.Bin(_bin_label(start, unit), events) for start, events in sums.items())


def _start(day: date, unit: str) -> date:
    """The first day of the bin that `day` is in."""
    if unit == "week":
        return day - timedelta(days=min(day.weekday(), day.toordinal() - 1))
    return {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[unit]


def _starts(first: date, last: date, unit: str) -> Iterator[date]:
    """The bins from `first` to `last`; one more than is needed at most, so that a wild date costs nothing."""
    step = {"day": 1, "week": 7, "month": 32, "year": 367}[unit]
    at, number = _start(first, unit), 0
    while at <= last and (number <= MAX_BINS or unit == "year"):
        yield at
        number += 1
        if (date.max - at).days < step:
            return
        at = _start(at + timedelta(days=step), unit)


def _bin_label(start: date, unit: str) -> str:
    month = MONTHS[start.month - 1][:3]
    return {"month": f"{month} {start.year}", "year": str(start.year)}.get(unit, f"{start.day} {month}")


def _completeness(subject: Subject, tally: Tally) -> facts.Completeness:
    whole = subject.task is None
    expected = subject.as_of if whole else subject.events().count()
    numbered = tally.events - tally.numbers_wrong
    what = (
        plural(tally.tasks, "task") + (" and for the project" if tally.project_events else "") if whole else "the task"
    )
    checks = [
        facts.Check("Events", "log size in the checkpoint" if whole else "rows of the task in the log", expected,
                    tally.events, "agrees" if expected == tally.events else "does not agree"),
        facts.Check("Event numbers", f"n = 1 … k for {what}", tally.events, numbered,
                    "no gap, none twice" if not tally.numbers_wrong else "numbers missing or twice"),
    ]  # fmt: skip
    erased = _erased_counts(subject)
    for group, named in (("content", "Payloads"), ("text", "Texts")):
        commits, held = tally.commits[group], _disclosed(subject, group)
        gone = commits - held
        result = "all there" if not gone else f"{gone:,} erased" if gone == erased[group] else f"{gone:,} not there"
        checks.append(facts.Check(named, "commitments in the envelopes", commits, held, result))
    readings, other_readings = _readings(subject)
    return facts.Completeness(tuple(checks), _missing(tally), readings, other_readings)


def _missing(tally: Tally) -> tuple[facts.Missing, ...]:
    def row(what: str, noted: int, of: int, first: list[tuple[str, int]]) -> facts.Missing:
        return facts.Missing(what, noted, of, tuple(index for _, index in first))

    return (
        row("Time it occurred", tally.timeless.events, tally.due["event"], tally.timeless.first),
        row("Who did it", tally.ownerless.events, tally.due["person"], tally.ownerless.first),
        row("Stage", tally.stageless.events, tally.due["event"], tally.stageless.first),
        row("Tasks none of whose events has a time", tally.tasks - tally.dated_tasks, tally.tasks, []),
    )


def _disclosed(subject: Subject, group: str) -> int:
    rows = Disclosure.objects.filter(group=group, event_id__gte=subject.log.event_id(0), event_id__lt=subject.before)
    return (rows if subject.task is None else rows.filter(event__task=subject.task)).count()


def _erased_counts(subject: Subject) -> dict[str, int]:
    """Payloads that erasures in the log name, of the events that the report is about."""
    named = trail.erasures_of(subject.log, _erasures(subject))
    counts = {"content": 0, "text": 0}
    own: set[int] | None = None
    if subject.task is not None and named:
        ids = subject.events().filter(id__in=[subject.log.event_id(index) for index, _ in named])
        own = {event_id - subject.log.event_id(0) for event_id in ids.values_list("id", flat=True)}
    for index, group in named:
        counts[group] += own is None or index in own
    return counts


def _contents_of_type(subject: Subject, kind: str) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Index, envelope and payload of the project's events of one type, newest first."""
    rows = Event.objects.filter(log=subject.log, type=kind, id__lt=subject.before).order_by("-occurred_at", "-id")
    for event_id, envelope in rows.values_list("id", "envelope"):
        data = Disclosure.objects.filter(event=event_id, group="content").values_list("data", flat=True).first()
        yield event_id - subject.log.event_id(0), bytes(envelope), bytes(data) if data is not None else None


def _erasures(subject: Subject) -> Iterator[tuple[int, erasure.Erasure]]:
    for index, _, content in _contents_of_type(subject, "privacy.erased"):
        if content is not None:
            yield index, erasure.read(content)


def _readings(subject: Subject) -> tuple[tuple[facts.SourceRead, ...], int]:
    """The newest readings of the source, and how many more there are."""
    found = list(_contents_of_type(subject, "sync.completed"))
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


def _times(subject: Subject) -> QuerySet[ActiveTime]:
    """The active time that held when the log had `as_of` events."""
    held = Q(to_index__isnull=True) | Q(to_index__gte=subject.as_of)
    rows = ActiveTime.objects.filter(held, project=subject.project, from_index__lt=subject.as_of)
    return rows if subject.task is None else rows.filter(task=subject.task)


def _time(subject: Subject, tally: Tally, names: Names) -> facts.ActiveTime:
    times = _times(subject)
    total = times.aggregate(sum=Sum("milliseconds"), records=CountOf("event"))

    def sums(column: str, label: str) -> tuple[facts.TimeSum, ...]:
        rows = times.values_list(column).annotate(sum=Sum("milliseconds"), records=CountOf("event"))
        found = [
            facts.TimeSum((names.who(key) if label == "person" else line(key, 60)) if key else None, ms, records)
            for key, ms, records in rows
        ]
        return tuple(sorted(found, key=lambda item: (-item.milliseconds, item.label or "")))

    return facts.ActiveTime(
        milliseconds=total["sum"] or 0,
        records=total["records"],
        rules=tuple(
            facts.Count(TIME_RULES.get(rule) or line(rule, 300), times_) for rule, times_ in _top(tally.rules, KINDS)
        ),
        unstated=tally.rules_unstated,
        by_person=sums("person__pseudonym", "person"),
        by_stage=sums("stage", "stage"),
    )


def _findings(tally: Tally) -> tuple[facts.Finding, ...]:
    """What the rules found. A new rule is one entry here and what it counts in `tally`."""
    return (
        facts.Finding(
            "SOD-1", 1, "critical", "The same person labelled and reviewed a task.", "review decisions with a person",
            tally.reviews, tally.self_reviews.events, tuple(tally.self_reviews.first),
        ),
        facts.Finding(
            "ORD-1", 1, "minor", "An event was recorded after a later one of its task.", "events with a time",
            tally.dated, tally.late.events, tuple(tally.late.first),
        ),
        facts.Finding(
            "DIV-1", 1, "noted", "The source changed something after it had been recorded.", "events",
            tally.events, tally.diverged.events, tuple(tally.diverged.first),
        ),
    )  # fmt: skip


def _printed(subject: Subject, tally: Tally, context: trail.Context) -> facts.Printed:
    """The trails that are printed: the task's, or those of newest activity until the rows are used."""
    made = []
    rows = MAX_ROWS
    for task in tally.newest():
        made.append(trail.trail_of(task.task_id, context, rows))
        rows -= len(made[-1].rows)
    events = sum(item.events for item in made)
    return facts.Printed(
        trails=tuple(made),
        left_tasks=tally.tasks - len(made),
        left_events=tally.events - tally.project_events - events,
        cut=any(len(item.rows) < item.events for item in made),
    )
