"""`manage.py doctor`: what this machine has and lacks for Labeltrail."""

from __future__ import annotations

import dataclasses
import json
import sys
import textwrap
from typing import Any

from django.core.management.base import CommandParser

from exportsite import commands, doctor


class Command(commands.Command):
    help = "Check this installation. Exit status 1 when something keeps Labeltrail from working."
    # Django's checks are among the findings; run beforehand they would end the command at the first error.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in doctor.examine():
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(line(finding))
        well = all(finding.state != "wrong" for finding in findings)
        if options["json"]:
            self.stdout.write(json.dumps({"ok": well, "checks": [dataclasses.asdict(each) for each in findings]}))
        if not well:
            sys.exit(1)


def line(finding: doctor.Finding) -> str:
    """State, name and text in columns; below it what to do, unless all is well."""
    row = f"{finding.state:<6} {finding.name:<11} {finding.text}"
    if finding.state == "ok" or not finding.advice:
        return row
    return row + "\n" + textwrap.indent(finding.advice, " " * 19)
