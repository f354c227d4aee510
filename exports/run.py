"""Making an export: resolve, write under a temporary name, compare the check values, publish, record."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path

from django.db import transaction

from audit.log import note
from audit.log.checkpoint import CheckpointError, log_signer, sign
from audit.log.envelope import unseal
from audit.models import Event, Log, Project
from exports.archive import MODES, About, Archive, AuditMode, Counts, Incomplete
from exports.files import drafts, own_place, publish, storage_failed
from exports.formats import format_of
from exports.formats.base import Format, Value
from exports.models import Export
from exports.options import Asked, Resolved, resolve
from exports.record import record
from exports.selection import Selection
from exportsite.jobs import Lease, RunFailed, claim, dispatch
from exportsite.problems import FieldProblem, WrongRequest

PROOF = ".proof.zip"
Tell = Callable[[str, int, int | None, str], None]
"""Told the step, how many items of it are done, of how many, and what they are."""


def request_export(
    project: Project,
    format_slug: str,
    *,
    parameters: Asked | None = None,
    filters: Asked | None = None,
    as_of: int | None = None,
    created_by: str = "",
) -> Export:
    """Queue an export for a worker. `as_of` is a size of the log (now: None). Raises WrongRequest before that."""
    with transaction.atomic():
        export = _asked(project, format_slug, parameters or {}, filters or {}, as_of, created_by, attached=False)
        dispatch(export)
    return export


def make_export(
    project: Project,
    format_slug: str,
    *,
    parameters: Asked | None = None,
    filters: Asked | None = None,
    as_of: int | None = None,
    output: Path | None = None,
    force: bool = False,
    created_by: str = "",
    tell: Tell = lambda step, done, total, unit: None,
) -> Export:
    """Export a project, in this process; returns the row that records it, with its files.

    The file goes to `output`, which must have the format's suffix and is overwritten only with `force`, or under its
    own name into LABELTRAIL_ARTEFACTS. Raises WrongRequest before anything is recorded or written, RunFailed or
    Cancelled after the row says so.
    """
    if output is not None:
        check_output(output, format_of(format_slug), force=force)
    export = _asked(project, format_slug, parameters or {}, filters or {}, as_of, created_by, attached=True)
    lease = claim(Export, export.pk)
    if lease is None:
        raise RunFailed("left", "The export was cancelled before it began.")
    lease.tell = tell
    with lease:
        _make(lease, output or _own_place(export), force=force or output is None)
    export.refresh_from_db()
    return export


def work(export: Export, lease: Lease[Export]) -> None:
    """What a worker does with a queued export."""
    _make(lease, _own_place(export), force=True)


def _asked(
    project: Project,
    slug: str,
    parameters: Asked,
    filters: Asked,
    as_of: int | None,
    created_by: str,
    *,
    attached: bool,
) -> Export:
    """The row of a request, once it is clear what it means."""
    format_ = format_of(slug)
    log = Log.objects.select_related("project__source").get(project=project)
    resolved = resolve(project, log, format_, parameters, filters, as_of)
    if reason := format_.refusal(_selection(log, format_, resolved).project):
        raise WrongRequest(FieldProblem("format", "inapplicable", reason))
    return Export.objects.create(
        project=project,
        format=format_.slug,
        as_of=resolved.as_of,
        asked={"parameters": dict(parameters), "filters": dict(filters), "as_of": as_of},
        resolved={"parameters": resolved.parameters, "filters": resolved.echo, "as_of": resolved.as_of},
        attached=attached,
        created_by=created_by,
    )


def check_output(output: Path, format_: Format, *, force: bool) -> None:
    """Raise WrongRequest when the export may not be written there."""
    problem = ""
    if output.suffix.lower() != f".{format_.extension}":
        problem = f"{output}: an export as {format_.slug} is a .{format_.extension} file, so its name must end so."
    elif output.is_dir():
        problem = f"{output} is a folder: name a file in it."
    elif in_the_way := [path for path in output.parents if path.exists() and not path.is_dir()]:
        problem = f"{in_the_way[0]} is a file, so there can be no {output}."
    elif not force:
        taken = [path for path in _paths(output, format_) if path.exists()]
        problem = f"{taken[0]} exists: --force overwrites it." if taken else ""
    if problem:
        raise WrongRequest(FieldProblem("output", "invalid", problem))


def _paths(target: Path, format_: Format) -> list[Path]:
    """Where the export's files go: its archive, or its file and the proof beside it."""
    return [target, target.with_name(target.name + PROOF)] if format_.beside else [target]


