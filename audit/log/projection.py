"""The tables that repeat the log for lists and filters: task states, versions, active time. Written with the events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from django.db import connection

from audit.log.envelope import clean
from audit.log.fold import TaskState
from audit.models import ActiveTime, Project
from audit.sources.base import ActiveSpan, LabelDetails
from audit.words import vector


@dataclass(slots=True)
class TaskRow:
    """A task's keys and its state."""

    id: int
    external_id: str
    number: int
    state: TaskState


@dataclass(frozen=True, slots=True)
class TimeRow:
    """An active time that an event announces."""

    event_id: int
    index: int
    task_id: int
    person_id: int | None
    stage: str
    cycle: int | None
    replaces: bool
    span: ActiveSpan


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A version of a label that an event announces; the end of the one before, when the label is `deleted`."""

    event_id: int
    index: int
    task_id: int
    person_id: int | None
    details: LabelDetails
    deleted: bool


_TYPES = {
    "name": "text",
    "stage": "text",
    "status": "text",
    "cycle": "int",
    "events": "int",
    "first_at": "timestamptz",
    "last_at": "timestamptz",
    "dated": "bool",
    "active_ms": "bigint",
    "from_index": "bigint",
    "last_index": "bigint",
}
_COLUMNS = list(_TYPES)
_LABEL_TYPES = {
    "external_id": "text",
    "kind": "text",
    "created_at": "timestamptz",
    "milliseconds": "bigint",
    "step": "text",
    "skipped": "bool",
    "sent_back": "bool",
}
_LABEL_KEYS = {"event_id": "bigint", "index": "bigint", "task_id": "bigint", "person_id": "bigint", "deleted": "bool"}
_KEYS = {"id": "bigint", "external_id": "text", "number": "int", "assignee": "text", "words": "text"}

_READ_TASKS = f"""
    SELECT t.id, t.external_id, t.number, p.pseudonym, {", ".join("t." + column for column in _COLUMNS)}
    FROM audit_task t LEFT JOIN audit_person p ON p.id = t.assignee_id
    WHERE t.project_id = %s AND t.external_id = ANY(%s)
    """  # noqa: S608 - only our own column names are put in
_READ_TIMES = """
    SELECT a.task_id, a.stage, a.cycle, p.pseudonym, a.milliseconds
    FROM audit_activetime a LEFT JOIN audit_person p ON p.id = a.person_id
    WHERE a.task_id = ANY(%s) AND a.to_index IS NULL
    """


def read_tasks(project: Project, external_ids: Sequence[str], *, with_times: bool) -> dict[str, TaskRow]:
    """The rows of those of `external_ids` that exist. `with_times` reads the active time that holds now, too."""
    with connection.cursor() as cursor:
        cursor.execute(_READ_TASKS, [project.pk, list(external_ids)])
        rows = {
            name: TaskRow(id_, name, number, TaskState(assignee=assignee, **dict(zip(_COLUMNS, state, strict=True))))
            for id_, name, number, assignee, *state in cursor
        }
        if with_times and rows:
            by_id = {row.id: row for row in rows.values()}
            cursor.execute(_READ_TIMES, [list(by_id)])
            for task_id, stage, cycle, pseudonym, ms in cursor:
                times = by_id[task_id].state.times
                key = (stage or None, cycle, pseudonym)
                times[key] = times.get(key, 0) + ms
    return rows


def new_task_ids(count: int) -> Iterator[int]:
    """`count` primary keys for tasks that are about to be written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('audit_task', 'id')) FROM generate_series(1, %s)", [count]
        )
        return iter([row[0] for row in cursor.fetchall()])


