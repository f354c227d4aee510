"""From a source to the log: one load of an event log into a file project."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from django.db import transaction

from audit import servicelog
from audit.eventtypes import TYPES
from audit.log.append import Appender
from audit.log.checkpoint import sign
from audit.log.create import create_project
from audit.models import Event, Log, Project, Source, SyncRun
from audit.sources.base import SourceEvent
from audit.sources.exported.logs import event_file
from audit.sources.files import BadFile, BadOption, EventFile, FileEvent, FileOptions, complete
from audit.sources.origins import origin
from audit.staging import Staging
from exportsite.jobs import Lease, RunFailed, claim
from exportsite.text import visible_line

MAX_NAME = 200
TICK = 1_000

Progress = Callable[[str, int], None]
"""Told the phase ("reading", "recording") and how many events it has done so far, every thousand."""


class LoadRefused(Exception):
    """A load that can't be done as it was asked for; the text says why, and what can."""


class LoadBusy(Exception):
    """Somebody else loads into the project at this moment."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did. `found` events were in the file or follow from it, `recorded` of them are in the file itself;
    `added` are new in the log, `already` were there. `unused` are mappings that no event needed, `kind`
    is what the file was read as."""

    project: Project
    found: int
    recorded: int
    added: int
    already: int
    log_size: int
    unused: tuple[str, ...]
    kind: str


def load_file(
    path: str,
    project_name: str,
    options: FileOptions,
    progress: Progress | None = None,
    held: Lease[SyncRun] | None = None,
) -> LoadResult:
    """Read a file of events into the file project of this name, which the first load creates.

    Of a zip or folder it is the event log inside. All of it is read before the first event goes into the log, so a file
    with an error adds nothing. Events that the log has are left as they are; after a crash the same load adds what is
    missing. Raises BadFile, BadOption, LoadRefused or LoadBusy.
    """
    check_name(project_name)
    tick = progress or (lambda phase, done: None)
    with Staging() as staging:
        if not staging.hold(project_name):
            raise LoadBusy(f'another load into "{project_name}" is running; wait for its end, then load again')
        project = file_project(project_name)
        zone = _zone(project, options.zone)
        with event_file(path, options) as file, lease_of(project, held) as lease:
            lease.tell = lambda step, done, total, unit: tick(step, done)
            staging.fill(path, _counted(file.read(project_name, zone), "reading", lease))
            if project is None:
                project = _create(project_name, zone, lease)
            return _record(project, file, staging, lease)


def file_project(name: str) -> Project | None:
    """The file project of this name; None when there is no project of it. Raises LoadRefused for another kind's."""
    found = Project.objects.select_related("source").filter(source__kind="file", external_id=name).first()
    if found is not None:
        return found
    other = Project.objects.select_related("source").filter(name=name).first()
    if other is not None:
        raise LoadRefused(
            f'"{name}" is a project of another kind ({origin(other.source.kind)}): its events come from there. '
            "Load the file into a project of its own, under another name"
        )
    numbered = Project.objects.filter(pk=int(name)).first() if name.isdecimal() and len(name) < 16 else None
    if numbered is not None:
        raise LoadRefused(f'{name} is the id of the project "{numbered.name}"; give the project\'s name')
    return None


def _record(project: Project, file: EventFile, staging: Staging, lease: Lease[SyncRun]) -> LoadResult:
    with Appender(project, fence=lease.committed) as appender:
        for done, event in enumerate(complete(staging.read(), pairs=file.pairs), 1):
            appender.add(event)
            if done % TICK == 0:
                lease.progress("recording", done, unit="events")
        appender.flush()
        added, already = appender.added, appender.known
        if added or not _said_complete(project):
            appender.add(_completed(file, added + already, added))
    log = Log.objects.get(project=project)
    sign(log)
    with lease.publishing(found=added + already, added=added):
        pass
    return LoadResult(project, added + already, file.events, added, already, log.size, file.unused, file.kind)


def _said_complete(project: Project) -> bool:
    """Whether the log's last event is about the record, as after a load that came to its end."""
    log = Log.objects.get(project=project)
    last = Event.objects.filter(pk=log.event_id(log.size - 1)).values_list("type", flat=True).first()
    return last is not None and TYPES[last].group == "record"


def _completed(file: EventFile, found: int, added: int) -> SourceEvent:
    name = os.fsencode(Path(file.path).name).decode("utf-8", "replace")
    content = {"file": name, "sha256": file.sha256, "bytes": file.bytes, "found": found, "added": added}
    return SourceEvent(
        task=None,
        type="sync.completed",
        source_type="load",
        occurred_at=None,
        instant=None,
        actor_kind="system",
        derived=True,
        content=orjson.dumps(content),
        key_fields=(str(uuid.uuid4()),),  # Each load that changed something is an event of its own.
    )


@transaction.atomic
def _create(name: str, zone: str, lease: Lease[SyncRun]) -> Project:
    source = Source.objects.create(kind="file", name=name, zone=zone)
    project = create_project(source, external_id=name, name=name)
    lease.hold(project=project)
    return project


def _zone(project: Project | None, wanted: str) -> str:
    """The zone of times without one. A project has one for ever: its texts would mean something else in another."""
    held = project.source.zone if project else ""
    if held and wanted and held != wanted:
        raise LoadRefused(f"times without a zone are of {held} in this project; load with --zone {held} or without it")
    return held or wanted


def check_name(name: str) -> None:
    """Raise LoadRefused for what is no name of a project."""
    if not name.strip() or len(name) > MAX_NAME or visible_line(name) != name:
        raise LoadRefused(
            f'"{visible_line(name[:MAX_NAME])}" is no name for a project; '
            f"it has 1 to {MAX_NAME} characters, none of them invisible"
        )


@contextmanager
def lease_of(project: Project | None, held: Lease[SyncRun] | None = None) -> Iterator[Lease[SyncRun]]:
    """The run that tells how the load ended, held by this process; `held` by a worker, which does it, and ends it."""
    if held is not None:
        if project is not None:
            held.hold(project=project)
        yield held
        return
    run = SyncRun.objects.create(project=project, attached=True, created_by="command")
    servicelog.note(None, "sync.requested", f"load {run.pk}", project=project)
    lease = claim(SyncRun, run.pk, expected=(BadFile, BadOption, LoadRefused))
    if lease is None:
        raise RunFailed("left", "The load was cancelled before it began.")
    with lease:
        yield lease


def _counted(events: Iterator[FileEvent], phase: str, lease: Lease[SyncRun]) -> Iterator[FileEvent]:
    for done, event in enumerate(events, 1):
        yield event
        if done % TICK == 0:
            lease.progress(phase, done, unit="events")
