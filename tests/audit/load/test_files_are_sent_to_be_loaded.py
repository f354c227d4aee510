"""The page that takes a file, and the worker's load of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from audit import uploads
from audit.models import Event, Membership, Project, Role, SyncRun
from audit.uploads import discard, file_name
from exportsite.jobs import cancel, perform

GOLDEN = Path(__file__).parents[2] / "golden"
EXPORT = (GOLDEN / "labelstudio" / "history.json").read_bytes()
Send = Callable[..., HttpResponse]


def sent(client: Client, data: bytes | None = EXPORT, name: str = "export.json", **fields: str) -> Any:
    """The answer to a form with this file."""
    form: dict[str, Any] = {"once": str(uuid.uuid4()), "project": "Sent", **fields}
    if data is not None:
        form["file"] = SimpleUploadedFile(name, data)
    return client.post("/projects/load/", form)


def kept(settings: Any) -> list[Path]:
    return [path for path in settings.UPLOADS.rglob("*") if path.is_file()]


def test_an_export_is_kept_and_loaded_by_a_worker(operator: Client, settings: Any) -> None:
    answer = sent(operator)
    run = SyncRun.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sync/runs/{run.pk}/")
    assert (run.state, run.mode, run.created_by, run.project) == ("queued", "load", "olu", None)
    assert len(kept(settings)) == 1
    perform(SyncRun, run.pk)
    run.refresh_from_db()
    assert (run.state, run.error_text) == ("succeeded", "")
    assert run.project is not None
    assert (run.project.name, run.project.source.kind, run.added > 5) == ("Sent", "labelstudio-file", True)
    assert b"Loaded: 1 task." in operator.get(f"/sync/runs/{run.pk}/").content
    discard()
    run.refresh_from_db()
    assert (run.upload, kept(settings), list(settings.INCOMING.iterdir())) == (None, [], [])


def test_the_same_file_sent_again_adds_nothing(operator: Client) -> None:
    for _ in range(2):
        sent(operator)
        perform(SyncRun, SyncRun.objects.latest("id").pk)
    assert SyncRun.objects.latest("id").added == 0
    assert Project.objects.filter(name="Sent").count() == 1


def test_a_form_that_comes_twice_is_one_load(operator: Client) -> None:
    token = str(uuid.uuid4())
    first, second = sent(operator, once=token), sent(operator, once=token)
    assert first.headers["Location"] == second.headers["Location"]
    assert SyncRun.objects.count() == 1


def test_an_event_log_is_loaded_with_its_zone(operator: Client) -> None:
    sent(operator, b"task,event,time\n1,A,2024-01-01T00:00:00\n", "log.csv", zone="Europe/Paris")
    perform(SyncRun, SyncRun.objects.get().pk)
    assert SyncRun.objects.get().state == "succeeded"
    assert Project.objects.get(name="Sent").source.zone == "Europe/Paris"


@pytest.mark.parametrize(
    ("data", "kind", "said"),
    [
        (b"[]", "labelstudio", "there is no task in it"),
        (EXPORT, "kili", "this is no kili: the content is an export of Label Studio"),
        (b"PK\x05\x06" + bytes(18), "", "this is no export that is known"),
        (EXPORT[:-20], "labelstudio", "cut off"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_an_error_in_words(
    operator: Client, settings: Any, data: bytes, kind: str, said: str
) -> None:
    sent(operator, data, kind=kind)
    perform(SyncRun, SyncRun.objects.get().pk)
    run = SyncRun.objects.get()
    assert (run.state, run.error_code) == ("failed", "refused")
    assert run.error_text.startswith("export.json")
    assert said in run.error_text
    assert str(settings.INCOMING) not in run.error_text
    assert not Project.objects.filter(name="Sent").exists()
    discard()
    assert kept(settings) == []


def test_a_cancelled_load_leaves_no_file(operator: Client, settings: Any) -> None:
    sent(operator)
    cancel(SyncRun.objects.get())
    discard()
    assert kept(settings) == []


def test_a_file_that_another_load_waits_for_stays(operator: Client, settings: Any) -> None:
    sent(operator)
    sent(operator, project="Other")
    cancel(SyncRun.objects.earliest("id"))
    discard()
    assert len(kept(settings)) == 1
    perform(SyncRun, SyncRun.objects.latest("id").pk)
    assert SyncRun.objects.latest("id").state == "succeeded"


def test_a_file_that_vanished_is_an_error_in_words(operator: Client, settings: Any) -> None:
    sent(operator)
    kept(settings)[0].unlink()
    perform(SyncRun, SyncRun.objects.get().pk)
    assert "is gone from the store" in SyncRun.objects.get().error_text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"data": None}, "Choose a file"),
        ({"data": b""}, "Choose a file"),
        ({"kind": "labelstudo"}, "Did you mean “labelstudio”?"),
        ({"zone": "Europe/Pariss"}, "Europe/Pariss"),
        ({"project": ""}, "is no name for a project"),
        ({"project": "x" * 201}, "is no name for a project"),
    ],
)
def test_a_form_that_can_not_be_followed_is_refused_in_words(
    operator: Client, settings: Any, fields: dict[str, Any], said: str
) -> None:
    answer = sent(operator, **fields)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not SyncRun.objects.exists()


def test_a_file_that_is_too_large_is_not_read(operator: Client, settings: Any) -> None:
    settings.UPLOAD_MIB = 1
    answer = sent(operator, bytes(3 << 20))
    assert answer.status_code == 413
    assert "more than the 1 MiB" in answer.content.decode()
    assert not settings.INCOMING.exists()
    assert not SyncRun.objects.exists()


def test_the_token_of_the_page_is_asked_for(operator: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get())
    assert sent(strict).status_code == 403
    assert not SyncRun.objects.exists()


def test_a_project_of_a_platform_takes_no_files(operator: Client) -> None:
    sent(operator)
    perform(SyncRun, SyncRun.objects.get().pk)
    of = Project.objects.get(name="Sent")
    type(of.source)._default_manager.filter(pk=of.source.pk).update(kind="kili")
    answer = sent(operator)
    assert answer.status_code == 400
    assert "read from its platform" in answer.content.decode()


def test_managers_load_into_their_projects_and_make_none(operator: Client) -> None:
    sent(operator)
    perform(SyncRun, SyncRun.objects.get().pk)
    events = Event.objects.count()
    client = Client()
    client.force_login(manager := User.objects.create_user("mara"))
    assert b"needs the role manager" in client.get("/projects/load/").content
    assert sent(client).status_code == sent(client, project="New").status_code == 400
    membership = Membership.objects.create(user=manager, project=Project.objects.get(name="Sent"), role=Role.AUDITOR)
    assert sent(client).status_code == 403
    Membership.objects.filter(pk=membership.pk).update(role=Role.MANAGER)
    assert b'<option value="Sent">' in client.get("/projects/load/").content
    assert sent(client).status_code == 303
    assert sent(client, project="New").status_code == 400
    perform(SyncRun, SyncRun.objects.latest("id").pk)
    assert (SyncRun.objects.latest("id").state, Event.objects.count()) == ("succeeded", events)


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("a.zip", "a.zip"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\b.json", "b.json"),
        ("..", "upload"),
        ("", "upload"),
        ("x" * 300 + ".json", "x" * uploads.MAX_NAME + ".json"),
    ],
)
def test_names_of_files_lead_nowhere(called: str, name: str) -> None:
    assert file_name(called) == name
