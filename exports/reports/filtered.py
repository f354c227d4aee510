"""The events of a filtered report: whole trails of the tasks that have a selected event, each event marked.

The fold that gives a task its state, the rules and the figures of quality need every event of a task; what is counted,
listed and printed is selected. Filters are those of exports, by the same conditions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from audit.log.read import READ_TYPES, StoredEvent
from exports.selection import Condition, Selection
from exports.streamed import rows

_EVENT = "e.id, e.task_id, e.n, e.type, e.source_type, e.occurred_at, e.stage, e.actor_id, e.late, e.envelope"
_FROM = "FROM audit_event e JOIN audit_task t ON t.id = e.task_id"


def events(selection: Selection, task: int | None = None) -> Iterator[StoredEvent]:
    """The events of the tasks with selected ones, or of one such task, task after task, each by n."""
    chosen, values = _selected(selection, task)
    where, marked = selection.where
    first, end = selection.log.event_id(0), selection.end
    sql = (
        f"WITH chosen AS (SELECT DISTINCT e.task_id {_FROM} WHERE {chosen}) "  # noqa: S608 - our own column names
        f"SELECT {_EVENT}, d.data, ({where}) IS TRUE, s.event_id IS NOT NULL {_FROM} LEFT JOIN audit_disclosure d "
        "ON d.event_id = e.id AND d.grp = 'content' AND e.type = ANY(%s) "
        "LEFT JOIN audit_superseded s ON s.event_id = e.id AND s.from_index < %s "
        "WHERE e.id >= %s AND e.id < %s AND e.task_id IN (SELECT task_id FROM chosen) ORDER BY e.task_id, e.n, e.id"
    )
    for row in rows(sql, [*values, *marked, list(READ_TYPES), selection.as_of, first, end]):
        yield StoredEvent(*row)


def ids(selection: Selection, task: int | None = None) -> RawSQL:
    """The selected events' ids, for a query that asks for those only."""
    chosen, values = _selected(selection, task)
    return RawSQL(f"SELECT e.id {_FROM} WHERE {chosen}", values)  # noqa: S611 - our own column names


def matches(selection: Selection, task: int | None = None) -> bool:
    """Whether any event is selected."""
    chosen, values = _selected(selection, task)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 {_FROM} WHERE {chosen} LIMIT 1", values)
        return cursor.fetchone() is not None


def _selected(selection: Selection, task: int | None) -> Condition:
    where, values = selection.of_tasks
    range_: list[Any] = [selection.log.event_id(0), selection.end]
    if task is None:
        return f"e.id >= %s AND e.id < %s AND {where}", [*range_, *values]
    return f"e.id >= %s AND e.id < %s AND e.task_id = %s AND {where}", [*range_, task, *values]
