"""How payloads of Kili are read back. Pure functions of bytes."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from audit.sources.base import ActiveSpan, LabelDetails, ProjectDetails, Reading, TaskDetails
from audit.sources.kili.labels import settled as settled_label
from audit.sources.kili.project import step_names
from audit.sources.values import Item, canonical, instant, item, number, part, parts, text, when


class KiliReading(Reading):
    """Reads what `assets`, `labels`, `events` and `project` put into events."""

    names_latest: ClassVar[bool] = True

    def task_details(self, content: bytes) -> TaskDetails:
        """The asset's external id, which is what people call it, and the label that Kili calls the latest."""
        found = _object(content)
        asset = part(found, "asset")
        latest = text(part(asset, "latestLabel"), "id")
        name = text(asset, "externalId") or text(part(found, "payload"), "externalId") or text(found, "externalId")
        return TaskDetails(name, () if latest is None else (latest,))

    def label_details(self, content: bytes) -> LabelDetails | None:
        """What a label is; None for Kili's own event that one was edited. Raises ValueError for neither."""
        found = _object(content)
        label = part(found, "label")
        id_ = text(label, "id")
        if id_ is None:
            if text(found, "event") is not None:
                return None
            raise ValueError("the payload of a label has no label with an id")
        seconds = number(label.get("secondsToLabel"))
        return LabelDetails(
            external_id=id_,
            kind=(text(label, "labelType") or "DEFAULT").upper(),
            created_at=when(label, "createdAt")[1],
            milliseconds=None if seconds is None or not 0 <= seconds < 1e12 else round(seconds * 1000),
            step=text(found, "step") or "",
            skipped=label.get("skipped") is True,
            sent_back=label.get("isSentBackToQueue") is True,
        )

    def active_span(self, content: bytes) -> ActiveSpan:
        """The seconds of a label, which was created when they ended. Raises ValueError for what has none."""
        found = _object(content)
        seconds = number(found.get("secondsToLabel"))
        if seconds is None:
            raise ValueError("the payload of an active time has no seconds")
        return ActiveSpan(round(seconds * 1000), ended_at=when(found, "createdAt")[1])

    def project_details(self, content: bytes) -> ProjectDetails:
        """Title, description and steps, in the project's order. Kili's times are in UTC."""
        found = _object(content)
        steps = [step for step in parts(found, "steps") if text(step, "id")]
        return ProjectDetails(
            name=text(found, "title"),
            description=text(found, "description"),
            stages=tuple(step_names(steps).values()) or None,
            zone="UTC",
        )

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """The UTC instant of a time as Kili writes it; without an offset it is UTC."""
        return instant(occurred_at)

    def settled(self, content: bytes) -> bytes:
        """Of a label what never changes; of a comment who wrote which; of any other event all that it says."""
        found = _object(content)
        if label := part(found, "label"):
            return canonical(settled_label(label))
        if "commentId" in found:
            return canonical({"commentId": found["commentId"]})
        return canonical(found)


def _object(content: bytes) -> Item:
    try:
        return item(content)
    except ValueError:
        return {}
