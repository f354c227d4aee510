"""Tasks ticked in their list: an export of them, or a dossier of each."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from audit.models import Project, Task
from exports.models import Report
from exports.pages.selection import MOST
from tests.factories import make_project, worked_task


@pytest.fixture
def project(db: None) -> Project:
    return make_project([event for n in range(3) for event in worked_task(f"T {n}&", n * 200)])


def ids(project: Project) -> list[int]:
    return list(Task.objects.filter(project=project).order_by("number").values_list("pk", flat=True))


def test_an_export_gets_them_by_name(client: Client, project: Project) -> None:
    answer = client.get(f"/projects/{project.pk}/selection/", {"do": "export", "task": ids(project)[:2]})
    assert answer.headers["Location"] == f"/exports/new/?project={project.pk}&external_id=T+0%26&external_id=T+1%26"
    shown = client.get(answer.headers["Location"]).content.decode()
    assert 'name="external_id" value="T 0&amp;" checked' in shown
    assert 'name="external_id" value="T 1&amp;" checked' in shown


def test_a_report_of_one_is_its_dossier(client: Client, project: Project) -> None:
    answer = client.get(f"/projects/{project.pk}/selection/", {"do": "report", "task": ids(project)[0]})
    assert answer.headers["Location"] == f"/reports/new/?task={ids(project)[0]}"


def test_a_dossier_of_each_is_asked_for_once(client: Client, project: Project) -> None:
    form = {"once": str(uuid.uuid4()), "task": ids(project)}
    for _ in range(2):
        assert client.post(f"/projects/{project.pk}/selection/", form).status_code == 303
    assert sorted(Report.objects.values_list("task_id", flat=True)) == ids(project)
    assert set(Report.objects.values_list("as_of", flat=True)) == {project.log.size}


def test_nothing_chosen_leads_back_to_the_list(client: Client, project: Project) -> None:
    assert "No task is chosen" in client.get(f"/projects/{project.pk}/selection/?do=export").content.decode()
    answer = client.post(f"/projects/{project.pk}/selection/", {"once": str(uuid.uuid4())})
    assert answer.status_code == 400
    assert not Report.objects.exists()


def test_tasks_of_another_project_are_refused(client: Client, project: Project) -> None:
    other = make_project(worked_task())
    answer = client.get(f"/projects/{project.pk}/selection/", {"task": [*ids(project), *ids(other)]})
    assert answer.status_code == 400


def test_too_many_are_refused(client: Client, project: Project) -> None:
    answer = client.get(f"/projects/{project.pk}/selection/", {"task": list(range(1, MOST + 2))})
    assert answer.status_code == 400
    assert "at most 50 are possible at a time" in answer.content.decode()
