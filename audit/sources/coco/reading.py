"""How payloads of COCO files are read back. Pure functions of bytes."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from audit.sources.base import ActiveSpan, LabelDetails, ProjectDetails, Reading, TaskDetails

LABEL = "annotations"


class _Image(msgspec.Struct):
    file_name: str | None = None


class _Project(msgspec.Struct):
    name: str | None = None


class CocoReading(Reading):
    """Reads what `exported` puts into events."""

    names_latest: ClassVar[bool] = True

    def task_details(self, content: bytes) -> TaskDetails:
        """The name of the image's file."""
        return TaskDetails(name=msgspec.json.decode(content, type=_Image).file_name, latest=(LABEL,))

    def label_details(self, content: bytes) -> LabelDetails:
        """All annotations of an image are one label; nobody says when or by whom."""
        return LabelDetails(LABEL)

    def active_span(self, content: bytes) -> ActiveSpan:
        """COCO has no times."""
        raise ValueError("COCO has no active time")

    def project_details(self, content: bytes) -> ProjectDetails:
        """The name under which it was loaded."""
        return ProjectDetails(name=msgspec.json.decode(content, type=_Project).name)

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """COCO has no times of events."""
        raise ValueError("COCO has no times")
