"""`manage.py user NAME …`: users and their roles, from the terminal."""

from __future__ import annotations

import getpass
import json
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import transaction

from audit import access, accounts
from audit.models import Membership, Project, Role
from audit.resolve import resolve_project
from exportsite import commands
from exportsite.exits import WRONG_REQUEST
from exportsite.text import visible_line


class Command(commands.Command):
    """Whoever runs it operates the machine: it asks for no login."""

    help = (
        "Make a user, or change one: roles, password, whether they may sign in. The password is asked for, or comes "
        "from the environment; arguments are seen by others on the machine. Without NAME: list all users."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", metavar="NAME", help="with which the user signs in")
        parser.add_argument("--role", choices=Role.values, help="in the projects that are named, or in all of them")
        parser.add_argument(
            "--project", action="append", default=[], metavar="P", help="where; more than one is possible"
        )
        parser.add_argument("--all-projects", action="store_true", help="in every project, now and later")
        parser.add_argument("--take", action="store_true", help="take the role there away instead")
        parser.add_argument("--superuser", action="store_true", help="may do everything everywhere")
        parser.add_argument("--email", default=None, help="shown on pages and in the log of use")
        parser.add_argument("--full-name", default=None, metavar="NAME", help="shown on pages and in the log of use")
        parser.add_argument("--password", action="store_true", help="ask for another password")
        parser.add_argument(
            "--password-env", metavar="VARIABLE", help="the environment variable that holds the password"
        )
        parser.add_argument("--off", action="store_true", help="the user may not sign in any more; tokens end with it")
        parser.add_argument("--on", action="store_true", help="the user may sign in again")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["name"] is None:
            self._list(options["json"])
            return
        self._check(options)
        projects: list[Project | None] = [resolve_project(text) for text in options["project"]]
        projects += [None] if options["all_projects"] else []
        user = User.objects.filter(username=options["name"]).first()
        password = self._password(options, new=user is None)
        try:
            with transaction.atomic():
                user = self._saved(user, password, options)
                for project in projects:
                    if options["take"]:
                        accounts.take(user, project)
                    else:
                        accounts.give(user, Role(options["role"]), project)
        except accounts.BadAccount as problem:
            raise CommandError(visible_line(str(problem)), returncode=WRONG_REQUEST) from None
        self._print(user, options["json"])

    def _check(self, options: dict[str, Any]) -> None:
        somewhere = bool(options["project"] or options["all_projects"])
        if options["take"] and options["role"]:
            problem = "--take takes whatever role there is: leave --role out"
        elif (options["role"] or options["take"]) and not somewhere:
            problem = "say where: --project P, or --all-projects"
        elif somewhere and not (options["role"] or options["take"]):
            problem = f"say which role: --role {' | '.join(Role.values)}; or --take"
        elif options["on"] and options["off"]:
            problem = "--on or --off, not both"
        else:
            return
        raise CommandError(problem, returncode=WRONG_REQUEST)

    def _password(self, options: dict[str, Any], *, new: bool) -> str | None:
        """The password from where it was said to come from; None: it stays as it is."""
        if variable := options["password_env"]:
            if not (found := os.environ.get(variable)):
                text = f"the environment variable {visible_line(variable)} is not set, or empty: put the password in it"
                raise CommandError(text, returncode=WRONG_REQUEST)
            return found
        if not (new or options["password"]):
            return None
        if not sys.stdin.isatty():
            text = "there is nobody to ask for a password: name the variable that holds it with --password-env"
            raise CommandError(text, returncode=WRONG_REQUEST)
        first = getpass.getpass("Password: ")
        if first != getpass.getpass("Again: "):
            raise CommandError("the two are not the same; nothing was changed", returncode=WRONG_REQUEST)
        return first

    def _saved(self, user: User | None, password: str | None, options: dict[str, Any]) -> User:
        if user is None:
            user = accounts.create_user(options["name"], password, email=options["email"] or "")
        elif password is not None:
            accounts.set_password(user, password)
        wanted: dict[str, Any] = {"is_superuser": True} if options["superuser"] else {}
        if options["on"] or options["off"]:
            wanted["is_active"] = options["on"]
        if options["email"] is not None:
            wanted["email"] = User.objects.normalize_email(options["email"])
        if options["full_name"] is not None:
            wanted["first_name"], _, wanted["last_name"] = options["full_name"].partition(" ")
        accounts.change(user, wanted)
        return user

    def _list(self, as_json: bool) -> None:
        for user in User.objects.order_by("username").iterator():
            self._print(user, as_json)

    def _print(self, user: User, as_json: bool) -> None:
        everywhere = access.everywhere(user)
        held = Membership.objects.filter(user=user).select_related("project").order_by("project_id")
        if as_json:
            told = {
                "name": user.get_username(),
                "active": user.is_active,
                "superuser": user.is_superuser,
                "everywhere": everywhere.value if everywhere else None,
                "projects": [{"id": one.project_id, "name": one.project.name, "role": one.role} for one in held],
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        roles = [f"{everywhere.value} in all projects"] if everywhere else []
        roles += [f"{one.role} in {one.project_id} {visible_line(one.project.name)}" for one in held]
        state = "" if user.is_active else " (off)"
        self.stdout.write(f"{visible_line(user.get_username())}{state}: {', '.join(roles) or 'no role'}")
