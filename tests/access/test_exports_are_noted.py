"""Exports and reports in the log of use: asked for, cancelled and downloaded, by whom."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from audit.models import Project, ServiceOutbox
from exports.models import Export
from exportsite.jobs import perform
from tests.factories import make_project, worked_task

pytestmark = pytest.mark.usefixtures("artefacts")


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task())


def lines() -> list[tuple[str, str, str]]:
    rows = ServiceOutbox.objects.order_by("id")
    return [(row.type, row.name, row.content["about"]) for row in rows if row.type != "record.viewed"]


def test_an_export_is_noted_when_it_is_asked_for_and_downloaded(client: Client, project: Project) -> None:
    asked = client.post("/api/v1/exports/", {"project": project.pk, "format": "trail"}, "application/json").json()
    perform(Export, asked["id"])
    (file,) = client.get(f"/api/v1/exports/{asked['id']}/").json()["files"]
    for part in ("bytes=0-9", "bytes=10-19"):
        assert client.get(file["url"], headers={"Range": part}).status_code == 206
    name = f"export {asked['id']}"
    assert lines() == [("export.requested", "root", name), ("export.downloaded", "root", f"{name}: {file['name']}")]
    assert ServiceOutbox.objects.get(type="export.downloaded").content["sha256"] == file["sha256"]


def test_what_was_refused_was_not_asked_for(client: Client, project: Project) -> None:
    body = {"project": project.pk, "format": "nothing"}
    assert client.post("/api/v1/exports/", body, "application/json").status_code == 400
    assert lines() == []


def test_a_request_that_is_sent_twice_is_noted_once(client: Client, project: Project) -> None:
    body = {"project": project.pk, "format": "trail"}
    for _ in range(2):
        client.post("/api/v1/exports/", body, "application/json", headers={"Idempotency-Key": "one"})
    assert [type_ for type_, _, _ in lines()] == ["export.requested"]


def test_the_same_key_of_another_user_is_another_request(
    client: Client, anonymous: Client, project: Project, django_user_model: Any
) -> None:
    anonymous.force_login(django_user_model.objects.create_superuser("other"))
    body = {"project": project.pk, "format": "trail"}
    answers = [
        each.post("/api/v1/exports/", body, "application/json", headers={"Idempotency-Key": "one"}).json()
        for each in (client, anonymous)
    ]
    assert answers[0]["id"] != answers[1]["id"]


def test_a_cancelled_export_is_noted(client: Client, project: Project) -> None:
    asked = client.post("/api/v1/exports/", {"project": project.pk, "format": "trail"}, "application/json").json()
    assert client.post(f"/api/v1/exports/{asked['id']}/cancel/").status_code == 202
    assert [type_ for type_, _, _ in lines()] == ["export.requested", "export.cancelled"]


def test_a_report_is_noted(client: Client, project: Project) -> None:
    asked = client.post("/api/v1/reports/", {"project": project.pk}, "application/json").json()
    assert lines() == [("report.requested", "root", f"report {asked['id']}")]


@pytest.mark.parametrize("words", [[], ["--queue"]])
def test_an_export_by_command_is_noted_without_a_user(project: Project, words: list[str]) -> None:
    call_command("export", str(project.pk), "--format", "trail", *words, stdout=StringIO(), stderr=StringIO())
    assert lines() == [("export.requested", "", f"export {Export.objects.get().pk}")]
