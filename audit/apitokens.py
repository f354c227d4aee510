"""Tokens of programs: made, shown once, found again by their hash, revoked."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from audit import access, servicelog
from audit.models import ApiToken, Project, Scope

START = "lt_"
SHOWN = 8
"""Characters after START that lists show."""
USED = timedelta(minutes=1)
"""How exactly a token's last use is noted."""


class BadToken(ValueError):
    """A token that can't be made so; the text says why."""


@transaction.atomic
def make(
    user: User,
    name: str,
    scopes: Iterable[Scope],
    *,
    projects: Sequence[Project] | None = None,
    ends_at: datetime | None = None,
    by: access.Asker | None = None,
) -> tuple[ApiToken, str]:
    """A new token of the user, and its secret, which is kept nowhere. `projects` None: all that the user sees."""
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise BadToken("A token needs a name of 1 to 100 characters, such as the program that uses it.")
    chosen = [scope for scope in Scope if scope in set(scopes)]
    if not chosen:
        raise BadToken("A token needs at least one scope: read, export or sync.")
    if ends_at is not None and ends_at <= timezone.now():
        raise BadToken("The end of a token lies in the future.")
    if projects is not None:
        seen = set(access.projects(user).values_list("pk", flat=True))
        if strange := [project for project in projects if project.pk not in seen]:
            raise BadToken(f"{user.get_username()} may not see the project {strange[0].pk}.")
        if not projects:
            raise BadToken("A token that is limited to projects needs at least one.")
    secret = START + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=secret[: len(START) + SHOWN],
        digest=_digest(secret),
        scopes=[scope.value for scope in chosen],
        limited=projects is not None,
        ends_at=ends_at,
    )
    token.projects.set(projects or [])
    _noted("user.token_made", token, by)
    return token, secret


def find(secret: str) -> ApiToken | None:
    """The good token of this secret, with its user; None when there is none, or its user was switched off."""
    if not secret.startswith(START) or not secret.isascii():
        return None
    token = ApiToken.objects.select_related("user").filter(digest=_digest(secret)).first()
    if token is None or not token.good or not token.user.is_active:
        return None
    now = timezone.now()
    if token.used_at is None or now - token.used_at > USED:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)
    return token


@transaction.atomic
def revoke(token: ApiToken, by: access.Asker | None = None) -> bool:
    """Let the token be good for nothing from now on; False when it was already so."""
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        return False
    _noted("user.token_revoked", token, by)
    return True


def _noted(type_: str, token: ApiToken, by: access.Asker | None) -> None:
    servicelog.note(by, type_, f"{token.prefix}…", of=token.user, scopes=list(token.scopes), limited=token.limited)


def _digest(secret: str) -> bytes:
    # The secret is 256 random bits: a slow hash would protect nothing more.
    return sha256(secret.encode()).digest()
