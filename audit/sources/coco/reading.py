"""How payloads of COCO files are read back. Pure functions of bytes."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from audit.sources.base import ActiveSpan, LabelDetails, ProjectDetails, Reading, TaskDetails
from audit.sources.values import item, text

LABEL = "annotations"


class CocoReading(Reading):
    """Reads what `exported` puts into events."""

    names_latest: ClassVar[bool] = True

    def task_details(self, content: bytes) -> TaskDetails:
        """The name of the image's file, or of the video."""
        found = item(content)
        return TaskDetails(name=text(found, "file_name") or text(found, "video"), latest=(LABEL,))

    def label_details(self, content: bytes) -> LabelDetails:
        """All annotations of an image are one label; nobody says when or by whom."""
        return LabelDetails(LABEL)

    def active_span(self, content: bytes) -> ActiveSpan:
        """COCO has no times."""
        raise ValueError("COCO has no active time")

    def project_details(self, content: bytes) -> ProjectDetails:
        """The name under which it was loaded."""
        return ProjectDetails(name=text(item(content), "name"))

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """COCO has no times of events."""
        raise ValueError("COCO has no times")
