"""Making an export: resolve, write under a temporary name, compare the check values, publish, record."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils import timezone
from django.utils.text import slugify

from audit.log import note
from audit.log.checkpoint import log_signer, sign
from audit.log.envelope import unseal
from audit.models import Event, Log, Project
from exports.archive import MODES, About, Archive, AuditMode, Counts, Incomplete
from exports.formats import format_of
from exports.formats.base import Format, Value
from exports.models import Export
from exports.models.export import State
from exports.options import Asked, Resolved, resolve
from exports.record import record
from exports.selection import Selection
from exportsite.problems import FieldProblem, WrongRequest

PROOF = ".proof.zip"
BLOCK = 1 << 18
Progress = Callable[[str, int], None]
"""Told the step, and how many tasks are done."""


class ExportFailed(Exception):
    """The export could not be made; nothing was published, and its row says why."""


def make_export(
    project: Project,
    format_slug: str,
    *,
    parameters: Asked | None = None,
    filters: Asked | None = None,
    as_of: int | None = None,
    output: Path | None = None,
    force: bool = False,
    progress: Progress = lambda step, done: None,
) -> Export:
    """Export a project, in this process; returns the row that records it, with its files.

    `as_of` is a size of the log (now: None). The file goes to `output`, which must have the format's suffix and is
    overwritten only with `force`, or under its own name into LABELTRAIL_ARTEFACTS. Raises WrongRequest before anything
    is recorded or written, ExportFailed after the row says why.
    """
    format_ = format_of(format_slug)
    log = Log.objects.select_related("project__source").get(project=project)
    resolved = resolve(project, log, format_, parameters or {}, filters or {}, as_of)
    selection = _selection(log, format_, resolved)
    if reason := format_.refusal(selection.project):
        raise WrongRequest(FieldProblem("format", "inapplicable", reason))
    if output is not None:
        check_output(output, format_, force=force)
    export = Export.objects.create(
        project=project,
        format=format_.slug,
        as_of=resolved.as_of,
        asked={"parameters": dict(parameters or {}), "filters": dict(filters or {}), "as_of": as_of},
        resolved={"parameters": resolved.parameters, "filters": resolved.echo, "as_of": resolved.as_of},
    )
    target = output or _own_place(export, format_)
    try:
        export.files, export.counts = _make(format_, selection, resolved, target, force or output is None, progress)
    except (Incomplete, OSError, note.NoteError) as problem:
        _finish(export, State.FAILED, str(problem))
        raise ExportFailed(str(problem)) from problem
    except BaseException:
        _finish(export, State.FAILED, "it was interrupted, or failed in a way that nobody foresaw")
        raise
    _finish(export, State.SUCCEEDED)
    return export


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


def _make(
    format_: Format, selection: Selection, resolved: Resolved, target: Path, force: bool, progress: Progress
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Write and publish the files; what the row says of them, and the check values."""
    progress("counting", 0)
    expected = selection.expected()
    told = about(selection.log, resolved.as_of, format_.slug, resolved.parameters, resolved.echo)
    with drafts(_paths(target, format_), force=force) as drafted:
        out, beside = drafted[-1].file, drafted[0].file if format_.beside else None
        with Archive(out, beside=beside) as archive:
            written = format_.write(archive, selection, resolved.parameters, lambda done: progress("writing", done))
            counts = Counts(expected, written, dict(archive.skipped))
            if differences := counts.differences():
                raise Incomplete(f"the check values differ, so nothing was published: {'; '.join(differences)}")
            progress("adding the record", written.get("tasks", 0))
            held = record(selection, _audit(resolved.parameters), expected["events"])
            archive.finish(told, counts, held, log_signer(selection.log))
    files = [
        {"name": draft.target.name, "path": str(draft.target), "bytes": draft.size, "sha256": draft.sha256}
        for draft in drafted
    ]
    return files, {"expected": dict(expected), "written": dict(written), "skipped": dict(archive.skipped)}


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


@dataclass
class Draft:
    """A file under a temporary name. `size` and `sha256` are known once it is published."""

    target: Path
    file: IO[bytes]
    size: int = 0
    sha256: str = ""


@contextmanager
def drafts(targets: list[Path], *, force: bool) -> Iterator[list[Draft]]:
    """Files that appear at their targets when the block ends without an error: all of them, whole, or none.

    A file that came to be there meanwhile stays, unless `force`.
    """
    with ExitStack() as stack:
        made = []
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - the stack closes it
                "w+b", dir=target.parent, prefix=".", suffix=".part", delete=False
            )
            stack.callback(Path(file.name).unlink, missing_ok=True)
            made.append(Draft(target, stack.enter_context(file)))
        yield made
        published: list[Path] = []
        try:
            for draft in made:
                _settle(draft)
                _publish(draft, force=force)
                published.append(draft.target)
        except BaseException:
            for path in published:
                path.unlink(missing_ok=True)
            raise
        _sync_folder(targets[0].parent)


def _settle(draft: Draft) -> None:
    """Bring the bytes to the disk, and hash them as they lie there."""
    draft.file.flush()
    os.fsync(draft.file.fileno())
    draft.file.seek(0)
    digest = sha256()
    while block := draft.file.read(BLOCK):
        digest.update(block)
    draft.size, draft.sha256 = draft.file.tell(), digest.hexdigest()
    os.fchmod(draft.file.fileno(), 0o644)


def _publish(draft: Draft, *, force: bool) -> None:
    if force:
        os.replace(draft.file.name, draft.target)
        return
    try:
        os.link(draft.file.name, draft.target)
    except FileExistsError:
        raise FileExistsError(f"{draft.target} came into being meanwhile: --force overwrites it") from None


def _sync_folder(folder: Path) -> None:
    """The names are on the disk as well."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _own_place(export: Export, format_: Format) -> Path:
    """`<project>_<format>_<export id>_<UTC time>.<ext>` in the artefact folder."""
    name = slugify(export.project.name)[:60] or "project"
    made = f"{export.created_at:%Y%m%dT%H%M%SZ}"
    return Path(settings.LABELTRAIL_ARTEFACTS) / f"{name}_{format_.slug}_{export.pk}_{made}.{format_.extension}"


def _finish(export: Export, state: State, error: str = "") -> None:
    export.state = state
    export.error = error
    export.finished_at = timezone.now()
    export.save(update_fields=["state", "error", "finished_at", "files", "counts"])
