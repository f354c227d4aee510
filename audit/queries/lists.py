"""The lists: projects, tasks, events, active time. Each is one page of an index (exportsite.keyset)."""

from __future__ import annotations

from collections.abc import Sequence

from audit.models import Log, Project, Task
from audit.queries import scans
from audit.queries.filters import Filters
from audit.queries.records import EventRow, Listed, TaskRow, TimeRow, event_rows, task_rows, time_rows
from exportsite import keyset
from exportsite.keyset import Count
from exportsite.problems import FieldProblem, WrongRequest

NOTHING = Filters()


def tasks(
    project: Project, filters: Filters = NOTHING, *, limit: int = 50, cursor: str | None = None
) -> Listed[TaskRow]:
    """Tasks of a project, latest activity first."""
    scan = scans.tasks(project, filters)
    page = read(scan, limit, cursor)
    count = keyset.count(scan) if filters.any else Count(project.tasks, True)
    return Listed.of(page, task_rows(project, page.rows), count)


def events(
    project: Project, filters: Filters = NOTHING, *, limit: int = 50, cursor: str | None = None
) -> Listed[EventRow]:
    """Events of a project's log, latest first. An external id that no task has gives an empty list."""
    log = log_of(project)
    task_ids: list[int] = []
    if filters.external_ids:
        task_ids = ids_of(project, filters.external_ids)
        if not task_ids:
            return Listed([], None, None, False, Count(0, True))
    scan = scans.events(log, filters, *task_ids)
    page = read(scan, limit, cursor)
    count = keyset.count(scan) if filters.any else Count(log.size, True)
    return Listed.of(page, event_rows(project, page.rows), count)


def ids_of(project: Project, external_ids: Sequence[str]) -> list[int]:
    """The ids of the project's tasks with these external ids."""
    found = Task.objects.filter(project=project, external_id__in=external_ids)
    return list(found.order_by("id").values_list("id", flat=True))


def trail(task: Task, filters: Filters = NOTHING, *, limit: int = 200, cursor: str | None = None) -> Listed[EventRow]:
    """A task's events by (occurred_at, n)."""
    scan = scans.events(log_of(task.project), filters, task.pk)
    page = read(scan, limit, cursor)
    count = keyset.count(scan) if filters.any else Count(task.events, True)
    return Listed.of(page, event_rows(task.project, page.rows), count)


def active_times(
    project: Project, filters: Filters = NOTHING, *, limit: int = 50, cursor: str | None = None
) -> Listed[TimeRow]:
    """Active times of a project that hold now, in the order of the log."""
    scan = scans.active_times(project, filters)
    page = read(scan, limit, cursor)
    return Listed.of(page, time_rows(project, page.rows), keyset.count(scan))


def task_active_times(
    task: Task, filters: Filters = NOTHING, *, limit: int = 500, cursor: str | None = None
) -> Listed[TimeRow]:
    """Active times of a task that hold now, in the order of the log."""
    scan = scans.task_active_times(task, filters)
    page = read(scan, limit, cursor)
    return Listed.of(page, time_rows(task.project, page.rows), keyset.count(scan))


def log_of(project: Project) -> Log:
    """The project's log."""
    return project.log


def read(scan: keyset.Scan, limit: int, cursor: str | None) -> keyset.Page:
    """One page; a cursor that is not this list's is a WrongRequest."""
    try:
        return keyset.page(scan, limit=limit, cursor=cursor)
    except keyset.WrongCursor as error:
        raise WrongRequest(FieldProblem("cursor", "invalid", str(error))) from None
