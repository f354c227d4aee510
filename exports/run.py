"""Making an export: resolve, write under a temporary name, compare the check values, publish, record."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
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
from exports.formats.base import Format, OneOf, Value, Written
from exports.making import PROOF, check_output, in_words, place_of
from exports.models import Export
from exports.options import Asked
from exports.record import record
from exports.snapshot import LogSnapshot
from exports.video.frames import DecoderKilled
from exports.wanted import PartOf, Wanted, parts_of, recorded, selection_of, wanted, wanted_of
from exportsite.jobs import Lease, Tell, do_here, hand_over, quietly

_CHECKS = ("expected", "written", "skipped")
_Values = dict[str, dict[str, int]]
"""Of each of _CHECKS: how many items of each kind."""


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

    The file goes to `output`, which must have the format's suffix (.zip, when several projects are not merged) and is
    overwritten only with `force`, or under its own name into LABELTRAIL_ARTEFACTS. Raises WrongRequest before anything
    is recorded or written, RunFailed or Cancelled after the row says so.
    """
    asked = wanted(project, format_slug, parameters, filters, as_of, name, strict=strict)
    if output is not None:
        format_, several = format_of(format_slug), len(asked.projects) > 1
        what = f"an export of several projects as {format_.slug}" if several else f"an export as {format_.slug}"
        suffix = _extension(format_, several=several)
        check_output(output, suffix, what, _paths(output, format_, several=several), force=force)
    export = recorded(asked, created_by, attached=True)
    return do_here(export, lambda lease: _make(lease, output, force=force or output is None), tell)


def work(export: Export, lease: Lease[Export]) -> None:
    """What a worker does with a queued export."""
    _make(lease, None, force=True)


def ask_for(asked: Wanted, created_by: str) -> Export:
    """Queue an export for a worker. Raises WrongRequest before that."""
    return hand_over(lambda: recorded(asked, created_by, attached=False))


def _is_one_file(format_: Format, *, several: bool) -> bool:
    """Whether the export is a file with its proof beside it, and not an archive."""
    return format_.beside and (format_.merges or not several)


def _extension(format_: Format, *, several: bool) -> str:
    return "zip" if several and not format_.merges else format_.extension


def _paths(target: Path, format_: Format, *, several: bool) -> list[Path]:
    """Where the export's files go: its archive, or its file and the proof beside it."""
    return [target, target.with_name(target.name + PROOF)] if _is_one_file(format_, several=several) else [target]


def _make(lease: Lease[Export], output: Path | None, *, force: bool) -> None:
    """Write and publish the files. Raises RunFailed, its text for people; nothing is published then."""
    export = lease.run
    extension = _extension(format_of(export.format), several=bool(export.others))
    with in_words(Incomplete, BadItem, DecoderKilled, note.NoteError):
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
            bundle = Bundle(out, beside=drafted[0].file if format_.merges else None)
            fill = _fill_merged if format_.merges else _fill_folders
            values, points = fill(bundle, parts, format_, lease, strict=asked.strict), bundle.points
        lease.progress("publishing")
        publish(drafted, lease, force=force, counts=values)
        if is_kept_here(drafted[-1].target):
            with suppress(OSError):  # Rows are found without it, only later.
                stream.keep(drafted[-1].target, drafted[-1].sha256, points)


def _fill_folders(
    bundle: Bundle, parts: Sequence[PartOf], format_: Format, lease: Lease[Export], *, strict: bool
) -> dict[str, Any]:
    """Write each project into a folder of its own; the check values of all of them together, and of each."""
    made = []
    for part, folder in zip(parts, _folders(parts), strict=True):
        with Archive(bundle.folder(folder), strict=strict) as archive:
            made.append(_fill(archive, folder, part, format_, lease))
    bundle.finish([filled for filled, _ in made], log_signer(parts[0].log))
    return _summed(made)


def _fill_merged(
    bundle: Bundle, parts: Sequence[PartOf], format_: Format, lease: Lease[Export], *, strict: bool
) -> dict[str, Any]:
    """Write one file of all projects, and what proves each into a folder of its own; check values as above."""
    with ExitStack() as stack:
        begun = [_begin(folder, part, format_, lease) for part, folder in zip(parts, _folders(parts), strict=True)]
        archives = [stack.enter_context(Archive(bundle.folder(one.folder), strict=strict)) for one in begun]
        tasks = sum(one.expected.get("tasks", 0) for one in begun)
        together = format_.merge(
            bundle,
            [OneOf(archive, one.selection) for archive, one in zip(archives, begun, strict=True)],
            parts[0].resolved.parameters,
            lambda done: lease.progress("writing", done, tasks, "tasks"),
        )
        made = [_end(*of, lease) for of in zip(archives, begun, together.each, strict=True)]
        bundle.finish([filled for filled, _ in made], log_signer(parts[0].log), together.all)
    return {**_summed(made), "merged": dict(together.all)}


def _folders(parts: Sequence[PartOf]) -> list[str]:
    return folder_names([part.log.project.external_id for part in parts])


def _summed(made: Sequence[tuple[Part, _Values]]) -> dict[str, Any]:
    sums = {name: Counter[str]() for name in _CHECKS}
    for _, values in made:
        for name, sum_ in sums.items():
            sum_.update(values[name])
    each = [{"folder": part.folder, **values} for part, values in made]
    return {**{name: dict(sum_) for name, sum_ in sums.items()}, "projects": each}


@dataclass(frozen=True, slots=True)
class _Begun:
    """One project that is about to be written: `expected` are its check values, `about` says what its archive is."""

    folder: str
    part: PartOf
    selection: LogSnapshot
    expected: dict[str, int]
    about: About


def _begin(folder: str, part: PartOf, format_: Format, lease: Lease[Export]) -> _Begun:
    """Count what there is to write; media that the format will ask for are fetched."""
    resolved, selection = part.resolved, selection_of(part.log, format_, part.resolved)
    lease.progress("counting")
    expected = selection.expected()
    told = about(part.log, resolved.as_of, format_.slug, resolved.parameters, resolved.echo)
    if (media_of := format_.media(selection.project, resolved.parameters)) is not None:
        fetch_media(selection, media_of, lease, expected.get("tasks"))
    return _Begun(folder, part, selection, expected, told)


def _fill(archive: Archive, folder: str, part: PartOf, format_: Format, lease: Lease[Export]) -> tuple[Part, _Values]:
    """Write one project into its archive, which may be a folder; what it is, and the check values, which agree."""
    begun = _begin(folder, part, format_, lease)
    tasks = begun.expected.get("tasks")
    written = format_.write(
        archive,
        begun.selection,
        part.resolved.parameters,
        lambda done: lease.progress("writing", done, tasks, "tasks"),
    )
    return _end(archive, begun, written, lease)


def _end(archive: Archive, begun: _Begun, written: Written, lease: Lease[Export]) -> tuple[Part, _Values]:
    """Compare the check values, and add what proves the rest. Raises Incomplete."""
    counts = Counts(begun.expected, written, dict(archive.skipped))
    if differences := counts.differences():
        raise Incomplete(f"the check values differ, so nothing was published: {'; '.join(differences)}")
    lease.progress("adding the record")
    mode = _audit(begun.part.resolved.parameters)
    held = record(begun.selection, mode, begun.expected.get("events", 0), lease)
    manifest = archive.finish(begun.about, counts, held, log_signer(begun.part.log))
    values = (dict(begun.expected), dict(written), dict(archive.skipped))
    return Part(begun.folder, begun.about, manifest), dict(zip(_CHECKS, values, strict=True))


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
