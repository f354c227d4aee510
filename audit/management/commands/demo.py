"""Write the demo project's event log to a file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from audit import demo


class Command(BaseCommand):
    help = "Write the event log of an invented annotation project, for `load`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("output", type=Path, help="the NDJSON file to write")

    def handle(self, *, output: Path, **options: Any) -> None:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("wb") as file:
            file.writelines(demo.events())
        self.stdout.write(str(output))
