"""Files that people send over a page to be loaded: kept by their SHA-256 until the run that loads them is over.

They hold names and addresses as the platform wrote them, so nothing of them stays when the load ends.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.conf import settings

from audit.live import run as sync
from audit.loads import load_export
from audit.models import Mode, Project, SyncRun
from audit.sources.exported.container import Container
from audit.sources.exported.kinds import KINDS, kind_of, unknown
from audit.sources.exported.logs import logs_in
from audit.sources.files import BadFile, BadOption, FileOptions
from audit.sync import LoadBusy, LoadRefused, check_name, load_file
from exportsite import scratch
from exportsite.jobs import Lease, RunFailed, hand_over
from exportsite.jobs.run import OPEN
from exportsite.storage import Store
from exportsite.text import visible_line

MAX_NAME = 150
EVENT_LOGS = ("xes", "csv", "ndjson", "redbrick")
"""Kinds of event logs, beside those of exports."""


def request_load(
    into: str,
    called: str,
    write: Callable[[IO[bytes]], object],
    *,
    kind: str = "",
    zone: str = "",
    created_by: str = "",
) -> SyncRun:
    """Keep the file and queue its load into the project of this name. Raises LoadRefused, BadOption or OSError."""
    check_name(into)
    _options(kind, zone)
    stored = _store().put(write)
    told = {
        "name": file_name(called),
        "sha256": stored.sha256,
        "bytes": stored.size,
        "into": into,
        "kind": kind,
        "zone": zone,
    }
    project = Project.objects.filter(name=into).first()
    return hand_over(
        lambda: SyncRun.objects.create(project=project, mode=Mode.LOAD, upload=told, created_by=created_by)
    )


def work(run: SyncRun, lease: Lease[SyncRun]) -> None:
    """What a worker does with a queued run: loads what was sent, else syncs. Raises RunFailed."""
    told = run.upload
    if told is None:
        sync.work(run, lease)
        return
    with scratch.folder(incoming()) as folder:
        path = folder / told["name"]
        try:
            os.symlink(_store().path(told["sha256"]).resolve(strict=True), path)
        except FileNotFoundError:
            text = "The file that was sent is gone from the store (LABELTRAIL_FILES); send it again."
            raise RunFailed("storage", text) from None
        try:
            _load(str(path), told, lease)
        except (BadFile, BadOption, LoadRefused, LoadBusy) as problem:
            raise RunFailed("refused", str(problem).replace(f"{folder}/", "")) from problem


def discard() -> None:
    """Remove the files of runs that are over, and folders of loads that were killed."""
    scratch.sweep(incoming())
    for run in SyncRun.objects.filter(upload__isnull=False).exclude(state__in=OPEN).order_by("id")[:100]:
        sha256 = (run.upload or {}).get("sha256", "")
        if not SyncRun.objects.filter(upload__sha256=sha256, state__in=OPEN).exists():
            _store().path(sha256).unlink(missing_ok=True)
        SyncRun.objects.filter(pk=run.pk).update(upload=None)


def incoming() -> Path:
    """The folder of files that are about to come, and of what a load needs while it works."""
    folder = Path(settings.INCOMING)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def file_name(called: str) -> str:
    """The name of the file as it is shown, and used in a folder of its own: one line, and no way out."""
    plain = visible_line(called.replace("\\", "/").rpartition("/")[2])
    suffix = Path(plain).suffix[:20]
    name = plain.removesuffix(suffix).encode()[:MAX_NAME].decode("utf-8", "ignore") + suffix
    return name if name.strip(". ") else "upload"


def _load(path: str, told: dict[str, str], lease: Lease[SyncRun]) -> None:
    kind = told["kind"] or None
    if kind is None or kind in KINDS:
        with Container(path) as container:
            found = kind_of(container, kind)
            if found is not None:
                load_export(container, found, told["into"], held=lease)
                return
            if not container.is_single and not logs_in(container):
                raise unknown(container)
    load_file(path, told["into"], _options(told["kind"], told["zone"]), held=lease)


def _options(kind: str, zone: str) -> FileOptions:
    """How an event log is read. Raises BadOption."""
    logs = None if kind in ("", *KINDS) else kind
    return FileOptions.parse(kind=logs, zone=zone, columns=[], types=[], active_time="auto")


def _store() -> Store:
    return Store(settings.UPLOADS)
