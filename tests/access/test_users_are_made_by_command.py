"""`manage.py user`: users and roles from the terminal."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from audit import access
from audit.models import Project, Role, ServiceOutbox
from tests.factories import make_project

PASSWORD = "correct horse battery"


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_PASSWORD", PASSWORD)


def run(*words: object) -> str:
    out = StringIO()
    call_command("user", *map(str, words), stdout=out)
    return out.getvalue()


def refused(*words: object) -> str:
    with pytest.raises(CommandError) as caught:
        run(*words)
    assert caught.value.returncode == 2
    return str(caught.value)


def test_a_user_is_made_with_a_role_in_a_project(project: Project) -> None:
    said = run("ada", "--role", "auditor", "--project", project.pk, "--password-env", "THE_PASSWORD")
    user = User.objects.get(username="ada")
    assert user.check_password(PASSWORD)
    assert access.role(user, project) is Role.AUDITOR
    assert said == f"ada: auditor in {project.pk} {project.name}\n"
    assert PASSWORD not in said


def test_a_role_is_changed_and_taken_away(project: Project) -> None:
    run("ada", "--role", "auditor", "--project", project.pk, "--password-env", "THE_PASSWORD")
    run("ada", "--role", "manager", "--project", project.pk)
    user = User.objects.get(username="ada")
    assert access.role(user, project) is Role.MANAGER
    run("ada", "--take", "--project", project.pk)
    assert access.role(user, project) is None
    assert [row.type for row in ServiceOutbox.objects.order_by("id")] == [
        "user.created",
        "user.role_given",
        "user.role_given",
        "user.role_taken",
    ]


def test_a_role_in_all_projects_replaces_the_one_before(project: Project) -> None:
    run("ada", "--role", "auditor", "--all-projects", "--password-env", "THE_PASSWORD")
    run("ada", "--role", "operator", "--all-projects")
    user = User.objects.get(username="ada")
    assert access.operates(user)
    assert list(user.groups.values_list("name", flat=True)) == ["operator"]


def test_a_user_is_switched_off_and_listed_so(db: None) -> None:
    run("ada", "--password-env", "THE_PASSWORD")
    run("ada", "--off")
    assert run() == "ada (off): no role\n"
    assert json.loads(run("--json"))["active"] is False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ada", "--role", "auditor"], "say where"),
        (["ada", "--project", "1"], "say which role"),
        (["ada", "--take", "--role", "auditor", "--all-projects"], "leave --role out"),
        (["ada", "--on", "--off"], "not both"),
        (["ada"], "--password-env"),
        (["ada", "--password-env", "NOT_SET"], "NOT_SET is not set"),
        (["ada", "--role", "auditor", "--project", "nothing is called so"], "There is no project"),
    ],
)
def test_what_is_not_clear_is_refused_and_changes_nothing(project: Project, words: list[str], said: str) -> None:
    words = [word if word != "1" else str(project.pk) for word in words]
    assert said in refused(*words)
    assert not User.objects.exists()


def test_a_weak_password_is_refused_and_makes_no_user(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_PASSWORD", "password123")
    assert "too short" in refused("ada", "--password-env", "THE_PASSWORD")
    assert not User.objects.exists()
