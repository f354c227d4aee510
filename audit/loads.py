"""From a platform's own export to the log: one load into a project of its kind."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.db import transaction

from audit.live.passes import Pass
from audit.log.create import create_project
from audit.models import Log, Mode, Project, Source, SyncRun
from audit.sources import file_kind
from audit.sources.base import SourceError, TaskHistory
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind, FileSource
from audit.sources.files import BadFile
from audit.sources.origins import origin
from audit.staging import Staging
from audit.sync import LoadBusy, LoadRefused, LoadResult, check_name, lease_of
from exportsite.jobs import Lease

Progress = Callable[[str, int], None]


def load_export(
    container: Container,
    kind: ExportKind,
    project_name: str,
    progress: Progress | None = None,
    held: Lease[SyncRun] | None = None,
) -> LoadResult:
    """Load an export into the project of this name, which the first load creates.

    All of it is read before the first event goes into the log, so an export with an error adds nothing. What the log
    has is left as it is; a task or label that says something new gets a version more. Raises BadFile, LoadRefused,
    LoadBusy or RunFailed.
    """
    check_name(project_name)
    tick = progress or (lambda phase, done: None)
    with Staging() as staging:
        if not staging.hold(project_name):
            raise LoadBusy(f'another load into "{project_name}" is running; wait for its end, then load again')
        project = export_project(project_name, kind)
        with lease_of(project, held) as lease:
            lease.tell = lambda step, done, total, unit: tick(step, done)
            source = kind.open(container, project_name)
            _read_once(container, source, lease)
            if project is None:
                project = _create(project_name, kind, lease)
            size = Log.objects.get(project=project).size
            sha256, length = container.fingerprint()
            name = os.fsencode(Path(container.path).name).decode("utf-8", "replace")
            told = {"file": name, "sha256": sha256, "bytes": length, "kind": kind.slug}
            reading = Pass(project, source, lease, Mode.LOAD, told=told)
            reading.run()
    log = Log.objects.get(project=project)
    counts = reading.counts
    added = counts.added - (log.size > size)  # The event that closes the load is not of the export.
    already = counts.found - added
    return LoadResult(project, counts.found, counts.found, added, already, log.size, (), kind.slug)


def export_project(name: str, kind: ExportKind) -> Project | None:
    """The project of this name for exports of this kind; None when there is none. Raises LoadRefused for others."""
    found = Project.objects.select_related("source").filter(name=name).first()
    if found is None:
        return None
    if found.source.kind != file_kind(kind.platform):
        raise LoadRefused(
            f'"{name}" is a project of another kind ({origin(found.source.kind)}), this is {kind.title}: '
            "load it into a project of its own, under another name"
        )
    return found


def _read_once(container: Container, source: FileSource, lease: Lease[SyncRun]) -> None:
    """Read all that there is and keep nothing: whatever is wrong with it is found before anything is recorded."""
    done = 0
    try:
        for _ in source.project_events():
            pass
        for page in source.task_pages():
            for history in page.histories:
                _read_files(source, history)
            done += len(page.histories)
            lease.progress("reading", done, unit="tasks")
        for _ in source.time_pages():
            pass
    except SourceError as problem:
        raise BadFile(container.path, None, problem.text) from problem
    except RecursionError:
        raise BadFile(container.path, None, "something in it is nested too deep to be read") from None
    if not done:
        raise BadFile(container.path, None, "there is no task in it")


def _read_files(source: FileSource, history: TaskHistory) -> None:
    """Read what labels are drawn in: a mask that is damaged is an error before anything is recorded."""
    for event in history.events:
        for ref in event.files:
            if not ref.media:
                with tempfile.TemporaryFile() as file:
                    source.file(ref, file)


@transaction.atomic
def _create(name: str, kind: ExportKind, lease: Lease[SyncRun]) -> Project:
    source = Source.objects.create(kind=file_kind(kind.platform), name=name)
    project = create_project(source, external_id=name, name=name)
    lease.hold(project=project)
    return project
