from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Project
from exports.models import Export
from tests.exports.api.conftest import Post
from tests.factories import make_project, worked_task


@pytest.fixture
def three(post: Post, project: Project) -> list[str]:
    """Ids of three exports, the oldest first."""
    return [post("/api/v1/exports/", {"project": project.pk, "format": "trail"}).json()["id"] for _ in range(3)]


def test_they_come_in_pages_the_newest_first(client: Client, three: list[str]) -> None:
    first = client.get("/api/v1/exports/?limit=2").json()
    assert [row["id"] for row in first["results"]] == three[:0:-1]
    assert first["count"] == {"value": 3, "exact": True}
    second = client.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == three[:1]
    assert second["next"] is None


def test_project_and_state_choose(client: Client, three: list[str], post: Post) -> None:
    other = make_project(worked_task())
    mine = post("/api/v1/exports/", {"project": other.pk, "format": "trail"}).json()["id"]
    Export.objects.filter(pk=three[1]).update(state="failed", error_code="x", error_text="because")
    chosen = client.get(f"/api/v1/exports/?project={other.pk}").json()["results"]
    assert [row["id"] for row in chosen] == [mine]
    failed = client.get("/api/v1/exports/?state=failed&fields=id,error.text").json()["results"]
    assert failed == [{"id": three[1], "error": {"text": "because"}}]


@pytest.mark.parametrize("query", ["stat=failed", "state=done", "project=x", "order=up", "limit=0", "cursor=abc"])
def test_an_unknown_key_or_value_is_refused(client: Client, three: list[str], query: str) -> None:
    answer = client.get(f"/api/v1/exports/?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["field"] == query.split("=")[0]


def test_addresses_of_files_can_be_picked(client: Client, finished: Export) -> None:
    (row,) = client.get("/api/v1/exports/?fields=id,files.url,files.sha256").json()["results"]
    assert set(row) == {"id", "files"}
    assert [set(file) for file in row["files"]] == [{"url", "sha256"}]
    wrong = client.get(f"/api/v1/exports/{finished.pk}/?fields=files.uri")
    assert wrong.json()["errors"][0]["nearest"] == "files.url"
