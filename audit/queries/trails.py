"""One task: its neighbours, the time people were active on it, the people who worked on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from audit.models import Task, TaskVersion
from audit.queries.filters import Filters
from audit.queries.lists import task_active_times
from audit.queries.records import TaskRef, TimeRow, received_at, task_refs
from exportsite.keyset import MOST_READ

MOST_TIMES = 500
MOST_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The tasks beside one in its project's list, latest activity first."""

    previous: TaskRef | None
    next: TaskRef | None


def neighbours(task: Task) -> Neighbours:
    """The tasks before and after this one in the list: one step in its index each."""
    step = (
        "(SELECT '{side}', id FROM audit_task WHERE project_id = %s AND (last_at, id) {sign} (%s, %s) "
        "ORDER BY last_at {way}, id {way} LIMIT 1)"
    )
    sides = (step.format(side="previous", sign=">", way="ASC"), step.format(side="next", sign="<", way="DESC"))
    with connection.cursor() as db:
        db.execute(" UNION ALL ".join(sides), [task.project_id, task.last_at, task.pk] * 2)
        found = dict(db.fetchall())
    refs = task_refs(found.values())
    return Neighbours(refs.get(found.get("previous", 0)), refs.get(found.get("next", 0)))


def times_of(task: Task) -> list[TimeRow]:
    """The active times of a task that hold now, at most MOST_TIMES, in the order of the log."""
    return task_active_times(task, Filters(oldest_first=True), limit=MOST_TIMES).rows


@dataclass(frozen=True, slots=True)
class Version:
    """What the source said of a task, told by the entry `index`, until the entry `until` (None: still)."""

    index: int
    until: int | None
    received_at: datetime | None


def versions(task: Task) -> list[Version]:
    """The newest versions of what the source says of a task, at most MOST_VERSIONS, the newest first."""
    found = TaskVersion.objects.filter(task=task).select_related("event").order_by("-from_index")[:MOST_VERSIONS]
    return [Version(one.from_index, one.to_index, received_at(bytes(one.event.envelope))) for one in found]


def numbers_gapless(task: Task) -> bool | None:
    """Whether the task's events are numbered 1 to its count without a gap or a repetition; None: too many to look."""
    if task.events > MOST_READ:
        return None
    with connection.cursor() as db:
        db.execute("SELECT count(*), count(DISTINCT n), min(n), max(n) FROM audit_event WHERE task_id = %s", [task.pk])
        count, distinct, low, high = db.fetchone() or (0, 0, None, None)
    if not count:
        return task.events == 0
    return bool(count == distinct == high == task.events and low == 1)
