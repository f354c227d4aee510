"""The demo's platform: served on this machine, its projects connected and read."""

from __future__ import annotations

import json
import threading
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from audit.demo.clock import KeptClock
from audit.demo.platform import BEGIN, SHOWN, SPEED, connected, demo_world
from audit.demo.redbrick import FakeRedBrick
from audit.demo.users import demo_users
from audit.live.run import SyncBusy, open_run, request_sync
from audit.models import Mode, Project, SyncRun
from audit.sources.base import SourceError
from exportsite import commands
from exportsite.exits import FAILED
from exportsite.jobs import State
from exportsite.text import visible

POLL = 0.2


class Command(commands.Command):
    """Prints one JSON object when all is read.

    {"projects": [ids], "task": the name of one that shows much, "users": [[name, password], …]}
    """

    help = (
        "Serve an invented annotation platform on this machine until it is stopped, with its projects connected, and "
        "have a worker (manage.py worker, or up) read them. LABELTRAIL_ALLOW_HOSTS must contain 127.0.0.1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=0, help="port of the platform on 127.0.0.1 (a free one)")
        parser.add_argument("--still", action="store_true", help="let no time pass there")

    def handle(self, *, port: int, still: bool, **options: Any) -> None:
        clock = KeptClock(Path(settings.LABELTRAIL_HOME) / "demo" / "clock", BEGIN, 0.0 if still else SPEED)
        with FakeRedBrick(demo_world(clock), port) as platform:
            try:
                projects = connected(platform.url)
            except SourceError as problem:
                raise CommandError(visible(str(problem)), returncode=FAILED) from problem
            for run in [_queued(project) for project in projects]:
                self._wait(run)
            told = {"projects": [project.pk for project in projects], "task": SHOWN, "users": demo_users(projects)}
            self.stdout.write(json.dumps(told))
            self.stdout.flush()
            threading.Event().wait()

    def _wait(self, run: SyncRun) -> None:
        while not run.over:
            time.sleep(POLL)
            run.refresh_from_db()
        if run.state != State.SUCCEEDED:
            raise CommandError(visible(f"The demo's platform was not read: {run.error_text or run.state}"))


def _queued(project: Project) -> SyncRun:
    """A full sync that waits for a worker: one more, or the one that an earlier demo left."""
    try:
        return request_sync(project, Mode.FULL, "demo")
    except SyncBusy:
        open_one = open_run(project)
        return open_one if open_one is not None else _queued(project)
