"""A project's figures read an index from its newest entry on, and stop: no table is read through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Project
from audit.queries import figures
from tests.factories import START, make_event, make_project, time_event


@pytest.fixture
def project(db: None, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of 1,100 entries among others, of which the figures may read 40."""
    events = [make_event(f"T{n}", "review.accepted" if n % 2 else "activity.recorded", n) for n in range(1000)]
    project = make_project([*events, *(time_event(f"T{n}", n, 1000) for n in range(100))])
    others = [make_event(f"U{n}", "review.accepted", n) for n in range(1000)]
    make_project([*others, *(time_event(f"U{n}", n, 1000) for n in range(1000))])
    monkeypatch.setattr(figures, "READ", 40)
    monkeypatch.setattr(figures, "TIMES", 40)
    with connection.cursor() as db:
        db.execute("ANALYZE audit_event, audit_activetime")
    return project


FIGURES: dict[str, Callable[[Project], object]] = {
    "event_list": lambda project: figures.ways(project.log),
    "event_type": lambda project: figures.throughput(project.log, START + timedelta(minutes=999)),
    "active_time_list": lambda project: figures.active_times(project),
}


@pytest.mark.parametrize("index", FIGURES)
def test_a_figure(project: Project, index: str) -> None:
    assert project.log.size > 40
    with CaptureQueriesContext(connection) as asked:
        FIGURES[index](project)
    with connection.cursor() as db:
        # Where earlier tests left many dead rows, a bitmap of the few rows here looks cheaper than their order.
        db.execute("SET LOCAL enable_bitmapscan = off")
        [sql] = [one["sql"] for one in asked if "LIMIT" in one["sql"]]
        db.execute("EXPLAIN " + sql)
        shown = "\n".join(row[0] for row in db.fetchall())
    assert f"using {index} on" in shown
    assert "Seq Scan on audit_" not in shown
