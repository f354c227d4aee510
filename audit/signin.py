"""Signing in with user name and password, slowly for those who guess.

Five wrong passwords for one name, or fifty from one address, and it rests for 15 minutes. What was tried is counted
before the password is looked at, in one statement, so that a thousand guesses at once are no way around it. The table
is our own, of one row for each name and address: django-axes keeps every try with all that was sent, and counts with
queries that several processes can overtake.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network

from django.contrib.auth import authenticate, login
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from audit import servicelog
from audit.models import Tries
from exportsite.security import address_of

REST = timedelta(minutes=15)
MOST = 5
MOST_OF_ADDRESS = 50
LONGEST = 1_000
"""Characters of a name or password that are looked at: hashing more of them would cost us, not the one who sends."""


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """Nobody was signed in; `text` says what to do. `until`: no password is looked at before."""

    text: str
    until: datetime | None = None


def sign_in(request: HttpRequest, name: str, password: str) -> User:
    """Sign the user in whose name and password these are; else Refused."""
    address = address_of(request)
    left = _tried(name, address)
    known = len(name) <= LONGEST and len(password) <= LONGEST and "\0" not in name + password
    user = authenticate(request, username=name, password=password) if known else None
    if not isinstance(user, User):
        _note_refusal(name, "wrong password", address)
        raise Refused(_wrong("User name or password", left))
    login(request, user)
    _forgiven(name, address)
    Tries.objects.filter(since__lt=timezone.now() - REST).delete()
    servicelog.note(user, "access.signed_in", address=address)
    return user


def confirm(request: HttpRequest, user: User, password: str) -> None:
    """See that whoever asks as the user knows the user's password, as a signature needs it; else Refused.

    Tries count together with those of signing in: neither is a way around the other's rest.
    """
    address, name = address_of(request), user.get_username()
    if not user.has_usable_password():
        raise Refused("You have no password here, so you can't sign. Whoever operates this service can give you one.")
    left = _tried(name, address)
    if len(password) > LONGEST or "\0" in password or not user.check_password(password):
        _note_refusal(name, "wrong password under a signature", address)
        raise Refused(_wrong("The password", left))
    _forgiven(name, address)


def _tried(name: str, address: str) -> int:
    """Count a try of a password before it is looked at: how many are left for the name. Refused when there are none."""
    left = 0
    # The address first: who may not try any more is not to keep others from their accounts.
    for key, most in ((_address_key(address), MOST_OF_ADDRESS), (_name_key(name), MOST)):
        tries = _counted(key, most)
        if tries is None:
            _note_refusal(name, "rests", address)
            raise _resting(key, most)
        left = most - tries
    return left


def _forgiven(name: str, address: str) -> None:
    """The password was right: the tries before it do not count any more."""
    Tries.objects.filter(key=_name_key(name)).delete()
    _uncount(_address_key(address))


def _name_key(name: str) -> str:
    return f"name:{_same(name)}"


def _address_key(address: str) -> str:
    return f"address:{_network(address)}"


def _counted(key: str, most: int) -> int | None:
    """One more try under this key: the how manieth it is, or None when the key rests, which no try prolongs."""
    now = timezone.now()
    # One statement: of two tries at the same time, each gets a number of its own.
    sql = """
        INSERT INTO audit_tries AS held (key, failures, since) VALUES (%s, 1, %s)
        ON CONFLICT (key) DO UPDATE SET
            failures = CASE WHEN held.since < %s THEN 1 ELSE held.failures + 1 END, since = excluded.since
        WHERE held.failures < %s OR held.since < %s
        RETURNING failures
    """
    with connection.cursor() as db:
        db.execute(sql, [key, now, now - REST, most, now - REST])
        row = db.fetchone()
    return row[0] if row else None


def _uncount(key: str) -> None:
    with connection.cursor() as db:
        db.execute("UPDATE audit_tries SET failures = failures - 1 WHERE key = %s AND failures > 0", [key])


def _resting(key: str, most: int) -> Refused:
    since = Tries.objects.filter(key=key).values_list("since", flat=True).first() or timezone.now()
    until = since + REST
    what = "this account" if key.startswith("name:") else "signing in from your address"
    return Refused(
        f"After {most} wrong passwords {what} rests until {until:%H:%M} UTC. Then the right one works.", until
    )


def _wrong(what: str, left: int) -> str:
    rest = f"this account rests for {REST.seconds // 60} minutes"
    if left == 0:
        return f"{what} is wrong. Now {rest}."
    return f"{what} is wrong. {left} {'try is' if left == 1 else 'tries are'} left, then {rest}."


def _note_refusal(name: str, why: str, address: str) -> None:
    """A name that nobody has is not kept: it may be a password, typed into the wrong field."""
    user = User.objects.filter(username=name[:LONGEST].replace("\0", "")).first()
    about = why if user is not None else f"{why}, unknown user name"
    servicelog.note(None, "access.refused", about, of=user, address=address)


def _same(name: str) -> str:
    """Names that people take for the same count together."""
    return unicodedata.normalize("NFKC", name.replace("\0", ""))[:150].casefold()


def _network(address: str) -> str:
    """IPv6 addresses are handed out by the network of 2^64."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
