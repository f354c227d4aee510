"""What a log makes of its project: name, description, zone, and the stages in the order of their first appearance."""

from __future__ import annotations

from django.db.models import QuerySet

from audit.log.details import project_details
from audit.log.envelope import Envelope, clean
from audit.models import Disclosure, Event, Log, Project
from audit.sources import reading
from audit.sources.base import Reading

MAX_STAGES = 500
"""A log that puts something endless where a stage belongs must not grow the project's row with it."""


class ProjectFold:
    """Takes events in log order into a project's row; `save` writes what changed."""

    def __init__(self, project: Project, reading: Reading) -> None:
        self.project = project
        self.reading = reading
        self.stages = dict.fromkeys(project.stages)
        self.before = self._row()

    def take(self, event: Envelope, content: bytes | None) -> None:
        """The next event of the log."""
        for stage in (event.stage, event.to_stage):
            if stage and stage not in self.stages and len(self.stages) < MAX_STAGES:
                self.stages[stage] = None
        if event.type == "project.updated" and content is not None:
            self._details(content)

    def _details(self, content: bytes) -> None:
        details = project_details(self.reading, content)
        if details.name:
            self.project.name = clean(details.name)
        if details.description is not None:
            self.project.description = clean(details.description)
        if details.stages is not None:
            # The source's own order first, then what the events named besides.
            self.stages = dict.fromkeys((*map(clean, details.stages), *self.stages))
        if details.zone:
            self.project.source.zone = clean(details.zone)

    def save(self, *, always: bool = False) -> None:
        """Write what changed of the project's row, and of its source's zone: other projects have the same source."""
        row = self._row()
        if always or row[:-1] != self.before[:-1]:
            self.project.stages = list(self.stages)
            self.project.save(update_fields=["name", "description", "stages", "tasks"])
        if always or row[-1] != self.before[-1]:
            self.project.source.save(update_fields=["zone"])

    def _row(self) -> tuple[object, ...]:
        project = self.project
        return project.name, project.description, list(self.stages), project.tasks, project.source.zone


def zone_of(log: Log) -> str:
    """The zone of times without one: what the log says last, else what the source was set up with."""
    kept = reading(log.project.source.kind)
    for event_id in _details(log).order_by("-id").values_list("id", flat=True).iterator():
        data = Disclosure.objects.filter(event=event_id, group="content").values_list("data", flat=True).first()
        try:
            zone = kept.project_details(bytes(data)).zone if data is not None else None
        except Exception:  # Bytes that no source sent: `verify` says so, here they say nothing.
            zone = None
        if zone:
            return clean(zone)
    return log.project.source.zone


def _details(log: Log) -> QuerySet[Event]:
    in_log = Event.objects.filter(id__gte=log.event_id(0), id__lt=log.event_id(log.size))
    return in_log.filter(log=log, type="project.updated", task=None)
