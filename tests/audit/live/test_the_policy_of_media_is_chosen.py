"""What becomes of media: chosen when a project is connected, on its page, over the API; it is noted who changed it."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from audit.demo.redbrick import FakeRedBrick
from audit.demo.redbrick.scripts import LIVER, ORG
from audit.models import Membership, Project, Role, ServiceOutbox
from tests.factories import make_project


def put(client: Client, project: Project, body: object) -> Any:
    return client.put(f"/api/v1/projects/{project.pk}/media/", body, content_type="application/json")


def now(project: Project) -> str:
    return Project.objects.get(pk=project.pk).media


def noted() -> list[str]:
    rows = ServiceOutbox.objects.filter(type="media.changed").order_by("id")
    return [row.content["about"] for row in rows]


def connected(fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch, *more: str) -> Project:
    monkeypatch.setenv("RB_KEY", fake.world.key)
    there = ["--url", fake.url, "--org", ORG, "--project", LIVER.id, "--key-env", "RB_KEY"]
    call_command("connect", "redbrick", *there, *more, stdout=StringIO(), stderr=StringIO())
    return Project.objects.get()


def test_media_are_only_named_unless_somebody_says_so(
    db: None, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = connected(fake, monkeypatch)
    assert (project.media, noted()) == ("reference", [])


@pytest.mark.parametrize("policy", ["on_export", "keep"])
def test_it_is_chosen_when_the_project_is_connected(
    db: None, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    assert now(connected(fake, monkeypatch, "--media", policy)) == policy
    assert now(connected(fake, monkeypatch)) == policy, "connecting again without it leaves it"
    assert now(connected(fake, monkeypatch, "--media", "reference")) == "reference"
    assert noted() == [policy, "reference"]


def test_connecting_refuses_an_unknown_one(db: None, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="on_export"):
        connected(fake, monkeypatch, "--media", "always")


def test_the_api_tells_and_sets_it(client: Client, project: Project) -> None:
    assert client.get(f"/api/v1/projects/{project.pk}/media/").json() == {"policy": "reference"}
    answer = put(client, project, {"policy": "on_export"})
    assert (answer.status_code, answer.json(), now(project)) == (200, {"policy": "on_export"}, "on_export")
    assert put(client, project, {"policy": "on_export"}).status_code == 200
    assert noted() == ["on_export"], "what stays as it is is no change"


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        ({"policy": "on-export"}, "policy", "Did you mean “on_export”"),
        ({"policy": 1}, "policy", "a text"),
        ({}, "policy", "is missing: reference, on_export, keep"),
        ({"polcy": "keep"}, "polcy", "Did you mean “policy”"),
        ([], "", "JSON object"),
    ],
)
def test_the_api_refuses_what_is_wrong(client: Client, project: Project, body: object, field: str, text: str) -> None:
    answer = put(client, project, body)
    problems = answer.json()["errors"]
    assert (answer.status_code, now(project)) == (400, "reference")
    assert any(problem["field"] == field and text in problem["text"] for problem in problems), problems


def test_a_project_of_files_has_none(client: Client, db: None) -> None:
    project = make_project()
    answer = put(client, project, {"policy": "keep"})
    assert "is not read over an API" in answer.json()["errors"][0]["text"]
    page = client.get(f"/projects/{project.pk}/sync/").content.decode()
    assert "media-h" not in page
    assert client.post(f"/projects/{project.pk}/media/", {"policy": "keep"}).status_code == 400
    assert now(project) == "reference"


def test_the_page_shows_which_holds_and_changes_it(project: Project) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("oda"))
    address = f"/projects/{project.pk}/sync/"
    page = client.get(address).content.decode()
    assert 'value="reference" checked' in page
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    sent = {"policy": "on_export", "csrfmiddlewaretoken": token}
    assert client.post(f"/projects/{project.pk}/media/", sent)["Location"] == address + "?saved=1#media"
    assert "<b>Saved.</b>" in client.get(address + "?saved=1").content.decode()
    assert 'value="on_export" checked' in client.get(address).content.decode()
    assert client.post(f"/projects/{project.pk}/media/", {"policy": "keep"}).status_code == 403, "a forged form"
    assert noted() == ["on_export"]


def test_the_page_refuses_an_unknown_one(client: Client, project: Project) -> None:
    answer = client.post(f"/projects/{project.pk}/media/", {"policy": "kep"})
    assert (answer.status_code, now(project)) == (400, "reference")
    assert client.get(f"/projects/{project.pk}/media/").status_code == 405


@pytest.mark.parametrize(("role", "allowed"), [(Role.AUDITOR, False), (Role.MANAGER, True)])
def test_managers_alone_may_change_it(project: Project, role: Role, allowed: bool) -> None:
    user = User.objects.create_user("mo")
    Membership.objects.create(user=user, project=project, role=role)
    client = Client()
    client.force_login(user)
    page = client.get(f"/projects/{project.pk}/sync/").content.decode()
    assert ('name="policy"' in page) is allowed
    assert ("Only named" in page) is True
    assert (put(client, project, {"policy": "keep"}).status_code == 200) is allowed
    assert (client.post(f"/projects/{project.pk}/media/", {"policy": "on_export"}).status_code == 302) is allowed
    assert (now(project) == "on_export") is allowed
