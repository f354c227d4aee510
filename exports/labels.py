"""Labels of a snapshot's tasks, in batches: each task with the labels that it had then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from audit.sources import reading
from exports.formats.base import LabelledTask, LabelRow
from exports.selection import Selection, TaskRow
from exports.streamed import batch

HELD = "v.from_index < %s AND (v.to_index IS NULL OR v.to_index >= %s)"
BATCH_EVENTS = 2_000
"""Of so many events the labels are in memory at a time; a task's are whole."""

_COLUMNS = {
    "w.place": "int8",
    "v.external_id": "text",
    "v.number": "int4",
    "v.kind": "text",
    "p.pseudonym": "text",
    "v.created_at": "timestamptz",
    "v.milliseconds": "int8",
    "v.step": "text",
    "v.skipped": "bool",
    "v.sent_back": "bool",
    "v.from_index": "int8",
    # Looked up row by row: a join might read all disclosures there are, for every batch.
    "(SELECT d.data FROM audit_disclosure d WHERE d.event_id = v.event_id AND d.grp = 'content')": "bytea",
}
# Task by task, whatever the planner makes of the statistics: it may else read all labels there are for every batch.
_LABELS = (
    f"SELECT {', '.join(_COLUMNS)} FROM unnest(%s::bigint[]) WITH ORDINALITY w(task, place) "  # noqa: S608 - our own column names
    f"CROSS JOIN LATERAL (SELECT * FROM audit_labelversion v WHERE v.task_id = w.task AND {HELD} OFFSET 0) v "
    "LEFT JOIN audit_person p ON p.id = v.person_id "
    "ORDER BY w.place, v.created_at NULLS FIRST, v.external_id, v.number"
)
_TOLD_COLUMNS = {
    "w.place": "int8",
    "e.source_type": "text",
    "(SELECT d.data FROM audit_disclosure d WHERE d.event_id = e.id AND d.grp = 'content')": "bytea",
}
_TOLD = (
    f"SELECT {', '.join(_TOLD_COLUMNS)} FROM unnest(%s::bigint[]) WITH ORDINALITY w(task, place) "  # noqa: S608 - our own column names
    "CROSS JOIN LATERAL (SELECT e.id, e.n, e.source_type FROM audit_event e WHERE e.task_id = w.task "
    "AND (e.id + 0) < %s AND e.type = ANY(%s) AND e.source_type != ALL(%s) OFFSET 0) e ORDER BY w.place, e.n"
)


def of_batch(selection: Selection, tasks: list[TaskRow]) -> Iterator[LabelledTask]:
    """These tasks, by number; with filters those of them that have a selected event."""
    told_by = reading(selection.log.project.source.kind)
    reads = selection.reads
    with transaction.atomic():
        chosen = _with_events(selection, tasks)
        ids = [task.id for task in chosen]
        details = selection.details(chosen)
        labels = _grouped(batch(_LABELS, [ids, selection.as_of, selection.as_of], list(_COLUMNS.values())))
        told: dict[int, list[tuple[Any, ...]]] = {}
        if reads.told:
            asked = [ids, selection.end, list(reads.told), list(reads.untold)]
            told = _grouped(batch(_TOLD, asked, list(_TOLD_COLUMNS.values())))
    for place, task in enumerate(chosen, start=1):
        said = details.get(task.id)
        yield LabelledTask(
            task.external_id,
            task.number,
            task.name,
            task.stage,
            task.status,
            said,
            told_by.task_details(said).latest if told_by.names_latest and said is not None else (),
            tuple(
                LabelRow(*(*row[1:-1], selection.shown(row[-1])))
                for row in labels.pop(place, ())
                if row[-1] is not None
            ),
            tuple((type_, selection.shown(raw) if raw else b"") for _, type_, raw in told.pop(place, ())),
            selection.called(task.assignee),
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


def _grouped(rows: list[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    """The rows by their first column, in their order."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found
