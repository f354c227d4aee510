"""How many statements a page takes does not depend on how much it shows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Task
from tests.factories import make_project, worked_task


def statements(client: Client, address: str) -> int:
    client.get(address)  # Whatever is kept after a first request does not count.
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    "address",
    [
        "/projects/{project}/",
        "/projects/{project}/tasks/",
        "/projects/{project}/events/",
        "/projects/{project}/integrity/",
        "/tasks/{task}/",
        "/tasks/{task}/?event=1",
        "/api/v1/projects/{project}/tasks/",
        "/api/v1/projects/{project}/events/",
        "/api/v1/tasks/{task}/events/",
        "/api/v1/projects/{project}/active-time/",
    ],
)
def test_more_rows_take_no_more_statements(db: None, client: Client, address: str) -> None:
    found = []
    for tasks in (1, 12):
        project = make_project([event for n in range(tasks) for event in worked_task(f"T{n}", n * 200)])
        task = Task.objects.filter(project=project).latest("last_at")
        found.append(statements(client, address.format(project=project.pk, task=task.pk)))
    few, many = found
    # A tile more is read where the tree is deeper; a neighbour is looked up where there is one.
    assert many - few <= 1
    assert many <= 31


def test_the_list_of_projects_takes_as_many_statements_for_five_as_for_one(db: None, client: Client) -> None:
    make_project(worked_task())
    one = statements(client, "/")
    for _ in range(4):
        make_project(worked_task())
    assert statements(client, "/") == one
