"""How payloads of data sets of pictures are read back. Pure functions of bytes."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from audit.sources.base import ActiveSpan, LabelDetails, ProjectDetails, Reading, TaskDetails
from audit.sources.pictures.events import LABEL
from audit.sources.values import item, text


class PicturesReading(Reading):
    """Reads what `events` puts into events."""

    names_latest: ClassVar[bool] = True

    def task_details(self, content: bytes) -> TaskDetails:
        """The name of the picture."""
        return TaskDetails(name=text(item(content), "name"), latest=(LABEL,))

    def label_details(self, content: bytes) -> LabelDetails:
        """All that is said of a picture is one label; nobody says when or by whom."""
        return LabelDetails(LABEL)

    def active_span(self, content: bytes) -> ActiveSpan:
        """Files of labels have no times."""
        raise ValueError("a data set of pictures has no active time")

    def project_details(self, content: bytes) -> ProjectDetails:
        """The name under which it was loaded."""
        return ProjectDetails(name=text(item(content), "name"))

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """Files of labels have no times of events."""
        raise ValueError("a data set of pictures has no times")
