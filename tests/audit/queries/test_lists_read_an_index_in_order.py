"""Every single filter is answered by its own index, in order: nothing is sorted, no table is read through."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from audit.models import Project, Task
from audit.queries import scans
from audit.queries.filters import Filters
from exportsite import keyset
from tests.factories import AMARA, MEI, START, TOMAS, make_event, make_project

EVENT_CASES = {
    "event_list": Filters(),
    "event_list from": Filters(since=START),
    "event_actor": Filters(people=(1,)),
    "event_type": Filters(types=("review.rejected",)),
    "event_type twice": Filters(types=("review.rejected", "review.accepted")),
    "event_source_type": Filters(source_types=("zoomed",)),
    "event_stage": Filters(stages=("Review",)),
}
DEEP = START + timedelta(minutes=600)
TASK_CASES = {
    "task_list": Filters(),
    "task_assignee": Filters(people=(1,)),
    "task_status": Filters(statuses=("skipped",)),
    "task_stage": Filters(stages=("Review",)),
    "task_stage twice": Filters(stages=("Review", "Label")),
}


@pytest.fixture
def project(db: None) -> Project:
    """1,200 tasks, 2,400 events, of which each filter lets few through."""
    events = []
    for n in range(1200):
        rare = n % 30 == 0
        kind = "task.skipped" if rare else "task.assigned"
        events.append(
            make_event(f"T{n}", kind, n, TOMAS, assignee=MEI if rare else AMARA, stage="Review" if rare else "Label")
        )
        kind = ("review.rejected" if n % 60 else "review.accepted") if rare else "activity.recorded"
        events.append(
            make_event(f"T{n}", kind, n, MEI if rare else TOMAS, source_type="zoomed" if n % 31 else "panned")
        )
    project = make_project(events)
    with connection.cursor() as db:
        db.execute("ANALYZE audit_event, audit_task, audit_eventwords")
    return project


def plan(scan: keyset.Scan, after: tuple[object, ...] | None) -> str:
    sql, values = keyset.page_sql(scan, limit=50, after=(after, False) if after else None, forward=True)
    with connection.cursor() as db:
        # Where earlier tests left many dead rows, a bitmap of the few rows here looks cheaper than their order.
        db.execute("SET LOCAL enable_bitmapscan = off")
        db.execute(f"EXPLAIN {sql}", values)
        return "\n".join(row[0] for row in db.fetchall())


@pytest.mark.parametrize("deep", [False, True], ids=["first page", "deep page"])
@pytest.mark.parametrize("case", EVENT_CASES)
def test_events(project: Project, case: str, deep: bool) -> None:
    log = project.log
    shown = plan(scans.events(log, EVENT_CASES[case]), (DEEP, log.event_id(5)) if deep else None)
    assert f"using {case.split()[0]} on" in shown
    assert "Seq Scan" not in shown
    assert "Sort  " not in shown


@pytest.mark.parametrize("deep", [False, True], ids=["first page", "deep page"])
@pytest.mark.parametrize("case", TASK_CASES)
def test_tasks(project: Project, case: str, deep: bool) -> None:
    shown = plan(scans.tasks(project, TASK_CASES[case]), (DEEP, 5) if deep else None)
    assert f"using {case.split()[0]} on" in shown
    assert "Seq Scan" not in shown
    assert "Sort  " not in shown


def test_a_trail(project: Project) -> None:
    task = Task.objects.filter(project=project).first()
    assert task is not None
    shown = plan(scans.events(project.log, Filters(oldest_first=True), task.pk), None)
    assert "using event_trail on" in shown
    assert "Sort  " not in shown


def test_one_filter_drives_and_the_others_are_tested_in_bounds(project: Project) -> None:
    shown = plan(scans.events(project.log, Filters(types=("review.rejected",), stages=("Label",))), None)
    assert "using event_type on" in shown
    assert "Sort  " not in shown
