"""What can't be signed, and by whom: each time in words, and nothing is left of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit import apitokens
from audit.models import Event, Project, Scope, ServiceOutbox
from exports.models import Report, Signature
from exportsite.jobs import State
from tests.exports.signing.conftest import PASSWORD, Sign


def nothing_is_left() -> bool:
    return not Signature.objects.exists() and not Event.objects.filter(type="report.signed").exists()


def test_without_the_right_password(sign: Sign) -> None:
    answer = sign(password="guessed")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "password"
    assert "The password is wrong. 4 tries are left" in answer.json()["detail"]
    refused = ServiceOutbox.objects.get(type="access.refused")
    assert "under a signature" in refused.content["about"]
    assert nothing_is_left()


def test_without_a_password_at_all(sign: Sign) -> None:
    answer = sign(password="")
    assert answer.status_code == 400
    assert "Whoever signs gives it again, also where a token or a session says who asks" in answer.json()["detail"]
    assert nothing_is_left()


def test_a_token_alone_signs_nothing_and_with_the_password_it_does(report: Report, helena: User) -> None:
    client = Client()
    _, secret = apitokens.make(helena, "robot", [Scope.EXPORT])
    headers = {"Authorization": f"Bearer {secret}"}
    address = f"/api/v1/reports/{report.pk}/sign/"
    answer = client.post(address, {"meaning": "approved"}, "application/json", headers=headers)
    assert answer.status_code == 400
    assert "password" in answer.json()["detail"]
    assert nothing_is_left()
    body = {"meaning": "approved", "password": PASSWORD}
    assert client.post(address, body, "application/json", headers=headers).status_code == 200


def test_passwords_rest_after_five_tries_together_with_those_of_signing_in(sign: Sign) -> None:
    for _ in range(5):
        assert sign(password="guessed").status_code == 400
    answer = sign()
    assert answer.status_code == 429
    assert "rests until" in answer.json()["detail"]
    signing_in = Client().post("/sign-in/", {"username": "helena", "password": PASSWORD})
    assert signing_in.status_code == 429
    assert nothing_is_left()


def test_who_has_no_password_is_told_so(sign: Sign, helena: User) -> None:
    helena.set_unusable_password()
    helena.save()
    answer = sign()
    assert answer.status_code in (400, 401)  # Another password ends the session.
    assert nothing_is_left()


def test_an_unknown_meaning_is_named(sign: Sign) -> None:
    answer = sign("aproved")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["nearest"] == "approved"
    assert nothing_is_left()


def test_the_same_meaning_twice_by_the_same_person(sign: Sign) -> None:
    assert sign("reviewed").status_code == 200
    answer = sign("reviewed")
    assert answer.status_code == 409
    assert "You have signed this report as “reviewed” already" in answer.json()["detail"]
    assert Event.objects.filter(type="report.signed").count() == 1


@pytest.mark.parametrize("name", ["report.pdf", "report.volume-002.pdf"])
def test_a_report_of_which_a_file_was_changed(sign: Sign, artefacts: Path, name: str) -> None:
    (artefacts / name).write_bytes(b"%PDF of another")
    answer = sign()
    assert answer.status_code == 409
    assert f"{name} is not the file that was published" in answer.json()["detail"]
    assert str(artefacts) not in answer.json()["detail"]
    assert nothing_is_left()


def test_a_report_of_which_a_file_is_gone(sign: Sign, artefacts: Path) -> None:
    (artefacts / "report.volume-002.pdf").unlink()
    answer = sign()
    assert answer.status_code == 409
    assert "report.volume-002.pdf is no longer kept" in answer.json()["detail"]
    assert nothing_is_left()


@pytest.mark.parametrize("state", [state for state in State.values if state != State.SUCCEEDED])
def test_a_report_that_did_not_succeed(sign: Sign, report: Report, state: str) -> None:
    Report.objects.filter(pk=report.pk).update(state=state)
    answer = sign()
    assert answer.status_code == 409
    assert f"The report is {state}" in answer.json()["detail"]
    assert nothing_is_left()


def test_a_report_of_a_project_that_one_may_not_see(report: Report, project: Project) -> None:
    stranger = User.objects.create_user("stranger", password=PASSWORD)
    client = Client()
    client.force_login(stranger)
    body = {"meaning": "approved", "password": PASSWORD}
    assert client.post(f"/api/v1/reports/{report.pk}/sign/", body, "application/json").status_code == 404
    assert client.post(f"/reports/{report.pk}/sign/", body).status_code == 404
    assert nothing_is_left()
