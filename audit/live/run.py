"""A sync as a run: asked for, refused in words, done here or by a worker."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from audit import servicelog
from audit.live.passes import Pass
from audit.live.platforms import open_project
from audit.models import Mode, Project, SyncRun
from audit.sources import from_files
from audit.sources.base import LiveSource, SourceError
from audit.sources.origins import PLATFORMS, origin
from exportsite.clock import utc
from exportsite.jobs import Lease, RunFailed, Tell, do_here, hand_over, quietly
from exportsite.jobs.reaper import reap
from exportsite.jobs.run import OPEN
from exportsite.processes import is_alive

COMMAND = "command"
"""Who asks, when it is a command on the server; whoever asks otherwise is noted with their name."""
FIRST = "There was no complete pass yet, so this one read everything. "


class SyncRefused(Exception):
    """A sync that can't begin; the text says why."""


class SyncBusy(SyncRefused):
    """Another sync of the project is under way, or waits."""


def request_sync(project: Project, mode: Mode, created_by: str = "") -> SyncRun:
    """Queue a sync for a worker. Raises SyncRefused."""
    return hand_over(lambda: _asked(project, mode, created_by, attached=False))


def sync(
    project: Project,
    mode: Mode,
    *,
    created_by: str = "",
    tell: Tell = quietly,
) -> SyncRun:
    """Sync in this process; the run with its counts. Raises SyncRefused; RunFailed or Stopped after the run says so."""
    _bury(project)
    run = _asked(project, mode, created_by, attached=True)
    return do_here(run, lambda lease: work(lease.run, lease), tell)


def work(run: SyncRun, lease: Lease[SyncRun]) -> None:
    """What a worker does with a queued sync."""
    if run.mode == Mode.LOAD or run.project is None:
        raise RunFailed("here_only", "A file is loaded by the command `load`, on the machine that has it.")
    project = Project.objects.select_related("source", "log").get(pk=run.project.pk)
    mode, first = Mode(run.mode), ""
    if mode == Mode.INCREMENTAL and project.watermark is None:
        mode, first = Mode.FULL, FIRST
        lease.hold(mode=mode)
    source = opened(project, lease)
    try:
        Pass(project, source, lease, mode, first).run()
    finally:
        source.close()


def opened(project: Project, lease: Lease[Any]) -> LiveSource:
    """The project at its platform, for a run. Raises RunFailed."""
    try:
        return open_project(project, _patience(lease))
    except SourceError as error:
        raise RunFailed(error.code, error.text) from error


def _patience(lease: Lease[Any]) -> Callable[[float], None]:
    """Waiting that ends when the run has to."""

    def wait(seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            lease.check()
            time.sleep(min(left, 0.5))

    return wait


def _asked(project: Project, mode: Mode, created_by: str, *, attached: bool) -> SyncRun:
    kind = project.source.kind
    if kind not in PLATFORMS:
        here = "load its file again" if from_files(kind) else f"kinds that are: {', '.join(PLATFORMS)}"
        raise SyncRefused(f'"{project.name}" ({origin(kind)}) is not read over an API; {here}')
    try:
        with transaction.atomic():
            run = SyncRun.objects.create(project=project, mode=mode, attached=attached, created_by=created_by)
            if created_by == COMMAND:
                servicelog.note(None, "sync.requested", f"sync {run.pk} ({mode})", project=project)
            return run
    except IntegrityError as error:
        other = open_run(project)
        if other is None:
            raise SyncBusy(f'Another sync of "{project.name}" has just come to its end; ask again.') from error
        since = utc(other.started_at or other.created_at)
        state = "waits for a worker" if other.started_at is None else "is under way"
        raise SyncBusy(
            f'A sync of "{project.name}" {state} already (run {other.pk}, since {since}): two at a time would read the '
            "same twice. Wait for its end, or cancel it."
        ) from error


def open_run(project: Project) -> SyncRun | None:
    """The sync of the project that waits or is under way."""
    return SyncRun.objects.filter(project=project, state__in=OPEN).exclude(mode=Mode.LOAD).first()


def _bury(project: Project) -> None:
    """End what a command of this machine left behind that was killed, and what held a lease that has ended."""
    other = open_run(project)
    if other is None or not other.attached:
        return
    machine, _, pid = other.holder.rpartition("/")
    dead = machine == socket.gethostname() and pid.isdigit() and int(pid) != os.getpid() and not is_alive(int(pid))
    reap(gone=(other.holder,) if dead else ())
