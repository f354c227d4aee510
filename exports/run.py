"""Making an export: resolve, write under a temporary name, compare the check values, publish, record."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from audit.log import note
from audit.log.checkpoint import log_signer, sign
from audit.log.envelope import unseal
from audit.models import Event, Log, Project
from exports.archive import MODES, About, Archive, AuditMode, Counts, Incomplete
from exports.files import drafts, publish
from exports.formats import format_of
from exports.formats.base import Format, Value
from exports.making import PROOF, check_output, in_words, place_of
from exports.models import Export
from exports.options import Asked, Resolved, resolve
from exports.record import record
from exports.selection import Selection
from exportsite.jobs import Lease, Tell, do_here, hand_over, quietly
from exportsite.problems import FieldProblem, WrongRequest


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
    return hand_over(lambda: _asked(project, format_slug, parameters, filters, as_of, created_by, attached=False))


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
    tell: Tell = quietly,
) -> Export:
    """Export a project, in this process; returns the row that records it, with its files.

    The file goes to `output`, which must have the format's suffix and is overwritten only with `force`, or under its
    own name into LABELTRAIL_ARTEFACTS. Raises WrongRequest before anything is recorded or written, RunFailed or
    Cancelled after the row says so.
    """
    if output is not None:
        format_ = format_of(format_slug)
        what = f"an export as {format_.slug}"
        check_output(output, format_.extension, what, _paths(output, format_), force=force)
    export = _asked(project, format_slug, parameters, filters, as_of, created_by, attached=True)
    return do_here(export, lambda lease: _make(lease, output, force=force or output is None), tell)


def work(export: Export, lease: Lease[Export]) -> None:
    """What a worker does with a queued export."""
    _make(lease, None, force=True)


def _asked(
    project: Project,
    slug: str,
    parameters: Asked | None,
    filters: Asked | None,
    as_of: int | None,
    created_by: str,
    *,
    attached: bool,
) -> Export:
    """The row of a request, once it is clear what it means."""
    format_ = format_of(slug)
    parameters, filters = parameters or {}, filters or {}
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


def _paths(target: Path, format_: Format) -> list[Path]:
    """Where the export's files go: its archive, or its file and the proof beside it."""
    return [target, target.with_name(target.name + PROOF)] if format_.beside else [target]


def _selection(log: Log, format_: Format, resolved: Resolved) -> Selection:
    pseudonyms = resolved.parameters.get("people") == "pseudonyms"
    reads = format_.reads(resolved.parameters)
    return Selection(log, resolved.as_of, resolved.filters, reads, pseudonyms, resolved.tasks)


def _make(lease: Lease[Export], output: Path | None, *, force: bool) -> None:
    """Write and publish the files. Raises RunFailed, its text for people; nothing is published then."""
    export = lease.run
    with in_words(Incomplete, note.NoteError):
        _write(lease, output or place_of(export, export.format, format_of(export.format).extension), force=force)


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
