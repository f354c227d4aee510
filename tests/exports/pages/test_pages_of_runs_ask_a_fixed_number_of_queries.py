"""How many statements a page of runs takes does not depend on how many there are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Person, Project, Task
from exports.models import Export
from exports.reports.service import request_report
from exports.run import request_export
from tests.factories import make_project, worked_task


def statements(client: Client, address: str) -> int:
    client.get(address)  # Whatever is kept after a first request does not count.
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("address", ["/exports/", "/reports/"])
def test_lists_take_as_many_for_nine_as_for_one(client: Client, project: Project, address: str) -> None:
    task = Task.objects.get(project=project)
    request_export(project, "trail")
    request_report(project, task)
    one = statements(client, address)
    for number in range(8):
        other = make_project(worked_task(f"U{number}"))
        request_export(other, "trail")
        request_report(other, Task.objects.get(project=other))
    assert statements(client, address) == one
    assert one <= 10


@pytest.mark.parametrize("query", ["", "&type=review.rejected&stage=Label&words=lesion", "&status=accepted&person=1"])
def test_the_builder_takes_as_many_for_many_tasks_as_for_one(client: Client, query: str) -> None:
    found = []
    for tasks in (1, 12):
        made = make_project([event for n in range(tasks) for event in worked_task(f"T{n}", n * 200)])
        asked = query.replace("person=1", f"person={Person.objects.filter(project=made).order_by('pk')[0].pk}")
        found.append(statements(client, f"/exports/new/?project={made.pk}{asked}"))
    assert found[0] == found[1]
    assert found[0] <= 30


def test_an_exports_page_takes_few(client: Client, finished: Export) -> None:
    assert statements(client, f"/exports/{finished.pk}/") <= 12
