"""A verification is begun from the integrity page, watched, and says what holds and what does not."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from audit.models import Membership, Project, Role, Verification
from audit.verification import request_verification
from exportsite.jobs import State, perform
from tests.factories import make_project, worked_task


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task(), name="Liver lesions")


def verified(project: Project) -> Verification:
    run = request_verification(project)
    perform(Verification, run.pk)
    run.refresh_from_db()
    return run


def test_verify_now_queues_it_and_shows_it(client: Client, project: Project) -> None:
    assert "Verify now" in client.get(f"/projects/{project.pk}/integrity/").content.decode()
    answer = client.post(f"/projects/{project.pk}/verifications/", {"once": str(uuid.uuid4())})
    run = Verification.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == f"/projects/{project.pk}/verifications/{run.pk}/"
    assert run.created_by == "root"
    assert "Waiting for a worker" in client.get(answer["Location"]).content.decode()


def test_one_that_is_under_way_is_shown_instead_of_another(client: Client, project: Project) -> None:
    first = request_verification(project)
    answer = client.post(f"/projects/{project.pk}/verifications/", {"once": str(uuid.uuid4())})
    assert answer["Location"] == f"/projects/{project.pk}/verifications/{first.pk}/"
    assert Verification.objects.count() == 1


def test_what_holds_is_said_with_what_was_checked(client: Client, project: Project) -> None:
    run = verified(project)
    text = client.get(f"/projects/{project.pk}/verifications/{run.pk}/").content.decode()
    assert "Everything that was checked holds, up to 8 entries." in text
    assert "<dt>Tasks</dt><dd>1</dd>" in text
    assert "Everything holds" in client.get(f"/projects/{project.pk}/integrity/").content.decode()


def test_what_does_not_hold_is_a_table_with_the_way_to_each_entry(client: Client, project: Project) -> None:
    with connection.cursor() as db:
        db.execute("SET LOCAL session_replication_role = replica")
        db.execute("UPDATE audit_event SET stage = '<b>moved</b>' WHERE log_id = %s AND n = 3", [project.log.pk])
        db.execute("SET LOCAL session_replication_role = origin")
    run = verified(project)
    text = client.get(f"/projects/{project.pk}/verifications/{run.pk}/").content.decode()
    assert "Does not hold" in text
    assert f'href="/projects/{project.pk}/events/2/"' in text
    assert "<b>moved</b>" not in text
    assert "keep it as it is" in text
    assert "Does not hold" in client.get(f"/projects/{project.pk}/integrity/").content.decode()


def test_it_is_cancelled_by_its_form(client: Client, project: Project) -> None:
    run = request_verification(project)
    address = f"/projects/{project.pk}/verifications/{run.pk}/"
    assert client.get(address + "cancel/").status_code == 200
    assert client.post(address + "cancel/")["Location"] == address
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert "That says nothing about the record." in client.get(address).content.decode()


def test_progress_comes_as_a_part_and_ends_by_loading_the_page(client: Client, project: Project) -> None:
    run = request_verification(project)
    address = f"/projects/{project.pk}/verifications/{run.pk}/progress/"
    Verification.objects.update(
        state=State.RUNNING, progress={"step": "verifying", "done": 4, "total": 8, "unit": "events", "seconds": 2.0}
    )
    text = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert '<progress value="50" max="100"' in text
    Verification.objects.update(state=State.SUCCEEDED)
    assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_an_auditor_may_verify_and_a_stranger_sees_nothing(project: Project) -> None:
    auditor, stranger = User.objects.create_user("auditor"), User.objects.create_user("stranger")
    Membership.objects.create(user=auditor, project=project, role=Role.AUDITOR)
    expected = {auditor: 303, stranger: 404}
    for user, status in expected.items():
        browser = Client()
        browser.force_login(user)
        answer = browser.post(f"/projects/{project.pk}/verifications/", {"once": str(uuid.uuid4())})
        assert answer.status_code == status


@pytest.mark.parametrize("path", ["0/", "999/", f"{'9' * 30}/", "0/progress/", "0/cancel/"])
def test_what_is_not_there_is_404(client: Client, project: Project, path: str) -> None:
    assert client.get(f"/projects/{project.pk}/verifications/{path}").status_code == 404


def test_a_run_of_another_project_is_404(client: Client, project: Project) -> None:
    run = request_verification(make_project(worked_task()))
    assert client.get(f"/projects/{project.pk}/verifications/{run.pk}/").status_code == 404


def test_it_is_begun_by_a_form_only(client: Client, project: Project) -> None:
    assert client.get(f"/projects/{project.pk}/verifications/").status_code == 405
