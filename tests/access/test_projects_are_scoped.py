"""Who sees which project, and may do what in it: the one place that every page and operation asks."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit import access
from audit.models import ApiToken, Membership, Project, Role, Scope
from tests.factories import make_event, make_project


@pytest.fixture
def mine(db: None) -> Project:
    return make_project([make_event()])


@pytest.fixture
def foreign(db: None) -> Project:
    return make_project([make_event()])


@pytest.fixture
def user(mine: Project) -> User:
    user = User.objects.create_user("ada")
    Membership.objects.create(user=user, project=mine, role=Role.MANAGER)
    return user


def _with_token(user: User, *scopes: Scope, projects: list[Project] | None = None) -> User:
    token = ApiToken.objects.create(
        user=user, name="t", prefix="x", digest=b"x" * 32, scopes=scopes, limited=projects is not None
    )
    token.projects.set(projects or [])
    return access.come_with(User.objects.get(pk=user.pk), token)


def test_a_member_sees_their_project_and_no_other(user: User, mine: Project, foreign: Project) -> None:
    assert list(access.projects(user)) == [mine]
    assert access.project(user, mine.pk) == mine
    with pytest.raises(Http404):
        access.project(user, foreign.pk)


def test_a_task_of_a_foreign_project_does_not_exist(user: User, mine: Project, foreign: Project) -> None:
    assert access.task(user, mine.task_set.get().pk).project == mine
    with pytest.raises(Http404):
        access.task(user, foreign.task_set.get().pk)


def test_nobody_sees_nothing(mine: Project) -> None:
    nobody = AnonymousUser()
    assert not access.projects(nobody).exists()
    assert access.role(nobody, mine) is None
    assert access.condition(nobody) == [("project_id = ANY(%s)", ([],))]


def test_a_user_who_was_switched_off_sees_nothing(user: User) -> None:
    user.is_active = False
    assert not access.projects(user).exists()


def test_a_superuser_operates_everything(mine: Project, foreign: Project) -> None:
    root = User.objects.create_superuser("root")
    assert set(access.projects(root)) == {mine, foreign}
    assert access.role(root, foreign) is Role.OPERATOR
    assert access.operates(root)
    assert access.condition(root) == []


def test_a_group_called_like_a_role_gives_it_in_every_project(mine: Project, foreign: Project) -> None:
    user = User.objects.create_user("gus")
    user.groups.add(Group.objects.get_or_create(name="auditor")[0], Group.objects.create(name="people of the ward"))
    assert set(access.projects(user)) == {mine, foreign}
    assert access.role(user, foreign) is Role.AUDITOR
    assert not access.operates(user)


def test_the_higher_of_two_roles_holds(user: User, mine: Project, foreign: Project) -> None:
    user.groups.add(Group.objects.get_or_create(name="auditor")[0])
    assert access.role(user, mine) is Role.MANAGER
    assert access.role(user, foreign) is Role.AUDITOR


def test_what_a_role_does_not_reach_is_forbidden(user: User, mine: Project, foreign: Project) -> None:
    access.require(user, mine, Role.AUDITOR)
    access.require(user, mine, Role.MANAGER)
    with pytest.raises(PermissionDenied, match="needs the role operator in the project; yours is manager"):
        access.require(user, mine, Role.OPERATOR)
    with pytest.raises(Http404):
        access.require(user, foreign, Role.AUDITOR)


def test_a_token_reaches_as_far_as_its_scopes(user: User, mine: Project) -> None:
    user = _with_token(user, Scope.READ)
    access.require(user, mine, Role.AUDITOR)
    with pytest.raises(PermissionDenied, match="lacks the scope “export”"):
        access.require(user, mine, Role.MANAGER, Scope.EXPORT)


def test_a_token_reaches_its_projects_only(mine: Project, foreign: Project) -> None:
    root = _with_token(User.objects.create_superuser("root"), Scope.READ, projects=[mine])
    assert list(access.projects(root)) == [mine]
    assert access.condition(root) == [("project_id = ANY(%s)", ([mine.pk],))]
    assert not access.sees(root, None)
    with pytest.raises(Http404):
        access.project(root, foreign.pk)


def test_a_limited_token_without_projects_reaches_none(mine: Project) -> None:
    root = _with_token(User.objects.create_superuser("root"), Scope.READ, projects=[])
    assert not access.projects(root).exists()


def test_a_token_never_operates_the_service(mine: Project) -> None:
    root = _with_token(User.objects.create_superuser("root"), *Scope)
    assert not access.operates(root)
    with pytest.raises(PermissionDenied):
        access.require_operator(root)


def test_a_token_gives_no_more_than_its_user_has(user: User, mine: Project, foreign: Project) -> None:
    user = _with_token(user, *Scope, projects=[mine, foreign])
    assert list(access.projects(user)) == [mine]
