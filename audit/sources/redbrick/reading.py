"""How payloads of RedBrick AI are read back. Pure functions of bytes."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from audit.sources.base import ActiveSpan, LabelDetails, ProjectDetails, Reading, TaskDetails
from audit.sources.redbrick.activetime import milliseconds
from audit.sources.redbrick.payload import facts
from audit.sources.values import Item, canonical, instant, item, part, text, when


class RedBrickReading(Reading):
    """Reads what `events`, `project` and `activetime` put into events."""

    names_latest: ClassVar[bool] = True

    def task_details(self, content: bytes) -> TaskDetails:
        """The datapoint's name and the latest label; an event of the task's creation says nothing of them."""
        found = _object(content)
        latest = text(found, "labelsId")
        return TaskDetails(name=text(part(found, "datapoint"), "name"), latest=(latest,) if latest else ())

    def label_details(self, content: bytes) -> LabelDetails | None:
        """Who made a row of label data, is in the event; when and at which stage, here. Raises ValueError."""
        found = _object(content)
        data = part(found, "taskData")
        id_ = text(data, "tdId")
        if id_ is None:
            raise ValueError("the payload of a label has no task data with an id")
        kind = text(found, "kind") or "DEFAULT"
        return LabelDetails(id_, kind, created_at=when(data, "createdAt")[1], step=text(found, "stage") or "")

    def active_span(self, content: bytes) -> ActiveSpan:
        """Milliseconds, and when the work ended. Raises ValueError for what is no active time."""
        found = _object(content)
        time = milliseconds(found)
        if time is None:
            raise ValueError("the payload of an active time has no milliseconds")
        return ActiveSpan(time, ended_at=when(found, "date")[1])

    def project_details(self, content: bytes) -> ProjectDetails:
        """Name, description and stages, in the project's order. RedBrick's times have an offset, else they are UTC."""
        found = _object(content)
        stages = found.get("stages")
        known = [stage for stage in stages if isinstance(stage, dict)] if isinstance(stages, list) else []
        names = [text(stage, "stageName") for stage in known]
        return ProjectDetails(
            name=text(found, "name"),
            description=text(found, "desc"),
            stages=tuple(name for name in names if name) or None,
            zone="UTC",
        )

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """The UTC instant of a time as RedBrick writes it; without an offset it is UTC."""
        return instant(occurred_at)

    def settled(self, content: bytes) -> bytes:
        """The facts of an event. Of comments only id, author, time and stage: the rest has versions of its own."""
        found = _object(content)
        reply = part(found, "reply")
        comment = reply or (found if found.get("__typename") == "Comment" else None)
        if comment is not None:
            found = {name: comment.get(name) for name in ("commentId", "createdBy", "createdAt", "stageName")}
        return canonical(facts(found))


def _object(content: bytes) -> Item:
    try:
        return item(content)
    except ValueError:
        return {}
