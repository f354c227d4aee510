"""What a report is about, and the events of the log that say something of the record itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from audit.log import erasure
from audit.log.envelope import clean, unseal, unstamp
from audit.models import Disclosure, Event, Log, Project, Task
from audit.sources import reading
from exports.reports import filtered
from exports.selection import Selection


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about: a project, or one task of it, at a size of its log.

    With a `selection`, only events that its filters let through; `filters` repeats these as they were resolved.
    """

    project: Project
    task: Task | None
    log: Log
    as_of: int
    redacted: bool
    selection: Selection | None = None
    filters: Mapping[str, object] = field(default_factory=dict)

    @property
    def before(self) -> int:
        """The id that no event of the report reaches."""
        return self.log.event_id(self.as_of)

    def events(self) -> QuerySet[Event]:
        """The events that the report is about."""
        events = Event.objects.filter(id__gte=self.log.event_id(0), id__lt=self.before)
        if self.selection is not None:
            return events.filter(id__in=self.selected())
        return events if self.task is None else events.filter(task=self.task)

    def selected(self) -> RawSQL:
        """The ids of the events that the filters let through."""
        if self.selection is None:
            raise ValueError("the report has no filters")
        return filtered.ids(self.selection, self.task.pk if self.task else None)


def received_at(log: Log, index: int) -> datetime:
    """When an event was received: that of the last one dates the report, so that no clock has to be read."""
    envelope = Event.objects.values_list("envelope", flat=True).get(id=log.event_id(index))
    return unstamp(unseal(bytes(envelope)).received_at)


@dataclass(frozen=True, slots=True)
class Known:
    """What the log said of its project at the report's size: its name, its zone, and the source's order of stages."""

    name: str
    zone: str
    stages: tuple[str, ...]


def known_of(subject: Subject) -> Known:
    """The project as its events told it until then; what none told is as the project was set up."""
    project, name, zone, stages = subject.project, "", "", None
    reading_ = reading(project.source.kind)
    told = sorted(contents_of_type(subject, "project.updated"), key=lambda item: item[0], reverse=True)
    for _, envelope, content in told:
        if content is None or unseal(envelope).task is not None:
            continue
        details = reading_.project_details(content)
        name = name or clean(details.name or "")
        zone = zone or clean(details.zone or "")
        stages = stages if details.stages is None or stages is not None else tuple(map(clean, details.stages))
    return Known(name or project.name, zone or project.source.zone, stages or ())


def contents_of_type(subject: Subject, kind: str, *, later: bool = False) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Index, envelope and payload of the project's events of one type, newest first."""
    rows = Event.objects.filter(log=subject.log, type=kind).order_by("-occurred_at", "-id")
    if not later:
        rows = rows.filter(id__lt=subject.before)
    for event_id, envelope in rows.values_list("id", "envelope"):
        data = Disclosure.objects.filter(event=event_id, group="content").values_list("data", flat=True).first()
        yield event_id - subject.log.event_id(0), bytes(envelope), bytes(data) if data is not None else None


def erasures(subject: Subject, *, later: bool = False) -> Iterator[tuple[int, erasure.Erasure]]:
    """The erasures in the log, by the index of their event; `later` ones than the report's state of it too."""
    for index, _, content in contents_of_type(subject, "privacy.erased", later=later):
        if content is not None:
            yield index, erasure.read(content)
