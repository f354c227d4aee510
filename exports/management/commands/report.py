"""`manage.py report PROJECT [--task TASK]`: a PDF that shows what happened, and how to check it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.resolve import resolve_project, resolve_task
from exports.reports.definition import Options
from exports.reports.service import ReportFailed, make_report
from exportsite.nearest import nearest
from exportsite.problems import FieldProblem, WrongRequest
from exportsite.text import visible

FAILED, WRONG_REQUEST, CANCELLED = 1, 2, 3
PAPERS = ("a4", "letter")


class Command(BaseCommand):
    """Makes a report; prints its path."""

    help = (
        "Make a PDF report of a project, or a dossier of one task: who did what and when, for how long, what is "
        "missing, and how to verify it without trusting Labeltrail. Prints the path of the file."
    )
    requires_system_checks = ()  # They look at pages and addresses, which a report has none of.

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", metavar="PROJECT", help="our id, source:external id, or a unique name")
        parser.add_argument(
            "--task", metavar="TASK", help="a dossier of one task: our id, its id at the source, or its name"
        )
        parser.add_argument("-o", "--output", metavar="PATH", type=Path, help="the file to write; must end in .pdf")
        parser.add_argument("--as-of", metavar="N", type=int, help="the log as it was when it had N events (now)")
        parser.add_argument("--redact", action="store_true", help="withhold names, texts and payloads")
        parser.add_argument("--paper", metavar="SIZE", default="a4", help="a4 or letter (a4)")
        parser.add_argument("--force", action="store_true", help="overwrite the file that -o names")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of the path")

    def run_from_argv(self, argv: list[str]) -> None:
        """Name an unknown option with the nearest known one, then run."""
        parser = self.create_parser(argv[0], argv[1])
        known = [option for action in parser._actions for option in action.option_strings]
        for word in parser.parse_known_args(argv[2:])[1]:
            option = word.partition("=")[0]
            close = nearest(option, known)
            hint = f"; did you mean {close}?" if close else ""
            self.stderr.write(visible(f"report: there is no option {option}{hint} (report --help lists all)"))
            sys.exit(WRONG_REQUEST)
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["paper"] not in PAPERS:
                raise WrongRequest(FieldProblem("paper", "unknown", f"--paper is {options['paper']!r}: a4 or letter"))
            project = resolve_project(options["project"])
            task = resolve_task(options["task"], project) if options["task"] is not None else None
            report = make_report(
                project,
                task,
                as_of=options["as_of"],
                options=Options(redact=options["redact"], paper=options["paper"]),
                output=options["output"],
                force=options["force"],
                progress=self._tell_step,
            )
        except WrongRequest as error:
            raise CommandError(visible(str(error)), returncode=WRONG_REQUEST) from error
        except ReportFailed as error:
            raise CommandError(visible(str(error)), returncode=FAILED) from error
        except KeyboardInterrupt:
            raise CommandError("Cancelled. No file was written.", returncode=CANCELLED) from None
        if options["json"]:
            told = {
                "id": str(report.pk),
                "project": project.pk,
                "task": task and task.pk,
                "as_of": report.as_of,
                "files": report.files,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            for file in report.files:
                self.stdout.write(file["path"])

    def _tell_step(self, step: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(step)
