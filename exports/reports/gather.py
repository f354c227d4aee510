"""From the database to facts: the only part of a report that asks it anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count as CountOf
from django.db.models import Q, QuerySet, Sum

from audit.log.read import StoredEvent, trails
from audit.models import ActiveTime
from audit.sentences import deed
from audit.sources import reading
from audit.sources.origins import origin
from exports.reports import facts, figures, filtered, listing, trail
from exports.reports.bins import bins_of
from exports.reports.completeness import completeness
from exports.reports.names import Names
from exports.reports.rows import Printed
from exports.reports.rules import SEVERITIES
from exports.reports.signatures import signatures
from exports.reports.spread import Spread, wilson
from exports.reports.subject import Known, Subject, erasures, known_of, received_at
from exports.reports.tally import Tally, count
from exports.reports.words import line

MAX_ROWS = 500
"""Events printed in the report itself, at most: a PDF of this kind takes minutes for more. Volumes list the others."""
LISTED_ROWS = 150
"""Events printed in the report when volumes list all of them: those of the tasks that findings name."""
KINDS = 20
DID = 3
QUALITY_EVENTS = (
    ("Issues opened", "issue.opened"),
    ("Issues resolved", "issue.resolved"),
    ("Issues reopened", "issue.reopened"),
    ("Work submitted again after a rejection", "rework.submitted"),
    ("Edits of ground truth", "groundtruth.edited"),
    ("Consensus computed", "consensus.computed"),
)
FILTER_NAMES = {
    "type": "type of event",
    "source_type": "the source’s own type",
    "person": "done by",
    "stage": "done at stage",
    "from": "occurred from",
    "to": "occurred before",
    "words": "words in texts",
    "external_id": "task",
    "status": "task’s status",
    "task_person": "task assigned to",
    "task_stage": "task at stage",
    "task_from": "task’s last event from",
    "task_to": "task’s last event before",
    "task_words": "words of the task’s name",
}
"""What filters are called on paper."""
CHECKED = 1_000
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
    superseded: int
    people: tuple[facts.Person, ...]
    nobody: tuple[figures.Count, ...]
    process: figures.Process
    completeness: facts.Completeness
    quality: figures.Quality
    time: figures.ActiveTime
    findings: tuple[facts.Finding, ...]
    printed: Printed
    signatures: tuple[facts.Signature, ...]


def events_of(subject: Subject) -> Iterable[StoredEvent]:
    """The events of the report, task after task, each by n; those of the project itself last."""
    if subject.selection is not None:
        return filtered.events(subject.selection, subject.task.pk if subject.task else None)
    if subject.task is None:
        return trails(subject.log, subject.as_of)
    return trail.stored_events(subject.task.pk, subject.log, subject.as_of)


def context_of(subject: Subject, check: Callable[[], None] = lambda: None) -> trail.Context:
    """What rows of trails are made with."""
    return trail.Context(
        subject.log,
        subject.as_of,
        reading(subject.project.source.kind),
        known_of(subject).zone,
        Names(subject.project, redacted=subject.redacted),
        trail.erasures_of(subject.log, erasures(subject)),
        check,
        subject.selection,
    )


def gather(subject: Subject, context: trail.Context | None = None) -> Gathered:
    """Read everything that the report states."""
    context = context or context_of(subject)
    names = context.names
    tally = count(_checked(events_of(subject), context.check), context.reading, MAX_ROWS, received_at(subject.log, 0))
    time = _time(subject, tally, names)
    findings = tally.book.findings()
    known = known_of(subject)
    printed = _printed(subject, tally, context, findings)
    return Gathered(
        issued=received_at(subject.log, subject.as_of - 1),
        scope=_scope(subject, known, tally, printed, names),
        derived=tally.derived,
        superseded=tally.superseded,
        people=_people(subject, tally, names),
        nobody=tuple(figures.Count(kind, tally.nobody[kind]) for kind in sorted(tally.nobody)),
        process=_process(subject, known, tally),
        completeness=completeness(subject, tally),
        quality=_quality(tally, names),
        time=time,
        findings=findings,
        printed=printed,
        signatures=signatures(subject, names),
    )


def _checked(events: Iterable[StoredEvent], check: Callable[[], None]) -> Iterator[StoredEvent]:
    for number, event in enumerate(events):
        if number % CHECKED == 0:
            check()
        yield event


def _scope(subject: Subject, known: Known, tally: Tally, printed: Printed, names: Names) -> facts.Scope:
    project, task = subject.project, subject.task
    return facts.Scope(
        project=line(known.name),
        project_id=line(project.external_id),
        source=line(f"{origin(project.source.kind)}: {project.source.name}"),
        zone=line(known.zone),
        task=printed.trails[0].name if task else None,
        task_id=line(task.external_id) if task else None,
        tasks=tally.tasks,
        events=tally.events,
        project_events=tally.project_events,
        first=tally.first,
        last=tally.last,
        filters=told_filters(subject, names),
    )


def told_filters(subject: Subject, names: Names) -> tuple[tuple[str, str], ...]:
    """The filters in words: each with its values, people by the names that may be shown."""
    found = []
    for name, value in subject.filters.items():
        values = [str(one) for one in value] if isinstance(value, list) else [str(value)]
        if name in ("person", "task_person"):
            values = [names.who(one) for one in values]
        found.append((FILTER_NAMES.get(name, name), line(", ".join(values), 400)))
    return tuple(found)


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
            did=tuple((line(deed(label), 60), times) for label, times in _top(person.did, DID)),
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


def _process(subject: Subject, known: Known, tally: Tally) -> figures.Process:
    order = [stage for stage in known.stages if stage in tally.stages]
    order += sorted(set(tally.stages) - set(order), key=lambda stage: (tally.stages[stage].first, stage))
    active = dict(_times(subject).values_list("stage").annotate(sum=Sum("milliseconds")))
    kinds = _top(tally.kinds, KINDS)
    unit, bins = bins_of(tally.days)
    return figures.Process(
        stages=tuple(
            figures.Stage(line(name, 60), stage.tasks_now, stage.events, len(stage.people), active.get(name))
            for name in order
            for stage in (tally.stages[name],)
        ),
        transitions=tuple(
            figures.Transition(line(start, 60), line(end, 60), times, _wait(tally.quality.waits.get((start, end))))
            for (start, end), times in sorted(tally.transitions.items(), key=lambda item: (-item[1], item[0]))[:KINDS]
        ),
        kinds=tuple(figures.Count(line(label, 80), times) for label, times in kinds),
        other_kinds=len(tally.kinds) - len(kinds),
        unit=unit,
        bins=bins,
    )


def _wait(spread: Spread | None) -> figures.Wait | None:
    if spread is None:
        return None
    return figures.Wait(spread.number, spread.quantile(0.5), spread.quantile(0.9), max(spread.counts))


def _times(subject: Subject) -> QuerySet[ActiveTime]:
    """The active time that held when the log had `as_of` events."""
    held = Q(to_index__isnull=True) | Q(to_index__gte=subject.as_of)
    rows = ActiveTime.objects.filter(held, project=subject.project, from_index__lt=subject.as_of)
    if subject.selection is not None:
        return rows.filter(event__in=subject.selected())
    return rows if subject.task is None else rows.filter(task=subject.task)


def _time(subject: Subject, tally: Tally, names: Names) -> figures.ActiveTime:
    times = _times(subject)
    total = times.aggregate(sum=Sum("milliseconds"), records=CountOf("event"))

    def sums(column: str, label: str) -> tuple[figures.TimeSum, ...]:
        rows = times.values_list(column).annotate(sum=Sum("milliseconds"), records=CountOf("event"))
        found = [
            figures.TimeSum((names.who(key) if label == "person" else line(key, 60)) if key else None, ms, records)
            for key, ms, records in rows
        ]
        return tuple(sorted(found, key=lambda item: (-item.milliseconds, item.label or "")))

    return figures.ActiveTime(
        milliseconds=total["sum"] or 0,
        records=total["records"],
        rules=tuple(
            figures.Count(TIME_RULES.get(rule) or line(rule, 300), times_) for rule, times_ in _top(tally.rules, KINDS)
        ),
        unstated=tally.rules_unstated,
        by_person=sums("person__pseudonym", "person"),
        by_stage=sums("stage", "stage"),
    )


def _quality(tally: Tally, names: Names) -> figures.Quality:
    counted = tally.quality
    by_stage = [_decisions(line(stage, 60) if stage else None, found) for stage, found in counted.decisions.items()]
    by_labeller = [_decisions(names.who(person) if person else None, found) for person, found in counted.first.items()]
    first = Counter[str]()
    for found in counted.first.values():
        first.update(found)
    return figures.Quality(
        first=_decisions(None, first) if first else None,
        by_stage=tuple(sorted(by_stage, key=lambda item: (-item.all, item.label or ""))),
        by_labeller=tuple(sorted(by_labeller, key=lambda item: (-item.all, item.label or ""))),
        rejections=tuple(figures.Count(str(times), tasks) for times, tasks in sorted(counted.rejections.items())),
        counts=tuple(figures.Count(label, tally.kinds[kind]) for label, kind in QUALITY_EVENTS),
        visits=tuple(
            figures.VisitClass(
                f"{line(stage, 60) or 'stage not recorded'}{', rework' if again else ''}", visits.number,
                _quantiles(visits), visits.threshold(),
            )
            for (stage, again), visits in sorted(counted.visits.items())[:KINDS]
        ),
        measured=counted.measured,
    )  # fmt: skip


def _decisions(label: str | None, found: Counter[str]) -> figures.Decisions:
    interval = wilson(found["accepted"], found.total())
    return figures.Decisions(label, found["accepted"], found["corrected"], found["rejected"], interval)


def _quantiles(spread: Spread) -> tuple[int, int, int, int, int]:
    five, quarter, half, three, most = (spread.quantile(share) for share in (0.05, 0.25, 0.5, 0.75, 0.95))
    return five, quarter, half, three, most


def _printed(subject: Subject, tally: Tally, context: trail.Context, findings: tuple[facts.Finding, ...]) -> Printed:
    """The trails that are printed: the task's, all, or those that findings name and of newest activity."""
    listed = MAX_ROWS < tally.events <= listing.MAX_VOLUMES * listing.VOLUME_ROWS
    rows = LISTED_ROWS if listed else MAX_ROWS
    made = []
    for task_id in _chosen(subject, tally, findings) if listed else [task.task_id for task in tally.newest()]:
        if rows <= 0:
            break
        made.append(trail.trail_of(task_id, context, rows))
        rows -= len(made[-1].rows)
    return Printed(
        trails=tuple(made),
        left_tasks=tally.tasks - len(made),
        left_events=tally.events - tally.project_events - sum(item.events for item in made),
        cut=any(len(item.rows) < item.events for item in made),
        listed=listed,
    )


def _chosen(subject: Subject, tally: Tally, findings: tuple[facts.Finding, ...]) -> list[int]:
    """The first task that each finding names, the worst finding first; else the one of newest activity."""
    if subject.task is not None:
        return [subject.task.pk]
    worst = sorted((rule for rule in findings if rule.events), key=lambda rule: SEVERITIES.index(rule.severity))
    named = list(dict.fromkeys(rule.events[0][0] for rule in worst if rule.events[0][0]))
    keys = dict(subject.project.task_set.filter(external_id__in=named).values_list("external_id", "pk"))
    return [keys[name] for name in named if name in keys] or [tally.newest()[0].task_id]
