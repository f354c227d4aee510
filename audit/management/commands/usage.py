"""`manage.py usage`: the log of the service's own use, in the terminal."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit import servicelog
from audit.models import Project
from audit.people import find_person, restorer
from audit.queries import lists, logs
from audit.queries.filters import EVENT_FILTERS, parse
from audit.queries.records import EventRow
from audit.sentences import plain
from exportsite import commands
from exportsite.exits import WRONG_REQUEST
from exportsite.problems import WrongRequest
from exportsite.text import visible, visible_line

PAGE = 500


class Command(commands.Command):
    """Appends what waits first, so that it also works where no worker runs."""

    help = (
        "Print who signed in, looked, exported, downloaded, and whose rights changed; the newest first. The log is "
        "tamper-evident like a project's: verify --project, with the id that is printed first, checks it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--person", action="append", default=[], help="by whom: full name (else user name), e-mail, pseudonym"
        )
        parser.add_argument("--type", action="append", default=[], help="of this type, such as access.refused")
        parser.add_argument(
            "--from", dest="since", metavar="TIME", help="not before: ISO 8601 with zone, or a date (UTC)"
        )
        parser.add_argument("--to", dest="until", metavar="TIME", help="before, or until the end of this date")
        parser.add_argument("-n", type=int, default=50, metavar="N", help="lines at most (50); 0: all")
        parser.add_argument("--json", action="store_true", help="one JSON object a line, with all that was noted")

    def handle(self, *args: Any, **options: Any) -> None:
        servicelog.append_waiting()
        project = servicelog.service_project()
        if project is None:
            self.stderr.write("Nothing was noted yet.")
            return
        asked = {
            "person": [self._pseudonym(project, name) for name in options["person"]],
            "type": options["type"],
            "from": [options["since"]] if options["since"] else [],
            "to": [options["until"]] if options["until"] else [],
        }
        try:
            filters = parse(asked, EVENT_FILTERS, project)
        except WrongRequest as wrong:
            raise CommandError(
                visible("; ".join(one.text for one in wrong.problems)), returncode=WRONG_REQUEST
            ) from None
        if not options["json"]:
            self.stderr.write(f"project {project.pk}, {project.log.size:,} entries")
        left, cursor = options["n"] or None, None
        while left is None or left > 0:
            page = lists.events(project, filters, limit=min(PAGE, left or PAGE), cursor=cursor)
            for event in page.rows:
                self._print(project, event, options["json"])
            left = left - len(page.rows) if left is not None else None
            cursor = page.next
            if cursor is None:
                return

    def _pseudonym(self, project: Project, name: str) -> str:
        try:
            return find_person(project, name).pseudonym
        except LookupError as problem:
            raise CommandError(visible_line(str(problem)), returncode=WRONG_REQUEST) from None

    def _print(self, project: Project, event: EventRow, as_json: bool) -> None:
        if not as_json:
            self.stdout.write(f"{event.occurred_at:%Y-%m-%d %H:%M:%S}Z  {event.index:>7}  {visible_line(plain(event))}")
            return
        told: dict[str, Any] = {
            "index": event.index,
            "at": event.occurred_text,
            "type": event.type,
            "about": event.source_type,
            "actor": event.actor.label if event.actor else None,
            "of": event.assignee.label if event.assignee else None,
        }
        for one in logs.opened(event):
            if one.group == "content":
                told["content"] = json.loads(restorer(project)(one.data))
        self.stdout.write(json.dumps(told, ensure_ascii=False))
