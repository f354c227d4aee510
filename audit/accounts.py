"""Users and their roles: every change of them is made here, and noted in the service's log."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from audit import servicelog
from audit.access import Asker
from audit.models import Membership, Project, Role


class BadAccount(ValueError):
    """A user that can't be made so; the text says why."""


@transaction.atomic
def create_user(name: str, password: str | None, *, email: str = "", by: Asker | None = None) -> User:
    """A new user without any role. Without a password nobody can sign in as the user until there is one."""
    user = User(username=User.normalize_username(name), email=User.objects.normalize_email(email))
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as problem:
        raise BadAccount(" ".join(problem.messages)) from None
    _set(user, password)
    user.save()
    servicelog.note(by, "user.created", of=user)
    return user


@transaction.atomic
def set_password(user: User, password: str, by: Asker | None = None) -> None:
    """Give the user another password; who is signed in as the user elsewhere is not any more."""
    _set(user, password)
    user.save(update_fields=["password"])
    servicelog.note(by, "user.password_changed", of=user)


@transaction.atomic
def give(user: User, role: Role, project: Project | None, by: Asker | None = None) -> bool:
    """Let the user have the role in the project (None: in all of them), instead of any other; False: had it already."""
    given_by = by.get_username() if by is not None else "command"
    if project is None:
        names = set(user.groups.values_list("name", flat=True)) & set(Role.values)
        if names == {role.value}:
            return False
        user.groups.remove(*Group.objects.filter(name__in=Role.values))
        user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    else:
        held = Membership.objects.select_for_update().filter(user=user, project=project).first()
        if held is not None and held.role == role:
            return False
        values = {"role": role, "given_by": given_by}
        Membership.objects.update_or_create(user=user, project=project, defaults=values)
    servicelog.note(by, "user.role_given", _about(role, project), project=project, of=user)
    return True


@transaction.atomic
def take(user: User, project: Project | None, by: Asker | None = None) -> bool:
    """Take the user's role in the project (None: in all of them) away; False: there was none."""
    if project is None:
        held = list(user.groups.filter(name__in=Role.values))
        user.groups.remove(*held)
        names = [group.name for group in held]
    else:
        memberships = Membership.objects.filter(user=user, project=project)
        names = list(memberships.values_list("role", flat=True))
        memberships.delete()
    for name in names:
        servicelog.note(by, "user.role_taken", _about(Role(name), project), project=project, of=user)
    return bool(names)


@transaction.atomic
def change(user: User, values: Mapping[str, object], by: Asker | None = None) -> bool:
    """Set other columns of the user: name, e-mail, whether they may sign in, superuser. False: they were so already."""
    new = {name: value for name, value in values.items() if getattr(user, name) != value}
    if not new:
        return False
    for name, value in new.items():
        setattr(user, name, value)
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as problem:
        raise BadAccount(" ".join(problem.messages)) from None
    user.save(update_fields=list(new))
    told = [f"{name} {'on' if value else 'off'}" if isinstance(value, bool) else name for name, value in new.items()]
    servicelog.note(by, "user.changed", ", ".join(told), of=user)
    return True


def _about(role: Role, project: Project | None) -> str:
    return f"{role.value} {'in all projects' if project is None else f'in project {project.pk}'}"


def _set(user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as problem:
        raise BadAccount(" ".join(problem.messages)) from None
    user.set_password(password)
