"""Making an export: resolve, write under a temporary name, compare the check values, publish, record."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from audit.log import note
from audit.log.checkpoint import log_signer, sign
from audit.log.envelope import unseal
from audit.models import Event, Log, Project
from exports import stream
from exports.archive import (
    MODES,
    About,
    Archive,
    AuditMode,
    BadItem,
    Bundle,
    Counts,
    Incomplete,
    Part,
    folder_names,
)
from exports.fetching import fetch_media
from exports.files import drafts, is_kept_here, publish
from exports.formats import format_of
from exports.formats.base import Format, Value
from exports.making import PROOF, check_output, in_words, place_of
from exports.models import Export
from exports.options import Asked
from exports.record import record
from exports.wanted import PartOf, Wanted, parts_of, recorded, selection_of, wanted, wanted_of
from exportsite.jobs import Lease, Tell, do_here, hand_over, quietly

_CHECKS = ("expected", "written", "skipped")


def request_export(
    project: Project | Sequence[Project],
    format_slug: str,
    *,
    parameters: Asked | None = None,
    filters: Asked | None = None,
    as_of: int | Sequence[int] | None = None,
    name: str = "",
    strict: bool = False,
    created_by: str = "",
) -> Export:
    """Queue an export for a worker. `as_of`: sizes of the logs (now: None). Raises WrongRequest before that."""
    return ask_for(wanted(project, format_slug, parameters, filters, as_of, name, strict=strict), created_by)


def make_export(
    project: Project | Sequence[Project],
    format_slug: str,
    *,
    parameters: Asked | None = None,
    filters: Asked | None = None,
    as_of: int | Sequence[int] | None = None,
    name: str = "",
    strict: bool = False,
    output: Path | None = None,
    force: bool = False,
    created_by: str = "",
    tell: Tell = quietly,
) -> Export:
    """Export one project or several, in this process; returns the row that records it, with its files.

    The file goes to `output`, which must have the format's suffix (.zip, when there are several projects) and is
    overwritten only with `force`, or under its own name into LABELTRAIL_ARTEFACTS. Raises WrongRequest before anything
    is recorded or written, RunFailed or Cancelled after the row says so.
    """
    asked = wanted(project, format_slug, parameters, filters, as_of, name, strict=strict)
    if output is not None:
        format_, several = format_of(format_slug), len(asked.projects) > 1
        what = f"an export of several projects as {format_.slug}" if several else f"an export as {format_.slug}"
        suffix = "zip" if several else format_.extension
        check_output(output, suffix, what, _paths(output, format_, several=several), force=force)
    export = recorded(asked, created_by, attached=True)
    return do_here(export, lambda lease: _make(lease, output, force=force or output is None), tell)


def work(export: Export, lease: Lease[Export]) -> None:
    """What a worker does with a queued export."""
    _make(lease, None, force=True)


def ask_for(asked: Wanted, created_by: str) -> Export:
    """Queue an export for a worker. Raises WrongRequest before that."""
    return hand_over(lambda: recorded(asked, created_by, attached=False))


def _paths(target: Path, format_: Format, *, several: bool) -> list[Path]:
    """Where the export's files go: its archive, or its file and the proof beside it."""
    return [target, target.with_name(target.name + PROOF)] if format_.beside and not several else [target]


def _make(lease: Lease[Export], output: Path | None, *, force: bool) -> None:
    """Write and publish the files. Raises RunFailed, its text for people; nothing is published then."""
    export = lease.run
    extension = "zip" if export.others else format_of(export.format).extension
    with in_words(Incomplete, BadItem, note.NoteError):
        _write(lease, output or place_of(export, export.format, extension, export.name), force=force)


def _write(lease: Lease[Export], target: Path, *, force: bool) -> None:
    export = lease.run
    format_, asked = format_of(export.format), wanted_of(export)
    parts = parts_of(asked)
    with drafts(_paths(target, format_, several=len(parts) > 1), export.pk) as drafted:
        out = drafted[-1].file
        if len(parts) == 1:
            with Archive(out, beside=drafted[0].file if format_.beside else None, strict=asked.strict) as archive:
                values: dict[str, Any] = _fill(archive, "", parts[0], format_, lease)[1]
            points = archive.points
        else:
            bundle = Bundle(out)
            values, points = _fill_folders(bundle, parts, format_, lease, strict=asked.strict), bundle.points
        lease.progress("publishing")
        publish(drafted, lease, force=force, counts=values)
        if is_kept_here(drafted[-1].target):
            with suppress(OSError):  # Rows are found without it, only later.
                stream.keep(drafted[-1].target, drafted[-1].sha256, points)


def _fill_folders(
    bundle: Bundle, parts: Sequence[PartOf], format_: Format, lease: Lease[Export], *, strict: bool
) -> dict[str, Any]:
    """Write each project into a folder of its own; the check values of all of them together, and of each."""
    made, sums, each = [], {name: Counter[str]() for name in _CHECKS}, []
    for part, folder in zip(parts, folder_names([part.log.project.external_id for part in parts]), strict=True):
        with Archive(bundle.folder(folder), strict=strict) as archive:
            filled, values = _fill(archive, folder, part, format_, lease)
        made.append(filled)
        each.append({"folder": folder, **values})
        for name, sum_ in sums.items():
            sum_.update(values[name])
    bundle.finish(made, log_signer(parts[0].log))
    return {**{name: dict(sum_) for name, sum_ in sums.items()}, "projects": each}


def _fill(
    archive: Archive, folder: str, part: PartOf, format_: Format, lease: Lease[Export]
) -> tuple[Part, dict[str, dict[str, int]]]:
    """Write one project into its archive, which may be a folder; what it is, and the check values, which agree."""
    resolved, selection = part.resolved, selection_of(part.log, format_, part.resolved)
    lease.progress("counting")
    expected = selection.expected()
    told = about(part.log, resolved.as_of, format_.slug, resolved.parameters, resolved.echo)
    tasks = expected.get("tasks")
    if (media_of := format_.media(selection.project, resolved.parameters)) is not None:
        fetch_media(selection, media_of, lease, tasks)
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
    held = record(selection, _audit(resolved.parameters), expected.get("events", 0), lease)
    manifest = archive.finish(told, counts, held, log_signer(part.log))
    values = (dict(expected), dict(written), dict(archive.skipped))
    return Part(folder, told, manifest), dict(zip(_CHECKS, values, strict=True))


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
