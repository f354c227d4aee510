"""`manage.py token USER …`: tokens of programs, from the terminal."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.utils import timezone

from audit import apitokens
from audit.models import ApiToken, Scope
from audit.resolve import resolve_project
from exportsite import commands
from exportsite.exits import WRONG_REQUEST
from exportsite.text import visible_line


class Command(commands.Command):
    """Whoever runs it operates the machine: it asks for no login."""

    help = (
        "Make a token with which a program asks in a user's name, and print it: the only line of stdout, this once. "
        "--list shows a user's tokens, --revoke ends one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER", help="in whose name the program asks")
        parser.add_argument("--name", help="of the program that uses it")
        parser.add_argument(
            "--scope", action="append", default=[], choices=Scope.values, help="more than one is possible"
        )
        parser.add_argument("--project", action="append", default=[], metavar="P", help="only there; more are possible")
        parser.add_argument("--until", metavar="DATE", help="the last day (UTC) on which it is good, as 2027-03-31")
        parser.add_argument("--list", action="store_true", help="list the user's tokens")
        parser.add_argument("--revoke", metavar="PREFIX", help="end the token that lists show as PREFIX")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            text = f"there is no user “{visible_line(options['user'][:80])}”; the command user makes one"
            raise CommandError(text, returncode=WRONG_REQUEST)
        if options["list"]:
            for token in ApiToken.objects.filter(user=user).order_by("created_at"):
                self._print(token, options["json"])
        elif options["revoke"]:
            self._revoke(user, options["revoke"].rstrip("…"), options["json"])
        else:
            self._make(user, options)

    def _make(self, user: User, options: dict[str, Any]) -> None:
        try:
            token, secret = apitokens.make(
                user,
                options["name"] or "",
                [Scope(value) for value in options["scope"]],
                projects=[resolve_project(text) for text in options["project"]] or None,
                ends_at=_end(options["until"]),
            )
        except apitokens.BadToken as problem:
            raise CommandError(visible_line(str(problem)), returncode=WRONG_REQUEST) from None
        self.stderr.write("Keep it: it is shown this once, and only its hash is stored.")
        if options["json"]:
            self.stdout.write(json.dumps({"token": secret, **_told(token)}, ensure_ascii=False))
        else:
            self.stdout.write(secret)

    def _revoke(self, user: User, prefix: str, as_json: bool) -> None:
        found = list(ApiToken.objects.filter(user=user, prefix=prefix))
        if not found:
            known = ", ".join(ApiToken.objects.filter(user=user, revoked_at=None).values_list("prefix", flat=True))
            name = visible_line(user.get_username())
            text = f"{name} has no token {visible_line(prefix[:80])}; known: {known or 'none'}"
            raise CommandError(text, returncode=WRONG_REQUEST)
        for token in found:
            apitokens.revoke(token)
            token.refresh_from_db()
            self._print(token, as_json)

    def _print(self, token: ApiToken, as_json: bool) -> None:
        told = _told(token)
        if as_json:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        state = "revoked" if token.revoked_at else "good" if token.good else "ended"
        until = f" until {token.ends_at:%Y-%m-%d %H:%M}Z" if token.ends_at and token.good else ""
        where = "all projects" if not token.limited else f"projects {', '.join(map(str, told['projects'])) or 'none'}"
        scopes = ", ".join(token.scopes)
        self.stdout.write(f"{token.prefix}  {visible_line(token.name)}: {state}{until}, {scopes}, {where}")


def _told(token: ApiToken) -> dict[str, Any]:
    return {
        "prefix": token.prefix,
        "name": token.name,
        "scopes": list(token.scopes),
        "projects": sorted(token.projects.values_list("id", flat=True)) if token.limited else None,
        "ends_at": token.ends_at.isoformat() if token.ends_at else None,
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
    }


def _end(text: str | None) -> datetime | None:
    """The end of that day (UTC)."""
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), timezone.get_default_timezone())
    except (ValueError, OverflowError):
        raise apitokens.BadToken(f"“{text[:40]}” is no day; write it as YYYY-MM-DD.") from None
