"""From the database to facts: the only part of a report that asks it anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count as CountOf
from django.db.models import Q, QuerySet, Sum

from audit.log.read import trails
from audit.models import ActiveTime
from audit.sources import reading
from exports.reports import facts, trail
from exports.reports.bins import bins_of
from exports.reports.completeness import completeness
from exports.reports.names import Names
from exports.reports.subject import Subject, erasures, issued_at
from exports.reports.tally import Tally, count
from exports.reports.words import line

MAX_ROWS = 500
"""Events printed in one report: beyond that a PDF of this kind takes minutes, and the archive is the better reader."""
KINDS = 20
DID = 3
TIME_RULES = {
    "duration": "“duration”: the length that the file itself states for the event",
    "start-complete": "“start-complete”: from a start to the completion of the same activity by the same person; "
    "pauses between the two count",
}
"""What the rules mean that Labeltrail's own readers name (audit/sources/files/active.py)."""


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
        trail.erasures_of(subject.log, erasures(subject)),
    )
    time = _time(subject, tally, names)
    return Gathered(
        issued=issued_at(subject.log, subject.as_of),
        scope=_scope(subject, tally),
        derived=tally.derived,
        people=_people(subject, tally, names),
        nobody=tuple(facts.Count(kind, tally.nobody[kind]) for kind in sorted(tally.nobody)),
        process=_process(subject, tally),
        completeness=completeness(subject, tally),
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
