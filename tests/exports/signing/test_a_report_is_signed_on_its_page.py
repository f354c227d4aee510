"""The form under a report: signed, shown, refused in words."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import Client

from audit.erase import erase_person
from audit.models import Person, Project
from exports.models import Report, Signature
from tests.exports.signing.conftest import PASSWORD


def test_it_is_signed_and_the_page_shows_by_whom(browser: Client, report: Report) -> None:
    page = browser.get(f"/reports/{report.pk}/").content.decode()
    assert "Nobody has signed this report." in page
    assert "Sign as Helena Brandt" in page
    answer = browser.post(f"/reports/{report.pk}/sign/", {"meaning": "reviewed", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (303, f"/reports/{report.pk}/?signed=reviewed#signatures")
    page = browser.get(answer["Location"].partition("#")[0]).content.decode()
    assert "You have signed the report." in page
    assert "<b>Reviewed</b>" in page
    assert "Helena Brandt</td>" in page
    index = Signature.objects.get().event.index
    assert f'href="/projects/{report.project_id}/events/{index}/"' in page
    assert browser.get(f"/projects/{report.project_id}/events/{index}/").status_code == 200


def test_a_wrong_password_is_said_and_the_password_is_not_sent_back(browser: Client, report: Report) -> None:
    answer = browser.post(f"/reports/{report.pk}/sign/", {"meaning": "reviewed", "password": "guessed it"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "The report is not signed." in page
    assert "The password is wrong" in page
    assert "guessed it" not in page
    assert 'value="reviewed" required checked' in page
    assert not Signature.objects.exists()


def test_it_can_not_be_signed_from_elsewhere(helena: User, report: Report) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(helena)
    answer = client.post(f"/reports/{report.pk}/sign/", {"meaning": "reviewed", "password": PASSWORD})
    assert answer.status_code == 403
    assert not Signature.objects.exists()


def test_the_name_of_who_was_erased_is_gone_the_signature_stands(browser: Client, report: Report) -> None:
    browser.post(f"/reports/{report.pk}/sign/", {"meaning": "reviewed", "password": PASSWORD})
    signer = Person.objects.get(events__type="report.signed")
    erase_person(signer.identity, reason="left", with_texts=False)
    page = browser.get(f"/reports/{report.pk}/").content.decode()
    table = page[page.index('id="signatures"') : page.index("Sign as")]
    assert signer.pseudonym in table
    assert "name erased" in table
    assert "Helena" not in table


def test_hostile_names_are_shown_as_text(project: Project, report: Report) -> None:
    user = User.objects.create_superuser("x", password=PASSWORD, first_name="<script>alert(1)</script>")
    client = Client()
    client.force_login(user)
    client.post(f"/reports/{report.pk}/sign/", {"meaning": "reviewed", "password": PASSWORD})
    page = client.get(f"/reports/{report.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
