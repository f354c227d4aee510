"""Signing in and out: who gets in, what wrong passwords lead to, and what is noted of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from audit import accounts, signin
from audit.models import Project, Role, ServiceOutbox, Tries
from exportsite.security import address_of
from tests.factories import make_project

PASSWORD = "correct horse battery"


@pytest.fixture
def ada(db: None) -> User:
    return accounts.create_user("ada", PASSWORD)


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


def sign_in(client: Client, password: str = PASSWORD, name: str = "ada", **more: str) -> HttpResponse:
    return client.post("/sign-in/", {"username": name, "password": password, **more})  # type: ignore[return-value]


def noted(type_: str) -> list[ServiceOutbox]:
    return list(ServiceOutbox.objects.filter(type=type_))


def test_the_right_password_opens_the_dashboard(ada: User, anonymous: Client) -> None:
    assert anonymous.get("/").headers["Location"] == "/sign-in/?next=/"
    answer = sign_in(anonymous)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert anonymous.get("/").status_code == 200
    assert [row.name for row in noted("access.signed_in")] == ["ada"]


def test_an_auditor_begins_on_the_first_page(ada: User, project: Project, anonymous: Client) -> None:
    accounts.give(ada, Role.AUDITOR, project)
    assert sign_in(anonymous).headers["Location"] == "/welcome/"
    page = anonymous.get("/welcome/").content.decode()
    assert project.name in page
    assert "What we record" in page


def test_one_comes_to_where_one_wanted_to(ada: User, anonymous: Client) -> None:
    assert sign_in(anonymous, next="/exports/?state=failed").headers["Location"] == "/exports/?state=failed"


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:alert(1)", "http:example"])
def test_no_address_leads_elsewhere(ada: User, anonymous: Client, elsewhere: str) -> None:
    assert sign_in(anonymous, next=elsewhere).headers["Location"] == "/"


def test_a_wrong_password_says_how_many_tries_are_left(ada: User, anonymous: Client) -> None:
    page = sign_in(anonymous, "wrong").content.decode()
    assert "User name or password is wrong. 4 tries are left, then this account rests for 15 minutes." in page
    assert "wrong" not in str(noted("access.refused")[0].content["address"])


def test_who_is_unknown_is_told_the_same(ada: User, anonymous: Client) -> None:
    known, unknown = sign_in(anonymous, "wrong"), sign_in(anonymous, "wrong", "bob")
    assert known.status_code == unknown.status_code == 200
    text = "User name or password is wrong. 4 tries are left"
    assert text in known.content.decode()
    assert text in unknown.content.decode()


def test_the_account_rests_after_five_wrong_passwords(ada: User, anonymous: Client) -> None:
    texts = [sign_in(anonymous, "wrong").content.decode() for _ in range(5)]
    assert "Now this account rests for 15 minutes." in texts[-1]
    answer = sign_in(anonymous)
    assert answer.status_code == 429
    assert "rests until" in answer.content.decode()
    assert anonymous.get("/").status_code == 302


def test_other_spellings_of_the_name_count_together(ada: User, anonymous: Client) -> None:
    for name in ("ada", "ADA", "Ada", "\uff41da", "ada"):
        sign_in(anonymous, "wrong", name)
    assert sign_in(anonymous).status_code == 429


def test_the_account_works_again_after_the_rest(ada: User, anonymous: Client) -> None:
    for _ in range(5):
        sign_in(anonymous, "wrong")
    Tries.objects.update(since=timezone.now() - signin.REST - timedelta(seconds=1))
    assert sign_in(anonymous).status_code == 302


def test_trying_during_the_rest_does_not_prolong_it(ada: User, anonymous: Client) -> None:
    for _ in range(5):
        sign_in(anonymous, "wrong")
    before = Tries.objects.get(key="name:ada").since
    sign_in(anonymous, "wrong")
    assert Tries.objects.get(key="name:ada").since == before


def test_signing_in_forgets_the_wrong_passwords_before(ada: User, anonymous: Client) -> None:
    for _ in range(4):
        sign_in(anonymous, "wrong")
    sign_in(anonymous)
    assert not Tries.objects.filter(key="name:ada").exists()


def test_one_address_can_not_try_one_password_on_everybody(
    ada: User, anonymous: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signin, "MOST_OF_ADDRESS", 6)
    for number in range(6):
        sign_in(anonymous, "wrong", f"user{number}")
    answer = sign_in(anonymous)
    assert answer.status_code == 429
    assert "your address rests" in answer.content.decode()
    assert not Tries.objects.filter(key="name:ada").exists()  # Nobody is kept from their account by that.
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert sign_in(elsewhere).status_code == 302


def test_a_name_that_nobody_has_is_not_kept(ada: User, anonymous: Client) -> None:
    sign_in(anonymous, "ada", PASSWORD)  # The two fields filled in the wrong way round.
    (row,) = noted("access.refused")
    assert PASSWORD not in f"{row.content} {row.name}"
    assert row.content["about"] == "wrong password, unknown user name"


@pytest.mark.parametrize("name", ["\0", "a" * 100_000, "", "x\u202ey"])
def test_strange_names_are_refused_like_others(db: None, anonymous: Client, name: str) -> None:
    assert sign_in(anonymous, "wrong", name).status_code == 200


def test_who_was_switched_off_does_not_get_in(ada: User, anonymous: Client) -> None:
    accounts.change(ada, {"is_active": False})
    assert sign_in(anonymous).status_code == 200
    assert anonymous.get("/").status_code == 302


def test_signing_in_gives_the_session_another_key(ada: User, anonymous: Client) -> None:
    session = anonymous.session
    session["x"] = 1
    session.save()
    before = session.session_key
    assert anonymous.cookies["sessionid"].value == before
    sign_in(anonymous)
    assert anonymous.cookies["sessionid"].value != before


def test_a_form_without_its_token_is_refused(ada: User) -> None:
    answer = sign_in(Client(enforce_csrf_checks=True))
    assert answer.status_code == 403
    assert "open the page again" in answer.content.decode()


def test_signing_out_ends_the_session(ada: User, anonymous: Client) -> None:
    sign_in(anonymous)
    assert anonymous.get("/sign-out/").status_code == 405
    assert anonymous.post("/sign-out/").status_code == 302
    assert anonymous.get("/").status_code == 302
    assert [row.name for row in noted("access.signed_out")] == ["ada"]


def test_another_password_ends_the_sessions_elsewhere(ada: User, anonymous: Client) -> None:
    elsewhere = Client()
    sign_in(anonymous)
    sign_in(elsewhere)
    new = {"old_password": PASSWORD, "new_password1": "another horse battery", "new_password2": "another horse battery"}
    assert anonymous.post("/account/password/", new).status_code == 302
    assert anonymous.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert len(noted("user.password_changed")) == 1


@pytest.mark.parametrize(
    ("old", "first", "second", "said"),
    [
        ("wrong", "another horse battery", "another horse battery", "old password was entered incorrectly"),
        (PASSWORD, "short", "short", "too short"),
        (PASSWORD, "another horse battery", "something else is it", "didn’t match"),
        (PASSWORD, "password1234", "password1234", "too common"),
    ],
)
def test_a_password_that_will_not_do_is_refused(
    ada: User, anonymous: Client, old: str, first: str, second: str, said: str
) -> None:
    sign_in(anonymous)
    form = {"old_password": old, "new_password1": first, "new_password2": second}
    page = anonymous.post("/account/password/", form)
    assert page.status_code == 200
    assert said in page.content.decode()
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_the_page_keeps_no_password(ada: User, anonymous: Client) -> None:
    page = sign_in(anonymous, "my secret guess")
    assert "my secret guess" not in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "not an address", ""),
        (1, "", "127.0.0.1"),
    ],
)
def test_an_address_is_what_our_proxies_say(settings: object, proxies: int, forwarded: str, address: str) -> None:
    settings.PROXIES = proxies  # type: ignore[attr-defined]
    assert address_of(RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})) == address
