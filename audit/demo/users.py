"""People who may look at the demo: one of each role."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from django.contrib.auth.models import User

from audit.accounts import change, create_user, give
from audit.models import Project, Role
from exportsite.keys import keyring

USERS = (
    ("auditor", "Kirsten Sørensen", Role.AUDITOR),
    ("manager", "Helena Brandt", Role.MANAGER),
    ("operator", "Noor Haddad", Role.OPERATOR),
)
"""User name, invented name, role: the auditor's in the first project, the manager's in all that there are now."""


def demo_users(projects: Sequence[Project]) -> list[tuple[str, str]]:
    """Make the users that are not there yet; name and password of each whose password was not changed since.

    The passwords are this installation's own: computed from its keys, so that two demos have different ones.
    """
    found = []
    for name, full_name, role in USERS:
        password = _password(name)
        user = User.objects.filter(username=name).first()
        if user is None:
            user = create_user(name, password)
            first, _, last = full_name.partition(" ")
            change(user, {"first_name": first, "last_name": last})
        for project in _places(role, projects):
            give(user, role, project)
        if user.check_password(password):
            found.append((name, password))
    return found


def _places(role: Role, projects: Sequence[Project]) -> Sequence[Project | None]:
    if role is Role.OPERATOR:
        return [None]
    return projects[:1] if role is Role.AUDITOR else projects


def _password(name: str) -> str:
    derived = keyring().derive(b"labeltrail/v1/demo/" + name.encode())
    return base64.b32encode(derived)[:16].decode().lower()
