"""Who may look at the demo: one of each role, with passwords of this installation's own."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from audit.access import operates, role
from audit.accounts import set_password
from audit.demo.users import demo_users
from audit.models import Project, Role
from tests.factories import make_project


@pytest.fixture
def projects(db: None) -> list[Project]:
    return [make_project(), make_project()]


def test_there_is_one_of_each_role(projects: list[Project]) -> None:
    found = dict(demo_users(projects))
    users = {user.username: user for user in User.objects.all()}
    assert set(users) == set(found) == {"auditor", "manager", "operator"}
    assert all(users[name].check_password(password) for name, password in found.items())
    assert [role(users["auditor"], each) for each in projects] == [Role.AUDITOR, None]
    assert [role(users["manager"], each) for each in projects] == [Role.MANAGER, Role.MANAGER]
    assert operates(users["operator"])


def test_nothing_changes_when_the_demo_starts_again(projects: list[Project]) -> None:
    assert demo_users(projects) == demo_users(projects)
    assert User.objects.count() == 3


def test_no_password_is_shown_that_was_changed(projects: list[Project]) -> None:
    demo_users(projects)
    set_password(User.objects.get(username="manager"), "an entirely different one")
    assert [name for name, _ in demo_users(projects)] == ["auditor", "operator"]


def test_three_people_have_three_passwords(projects: list[Project]) -> None:
    assert len({password for _, password in demo_users(projects)}) == 3
