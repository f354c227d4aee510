"""Write the demo project's event log to a file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from audit import demo
from exportsite import commands


class Command(commands.Command):
    help = "Write the event log of an invented annotation project, for `load`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("output", type=Path, help="the NDJSON file to write")

    def handle(self, *, output: Path, **options: Any) -> None:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("wb") as file:
            file.writelines(demo.events())
        self.stdout.write(str(output))
