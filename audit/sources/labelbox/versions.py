"""Versions of labels: what Labelbox records at each hand-off, with an id, a person and the annotations of then."""

from __future__ import annotations

from audit.sources.base import SourceError, SourceEvent
from audit.sources.labelbox.labels import people_of
from audit.sources.labelbox.project import LabelboxProject
from audit.sources.values import item, part, text, unsigned, when

TYPES = {
    "SUBMITTED": "task.submitted",
    "SAVED": "task.saved",
    "APPROVED": "review.accepted",
    "REJECTED": "review.rejected",
    "REWORK_SUBMITTED": "rework.submitted",
    "SENT_TO_REWORK": "task.reopened",
}
OTHER = "activity.recorded"
UNNAMED = "LABEL_VERSION"
KINDS = (*TYPES, UNNAMED)


def version_event(task: str, raw: bytes, project: LabelboxProject) -> SourceEvent:
    """The hand-off, with the platform's id. Raises SourceError for a version without one."""
    found = item(raw)
    id_, action = text(found, "id"), text(found, "action") or UNNAMED
    if id_ is None:
        raise SourceError("answer", f"Labelbox sent a version of a label of data row {task} that has no id")
    occurred_at, instant = when(found, "createdAt")
    who = project.by_id(text(found, "createdById"))
    return SourceEvent(
        task=task,
        type=TYPES.get(action, OTHER),
        source_type=action,
        occurred_at=occurred_at,
        instant=instant,
        source_key=f"version/{id_}",
        actor=who,
        actor_kind="person" if who else "unknown",
        stage=text(part(found, "stage"), "name"),
        content=unsigned(raw),
        people=people_of(who),
    )