def write_tasks(project: Project, rows: Iterable[TaskRow]) -> None:
    """Insert or update the rows; keys never change."""
    records = list(rows)
    if not records:
        return
    rows_of_json = [
        {
            "id": row.id,
            "external_id": row.external_id,
            "number": row.number,
            "assignee": row.state.assignee,
            "words": vector(f"{row.state.name} {row.external_id}"),
            **{column: getattr(row.state, column) for column in _COLUMNS},
        }
        for row in records
    ]
    names = ", ".join(_COLUMNS)
    changes = ", ".join(f"{column} = excluded.{column}" for column in ["assignee_id", "words", *_COLUMNS])
    types = ", ".join(f"{column} {kind}" for column, kind in (_KEYS | _TYPES).items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO audit_task (id, project_id, external_id, number, assignee_id, words, {names})
            SELECT u.id, %s, u.external_id, u.number, p.id, u.words::tsvector, {", ".join("u." + c for c in _COLUMNS)}
            FROM json_to_recordset(%s) AS u ({types})
            LEFT JOIN audit_person p ON p.project_id = %s AND p.pseudonym = u.assignee
            ON CONFLICT (id) DO UPDATE SET {changes}
            """,  # noqa: S608 - only our own column names are put in
            # One JSON text: psycopg spells arrays item by item, which takes ten times as long.
            [project.pk, orjson.dumps(rows_of_json).decode(), project.pk],
        )


def write_versions(versions: Sequence[tuple[int, int, int]]) -> None:
    """Announce task versions, (event id, index, task id) each, in log order; one ends where the next begins."""
    if not versions:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_taskversion v SET to_index = u.index FROM (SELECT task_id, min(index) AS index "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS t (index, task_id) GROUP BY task_id) u "
            "WHERE v.task_id = u.task_id AND v.to_index IS NULL",
            [[index for _, index, _ in versions], [task for _, _, task in versions]],
        )
        cursor.execute(
            "INSERT INTO audit_taskversion (event_id, task_id, from_index, to_index) "
            "SELECT event_id, task_id, index, lead(index) OVER (PARTITION BY task_id ORDER BY index) "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS t (event_id, index, task_id)",
            [list(column) for column in zip(*versions, strict=True)],
        )


def write_labels(project: Project, labels: Sequence[LabelRow]) -> None:
    """Announce versions of labels in log order; each ends where the next of the same label begins."""
    if not labels:
        return
    rows = [
        {
            "event_id": row.event_id,
            "index": row.index,
            "task_id": row.task_id,
            "person_id": row.person_id,
            "deleted": row.deleted,
            **{column: getattr(row.details, column) for column in _LABEL_TYPES},
            "external_id": clean(row.details.external_id),
            "kind": clean(row.details.kind),
            "step": clean(row.details.step),
        }
        for row in labels
    ]
    own = ", ".join(_LABEL_TYPES)
    types = ", ".join(f"{column} {kind}" for column, kind in (_LABEL_KEYS | _LABEL_TYPES).items())
    texts = orjson.dumps(rows).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH ended AS (
                UPDATE audit_labelversion v SET to_index = u.index
                FROM (SELECT task_id, external_id, min(index) AS index
                      FROM json_to_recordset(%s) AS t ({types}) GROUP BY task_id, external_id) u
                WHERE v.task_id = u.task_id AND v.external_id = u.external_id AND v.to_index IS NULL)
            INSERT INTO audit_labelversion
                (event_id, project_id, task_id, person_id, from_index, to_index, number, {own})
            SELECT n.event_id, %s, n.task_id, n.person_id, n.index, n.next,
                   n.number + COALESCE((SELECT max(h.number) FROM audit_labelversion h
                                        WHERE h.task_id = n.task_id AND h.external_id = n.external_id), 0), {own}
            FROM (SELECT u.*, lead(index) OVER label AS next,
                         count(*) FILTER (WHERE NOT deleted) OVER label AS number
                  FROM json_to_recordset(%s) AS u ({types})
                  WINDOW label AS (PARTITION BY task_id, external_id ORDER BY index)) n
            WHERE NOT n.deleted
            """,  # noqa: S608 - only our own column names are put in
            [texts, project.pk, texts],
        )


def write_times(project: Project, times: Sequence[TimeRow]) -> None:
    """Write active times in log order; one that replaces ends those of the same task, stage, cycle and person."""
    plain: list[TimeRow] = []
    for row in times:
        if row.replaces:
            _copy_times(project, plain)
            plain = []
            ActiveTime.objects.filter(
                task=row.task_id, stage=row.stage, cycle=row.cycle, person=row.person_id, to_index=None
            ).update(to_index=row.index)
        plain.append(row)
    _copy_times(project, plain)


def _copy_times(project: Project, rows: Sequence[TimeRow]) -> None:
    if not rows:
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY audit_activetime (event_id, project_id, task_id, person_id, stage, cycle, milliseconds, started_at, "
            "ended_at, from_index, to_index) FROM STDIN"
        ) as copy,
    ):
        for row in rows:
            span = row.span
            copy.write_row(
                (
                    row.event_id,
                    project.pk,
                    row.task_id,
                    row.person_id,
                    row.stage,
                    row.cycle,
                    span.milliseconds,
                    _moment(span.started_at),
                    _moment(span.ended_at),
                    row.index,
                    None,
                )
            )


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def write_words(texts: Sequence[tuple[int, str]]) -> None:
    """Make (event id, text) findable by their words."""
    if not texts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_eventwords (event_id, words) SELECT id, words::tsvector "
            "FROM unnest(%s::bigint[], %s::text[]) AS u (id, words)",
            [[event_id for event_id, _ in texts], [vector(text) for _, text in texts]],
        )
