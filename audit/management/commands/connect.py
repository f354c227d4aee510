"""`manage.py connect KIND …`: add a platform's project, so that it can be synced."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from audit.live.connect import ConnectRefused, connect, projects
from audit.models import Media
from audit.sources.base import FoundProject, SourceError
from audit.sources.origins import PLATFORMS
from exportsite import commands
from exportsite.exits import FAILED, WRONG_REQUEST
from exportsite.text import visible, visible_line


class Command(commands.Command):
    """Connects a project of a platform. The key comes from the environment: arguments are seen by other users."""

    help = (
        "Connect a project of a platform that is read over its API. The connection is checked first; the key is stored "
        "encrypted. Connecting the same project again replaces the key."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", metavar="KIND", help=f"one of: {', '.join(PLATFORMS)}")
        parser.add_argument("--url", default="", metavar="URL", help="the platform's address, if not its own cloud's")
        parser.add_argument("--org", default="", metavar="ID", help=_accounts())
        parser.add_argument("--project", metavar="ID", help="the project's id at the platform")
        parser.add_argument("--name", default="", help="what to call the project, until the platform says its name")
        parser.add_argument("--list", action="store_true", help="print the projects that the key may see, and no more")
        parser.add_argument("--key-env", metavar="VARIABLE", help="the environment variable that holds the key")
        parser.add_argument(
            "--media",
            choices=Media.values,
            default="",
            help="files that people look at: reference (only named, as usual), on_export (fetched when an export asks "
            "for them) or keep (every sync fetches them)",
        )
        parser.add_argument("--zone", default="", help="what times without a zone are of")
        parser.add_argument("--ca-file", default="", metavar="F", help="certificates (PEM) that are trusted besides")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        for option in ("key_env",) if options["list"] else ("project", "key_env"):
            if not options[option]:
                raise CommandError(f"--{option.replace('_', '-')} is missing", returncode=WRONG_REQUEST)
        if options["zone"]:
            raise CommandError(
                f"--zone is for platforms whose times have no zone; those of {options['kind']} have one",
                returncode=WRONG_REQUEST,
            )
        key = os.environ.get(options["key_env"])
        if not key:
            platform = PLATFORMS.get(options["kind"])
            raise CommandError(
                f"the environment variable {visible_line(options['key_env'])} is not set, or empty: put "
                f"{platform.key if platform else 'the key'} in it",
                returncode=WRONG_REQUEST,
            )
        there = {
            "url": options["url"],
            "account": options["org"],
            "key": key,
            "ca_file": os.path.abspath(options["ca_file"]) if options["ca_file"] else "",
        }
        try:
            if options["list"]:
                self._list(projects(options["kind"], **there), as_json=options["json"])
                return
            found = connect(
                options["kind"],
                external_id=options["project"],
                name=options["name"],
                media=options["media"],
                **there,
            )
        except ConnectRefused as error:
            raise CommandError(visible(str(error)), returncode=WRONG_REQUEST) from error
        except SourceError as error:
            text = f"Nothing was stored: the connection could not be made. {error}"
            raise CommandError(visible(text), returncode=FAILED) from error
        for sentence in found.cannot_tell:
            self.stderr.write(f"Note: {sentence}")
        project = found.project
        if options["json"]:
            told = {"project": {"id": project.pk, "name": project.name}, "new": found.new}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        state = "connected" if found.new else "connected already; the key was replaced"
        self.stdout.write(f"project {project.pk} {visible_line(project.name)}: {state}")

    def _list(self, found: Iterable[FoundProject], *, as_json: bool) -> None:
        """One line a project, or one list of all."""
        if as_json:
            self.stdout.write(json.dumps([asdict(project) for project in found], ensure_ascii=False))
            return
        for project in found:
            self.stdout.write(f"{visible_line(project.external_id)}  {visible_line(project.name)}")


def _accounts() -> str:
    named = [f"{one.account} ({one.kind})" for one in PLATFORMS.values() if one.account]
    return f"whose projects they are: {', '.join(named)}"
