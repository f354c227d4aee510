"""Pages answer wrong requests with words, and never with a wrong page."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from audit.models import Project, Task
from tests.factories import make_project, worked_task

PAGES = [
    "/",
    "/projects/{project}/",
    "/projects/{project}/tasks/",
    "/projects/{project}/events/",
    "/projects/{project}/events/0/",
    "/projects/{project}/integrity/",
    "/tasks/{task}/",
]


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task())


def filled(address: str, project: Project) -> str:
    return address.format(project=project.pk, task=Task.objects.get(project=project).pk)


@pytest.mark.parametrize("address", PAGES)
def test_it_answers_with_a_strict_policy_and_nothing_inline(client: Client, project: Project, address: str) -> None:
    answer = client.get(filled(address, project))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "script-src 'self';" in answer["Content-Security-Policy"]
    assert " style=" not in text
    assert "<style" not in text
    assert " onclick=" not in text
    assert text.count("<script") == 1
    assert not re.search(r"(?:src|href|action|poster)\s*=\s*.?(?:https?:)?//", text), "nothing comes from elsewhere"


@pytest.mark.parametrize("address", PAGES)
def test_it_has_one_heading_and_one_title(client: Client, project: Project, address: str) -> None:
    text = client.get(filled(address, project)).content.decode()
    assert text.count("<h1") == 1
    assert text.split("<body>")[0].count("<title>") == 1


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", PAGES)
def test_it_only_reads(client: Client, project: Project, address: str, method: str) -> None:
    assert getattr(client, method)(filled(address, project)).status_code == 405


@pytest.mark.parametrize("address", PAGES)
def test_an_unknown_query_key_is_refused_by_name(client: Client, project: Project, address: str) -> None:
    answer = client.get(filled(address, project) + "?utm=1")
    assert answer.status_code == 400
    assert "“utm” is not known" in answer.content.decode()


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30, "x", "-1"])
@pytest.mark.parametrize("address", [address for address in PAGES if "{" in address])
def test_what_is_not_there_is_a_page_that_says_so(client: Client, project: Project, address: str, pk: str) -> None:
    answer = client.get(address.format(project=pk, task=pk))
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


@pytest.mark.parametrize("query", ["event=0", "event=9", "event=999999999"])
def test_an_event_that_the_task_does_not_have_is_404(client: Client, project: Project, query: str) -> None:
    answer = client.get(filled("/tasks/{task}/", project) + "?" + query)
    assert answer.status_code == 404
    assert "it has 8" in answer.content.decode()


@pytest.mark.parametrize("query", ["event=x", "event=-1", "event=1e3", "cursor=x", "limit=0", "type=nothing"])
def test_a_wrong_value_on_a_trail_is_400(client: Client, project: Project, query: str) -> None:
    assert client.get(filled("/tasks/{task}/", project) + "?" + query).status_code == 400


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30])
def test_a_wrong_place_among_checkpoints_is_400(client: Client, project: Project, before: str) -> None:
    assert client.get(f"/projects/{project.pk}/integrity/?before={before}").status_code == 400


@pytest.mark.parametrize("path", ["8/", "999999999999999999999/", "0/nothing", "0/text", "0/../content"])
def test_entries_and_bytes_that_are_not_there_are_404(client: Client, project: Project, path: str) -> None:
    assert client.get(f"/projects/{project.pk}/events/{path}").status_code == 404


def test_a_cursor_of_another_list_is_refused(client: Client, project: Project) -> None:
    found = client.get(f"/api/v1/projects/{project.pk}/events/?limit=1&fields=n").json()["next"]
    cursor = found.split("cursor=")[1]
    answer = client.get(f"/projects/{project.pk}/events/?stage=Label&cursor={cursor}")
    assert answer.status_code == 400
    assert "belongs to another list" in answer.content.decode()


def test_a_fault_of_ours_is_a_page_without_details(
    client: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("audit.queries.projects.projects", broken)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "hunter2" not in answer.content.decode()
    assert "has been written to the server’s log" in answer.content.decode()
    api = client.get("/api/v1/projects/")
    assert api.status_code == 500
    assert api["Content-Type"] == "application/problem+json"
