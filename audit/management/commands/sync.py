"""`manage.py sync [PROJECT]`: read projects at their platforms into the record."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import CommandError

from audit.live.run import SyncBusy, SyncRefused, request_sync, sync
from audit.models import Mode, Project, SyncRun
from audit.resolve import resolve_project
from audit.sources.origins import PLATFORMS
from exportsite import commands, queued
from exportsite.exits import CANCELLED, FAILED, WRONG_REQUEST
from exportsite.jobs import Cancelled, RunFailed, Stopped, cancel
from exportsite.text import visible, visible_line


class Command(commands.Command):
    """Syncs one project, or all that are connected, one after the other."""

    help = (
        "Read a connected project (without PROJECT: all of them) into the record. A full pass asks for every task, and "
        "is complete; --since-last asks for what changed since the last pass. What was read before a failure is kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", nargs="?", metavar="PROJECT", help="our id, source:external id, or unique name")
        parser.add_argument("--since-last", action="store_true", help="only what changed since the last pass")
        queued.add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object for each project")

    def handle(self, *args: Any, project: str | None, since_last: bool, queue: bool, **options: Any) -> None:
        queued.check({"queue": queue, **options})
        projects = [resolve_project(project)] if project is not None else self._connected()
        mode = Mode.INCREMENTAL if since_last else Mode.FULL
        begin = partial(request_sync, created_by="command") if queue else self._sync
        runs: list[tuple[Project, SyncRun]] = []
        failed = 0
        for each in projects:
            try:
                run = begin(each, mode)
            except SyncRefused as error:
                if project is not None and not isinstance(error, SyncBusy):
                    raise CommandError(visible(str(error)), returncode=WRONG_REQUEST) from error
                failed += self._say_failed(each, error)
            except RunFailed as error:
                failed += self._say_failed(each, error)
            except (Cancelled, KeyboardInterrupt):
                text = "Cancelled. What was recorded stays; the next sync goes on from there."
                raise CommandError(text, returncode=CANCELLED) from None
            except Stopped as error:
                failed += self._say_failed(each, f"the run was taken from this process ({type(error).__name__})")
            else:
                runs.append((each, run))
                if options["wait"] is None:
                    self._tell(each, run, as_json=options["json"])
        statuses = {FAILED} if failed else set()
        if options["wait"] is not None:
            statuses |= self._wait(runs, options["wait"], as_json=options["json"])
        if statuses:
            sys.exit(statuses.pop() if len(statuses) == 1 else FAILED)

    def _wait(self, runs: list[tuple[Project, SyncRun]], seconds: float, *, as_json: bool) -> set[int]:
        """Tell of each run at its end, until the time is over; the exit statuses of those that did not succeed."""
        began = time.monotonic()
        statuses: set[int] = set()
        for project, run in runs:
            try:
                self._tell(project, queued.wait(run, seconds, began), as_json=as_json)
            except queued.Interrupted:
                for _, other in runs:
                    cancel(other)
                raise
            except CommandError as error:
                self._say_failed(project, error)
                statuses.add(error.returncode)
        return statuses

    def _connected(self) -> list[Project]:
        found = list(Project.objects.select_related("source").filter(source__kind__in=PLATFORMS).order_by("pk"))
        if not found:
            text = "No project is connected to a platform. Connect one first: manage.py connect --help"
            raise CommandError(text, returncode=WRONG_REQUEST)
        return found

    def _sync(self, project: Project, mode: Mode) -> SyncRun:
        try:
            return sync(project, mode, created_by="command", tell=self._tell_step)
        finally:
            if self.stderr.isatty():
                self.stderr.write("\r\x1b[K", ending="")

    def _say_failed(self, project: Project, error: object) -> int:
        self.stderr.write(visible(f"project {project.pk} {project.name}: {error}"))
        return 1

    def _tell(self, project: Project, run: SyncRun, *, as_json: bool) -> None:
        if run.finished_at is None:
            self.stdout.write(json.dumps({"id": run.pk, "project": project.pk}) if as_json else str(run.pk))
            return
        project.refresh_from_db(fields=["name"])
        if as_json:
            told = {
                "id": run.pk,
                "project": {"id": project.pk, "name": project.name},
                "mode": run.mode,
                "message": run.message,
                "found": run.found,
                "added": run.added,
                **run.result,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        more = "".join(
            f", {run.result[name]:,} {text}"
            for name, text in (("deleted", "deleted there"), ("diverged", "differing from the record"))
            if run.result.get(name)
        )
        self.stdout.write(
            f"project {project.pk} {visible_line(project.name)}: {run.found:,} events found, {run.added:,} added"
            f"{more}. {run.message}"
        )

    def _tell_step(self, step: str, done: int, total: int | None, unit: str) -> None:
        """One line of a terminal."""
        if self.stderr.isatty():
            of = f" of {total:,}" if total is not None else ""
            self.stderr.write(f"\r{step}: {done:,}{of} {unit} \x1b[K", ending="")
