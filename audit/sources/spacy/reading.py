"""How payloads of lines of marked texts are read back. Pure functions of bytes."""

from __future__ import annotations

from datetime import UTC, datetime

from audit.sources.base import ActiveSpan, LabelDetails, ProjectDetails, Reading, TaskDetails
from audit.sources.spacy.lines import kind_of
from audit.sources.values import Item, item, part, text


class SpacyReading(Reading):
    """Reads what `exported` puts into events."""

    def task_details(self, content: bytes) -> TaskDetails:
        """What the text is called."""
        return TaskDetails(name=text(item(content), "name"))

    def label_details(self, content: bytes) -> LabelDetails:
        """The id of the label, when it was made, and whether it was accepted. Raises ValueError."""
        found = item(content)
        label, line = text(found, "label"), part(found, "line")
        if label is None:
            raise ValueError("the payload of a label has no id")
        return LabelDetails(label, kind_of(line), created_at=marked_at(line)[1])

    def active_span(self, content: bytes) -> ActiveSpan:
        """Lines of texts have no active time."""
        raise ValueError("lines of marked texts have no active time")

    def project_details(self, content: bytes) -> ProjectDetails:
        """The name under which it was loaded."""
        return ProjectDetails(name=text(item(content), "name"), zone="UTC")

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """Seconds since 1970. Raises ValueError."""
        return _instant(int(occurred_at))


def marked_at(line: Item) -> tuple[str, datetime] | tuple[None, None]:
    """When the words were marked, as text and instant, where Prodigy says so."""
    found = line.get("_timestamp")
    if type(found) is int:
        try:
            return str(found), _instant(found)
        except ValueError:
            pass  # The payload has it.
    return None, None


def _instant(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{seconds:.15g} seconds since 1970 are outside the years 1 to 9999") from error
