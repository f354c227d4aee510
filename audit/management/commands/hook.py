"""`manage.py hook PROJECT`: the address to which the project's platform may send messages."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction

from audit import servicelog
from audit.live import hooks
from audit.live.hooks import NoHook
from audit.models import Project
from audit.resolve import resolve_project
from exportsite import commands
from exportsite.exits import WRONG_REQUEST
from exportsite.text import visible


class Command(commands.Command):
    """Shows, makes anew or switches off a project's webhook."""

    help = (
        "The address for webhooks of a project's platform, and the secret with which the platform signs, if it does. "
        "A message is a hint: the tasks it names are read soon, and what they say then is recorded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", metavar="PROJECT", help="our id, source:external id, or unique name")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--new", action="store_true", help="make the address anew; the one before is dead")
        what.add_argument("--off", action="store_true", help="take no more messages")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        project = resolve_project(options["project"])
        try:
            if options["off"]:
                _switch_off(project)
                self.stdout.write(json.dumps({"address": None}) if options["json"] else "no messages are taken")
                return
            if options["new"] or project.hook < 1:
                _renew(project)
            path = f"/hooks/{project.pk}/{hooks.address_key(project)}/"
            secret = hooks.signing_key(project)
        except NoHook as problem:
            raise CommandError(visible(str(problem)), returncode=WRONG_REQUEST) from problem
        address = f"https://{settings.LABELTRAIL_HOST}{path}"
        if options["json"]:
            self.stdout.write(json.dumps({"address": address, "path": path, "secret": secret}))
            return
        self.stdout.write(f"address  {address}\nsecret   {secret}")


@transaction.atomic
def _renew(project: Project) -> None:
    hooks.renew(project)
    servicelog.note(None, "webhook.made", f"project {project.pk}", project=project)


@transaction.atomic
def _switch_off(project: Project) -> None:
    if project.hook < 1:
        return  # There is none: nothing changes, and nothing is noted.
    hooks.switch_off(project)
    servicelog.note(None, "webhook.switched_off", f"project {project.pk}", project=project)
