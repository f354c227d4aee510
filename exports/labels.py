"""Labels of a snapshot's tasks, in batches: each task with the labels that it had then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from audit.sources import reading
from exports.formats.base import LabelledTask, LabelRow
from exports.streamed import rows

if TYPE_CHECKING:
    from exports.selection import Selection, TaskRow

HELD = "v.from_index < %s AND (v.to_index IS NULL OR v.to_index >= %s)"
_COLUMNS = (
    "v.external_id, v.number, v.kind, p.pseudonym, v.created_at, v.milliseconds, v.step, v.skipped, v.sent_back, "
    "v.from_index"
)
_LABELS = (
    f"SELECT v.task_id, {_COLUMNS}, d.data FROM audit_labelversion v "  # noqa: S608 - our own column names
    "JOIN audit_disclosure d ON d.event_id = v.event_id AND d.grp = 'content' "
    "JOIN audit_task t ON t.id = v.task_id LEFT JOIN audit_person p ON p.id = v.person_id "
    f"WHERE v.task_id = ANY(%s) AND {HELD} ORDER BY t.number, v.created_at NULLS FIRST, v.external_id, v.number"
)
_TOLD = (
    "SELECT e.task_id, e.source_type, d.data FROM audit_event e JOIN audit_task t ON t.id = e.task_id "
    "LEFT JOIN audit_disclosure d ON d.event_id = e.id AND d.grp = 'content' "
    "WHERE e.task_id = ANY(%s) AND (e.id + 0) < %s AND e.type = ANY(%s) AND e.source_type != ALL(%s) "
    "ORDER BY t.number, e.n"
)


def labelled(selection: Selection) -> Iterator[LabelledTask]:
    """Tasks by number; with filters those that have a selected event."""
    kind = selection.log.project.source.kind
    for tasks in selection.batches():
        with transaction.atomic():
            chosen = _with_events(selection, tasks)
            details = selection.details(chosen)
            ids = [task.id for task in chosen]
            labels = _Grouped(rows(_LABELS, [ids, selection.as_of, selection.as_of]))
            reads = selection.reads
            asked = [ids, selection.end, list(reads.told), list(reads.untold)]
            events = _Grouped(rows(_TOLD, asked) if reads.told else iter(()))
            for task in chosen:
                told = details.get(task.id)
                latest = reading(kind).task_details(told).latest if told is not None else ()
                yield LabelledTask(
                    task.external_id,
                    task.number,
                    task.name,
                    task.stage,
                    task.status,
                    told,
                    latest,
                    tuple(LabelRow(*(*row[:-1], selection.shown(bytes(row[-1])))) for row in labels.of(task.id)),
                    tuple((type_, selection.shown(bytes(raw)) if raw else b"") for type_, raw in events.of(task.id)),
                )


def count(selection: Selection) -> int:
    """How many labels there are to read: a check value."""
    bounds = [selection.as_of, selection.as_of]
    with connection.cursor() as cursor:
        if not selection.filtered:
            cursor.execute(
                f"SELECT count(*) FROM audit_labelversion v WHERE v.project_id = %s AND {HELD}",  # noqa: S608
                [selection.log.project_id, *bounds],
            )
            return int((cursor.fetchone() or (0,))[0])
        where, values = selection.of_tasks
        cursor.execute(
            f"SELECT count(*) FROM audit_labelversion v WHERE v.project_id = %s AND {HELD} AND v.task_id IN ("  # noqa: S608
            f"SELECT e.task_id FROM audit_event e JOIN audit_task t ON t.id = e.task_id "
            f"WHERE e.id >= %s AND e.id < %s AND {where})",
            [selection.log.project_id, *bounds, selection.log.event_id(0), selection.end, *values],
        )
        return int((cursor.fetchone() or (0,))[0])


def _with_events(selection: Selection, tasks: list[TaskRow]) -> list[TaskRow]:
    if not selection.filtered:
        return tasks
    where, values = selection.where
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT e.task_id FROM audit_event e JOIN audit_task t ON t.id = e.task_id "  # noqa: S608
            f"WHERE e.task_id = ANY(%s) AND (e.id + 0) < %s AND {where}",
            [[task.id for task in tasks], selection.end, *values],
        )
        chosen = {row[0] for row in cursor}
    return [task for task in tasks if task.id in chosen]


class _Grouped:
    """Rows task after task, one read ahead; the first column is the task's."""

    def __init__(self, found: Iterator[tuple[Any, ...]]) -> None:
        self._rows = found
        self._next = next(found, None)

    def of(self, task: int) -> Iterator[tuple[Any, ...]]:
        """The rows of this task, without their first column."""
        while self._next is not None and self._next[0] == task:
            yield self._next[1:]
            self._next = next(self._rows, None)
