from __future__ import annotations

from pathlib import Path

from django.test import Client

from audit.models import Project
from exports.models import Export
from exportsite.jobs import claim, perform
from tests.exports.api.conftest import Post


def queued(post: Post, project: Project) -> str:
    return str(post("/api/v1/exports/", {"project": project.pk, "format": "trail"})["Location"])


def test_a_queued_one_ends_at_once_and_is_never_begun(
    post: Post, client: Client, project: Project, artefacts: Path
) -> None:
    address = queued(post, project)
    answer = post(f"{address}cancel/")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    perform(Export, answer.json()["id"])
    assert client.get(address).json()["state"] == "cancelled"
    assert not artefacts.exists()


def test_a_running_one_is_told_to_end(post: Post, client: Client, project: Project) -> None:
    address = queued(post, project)
    assert claim(Export, client.get(address).json()["id"]) is not None
    assert post(f"{address}cancel/").json()["state"] == "cancelling"
    assert post(f"{address}cancel/").json()["state"] == "cancelling"


def test_one_that_is_over_is_409(post: Post, finished: Export) -> None:
    answer = post(f"/api/v1/exports/{finished.pk}/cancel/")
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert "succeeded" in answer.json()["detail"]
    finished.refresh_from_db()
    assert finished.state == "succeeded"
