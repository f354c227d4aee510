"""`manage.py report PROJECT [--task TASK]`: a PDF that shows what happened, and how to check it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from audit.resolve import resolve_project, resolve_task
from exports import noted
from exports.options import FILTERS, pairs
from exports.reports.definition import Options
from exports.reports.service import make_report, request_report
from exportsite import commands, queued
from exportsite.exits import CANCELLED, FAILED, WRONG_REQUEST
from exportsite.jobs import Cancelled, RunFailed
from exportsite.problems import FieldProblem, WrongRequest
from exportsite.text import visible

PAPERS = ("a4", "letter")


class Command(commands.Command):
    """Makes a report; prints its path."""

    help = (
        "Make a PDF report of a project, or a dossier of one task: who did what and when, for how long, what is "
        "missing, and how to verify it without trusting Labeltrail. Prints the path of the file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", metavar="PROJECT", help="our id, source:external id, or a unique name")
        parser.add_argument(
            "--task", metavar="TASK", help="a dossier of one task: our id, its id at the source, or its name"
        )
        parser.add_argument("-o", "--output", metavar="PATH", type=Path, help="the file to write; must end in .pdf")
        parser.add_argument("--as-of", metavar="N", type=int, help="the log as it was when it had N events (now)")
        parser.add_argument(
            "-f",
            "--filter",
            action="append",
            default=[],
            metavar="FILTER=VALUE",
            help=f"only what it lets through: {', '.join(FILTERS)}",
        )
        parser.add_argument("--redact", action="store_true", help="withhold names, texts and payloads")
        parser.add_argument("--paper", metavar="SIZE", default="a4", help="a4 or letter (a4)")
        parser.add_argument("--force", action="store_true", help="overwrite the file that -o names")
        queued.add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of the path")

    def handle(self, *args: Any, **options: Any) -> None:
        queued.check(options, "output", "force")
        try:
            if options["paper"] not in PAPERS:
                raise WrongRequest(FieldProblem("paper", "unknown", f"--paper is {options['paper']!r}: a4 or letter"))
            project = resolve_project(options["project"])
            task = resolve_task(options["task"], project) if options["task"] is not None else None
            asked: dict[str, Any] = {
                "as_of": options["as_of"],
                "options": Options(
                    redact=options["redact"], paper=options["paper"], filters=pairs(options["filter"], "-f")
                ),
                "created_by": "command",
            }
            if options["queue"]:
                with transaction.atomic():
                    report = request_report(project, task, **asked)
                    noted.requested(None, report)
                if options["wait"] is None:
                    self.stdout.write(json.dumps({"id": str(report.pk)}) if options["json"] else str(report.pk))
                    return
                queued.wait(report, options["wait"])
            else:
                here = {"output": options["output"], "force": options["force"], "tell": self._tell_step}
                report = make_report(project, task, **asked, **here)
                noted.requested(None, report)
        except WrongRequest as error:
            raise CommandError(visible(str(error)), returncode=WRONG_REQUEST) from error
        except RunFailed as error:
            raise CommandError(visible(str(error)), returncode=FAILED) from error
        except (Cancelled, KeyboardInterrupt):
            raise CommandError("Cancelled. No file was written.", returncode=CANCELLED) from None
        if options["json"]:
            told = {
                "id": str(report.pk),
                "project": project.pk,
                "task": task and task.pk,
                "as_of": report.as_of,
                "pages": report.pages,
                "files": report.files,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            for file in report.files:
                self.stdout.write(file["path"])

    def _tell_step(self, step: str, done: int, total: int | None, unit: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(step)
