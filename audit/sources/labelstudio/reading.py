"""How payloads of Label Studio are read back. Pure functions of bytes."""

from __future__ import annotations

from datetime import datetime

from audit.sources.base import ActiveSpan, LabelDetails, ProjectDetails, Reading, TaskDetails
from audit.sources.values import Item, instant, item, number, part, parts, text, when


class LabelStudioReading(Reading):
    """Reads what `events` and `exported` put into events."""

    def task_details(self, content: bytes) -> TaskDetails:
        """What its `meta` calls it, as in exports of ours; else the name of its first file, which is what people know
        it by: Label Studio's tasks have none."""
        found = item(content)
        files = [fact for fact in parts(found, "media") if text(fact, "url")]
        return TaskDetails(name=text(part(found, "meta"), "name") or (text(files[0], "name") if files else None))

    def label_details(self, content: bytes) -> LabelDetails:
        """Whether it is an annotation, a prediction or a draft; how long it took. Raises ValueError."""
        found = item(content)
        label, said = text(found, "label"), part(found, "annotation")
        if label is None:
            raise ValueError("the payload of a label has no id")
        seconds = number(said.get("lead_time"))
        return LabelDetails(
            label,
            text(found, "kind") or "DEFAULT",
            created_at=when(said, "created_at")[1],
            milliseconds=None if seconds is None else round(seconds * 1000),
            skipped=said.get("was_cancelled") is True,
            sent_back=text(said, "last_action") == "rejected",
        )

    def active_span(self, content: bytes) -> ActiveSpan:
        """Milliseconds, and when the annotation was last saved. Raises ValueError for what is no active time."""
        found: Item = item(content)
        seconds = number(found.get("lead_time"))
        if seconds is None:
            raise ValueError("the payload of an active time has no lead_time")
        return ActiveSpan(round(seconds * 1000), ended_at=when(found, "ended_at")[1])

    def project_details(self, content: bytes) -> ProjectDetails:
        """The name under which it was loaded. Times without an offset are UTC."""
        return ProjectDetails(name=text(item(content), "name"), zone="UTC")

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """The UTC instant of a time in ISO 8601; one without an offset is UTC."""
        return instant(occurred_at)
