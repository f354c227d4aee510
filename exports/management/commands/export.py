"""`manage.py export PROJECT --format F`: a project's trail in another shape, with what it takes to check it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from audit.models import Log, Project
from audit.queries.filters import Filters
from audit.resolve import resolve_project
from exports import noted
from exports.formats import FORMATS, format_of
from exports.formats.base import Parameter, Reads
from exports.inside import skipped_items
from exports.models import Export
from exports.options import FILTERS, pairs
from exports.run import make_export, request_export
from exports.snapshot import LogSnapshot
from exportsite import commands, queued
from exportsite.exits import CANCELLED, FAILED, WRONG_REQUEST
from exportsite.jobs import Cancelled, RunFailed
from exportsite.problems import WrongRequest
from exportsite.text import visible, visible_line


class Command(commands.Command):
    """Makes an export; prints the paths of its files."""

    help = (
        "Export a project's trail: an archive, or a file with its proof beside it, that anyone can verify offline. "
        "Prints the path of each file. --list shows the formats and their parameters."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "project",
            metavar="PROJECT",
            nargs="+",
            help="our id, source:external id, or a unique name; several go into one archive, a folder each "
            "(labelbox: into one file)",
        )
        parser.add_argument("--format", metavar="F", help=f"one of: {', '.join(FORMATS)}")
        parser.add_argument("-o", "--output", metavar="PATH", type=Path, help="the file to write")
        parser.add_argument(
            "-f", "--filter", action="append", default=[], metavar="FILTER=VALUE", help=f"{', '.join(FILTERS)}"
        )
        parser.add_argument(
            "-p", "--parameter", action="append", default=[], metavar="PARAM=VALUE", help="of the format, see --list"
        )
        parser.add_argument(
            "--as-of",
            metavar="N",
            type=int,
            action="append",
            help="the log as it was when it had N events (now); of several projects once for each, in their order",
        )
        parser.add_argument("--name", metavar="NAME", default="", help="what to call it, also in its file's name")
        parser.add_argument(
            "--strict",
            action="store_true",
            help="fail on the first item that can't be written as it is, instead of noting it in errors.ndjson",
        )
        parser.add_argument(
            "--list",
            action="store_true",
            help="show the formats that apply with their parameters, and why others don't; with --format that one only",
        )
        parser.add_argument("--force", action="store_true", help="overwrite the file that -o names")
        queued.add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of paths")

    def handle(self, *args: Any, **options: Any) -> None:
        projects = [resolve_project(text) for text in options["project"]]
        if not options["list"]:
            queued.check(options, "output", "force")
        try:
            if options["list"]:
                self._list(projects[0], options["format"], as_json=options["json"])
                return
            if options["format"] is None:
                raise CommandError(f"--format is missing; one of: {', '.join(FORMATS)}", returncode=WRONG_REQUEST)
            asked: dict[str, Any] = {
                "parameters": pairs(options["parameter"], "-p"),
                "filters": pairs(options["filter"], "-f"),
                "as_of": options["as_of"],
                "name": options["name"],
                "strict": options["strict"],
                "created_by": "command",
            }
            if options["queue"]:
                with transaction.atomic():
                    export = request_export(projects, options["format"], **asked)
                    noted.requested(None, export)
                if options["wait"] is None:
                    self.stdout.write(json.dumps({"id": str(export.pk)}) if options["json"] else str(export.pk))
                    return
                queued.wait(export, options["wait"])
            else:
                here = {"output": options["output"], "force": options["force"], "tell": self._tell_step}
                export = make_export(projects, options["format"], **asked, **here)
                noted.requested(None, export)
        except WrongRequest as error:
            text = "\n".join(visible_line(problem.text) for problem in error.problems)
            raise CommandError(text, returncode=WRONG_REQUEST) from error
        except RunFailed as error:
            raise CommandError(visible(str(error)), returncode=FAILED) from error
        except (Cancelled, KeyboardInterrupt):
            raise CommandError("Cancelled. No file was written.", returncode=CANCELLED) from None
        self._tell(export, as_json=options["json"])

    def _tell(self, export: Export, *, as_json: bool) -> None:
        if self.stderr.isatty():
            self.stderr.write("")
        if not as_json:
            for file in export.files:
                self.stdout.write(file["path"])
            self._tell_noted(export)
            return
        told = {
            "id": str(export.pk),
            "project": export.project_id,
            **({"name": export.name} if export.name else {}),
            "format": export.format,
            **export.resolved,
            "counts": export.counts,
            "files": export.files,
        }
        self.stdout.write(json.dumps(told, ensure_ascii=False))

    def _tell_noted(self, export: Export) -> None:
        """How many items have a line in errors.ndjson, and why: beside the paths, which programs read."""
        archive = next((Path(file["path"]) for file in export.files if file["name"].endswith(".zip")), None)
        if archive is None or not (noted := skipped_items(archive, 0, 0)).lines:
            return
        more = "" if noted.whole else "at least "
        self.stderr.write(f"Lines in errors.ndjson of {visible_line(archive.name)}: {more}{noted.lines:,}")
        for reason in noted.reasons:
            text = f"{reason.example.text}{f' (and {reason.others:,} other texts)' if reason.others else ''}"
            self.stderr.write(f"  {reason.count:,}  {reason.example.code}: {visible_line(text)}")

    def _list(self, project: Project, slug: str | None, *, as_json: bool) -> None:
        """The formats, or one of them; those that the project can't fill last, each with the reason."""
        listed = [format_of(slug)] if slug is not None else list(FORMATS.values())
        log = Log.objects.select_related("project__source").get(project=project)
        about = LogSnapshot(log, log.size, Filters(), Reads()).project
        if as_json:
            told = [
                {
                    "format": format_.slug,
                    "title": format_.title,
                    "extension": format_.extension,
                    "applies": not format_.refusal(about),
                    "why_not": format_.refusal(about) or None,
                    "parameters": [_described(parameter) for parameter in format_.parameters],
                }
                for format_ in listed
            ]
            self.stdout.write(json.dumps({"formats": told, "filters": list(FILTERS)}))
            return
        for format_ in sorted(listed, key=lambda one: bool(one.refusal(about))):
            called = f"{format_.slug}  {format_.title}, .{format_.extension}"
            if why := format_.refusal(about):
                self.stdout.write(f"{called}; not here: {why}")
                continue
            self.stdout.write(called)
            for parameter in format_.parameters:
                self.stdout.write(
                    f"  -p {parameter.name}={'|'.join(parameter.choices)}  {parameter.help}; {_default(parameter)}"
                )
        self.stdout.write(f"filters  {', '.join(FILTERS)}")

    def _tell_step(self, step: str, done: int, total: int | None, unit: str) -> None:
        """One line of a terminal; one item in a hundred is enough."""
        if self.stderr.isatty() and done % 100 == 0:
            of = f" of {total:,}" if total is not None else ""
            self.stderr.write(f"\r{step}: {done:,}{of} {unit} \x1b[K", ending="")


def _default(parameter: Parameter) -> str:
    filtered = f", {parameter.filtered_default} with filters" if parameter.filtered_default else ""
    return f"otherwise {parameter.default or 'nothing'}{filtered}"


def _described(parameter: Parameter) -> dict[str, object]:
    return {
        "name": parameter.name,
        "choices": list(parameter.choices),
        "default": parameter.default,
        "default_with_filters": parameter.filtered_default or parameter.default,
        "help": parameter.help,
    }
