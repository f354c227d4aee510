"""What a report is about, and the events of the log that say something of the record itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from audit.log import erasure
from audit.log.envelope import unseal, unstamp
from audit.models import Disclosure, Event, Log, Project, Task


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


def received_at(log: Log, index: int) -> datetime:
    """When an event was received: that of the last one dates the report, so that no clock has to be read."""
    envelope = Event.objects.values_list("envelope", flat=True).get(id=log.event_id(index))
    return unstamp(unseal(bytes(envelope)).received_at)


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
