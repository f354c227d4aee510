"""A project, runs that were done in this process, and forms with their token."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.models import Project
from exports.models import Export
from exports.run import request_export
from exportsite.jobs import perform
from tests.factories import make_project, worked_task

Send = Callable[..., Any]


@pytest.fixture(autouse=True)
def artefacts(tmp_path: Path, settings: Any) -> Path:
    """The folder of finished files, for this test alone."""
    settings.LABELTRAIL_ARTEFACTS = tmp_path / "artefacts"
    return tmp_path / "artefacts"


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task(), name="Liver lesions")


@pytest.fixture
def send(client: Client) -> Send:
    """POST a form as a browser does, with the token that its page had."""

    def post(path: str, **values: object) -> Any:
        return client.post(path, {"once": str(uuid.uuid4()), **values})

    return post


@pytest.fixture
def export(project: Project) -> Export:
    """An export that waits for a worker."""
    return request_export(project, "trail", created_by="mei")


@pytest.fixture
def finished(export: Export) -> Export:
    """An export that a worker has made."""
    perform(Export, export.pk)
    export.refresh_from_db()
    return export
