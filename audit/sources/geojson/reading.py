"""How payloads of GeoJSON files are read back. Pure functions of bytes."""

from __future__ import annotations

from datetime import datetime

from audit.sources.base import ActiveSpan, LabelDetails, ProjectDetails, Reading, TaskDetails
from audit.sources.values import item, text


class GeoJsonReading(Reading):
    """Reads what `exported` puts into events."""

    def task_details(self, content: bytes) -> TaskDetails:
        """What the map is called."""
        return TaskDetails(name=text(item(content), "name"))

    def label_details(self, content: bytes) -> LabelDetails:
        """The id of the label; nobody says when it was made. Raises ValueError."""
        label = text(item(content), "label")
        if label is None:
            raise ValueError("the payload of a label has no id")
        return LabelDetails(label)

    def active_span(self, content: bytes) -> ActiveSpan:
        """GeoJSON has no times."""
        raise ValueError("GeoJSON has no active time")

    def project_details(self, content: bytes) -> ProjectDetails:
        """The name under which it was loaded."""
        return ProjectDetails(name=text(item(content), "name"))

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """GeoJSON has no times of events."""
        raise ValueError("GeoJSON has no times")
