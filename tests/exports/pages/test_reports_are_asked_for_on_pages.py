"""The form that asks for a report, of a project or one of its tasks."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from audit.models import Project, ServiceOutbox, Task
from exports.models import Report
from exports.reports.service import request_report
from exportsite.jobs import State, perform
from tests.exports.pages.conftest import Send
from tests.factories import make_project, worked_task


@pytest.fixture
def task(project: Project) -> Task:
    return Task.objects.get(project=project)


def test_a_report_of_the_project_is_queued(client: Client, send: Send, project: Project) -> None:
    answer = send("/reports/new/", project=project.pk, paper="letter", redact="true", as_of="5")
    report = Report.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == f"/reports/{report.pk}/"
    assert report.asked == {"as_of": 5, "redact": True, "paper": "letter"}
    assert report.task is None
    assert report.created_by == "root"
    assert ServiceOutbox.objects.filter(type="report.requested").count() == 1
    text = client.get(answer["Location"]).content.decode()
    assert "Report of Liver lesions" in text
    assert "withheld, with texts and payloads" in text


def test_the_trail_leads_to_the_tasks_dossier(client: Client, send: Send, project: Project, task: Task) -> None:
    assert f'href="/reports/new/?task={task.pk}"' in client.get(f"/tasks/{task.pk}/").content.decode()
    text = client.get(f"/reports/new/?task={task.pk}").content.decode()
    assert f'name="task" value="{task.pk}" checked' in text
    send("/reports/new/", project=project.pk, task=task.pk)
    assert Report.objects.get().task == task


def test_the_projects_page_leads_to_both(client: Client, project: Project) -> None:
    text = client.get(f"/projects/{project.pk}/").content.decode()
    assert f'href="/reports/new/?project={project.pk}"' in text
    assert f'href="/exports/new/?project={project.pk}"' in text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"project": "999"}, "There is no project “999”."),
        ({"project": "x<y"}, "There is no project “x&lt;y”."),
        ({"project": ""}, "Choose the project"),
        ({"task": "999"}, "There is no task “999”."),
        ({"paper": "a5"}, "The paper “a5” is not known"),
        ({"as_of": "99"}, "The log has 8 events"),
        ({"as_of": "-1"}, "is no size of the log"),
    ],
)
def test_what_is_wrong_is_said_in_words(send: Send, project: Project, values: dict[str, str], said: str) -> None:
    make_project(name="Another")
    answer = send("/reports/new/", **{"project": project.pk, **values})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Report.objects.exists()


def test_a_task_of_another_project_is_refused(send: Send, project: Project) -> None:
    other = Task.objects.get(project=make_project(worked_task("U1")))
    answer = send("/reports/new/", project=project.pk, task=other.pk)
    assert answer.status_code == 400
    assert "is of another project" in answer.content.decode()
    assert not Report.objects.exists()


def test_a_task_that_was_not_there_yet_is_refused(send: Send, project: Project) -> None:
    later = make_project([*worked_task("T1"), *worked_task("T2", 500)])
    task = Task.objects.get(project=later, external_id="T2")
    answer = send("/reports/new/", project=later.pk, task=task.pk, as_of="3")
    assert answer.status_code == 400
    assert "does not have yet" in answer.content.decode()


def test_the_shown_command_and_call_ask_for_the_same(client: Client, send: Send, project: Project, task: Task) -> None:
    query: dict[str, Any] = {"project": project.pk, "task": task.pk, "redact": "true", "paper": "letter", "as_of": "8"}
    text = unescape(client.get("/reports/new/", query).content.decode())
    command = text.split('aria-label="Command"><code>')[1].split("</code>")[0]
    body = text.split("<<'END'\n")[1].split("\nEND")[0]
    call_command("report", *command.replace("\\\n", " ").split()[3:], "--queue")
    assert client.post("/api/v1/reports/", body, content_type="application/json").status_code == 202
    send("/reports/new/", **query)
    one, two, three = Report.objects.order_by("created_at")
    assert one.asked == two.asked == three.asked
    assert one.task == two.task == three.task == task


def test_a_finished_report_shows_its_pages_and_its_definition(client: Client, project: Project, task: Task) -> None:
    report = request_report(project, task, created_by="mei")
    perform(Report, report.pk)
    report.refresh_from_db()
    assert report.state == State.SUCCEEDED, report.error_text
    text = client.get(f"/reports/{report.pk}/").content.decode()
    assert f"on {report.pages} pages" in text
    assert "<dt>Redaction</dt><dd>none</dd>" in text
    assert f'href="/tasks/{task.pk}/"' in text
    assert f'href="/reports/new/?project={project.pk}&amp;paper=a4&amp;task={task.pk}"' in text


def test_again_is_another_report_of_the_same_state(send: Send, project: Project, task: Task) -> None:
    first = request_report(project, task, as_of=6)
    send(f"/reports/{first.pk}/again/")
    second = Report.objects.exclude(pk=first.pk).get()
    assert (second.task, second.as_of, second.resolved) == (task, 6, first.resolved)
