"""A client, a project, and runs that were done in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.models import Project
from exports.models import Export
from exportsite.jobs import perform
from tests.factories import make_project, worked_task

Post = Callable[..., Any]


@pytest.fixture(autouse=True)
def artefacts(tmp_path: Path, settings: Any) -> Path:
    """The folder of finished files, for this test alone."""
    settings.LABELTRAIL_ARTEFACTS = tmp_path / "artefacts"
    return tmp_path / "artefacts"


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task())


@pytest.fixture
def post(client: Client) -> Post:
    """POST an object as JSON."""

    def send(path: str, body: object = None, **headers: str) -> Any:
        return client.post(path, body, content_type="application/json", headers=headers)

    return send


@pytest.fixture
def finished(post: Post, project: Project) -> Export:
    """An export that a worker has made."""
    answer = post("/api/v1/exports/", {"project": project.pk, "format": "trail"})
    perform(Export, answer.json()["id"])
    return Export.objects.get(pk=answer.json()["id"])
