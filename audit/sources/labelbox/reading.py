"""How payloads of Labelbox are read back. Pure functions of bytes."""

from __future__ import annotations

from datetime import datetime

from audit.sources.base import ActiveSpan, LabelDetails, ProjectDetails, Reading, TaskDetails
from audit.sources.labelbox.labels import seconds_to
from audit.sources.labelbox.project import stages_of
from audit.sources.values import Item, canonical, instant, item, part, text, unsigned, when, whole

USUAL = frozenset({"DEFAULT", "VIDEO"})
"""Kinds of labels that tell a form of data, not whose work it is."""

CALLED = frozenset({"created_by", "reviewed_by"})
"""Fields of exports that name people by e-mail."""


class LabelboxReading(Reading):
    """Reads what `rows`, `details`, `labels`, `versions`, `issues` and `project` put into events."""

    def task_details(self, content: bytes) -> TaskDetails:
        """The data row is called by its external id, else by its global key."""
        row = part(_object(content), "data_row")
        return TaskDetails(name=text(row, "external_id") or text(row, "global_key"))

    def label_details(self, content: bytes) -> LabelDetails:
        """A label of the project, or one of a model run with its run around it. Raises ValueError for no label."""
        found = _object(content)
        label = part(found, "label") or found
        id_ = text(label, "id")
        if id_ is None:
            raise ValueError("the payload of a label has no id")
        run = text(found, "run_id")
        kind = text(found, "kind") or (text(label, "label_kind") or "DEFAULT").upper()
        seconds = seconds_to("create", label)
        return LabelDetails(
            external_id=id_ if run is None else f"{run}/{id_}",
            kind="DEFAULT" if kind in USUAL else kind,
            created_at=when(part(label, "label_details"), "created_at")[1],
            milliseconds=None if seconds is None else round(seconds * 1000),
            skipped=bool(part(label, "performance_details").get("skipped")),
        )

    def active_span(self, content: bytes) -> ActiveSpan:
        """Milliseconds; Labelbox does not say from when to when. Raises ValueError for what is no active time."""
        milliseconds = whole(_object(content), "milliseconds")
        if milliseconds is None:
            raise ValueError("the payload of an active time has no milliseconds")
        return ActiveSpan(milliseconds)

    def project_details(self, content: bytes) -> ProjectDetails:
        """Name, description and task queues, in the platform's order. A time without an offset is UTC."""
        found = _object(content)
        project = part(found, "project")
        return ProjectDetails(
            name=text(project, "name"),
            description=text(project, "description"),
            stages=stages_of(found) or None,
            zone="UTC",
        )

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """The UTC instant of a time as Labelbox writes it; without an offset it is UTC."""
        return instant(occurred_at)

    def settled(self, content: bytes) -> bytes:
        """The facts of an event, without e-mails, which change. Of issues and comments only what never changes."""
        found = _object(unsigned(content))
        found = {name: value for name, value in found.items() if name not in CALLED}
        if "latestReplyAt" in found or "issue" in found:
            found = {name: found.get(name) for name in ("id", "issue", "labelId", "dataRowId", "createdAt")}
        return canonical(found)


def _object(content: bytes) -> Item:
    try:
        return item(content)
    except ValueError:
        return {}
