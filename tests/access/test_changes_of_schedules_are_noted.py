"""Whoever changes when a project is read stands in the log of use; what changes nothing is not noted."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from audit.models import Project, ServiceOutbox, Source
from tests.factories import make_project


@pytest.fixture
def project(db: None) -> Project:
    found = make_project(name="Liver")
    Source.objects.filter(pk=found.source_id).update(kind="redbrick")
    found.refresh_from_db()
    return found


def noted() -> list[tuple[str, str]]:
    rows = ServiceOutbox.objects.filter(type="schedule.changed").order_by("id")
    return [(row.name, row.content["about"]) for row in rows]


def test_over_the_api(client: Client, project: Project) -> None:
    address = reverse("api-schedule", args=[project.pk])
    body = json.dumps({"incremental": {"minutes": 30}})
    for _ in range(2):
        assert client.put(address, body, content_type="application/json").status_code == 200
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 204
    assert [about for _, about in noted()] == ["incremental every 30 minutes", "none"]
    assert all(name for name, _ in noted())


def test_on_its_page(client: Client, project: Project) -> None:
    form = {"incremental-when": "never", "full-when": "daily", "full-at": "02:00", "full-zone": "Europe/Berlin"}
    for _ in range(2):
        assert client.post(reverse("schedule", args=[project.pk]), form).status_code == 302
    assert [about for _, about in noted()] == ["full daily at 02:00 (Europe/Berlin)"]


def test_by_command(project: Project) -> None:
    call_command("schedule", str(project.pk), every="2h")
    call_command("schedule", str(project.pk))
    call_command("schedule", str(project.pk), pause=True)
    assert noted() == [("", "incremental every 120 minutes"), ("", "incremental every 120 minutes, paused")]
