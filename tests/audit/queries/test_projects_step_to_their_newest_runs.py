"""The newest run and checkpoint of each project are one step into an index away, however many there are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Checkpoint, Project, SyncRun
from audit.queries.projects import project_rows
from tests.factories import START, make_event, make_project

MANY = 1000


@pytest.fixture
def two(db: None) -> list[Project]:
    """Two projects with thousands of runs and checkpoints each."""
    found = [make_project([make_event(name, "task.created", 0)]) for name in "TU"]
    for project in found:
        runs = [SyncRun(project=project, added=number, state="succeeded") for number in range(MANY)]
        SyncRun.objects.bulk_create(runs)
        marks = [Checkpoint(log=project.log, size=size + 2, note="", created_at=START) for size in range(MANY)]
        Checkpoint.objects.bulk_create(marks)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_syncrun, audit_checkpoint")
    return found


def test_the_newest_of_each_is_found(two: list[Project]) -> None:
    rows = project_rows([project.pk for project in two])
    assert {row.project.pk for row in rows} == {project.pk for project in two}
    for row in rows:
        assert row.run is not None
        assert row.checkpoint is not None
        assert row.run.project_id == row.project.pk == row.checkpoint.log.project_id
        assert (row.run.added, row.checkpoint.size) == (MANY - 1, MANY + 1)


@pytest.mark.parametrize(
    ("table", "index"), [("audit_syncrun", "syncrun_project"), ("audit_checkpoint", "checkpoint_size")]
)
def test_no_table_is_read_through(two: list[Project], table: str, index: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        project_rows([project.pk for project in two])
    sql = next(one["sql"] for one in asked if f'FROM "{table}"' in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql)
        shown = "\n".join(row[0] for row in cursor.fetchall())
    assert f"using {index} on {table}" in shown
    assert f"Seq Scan on {table}" not in shown