def _selection(log: Log, format_: Format, resolved: Resolved) -> Selection:
    pseudonyms = resolved.parameters.get("people") == "pseudonyms"
    return Selection(log, resolved.as_of, resolved.filters, format_.reads(resolved.parameters), pseudonyms)


def _make(lease: Lease[Export], target: Path, *, force: bool) -> None:
    """Write and publish the files. Raises RunFailed, its text for people; nothing is published then."""
    try:
        _write(lease, target, force=force)
    except WrongRequest as problem:
        raise RunFailed("changed", f"What was asked for has no meaning any more: {problem}") from problem
    except (Incomplete, note.NoteError, CheckpointError) as problem:
        raise RunFailed("refused", str(problem)) from problem
    except OSError as problem:
        raise storage_failed(problem) from problem


def _write(lease: Lease[Export], target: Path, *, force: bool) -> None:
    export = lease.run
    format_ = format_of(export.format)
    log = Log.objects.select_related("project__source").get(project=export.project_id)
    resolved = resolve(log.project, log, format_, export.asked["parameters"], export.asked["filters"], export.as_of)
    selection = _selection(log, format_, resolved)
    lease.progress("counting")
    expected = selection.expected()
    told = about(selection.log, resolved.as_of, format_.slug, resolved.parameters, resolved.echo)
    with drafts(_paths(target, format_), export.pk) as drafted:
        out, beside = drafted[-1].file, drafted[0].file if format_.beside else None
        tasks = expected.get("tasks")
        with Archive(out, beside=beside) as archive:
            written = format_.write(
                archive,
                selection,
                resolved.parameters,
                lambda done: lease.progress("writing", done, tasks, "tasks"),
            )
            counts = Counts(expected, written, dict(archive.skipped))
            if differences := counts.differences():
                raise Incomplete(f"the check values differ, so nothing was published: {'; '.join(differences)}")
            lease.progress("adding the record")
            held = record(selection, _audit(resolved.parameters), expected["events"], lease)
            archive.finish(told, counts, held, log_signer(selection.log))
        lease.progress("publishing")
        values = {"expected": dict(expected), "written": dict(written), "skipped": dict(archive.skipped)}
        publish(drafted, lease, force=force, counts=values)


def _audit(values: dict[str, Value]) -> AuditMode:
    """The mode that was asked for; the choices of the parameter are the modes."""
    for mode in MODES:
        if values.get("audit", "none") == mode:
            return mode
    raise ValueError(f"{values['audit']!r} is no audit mode")


def about(
    log: Log, as_of: int, format_slug: str, parameters: Mapping[str, object], filters: Mapping[str, object]
) -> About:
    """What an archive says of itself; the checkpoint is signed here, if there is none of this size yet."""
    checkpoint = sign(log, as_of).note
    signer = log_signer(log)
    stated = note.Checkpoint.parse(note.open_note(checkpoint, signer.vkey))
    newest = Event.objects.values_list("envelope", flat=True).get(pk=log.event_id(as_of - 1))
    return About(
        format=format_slug,
        parameters=parameters,
        filters=filters,
        source=log.project.source.kind,
        project=log.project.external_id,
        origin=log.origin,
        key=signer.vkey,
        as_of=as_of,
        root=base64.b64encode(stated.root).decode(),
        note=checkpoint,
        dated=unseal(bytes(newest)).received_at,
    )


def _own_place(export: Export) -> Path:
    extension = format_of(export.format).extension
    return own_place(export.project.name, export.format, export.pk, export.created_at, extension)
