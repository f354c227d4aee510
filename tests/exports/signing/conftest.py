"""A report that succeeded, and somebody who may sign it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit.models import Membership, Project, Role
from exports.models import Report
from exports.reports.service import request_report
from exportsite.jobs import State
from tests.factories import make_project, worked_task

PASSWORD = "a long enough secret"
Sign = Callable[..., Any]


@pytest.fixture(autouse=True)
def artefacts(tmp_path: Path, settings: Any) -> Path:
    """The folder of finished files, for this test alone."""
    settings.LABELTRAIL_ARTEFACTS = tmp_path / "artefacts"
    (tmp_path / "artefacts").mkdir()
    return tmp_path / "artefacts"


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task(), name="Liver lesions")


@pytest.fixture
def report(project: Project, artefacts: Path) -> Report:
    """A report of two files."""
    report = request_report(project)
    files = []
    for name, data in (("report.pdf", b"%PDF"), ("report.volume-002.pdf", b"%PDF 2")):
        (artefacts / name).write_bytes(data)
        digest = sha256(data).hexdigest()
        files.append({"name": name, "path": str(artefacts / name), "bytes": len(data), "sha256": digest})
    Report.objects.filter(pk=report.pk).update(state=State.SUCCEEDED, files=files)
    return Report.objects.get(pk=report.pk)


@pytest.fixture
def helena(project: Project) -> User:
    """An auditor of the project."""
    user = User.objects.create_user("helena", "helena@example.org", PASSWORD, first_name="Helena", last_name="Brandt")
    Membership.objects.create(user=user, project=project, role=Role.AUDITOR)
    return user


@pytest.fixture
def browser(helena: User) -> Client:
    """A browser in which she signed in."""
    client = Client()
    client.force_login(helena)
    return client


@pytest.fixture
def sign(browser: Client, report: Report) -> Sign:
    """POST a signature to the API."""

    def send(meaning: str = "reviewed", password: str = PASSWORD, **headers: str) -> Any:
        body = {"meaning": meaning, "password": password}
        return browser.post(f"/api/v1/reports/{report.pk}/sign/", body, "application/json", headers=headers)

    return send
