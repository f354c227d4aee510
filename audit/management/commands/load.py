"""`manage.py load FILE --project NAME`: take an event log in a file into the record."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from typing import Any

import psycopg
from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError

from audit.loads import load_export
from audit.sources.exported.container import Container
from audit.sources.exported.kinds import KINDS, kind_of, unknown
from audit.sources.exported.logs import event_file, logs_in
from audit.sources.files import BadFile, BadOption, FileOptions
from audit.sources.files.errors import listed
from audit.sources.files.fields import FIELDS
from audit.sync import LoadBusy, LoadRefused, LoadResult, load_file
from exportsite import commands
from exportsite.exits import CANCELLED, FAILED, WRONG_REQUEST
from exportsite.jobs import Cancelled, RunFailed
from exportsite.text import visible, visible_line


class Command(commands.Command):
    """Loads an event log, plain or gzip, into a project of its own; again and again, if it grows."""

    help = (
        "Load an event log (XES, CSV, NDJSON, or what `redbrick report` writes, plain, as gzip, or in a zip) into a "
        "file project, which the first load creates. "
        "Nothing is recorded unless the whole file can be read. Loading a file again adds what is new in it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        fields = "\n".join(f"  {field + ':':<13}{', '.join(aliases)}" for field, aliases in FIELDS.items())
        parser.epilog = f"fields, and the columns that hold them unless --column says otherwise:\n{fields}"
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--project", metavar="NAME", help="the file project; created when there is none of this name"
        )
        parser.add_argument(
            "--kind",
            metavar="KIND",
            help=f"xes, csv, ndjson, redbrick{_kinds()}; otherwise what the content looks like",
        )
        parser.add_argument("--zone", default="", help="what times without a zone are of, for instance Europe/Paris")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="FIELD=NAME",
            help="the column that holds a field (no NAME: none does)",
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="VALUE=TYPE",
            help="the type of events that the file calls VALUE",
        )
        parser.add_argument(
            "--active-time",
            default="auto",
            metavar="HOW",
            help="auto, duration (a column), pairs (start and completion) or none",
        )
        parser.add_argument(
            "--list-columns", action="store_true", help="show how the columns are understood, load nothing"
        )
        parser.add_argument("--json", action="store_true", help="write the result as a JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            wanted = FileOptions.parse(
                kind=None if options["kind"] in KINDS else options["kind"],
                zone=options["zone"],
                columns=options["column"],
                types=options["map"],
                active_time=options["active_time"],
            )
            if options["list_columns"]:
                self._list_columns(options["file"], wanted, as_json=options["json"])
                return
            if not options["project"]:
                raise BadOption("--project NAME is missing: the project into which the file is loaded")
            progress = _Progress(self.stderr if self.stderr.isatty() else None)
            result = self._export(options, progress) or load_file(options["file"], options["project"], wanted, progress)
            progress.end()
        except (BadOption, LoadRefused) as error:
            raise CommandError(visible(str(error)), returncode=WRONG_REQUEST) from error
        except (BadFile, LoadBusy, RunFailed) as error:
            raise CommandError(visible(str(error)), returncode=FAILED) from error
        except (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError) as error:
            said = visible_line(str(error).strip().partition("\n")[0])
            text = f"The database can't be reached, or went away ({said}). What was recorded until then stays; "
            raise CommandError(text + "the same load adds the rest once it is back.", returncode=FAILED) from error
        except (Cancelled, KeyboardInterrupt):
            text = "Cancelled. What was recorded stays; the same load adds the rest."
            raise CommandError(text, returncode=CANCELLED) from None
        self._tell(result, as_json=options["json"])

    def _export(self, options: dict[str, Any], progress: _Progress) -> LoadResult | None:
        """Load what a platform exported; None when the file is an event log."""
        if options["kind"] is not None and options["kind"] not in KINDS:
            return None
        with Container(options["file"]) as container:
            kind = kind_of(container, options["kind"])
            if kind is None:
                if container.is_single or logs_in(container):
                    return None
                raise unknown(container)
            given = [name for name in ("column", "map", "zone") if options[name]]
            if given or options["active_time"] != "auto":
                raise BadOption(f"--{(given or ['active-time'])[0]} is for event logs; this is {kind.title}")
            return load_export(container, kind, options["project"], progress)

    def _tell(self, result: LoadResult, *, as_json: bool) -> None:
        if result.unused:
            self.stderr.write(f"No event needed --map for {listed(result.unused)}")
        if result.kind in KINDS:
            self.stderr.write(f"Read as {KINDS[result.kind].title} (--kind {result.kind}).")
        elif result.kind == "redbrick":
            self.stderr.write("Read as a report of RedBrick (--kind redbrick).")
        project = result.project
        if as_json:
            told = {
                "project": {"id": project.pk, "name": project.name},
                "found": result.found,
                "recorded": result.recorded,
                "added": result.added,
                "already": result.already,
                "log_size": result.log_size,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(
            f"project {project.pk} {project.name}: {result.found} events found, {result.added} added, "
            f"{result.already} already there; log size {result.log_size}"
        )

    def _list_columns(self, path: str, options: FileOptions, *, as_json: bool) -> None:
        with event_file(path, options) as file:
            columns = file.sample()
            if as_json:
                found = {field: list(names) for field, names in columns.found.items()}
                told = {"kind": file.kind, "fields": found, "columns": list(columns.seen)}
                self.stdout.write(json.dumps(told, ensure_ascii=False))
                return
            self.stdout.write(f"kind {file.kind}")
            for field in FIELDS:
                names: Sequence[str] = columns.found.get(field, ())
                if field == "task" and file.kind == "xes":
                    names = ("concept:name of the trace",)
                self.stdout.write(f"{field:<12} {', '.join(map(visible_line, names)) or '-'}")
            rest = [name for name in columns.seen if name not in columns.mapped]
            self.stdout.write(f"{'kept as is':<12} {', '.join(map(visible_line, rest)) or '-'}")


def _kinds() -> str:
    return "".join(f", {kind}" for kind in KINDS)


class _Progress:
    """Writes phase, count and rate over one line of a terminal, a few times a second; nothing elsewhere."""

    def __init__(self, terminal: Any) -> None:
        self._terminal = terminal
        self._phase = ""
        self._began = self._shown = time.monotonic()

    def __call__(self, phase: str, done: int) -> None:
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._began = phase, now
        if self._terminal is None or now - self._shown < 0.2:
            return
        self._shown = now
        rate = done / (now - self._began) if now > self._began else 0.0
        self._terminal.write(f"\r{phase}: {done:,} events, {rate:,.0f}/s \x1b[K", ending="")

    def end(self) -> None:
        """Leave the line clean."""
        if self._terminal is not None:
            self._terminal.write("\r\x1b[K", ending="")
