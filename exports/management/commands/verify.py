"""Check an archive with the verifier that goes into it, or a project's whole log in the database."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit.log.checkpoint import vkey
from audit.log.verify import Problem
from audit.models import Log, Project
from audit.resolve import resolve_project
from audit.verification import make_verification, request_verification
from exports import verify as verifier
from exportsite import commands, queued
from exportsite.exits import CANCELLED, FAILED, WRONG_REQUEST
from exportsite.jobs import Cancelled, RunFailed
from exportsite.text import visible


class Command(commands.Command):
    help = "Verify an exported archive (PATH), or the log of a project in the database (--project)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", nargs="?", help="an archive, a file with its proof beside it, or a folder")
        parser.add_argument("--key", metavar="VKEY", help="the log's verifier key, from someone you trust")
        parser.add_argument("--earlier", metavar="CHECKPOINT_OR_ARCHIVE", action="append", default=[])
        parser.add_argument("--project", help="verify this project's log: id, source:external id, or unique name")
        queued.add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="the result as one JSON object (with --project)")

    def handle(self, *, path: str | None, project: str | None, **options: Any) -> None:
        if (path is None) == (project is None):
            raise CommandError("Name either the PATH of an archive, or a --project.", returncode=WRONG_REQUEST)
        if project is not None and (options["key"] or options["earlier"]):
            raise CommandError("--key and --earlier go with the PATH of an archive.", returncode=WRONG_REQUEST)
        if path is not None and (options["json"] or options["queue"]):
            raise CommandError("--json and --queue go with --project.", returncode=WRONG_REQUEST)
        queued.check(options)
        if path is not None:
            self._archive(path, options["key"], options["earlier"])
        else:
            self._log(resolve_project(project or ""), options)

    def _archive(self, path: str, key: str | None, earlier: list[str]) -> None:
        arguments = [path, *(["--key", key] if key else []), *(word for one in earlier for word in ("--earlier", one))]
        with contextlib.redirect_stdout(io.StringIO()) as table:
            status = verifier.main(arguments)
        self.stdout.write(table.getvalue())
        if status == 1:
            raise CommandError(f"{path} does not hold.", returncode=1)
        if status:
            raise CommandError(f"{path} can't be verified.", returncode=status)

    def _log(self, project: Project, options: dict[str, Any]) -> None:
        try:
            if options["queue"]:
                run = request_verification(project, created_by="command")
                if options["wait"] is None:
                    self.stdout.write(json.dumps({"id": run.pk}) if options["json"] else str(run.pk))
                    return
                queued.wait(run, options["wait"])
            else:
                run = make_verification(project, created_by="command", tell=self._progress)
        except RunFailed as error:
            raise CommandError(visible(str(error)), returncode=FAILED) from error
        except (Cancelled, KeyboardInterrupt):
            raise CommandError("Cancelled.", returncode=CANCELLED) from None
        result, log = run.result, project.log
        if options["json"]:
            self.stdout.write(json.dumps({**result, "origin": log.origin, "key": vkey(log)}))
        else:
            self._table(log, result)
        if not result["holds"]:
            first = _text(result["problems"][0])
            raise CommandError(f"{len(result['problems'])} problems; first: {first}", returncode=FAILED)

    def _progress(self, step: str, done: int, total: int | None, unit: str) -> None:
        if sys.stderr.isatty() and total is not None:
            self.stderr.write(f"\r{unit} {done:,} of {total:,}", ending="" if done < total else "\n")

    def _table(self, log: Log, result: dict[str, Any]) -> None:
        mark = "ok  " if result["holds"] else "    "
        erased = f", {result['erased']:,} erased as the log says" if result["erased"] else ""
        for name, text in (
            ("log", log.origin),
            ("key", vkey(log)),
            ("events", f"{result['events']:,} of {result['size']:,}: envelopes, tree, numbers, source keys"),
            ("payloads", f"{result['disclosures']:,} open their commits{erased}"),
            ("checkpoints", f"{result['checkpoints']:,} signed roots recomputed"),
            ("tasks", f"{result['tasks']:,} with their versions, labels and active time made anew and compared"),
            ("files", f"{result.get('files', 0):,} kept files read and hashed"),
            ("people", f"{result['people']:,} identities opened and matched with their pseudonyms"),
        ):
            self.stdout.write(f"{mark}{name:12} {text}")
        for problem in result["problems"]:
            self.stdout.write(f"FAIL {_text(problem)}")
        self.stdout.write("HOLDS" if result["holds"] else "DOES NOT HOLD")


def _text(problem: dict[str, Any]) -> str:
    return str(Problem(**problem))
