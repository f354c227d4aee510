"""The log of the service's own use: what is noted, once, in order, and verifiable."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from audit import access, accounts, servicelog
from audit.log.verify import verify
from audit.models import Checkpoint, Event, Project, Role, ServiceOutbox
from exportsite.jobs import reaper
from tests.factories import make_project, worked_task


@pytest.fixture
def ada(db: None) -> User:
    user = accounts.create_user("ada", "correct horse battery", email="ada@example.org")
    ServiceOutbox.objects.all().delete()
    return user


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task())


@pytest.fixture
def auditor(ada: User, project: Project) -> Client:
    accounts.give(ada, Role.AUDITOR, project)
    ServiceOutbox.objects.all().delete()
    client = Client()
    client.force_login(ada)
    return client


def types() -> list[str]:
    return list(ServiceOutbox.objects.order_by("id").values_list("type", flat=True))


def usage(*words: str) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("usage", "--json", *words, stdout=out, stderr=StringIO())
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_trail_that_is_opened_is_noted_once_in_a_quarter_of_an_hour(auditor: Client, project: Project) -> None:
    task = project.task_set.get()
    for _ in range(3):
        assert auditor.get(f"/tasks/{task.pk}/").status_code == 200
    (row,) = ServiceOutbox.objects.all()
    assert (row.type, row.name, row.content["project"]) == ("record.viewed", "ada", project.pk)
    assert row.content["about"] == f"trail of task {task.pk}"


def test_two_people_who_look_are_two_lines(auditor: Client, client: Client, project: Project) -> None:
    for each in (auditor, client):
        each.get(f"/tasks/{project.task_set.get().pk}/")
    assert types() == ["record.viewed", "record.viewed"]


@pytest.mark.parametrize(
    ("address", "about"),
    [
        ("/projects/{project}/events/", "events of project {project}"),
        ("/projects/{project}/events/3/", "entry 3 of project {project}"),
        ("/projects/{project}/events/3/content", "content of entry 3 of project {project}"),
        ("/api/v1/tasks/{task}/events/", "trail of task {task}"),
        ("/api/v1/projects/{project}/events/", "events of project {project}"),
    ],
)
def test_what_shows_the_record_is_noted(auditor: Client, project: Project, address: str, about: str) -> None:
    names = {"project": project.pk, "task": project.task_set.get().pk}
    assert auditor.get(address.format(**names)).status_code == 200
    (row,) = ServiceOutbox.objects.all()
    assert (row.type, row.content["about"]) == ("record.viewed", about.format(**names))


def test_what_was_refused_was_not_viewed(auditor: Client) -> None:
    foreign = make_project(worked_task())
    assert auditor.get(f"/tasks/{foreign.task_set.get().pk}/").status_code == 404
    assert types() == []


def test_a_worker_appends_what_waits(ada: User) -> None:
    servicelog.note(ada, "record.viewed", "trail of task 7")
    servicelog.note(None, "user.created", of=ada)
    for hook in reaper.hooks:
        hook()
    project = servicelog.service_project()
    assert project is not None
    assert list(Event.objects.filter(log=project.log).order_by("id").values_list("type", flat=True)) == [
        "record.viewed",
        "user.created",
    ]
    assert not ServiceOutbox.objects.filter(appended_at=None).exists()


def test_nothing_is_appended_twice(ada: User) -> None:
    servicelog.note(ada, "record.viewed", "trail of task 7")
    assert servicelog.append_waiting() == 1
    assert servicelog.append_waiting() == 0
    servicelog.note(ada, "record.viewed", "trail of task 7")
    assert servicelog.append_waiting() == 1
    assert len(usage()) == 2


def test_what_is_rolled_back_is_not_noted(ada: User) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        accounts.create_user("bob", "correct horse battery")
        raise RuntimeError
    assert types() == []


def test_the_log_verifies_and_is_signed(ada: User) -> None:
    for task in range(20):
        servicelog.note(ada, "record.viewed", f"trail of task {task}")
    servicelog.append_waiting()
    project = servicelog.service_project()
    assert project is not None
    assert Checkpoint.objects.filter(log=project.log, size=20).exists()
    result = verify(project.log)
    assert result.problems == []
    assert result.events == 20


def test_no_name_stands_in_the_envelopes(ada: User) -> None:
    servicelog.note(ada, "record.viewed", "trail of task 7")
    servicelog.append_waiting()
    envelopes = b"".join(bytes(event.envelope) for event in Event.objects.all())
    assert b"ada" not in envelopes
    (line,) = usage()
    assert line["actor"] == "ada"


def test_lines_are_cleared_away_after_they_were_appended(ada: User) -> None:
    servicelog.note(ada, "record.viewed", "trail of task 7")
    servicelog.append_waiting()
    assert ServiceOutbox.objects.count() == 1
    ServiceOutbox.objects.update(appended_at=timezone.now() - servicelog.KEPT - timedelta(seconds=1))
    servicelog.append_waiting()
    assert ServiceOutbox.objects.count() == 0


def test_only_operators_of_everything_see_the_log(auditor: Client, client: Client, project: Project, ada: User) -> None:
    servicelog.note(ada, "record.viewed", "trail of task 7")
    servicelog.append_waiting()
    of = servicelog.service_project()
    assert of is not None
    assert client.get(f"/projects/{of.pk}/events/").status_code == 200
    assert auditor.get(f"/projects/{of.pk}/events/").status_code == 404
    accounts.give(ada, Role.MANAGER, None)
    assert auditor.get(f"/projects/{of.pk}/events/").status_code == 404


def test_no_list_of_projects_shows_it(client: Client, ada: User, project: Project) -> None:
    servicelog.note(ada, "record.viewed", "trail of task 7")
    servicelog.append_waiting()
    listed = client.get("/api/v1/projects/").json()["results"]
    assert [row["id"] for row in listed] == [project.pk]
    assert [row["id"] for row in client.get("/api/v1/sources/").json()["results"]] == [project.source_id]
    assert servicelog.service_project() not in access.projects(User.objects.get(username="root"))


def test_everybody_sees_what_was_recorded_of_them(auditor: Client, client: Client, project: Project) -> None:
    task = project.task_set.get().pk
    auditor.get(f"/tasks/{task}/")
    client.get(f"/projects/{project.pk}/events/")
    assert "waits for a worker" in auditor.get("/account/visits/").content.decode()
    servicelog.append_waiting()
    page = auditor.get("/account/visits/").content.decode()
    assert f"trail of task {task}" in page
    assert f"events of project {project.pk}" not in page
    assert "waits for a worker" not in page


def test_roles_and_users_that_are_changed_are_noted(ada: User, project: Project, client: Client) -> None:
    root = User.objects.get(username="root")
    accounts.give(ada, Role.AUDITOR, project, by=root)
    accounts.give(ada, Role.AUDITOR, project, by=root)  # Nothing changes: nothing is noted.
    accounts.take(ada, project, by=root)
    accounts.change(ada, {"is_active": False}, by=root)
    servicelog.append_waiting()
    lines = usage()[::-1]
    assert [(line["type"], line["about"], line["of"], line["actor"]) for line in lines] == [
        ("user.role_given", f"auditor in project {project.pk}", "ada", "root"),
        ("user.role_taken", f"auditor in project {project.pk}", "ada", "root"),
        ("user.changed", "is_active off", "ada", "root"),
    ]


def test_roles_that_are_changed_in_the_administration_are_noted(ada: User, project: Project, client: Client) -> None:
    form = {"user": ada.pk, "project": project.pk, "role": "manager"}
    assert client.post("/admin/audit/membership/add/", form).status_code == 302
    assert access.role(ada, project) is Role.MANAGER
    held = ada.memberships.get()
    assert held.given_by == "root"
    assert client.post(f"/admin/audit/membership/{held.pk}/delete/", {"post": "yes"}).status_code == 302
    servicelog.append_waiting()
    assert [(line["type"], line["of"], line["actor"]) for line in usage()[::-1]] == [
        ("user.role_given", "ada", "root"),
        ("user.role_taken", "ada", "root"),
    ]


def test_lines_are_found_by_who_and_what(auditor: Client, client: Client, project: Project) -> None:
    auditor.get(f"/tasks/{project.task_set.get().pk}/")
    client.get(f"/projects/{project.pk}/events/")
    servicelog.append_waiting()
    assert [line["actor"] for line in usage("--person", "ada")] == ["ada"]
    assert len(usage("--type", "record.viewed")) == 2
    assert len(usage("-n", "1")) == 1
