"""What every answer tells the browser, and how cookies are set; what production settings need."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from audit import accounts
from audit.models import Project
from tests.factories import make_project, worked_task

CHECKOUT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "LABELTRAIL_PRODUCTION": "1",
    "DATABASE_URL": "postgresql://nobody@localhost/nothing",
    "LABELTRAIL_HOST": "trail.example.org",
    "LABELTRAIL_ALLOWED_HOSTS": "trail.example.org",
}


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task())


def in_production(*words: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LABELTRAIL_", "DJANGO_"))}
    env |= PRODUCTION | {"LABELTRAIL_SECRET_KEY": secrets.token_urlsafe(50), "LABELTRAIL_HOME": os.devnull + "-none"}
    return subprocess.run(
        [sys.executable, *words], env=env, cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize(
    "address", ["/", "/sign-in/", "/account/", "/nothing/", "/api/v1/projects/", "/api/v1/projects/0/", "/admin/"]
)
def test_every_answer_has_its_headers(client: Client, anonymous: Client, address: str) -> None:
    for browser in (client, anonymous):
        headers = browser.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "name", ["sign-in", "account", "password", "visits", "token-new", "welcome", "admin:index", "api-docs"]
)
def test_pages_have_nothing_inline(client: Client, anonymous: Client, project: Project, name: str) -> None:
    page = (anonymous if name == "sign-in" else client).get(reverse(name)).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert "<style" not in page
    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)


def test_what_needs_a_session_is_not_kept_by_anybody_between(client: Client) -> None:
    for name in ("account", "visits", "token-new", "welcome"):
        assert "no-store" in client.get(reverse(name)).headers["Cache-Control"]


def test_cookies_are_kept_from_scripts_and_other_sites(db: None) -> None:
    accounts.create_user("ada", "correct horse battery")
    browser = Client()
    browser.get("/sign-in/")
    browser.post("/sign-in/", {"username": "ada", "password": "correct horse battery"})
    for name in ("sessionid", "csrftoken"):
        cookie = browser.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert not cookie["secure"], "over http on this machine a browser would drop it"


def test_the_deployment_check_finds_nothing_in_production() -> None:
    done = in_production("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_production_needs_tls() -> None:
    told = (
        "from exportsite import settings as s; print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, "
        "s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS, s.PROXIES)"
    )
    done = in_production("-c", told)
    assert done.stdout.split() == ["__Host-sessionid", "True", "__Host-csrftoken", "True", "True", "31536000", "1"]


def test_an_operator_without_superuser_makes_no_superuser(client: Client, db: None) -> None:
    olu = accounts.create_user("olu", "correct horse battery")
    accounts.give(olu, accounts.Role.OPERATOR, None)
    browser = Client()
    browser.force_login(olu)
    form = {"username": "olu", "is_active": "on", "is_superuser": "on", "groups": []}
    browser.post(f"/admin/auth/user/{olu.pk}/change/", form)
    olu.refresh_from_db()
    assert not olu.is_superuser
    root = User.objects.get(username="root")
    assert (
        browser.post(f"/admin/auth/user/{root.pk}/password/", {"password1": "x", "password2": "x"}).status_code == 403
    )
