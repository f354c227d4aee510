from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django_q.models import OrmQ

from audit.models import Project
from exports.models import Export, Report
from exportsite.jobs import perform
from tests.exports.api.conftest import Post


def test_it_is_accepted_queued_and_found_at_its_location(post: Post, client: Client, project: Project) -> None:
    answer = post(
        "/api/v1/exports/", {"project": project.pk, "format": "trail", "filters": {"type": "review.rejected"}}
    )
    assert answer.status_code == 202
    found = client.get(answer["Location"]).json()
    assert found["id"] == answer.json()["id"]
    assert (found["state"], found["attempts"], found["error"], found["files"]) == ("queued", 0, None, [])
    assert found["resolved"]["filters"] == {"type": ["review.rejected"]}
    assert found["as_of"] == project.log.size
    assert OrmQ.objects.count() == 1


def test_it_says_when_to_look_again_until_it_is_over(post: Post, client: Client, project: Project) -> None:
    answer = post("/api/v1/exports/", {"project": project.pk, "format": "trail"})
    waiting = client.get(answer["Location"])
    assert answer["Retry-After"] == waiting["Retry-After"] == "2"
    perform(Export, answer.json()["id"])
    assert "Retry-After" not in client.get(answer["Location"])


def test_a_worker_makes_what_was_asked_for(finished: Export, client: Client) -> None:
    told = client.get(f"/api/v1/exports/{finished.pk}/").json()
    assert (told["state"], told["attempts"]) == ("succeeded", 1)
    assert told["counts"]["expected"] == told["counts"]["written"]
    assert [file["url"] for file in told["files"]] == [
        f"/api/v1/exports/{finished.pk}/files/{told['files'][0]['name']}"
    ]


def test_a_report_is_made_the_same_way(post: Post, client: Client, project: Project) -> None:
    answer = post("/api/v1/reports/", {"project": project.pk, "redact": True})
    perform(Report, answer.json()["id"])
    told = client.get(answer["Location"]).json()
    assert told["state"] == "succeeded", told["error"]
    assert told["pages"] > 3
    assert client.get(told["files"][0]["url"]).getvalue().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"format": "trail"}, "project", "required"),
        ({"project": 0, "format": "trail"}, "project", "unknown"),
        ({"project": True, "format": "trail"}, "project", "invalid"),
        ({"project": "1", "format": "trail"}, "project", "invalid"),
        ({"format": "trial"}, "format", "unknown"),
        ({"format": "trail", "formt": 1}, "formt", "unknown"),
        ({"format": "trail", "filters": {"tipe": "x"}}, "tipe", "unknown"),
        ({"format": "trail", "parameters": {"audit": "some"}}, "audit", "unknown"),
        ({"format": "trail", "filters": []}, "filters", "invalid"),
        ({"format": "trail", "as_of": 10**9}, "as_of", "invalid"),
        ({"format": "trail", "as_of": 10**30}, "as_of", "invalid"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_queued(
    post: Post, project: Project, body: dict[str, Any], field: str, code: str
) -> None:
    given = body if field == "project" else {"project": project.pk, **body}
    answer = post("/api/v1/exports/", given)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert (field, code) in [(error["field"], error["code"]) for error in answer.json()["errors"]]
    assert not Export.objects.exists()
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("body", ["[]", '"x"', "{", ""])
def test_a_body_that_is_no_object_is_refused(client: Client, project: Project, body: str) -> None:
    answer = client.post("/api/v1/exports/", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_a_task_of_another_project_is_refused(post: Post, project: Project) -> None:
    answer = post("/api/v1/reports/", {"project": project.pk, "task": 10**6})
    assert answer.json()["errors"][0]["field"] == "task"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_405(client: Client, finished: Export, method: str) -> None:
    for path in ("/api/v1/exports/", f"/api/v1/exports/{finished.pk}/"):
        answer = getattr(client, method)(path)
        assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")


def test_what_is_not_there_is_404(client: Client, finished: Export) -> None:
    other = "00000000-0000-4000-8000-000000000000"
    for path in (
        f"exports/{other}/",
        f"reports/{finished.pk}/",
        f"exports/{other}/files/x",
        f"exports/{finished.pk}/files/x",
    ):
        answer = client.get(f"/api/v1/{path}")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"project": 1, "projects": [1]}, "project", "give one of the two"),
        ({}, "project", "“project” (a whole number) or “projects”"),
        ({"projects": []}, "projects", "is empty"),
        ({"projects": ["x"]}, "projects", 'has "x", which is no whole number'),
        ({"projects": [True]}, "projects", "which is no whole number"),
        ({"projects": list(range(101))}, "projects", "at most 100 projects"),
        ({"projects": 3}, "projects", "“projects” is a list."),
        ({"project": 1, "as_of": "x"}, "as_of", "“as_of” is a whole number or a list."),
        ({"project": 1, "strict": "yes"}, "strict", "“strict” is true or false."),
    ],
)
def test_what_is_asked_for_must_make_sense(post: Post, project: Project, body: Any, field: str, said: str) -> None:
    answer = post("/api/v1/exports/", {"format": "trail", **body})
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert said in answer.json()["detail"]
