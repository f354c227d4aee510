"""Tokens: shown once, stored as a hash, good for what they say, and no longer than they say."""

from __future__ import annotations

import uuid
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from audit import accounts, apitokens
from audit.models import ApiToken, Project, Role, Scope, ServiceOutbox
from tests.factories import make_event, make_project


@pytest.fixture
def project(db: None) -> Project:
    return make_project([make_event()])


@pytest.fixture
def user(project: Project) -> User:
    user = accounts.create_user("ada", "correct horse battery")
    accounts.give(user, Role.MANAGER, project)
    return user


def asks(client: Client, secret: str, **headers: str) -> int:
    return client.get("/api/v1/projects/", headers={"Authorization": f"Bearer {secret}", **headers}).status_code


def test_only_the_hash_of_a_token_is_kept(user: User, anonymous: Client) -> None:
    token, secret = apitokens.make(user, "nightly", [Scope.READ])
    assert secret.startswith(token.prefix)
    kept = ApiToken.objects.values().get()
    assert secret not in str(kept)
    assert secret[len(token.prefix) :] not in str([str(value) for value in kept.values()])
    assert secret not in str(list(ServiceOutbox.objects.values("content")))
    assert asks(anonymous, secret) == 200


@pytest.mark.parametrize("wrong", ["", "lt_", "lt_x", "Bearer", "lt_\u00e9", "x" * 10_000])
def test_what_is_no_token_is_refused_with_a_challenge(user: User, anonymous: Client, wrong: str) -> None:
    answer = anonymous.get("/api/v1/projects/", HTTP_AUTHORIZATION=f"Bearer {wrong}")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Labeltrail", error="invalid_token"'
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "Unauthorized"


def test_another_kind_of_authorization_is_refused(user: User, anonymous: Client) -> None:
    answer = anonymous.get("/api/v1/projects/", headers={"Authorization": "Basic YTpi"})
    assert answer.status_code == 401
    assert "Bearer" in answer.json()["detail"]


def test_a_token_that_was_altered_is_refused(user: User, anonymous: Client) -> None:
    _, secret = apitokens.make(user, "nightly", [Scope.READ])
    assert asks(anonymous, secret[:-1] + ("a" if secret[-1] != "a" else "b")) == 401


def test_a_token_ends_when_it_says(user: User, anonymous: Client) -> None:
    token, secret = apitokens.make(user, "nightly", [Scope.READ], ends_at=timezone.now() + timedelta(hours=1))
    assert asks(anonymous, secret) == 200
    ApiToken.objects.filter(pk=token.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
    assert asks(anonymous, secret) == 401


def test_a_revoked_token_is_good_for_nothing(user: User, anonymous: Client) -> None:
    token, secret = apitokens.make(user, "nightly", [Scope.READ])
    assert apitokens.revoke(token)
    assert not apitokens.revoke(token)
    assert asks(anonymous, secret) == 401


def test_the_tokens_of_a_user_who_was_switched_off_are_good_for_nothing(user: User, anonymous: Client) -> None:
    _, secret = apitokens.make(user, "nightly", [Scope.READ])
    accounts.change(user, {"is_active": False})
    assert asks(anonymous, secret) == 401


def test_a_token_opens_no_page(user: User, anonymous: Client) -> None:
    _, secret = apitokens.make(user, "nightly", list(Scope))
    answer = anonymous.get("/", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 302


def test_its_last_use_is_noted(user: User, anonymous: Client) -> None:
    token, secret = apitokens.make(user, "nightly", [Scope.READ])
    assert token.used_at is None
    asks(anonymous, secret)
    token.refresh_from_db()
    assert token.used_at is not None


def test_a_token_for_what_the_user_does_not_see_is_refused(user: User) -> None:
    with pytest.raises(apitokens.BadToken, match="may not see"):
        apitokens.make(user, "nightly", [Scope.READ], projects=[make_project()])


@pytest.mark.parametrize(
    ("name", "scopes"), [("", [Scope.READ]), ("a\nb\x00", [Scope.READ]), ("x" * 101, [Scope.READ]), ("nightly", [])]
)
def test_a_token_without_name_or_scope_is_refused(user: User, name: str, scopes: list[Scope]) -> None:
    with pytest.raises(apitokens.BadToken):
        apitokens.make(user, name, scopes)


def test_a_session_needs_the_forms_token_to_change_something(user: User, project: Project) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    answer = client.post("/api/v1/exports/", {"project": project.pk, "format": "trail"}, "application/json")
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]


def test_a_token_needs_no_forms_token(user: User, project: Project) -> None:
    _, secret = apitokens.make(user, "nightly", [Scope.EXPORT])
    answer = Client(enforce_csrf_checks=True).post(
        "/api/v1/exports/",
        {"project": project.pk, "format": "trail"},
        "application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert answer.status_code == 202
    assert answer.json()["created_by"] == "ada, token “nightly”"


def test_a_token_is_made_and_shown_once_on_the_page(user: User, project: Project, anonymous: Client) -> None:
    client = Client()
    client.force_login(user)
    form: dict[str, Any] = {"name": "nightly", "scope": ["read", "export"], "where": "some", "project": [project.pk]}
    form |= {"ends": "", "once": str(uuid.uuid4())}
    page = client.post("/account/tokens/", form)
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    token = ApiToken.objects.get()
    secret = page.content.decode().split('<pre tabindex="0">', 1)[1].split("</pre>", 1)[0]
    assert (token.scopes, token.limited, list(token.projects.all())) == (["read", "export"], True, [project])
    assert asks(anonymous, secret) == 200
    listed = client.get("/account/").content.decode()
    assert token.prefix in listed
    assert secret not in listed


def test_the_page_says_what_is_wrong(user: User) -> None:
    client = Client()
    client.force_login(user)
    page = client.post(
        "/account/tokens/", {"name": "nightly", "scope": ["read"], "ends": "tomorrow", "once": str(uuid.uuid4())}
    )
    assert page.status_code == 400
    assert "“tomorrow” is no day" in page.content.decode()
    assert not ApiToken.objects.exists()


def run(*words: object) -> str:
    out = StringIO()
    call_command("token", *map(str, words), stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_a_token_is_made_and_revoked_by_command(user: User, project: Project, anonymous: Client) -> None:
    secret = run("ada", "--name", "nightly", "--scope", "read", "--project", project.pk, "--until", "2999-01-01")
    assert asks(anonymous, secret) == 200
    prefix = ApiToken.objects.get().prefix
    assert run("ada", "--list").startswith(f"{prefix}  nightly: good until 2999-01-02")
    assert "revoked" in run("ada", "--revoke", prefix)
    assert asks(anonymous, secret) == 401


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody", "--name", "x", "--scope", "read"], "there is no user “nobody”"),
        (["ada", "--scope", "read"], "needs a name"),
        (["ada", "--name", "x"], "needs at least one scope"),
        (["ada", "--name", "x", "--scope", "read", "--until", "soon"], "is no day"),
        (["ada", "--revoke", "lt_unknown"], "has no token"),
    ],
)
def test_the_command_refuses_what_is_wrong(user: User, words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said) as caught:
        run(*words)
    assert caught.value.returncode == 2
