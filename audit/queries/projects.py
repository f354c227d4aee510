"""Projects with the state of their logs, and what can be chosen in their filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.http import Http404

from audit import access
from audit.models import Checkpoint, Log, Person, Project, SyncRun
from audit.queries import scans
from audit.queries.lists import read
from audit.queries.records import Listed, People, Who
from exportsite import keyset
from exportsite.keyset import MOST_COUNTED, Count

MOST_CHOICES = 100
"""Values that a filter offers; more can be asked for by name."""


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project, its log's head, the newest checkpoint, the last run that read its source, the latest activity."""

    project: Project
    log: Log
    checkpoint: Checkpoint | None
    run: SyncRun | None
    last_at: datetime | None

    @property
    def unsigned(self) -> int:
        """Events that no checkpoint covers yet."""
        return self.log.size - (self.checkpoint.size if self.checkpoint else 0)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters of a project's lists offer."""

    stages: tuple[str, ...]
    statuses: tuple[str, ...]
    types: tuple[str, ...]
    source_types: tuple[str, ...]
    people: tuple[Who, ...]


def projects(
    user: access.Asker,
    *,
    external_ids: Sequence[str] = (),
    limit: int = 50,
    cursor: str | None = None,
    newest_first: bool = True,
) -> Listed[ProjectRow]:
    """The projects that the user may see, the newest first."""
    scan = scans.projects(external_ids, newest_first=newest_first, visible=access.condition(user, "id"))
    page = read(scan, limit, cursor)
    ids = [row["id"] for row in page.rows]
    found = {row.project.pk: row for row in project_rows(ids)}
    return Listed.of(page, [found[pk] for pk in ids if pk in found], keyset.count(scan))


def project_rows(ids: Sequence[int]) -> list[ProjectRow]:
    """Projects with their logs: four queries, however many. A project whose log is not there yet is left out."""
    logs = {log.project_id: log for log in Log.objects.filter(project__in=ids).select_related("project__source")}
    # One step into an index for each project: of checkpoints and runs there may be hundreds of thousands.
    newest = Checkpoint.objects.filter(log=OuterRef("pk")).order_by("-size").values("pk")[:1]
    signed = Log.objects.filter(project__in=ids).values(newest=Subquery(newest))
    checkpoints = {one.log_id: one for one in Checkpoint.objects.filter(pk__in=signed)}
    # A range: with an equality the planner goes back through everybody's runs until it meets one of the project.
    own = SyncRun.objects.filter(project__gte=OuterRef("pk"), project__lte=OuterRef("pk"))
    last = own.order_by("project_id", "-id").values("pk")[:1]
    last_runs = Project.objects.filter(pk__in=ids).values(last=Subquery(last))
    runs = {run.project_id: run for run in SyncRun.objects.filter(pk__in=last_runs)}
    times = _last_times(ids)
    return [
        ProjectRow(log.project, log, checkpoints.get(log.pk), runs.get(pk), times.get(pk)) for pk, log in logs.items()
    ]


def _last_times(project_ids: Sequence[int]) -> dict[int, datetime]:
    """The time of each project's latest activity on a task: one step into an index for each."""
    sql = """
        SELECT p.id, (
            SELECT last_at FROM audit_task t WHERE t.project_id = p.id ORDER BY last_at DESC, id DESC LIMIT 1)
        FROM unnest(%s::bigint[]) AS p(id)
    """
    with connection.cursor() as db:
        db.execute(sql, [list(project_ids)])
        return {pk: moment for pk, moment in db.fetchall() if moment is not None}


def project_row(project: Project) -> ProjectRow:
    """One project; Http404 when its log is not there yet."""
    rows = project_rows([project.pk])
    if not rows:
        raise Http404(f"There is no project {project.pk}.")
    return rows[0]


def person_of(project: Project, pk: int | None) -> Who | None:
    """The person of this id."""
    return People(project, [pk]).by_id.get(pk) if pk is not None else None


def stage_counts(project: Project) -> list[tuple[str, Count]]:
    """How many tasks are at each stage now, in the order of the stages; each counted to 10,000."""
    return _counts(project, "stage", [*project.stages, ""])


def status_counts(project: Project) -> list[tuple[str, Count]]:
    """How many tasks have each status now; each counted to 10,000. Statuses that no task has are left out."""
    return [
        (value, count) for value, count in _counts(project, "status", _tasks_distinct(project, "status")) if count.value
    ]


def _counts(project: Project, column: str, values: Sequence[str]) -> list[tuple[str, Count]]:
    sql = f"""
        SELECT v.value, (SELECT count(*) FROM (
            SELECT 1 FROM audit_task WHERE project_id = %s AND {column} = v.value LIMIT %s) AS counted)
        FROM unnest(%s::text[]) AS v(value)
    """  # noqa: S608  (column is one of ours)
    with connection.cursor() as db:
        db.execute(sql, [project.pk, MOST_COUNTED + 1, list(values[:MOST_CHOICES])])
        found = dict(db.fetchall())
    return [
        (value, Count(min(found[value], MOST_COUNTED), found[value] <= MOST_COUNTED))
        for value in values
        if value in found
    ]


def choices(project: Project) -> Choices:
    """The values that occur, found by stepping through the indexes: what a table holds does not matter."""
    persons = Person.objects.filter(project=project).order_by("id").values_list("id", flat=True)[:MOST_CHOICES]
    people = People(project, persons)
    log_id = project.log.pk
    return Choices(
        stages=tuple(project.stages[:MOST_CHOICES]),
        statuses=tuple(value for value in _tasks_distinct(project, "status") if value),
        types=tuple(_distinct("audit_event", "type", ("log_id = %s", log_id))),
        source_types=tuple(
            _distinct("audit_event", "source_type", ("log_id = %s AND type = 'activity.recorded'", log_id))
        ),
        people=tuple(sorted(people.by_id.values(), key=lambda who: (who.label.casefold(), who.id))),
    )


def _tasks_distinct(project: Project, column: str) -> list[str]:
    return _distinct("audit_task", column, ("project_id = %s", project.pk))


def _distinct(table: str, column: str, within: tuple[str, int]) -> list[str]:
    """The distinct values of an indexed column, at most MOST_CHOICES: from each value one step to the next."""
    condition, value = within
    smallest = f"SELECT {column} FROM {table} WHERE {condition}"  # noqa: S608
    order = f"ORDER BY {column} LIMIT 1"
    sql = f"""
        WITH RECURSIVE walk(value) AS (
            ({smallest} {order})
            UNION ALL
            SELECT ({smallest} AND {column} > walk.value {order}) FROM walk WHERE walk.value IS NOT NULL
        )
        SELECT value FROM walk WHERE value IS NOT NULL LIMIT %s
    """  # noqa: S608  (names are ours)
    with connection.cursor() as db:
        db.execute(sql, [value, value, MOST_CHOICES])
        return [row[0] for row in db.fetchall()]
