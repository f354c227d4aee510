"""Which index answers a list, and what is tested row by row (exportsite.keyset reads it)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from audit import access
from audit.models import Log, Project, Task
from audit.queries.filters import Filters
from exportsite.keyset import Condition, Scan, Search, one_of

TASK_COLUMNS = (
    "id", "project_id", "external_id", "number", "name", "stage", "status", "assignee_id", "cycle", "events",
    "first_at", "last_at", "dated", "active_ms", "from_index", "last_index", "words",
)  # fmt: skip
EVENT_COLUMNS = (
    "id", "log_id", "task_id", "n", "type", "source_type", "occurred_at", "stage", "actor_id", "late", "envelope",
)  # fmt: skip
TIME_COLUMNS = (
    "event_id", "project_id", "task_id", "person_id", "stage", "cycle", "milliseconds", "started_at", "ended_at",
    "from_index", "to_index",
)  # fmt: skip
PROJECT_COLUMNS = ("id", "external_id")


def projects(external_ids: Sequence[str] = (), *, newest_first: bool = True, visible: Sequence[Condition] = ()) -> Scan:
    """Projects by id, without the service's own log; `visible` says which."""
    theirs: Condition = ("source_id NOT IN (SELECT id FROM audit_source WHERE kind = %s)", (access.SERVICE,))
    tests: tuple[Condition, ...] = (one_of("external_id", external_ids),) if external_ids else ()
    return Scan(
        "audit_project", PROJECT_COLUMNS, ("id",), within=(theirs, *visible), tests=tests, newest_first=newest_first
    )


def tasks(project: Project, filters: Filters) -> Scan:
    """Tasks of a project by last activity. Of several filters the first of person, status, stage is the driving one."""
    within: list[Condition] = [("project_id = %s", (project.pk,)), *_between("last_at", filters)]
    if filters.external_ids:
        within.append(one_of("external_id", filters.external_ids))
    scan = Scan(
        "audit_task", TASK_COLUMNS, ("last_at", "id"), within=tuple(within), newest_first=not filters.oldest_first
    )
    scan = _driven(scan, ("assignee_id", filters.people), ("status", filters.statuses), ("stage", filters.stages))
    if filters.words:
        found = ("SELECT id FROM audit_task WHERE words @@ %s::tsquery", (filters.words,))
        scan = replace(scan, search=Search(found, ("words @@ %s::tsquery", (filters.words,))))
    return scan


def events(log: Log, filters: Filters, *task_ids: int) -> Scan:
    """Events of a log, or of some of its tasks, by (occurred_at, id); of one by (occurred_at, n): the same order.

    Of several filters the first of person, source_type, type, stage is the driving one.
    """
    # A source's own name is a filter of the events that keep it as theirs; the index holds only those.
    named = bool(filters.source_types)
    within: list[Condition] = list(_between("occurred_at", filters))
    key = ("occurred_at", "id")
    if len(task_ids) == 1:
        within.insert(0, ("task_id = %s", task_ids))
        key = ("occurred_at", "n")
    else:
        within.insert(0, ("log_id = %s", (log.pk,)))
    if named:
        within.append(("type = 'activity.recorded'", ()))
    scan = Scan("audit_event", EVENT_COLUMNS, key, within=tuple(within), newest_first=not filters.oldest_first)
    drivers = (
        ("actor_id", filters.people),
        ("source_type", filters.source_types),
        ("type", filters.types),
        ("stage", filters.stages),
    )
    if task_ids:
        scan = scan if len(task_ids) == 1 else replace(scan, one_of=("task_id", task_ids))
        scan = replace(scan, tests=tuple(one_of(column, values) for column, values in drivers if values))
    else:
        scan = _driven(scan, *drivers)
    if filters.words:
        # Of all projects together: what is rare here and frequent elsewhere must not be looked up row by row either.
        found = ("SELECT event_id FROM audit_eventwords WHERE words @@ %s::tsquery", (filters.words,))
        # A scalar subquery is run for the row at hand; EXISTS might be answered by collecting all that match first.
        test = "(SELECT w.words @@ %s::tsquery FROM audit_eventwords w WHERE w.event_id = read.id)"
        scan = replace(scan, search=Search(found, (test, (filters.words,))))
    return scan


def active_times(project: Project, filters: Filters) -> Scan:
    """Active times of a project that hold now, in the order of the log."""
    scan = Scan(
        "audit_activetime",
        TIME_COLUMNS,
        ("event_id",),
        within=(("project_id = %s", (project.pk,)),),
        tests=(("to_index IS NULL", ()),),
        newest_first=not filters.oldest_first,
    )
    if filters.stages:
        scan = replace(scan, tests=(*scan.tests, one_of("stage", filters.stages)))
    return _driven(scan, ("person_id", filters.people))


def task_active_times(task: Task, filters: Filters) -> Scan:
    """Active times of a task that hold now, in the order of the log. They are few: found by task, then sorted."""
    within: list[Condition] = [("task_id = %s", (task.pk,)), ("to_index IS NULL", ())]
    within += [one_of("person_id", filters.people)] if filters.people else []
    within += [one_of("stage", filters.stages)] if filters.stages else []
    return Scan(
        "audit_activetime",
        TIME_COLUMNS,
        ("event_id",),
        within=tuple(within),
        newest_first=not filters.oldest_first,
    )


def _between(column: str, filters: Filters) -> list[Condition]:
    found: list[Condition] = []
    if filters.since:
        found.append((f"{column} >= %s", (filters.since,)))
    if filters.until:
        found.append((f"{column} < %s", (filters.until,)))
    return found


def _driven(scan: Scan, *drivers: tuple[str, tuple[object, ...]]) -> Scan:
    """The scan along the index of the first filter that is given; the others are tests."""
    given = [(column, values) for column, values in drivers if values]
    if not given:
        return scan
    tests = tuple(one_of(column, values) for column, values in given[1:])
    return replace(scan, one_of=given[0], tests=(*scan.tests, *tests))
