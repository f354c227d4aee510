"""How payloads of isahit lab are read back. Pure functions of bytes."""

from __future__ import annotations

from datetime import datetime

from audit.sources.base import ActiveSpan, LabelDetails, ProjectDetails, Reading, TaskDetails
from audit.sources.isahit.label import label_details
from audit.sources.isahit.people import facts
from audit.sources.isahit.project import details_of
from audit.sources.values import canonical, instant, item, text


class IsahitReading(Reading):
    """Reads what `events`, `jobs`, `label` and `project` put into events."""

    def task_details(self, content: bytes) -> TaskDetails:
        """The task's name."""
        return TaskDetails(name=text(item(content), "name"))

    def label_details(self, content: bytes) -> LabelDetails:
        """Of the task's data: whose kind is DEFAULT, REVIEW or isahit lab's own word for it."""
        return label_details(content)

    def active_span(self, content: bytes) -> ActiveSpan:
        """isahit lab tells no active time: raises ValueError."""
        raise ValueError("isahit lab tells no active time")

    def project_details(self, content: bytes) -> ProjectDetails:
        """Name and description, and the two stages through which every task goes."""
        return details_of(content)

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """The UTC instant of a time as isahit lab writes it; without an offset it is UTC."""
        return instant(occurred_at)

    def settled(self, content: bytes) -> bytes:
        """The facts of an entry of a job's history, without what people are called now."""
        return canonical(facts(item(content)))
