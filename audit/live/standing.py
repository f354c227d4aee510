"""Whether a task is at its source: what a pass says of it."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from audit.sources.base import SourceEvent, TaskHistory, Version

DELETION = SourceEvent(
    task=None, type="task.deleted", source_type="TASK_GONE", occurred_at=None, instant=None, derived=True
)
RETURN = SourceEvent(
    task=None, type="task.reopened", source_type="TASK_BACK", occurred_at=None, instant=None, derived=True
)


def standing(task: str, *, present: bool) -> SourceEvent:
    """Whether a task is there. That it is needs no event, unless it was said to be gone."""
    if present:
        return replace(RETURN, task=task, version=Version("task", "there", first=None))
    gone = replace(DELETION, task=task)
    return replace(gone, version=Version("task", "gone", first=gone))


def created_between(history: TaskHistory, after: datetime, until: datetime) -> bool:
    """Whether the task's history began later than that, and not in the future, where it began for ever."""
    return bool(history.events) and (first := history.events[0].instant) is not None and after < first <= until
