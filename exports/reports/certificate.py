"""The export certificate: one page that binds the SHA-256 of an export's file to a checkpoint of its project's log.

Nothing on it is taken on trust: the file is hashed again, and what it says of itself (its manifest, signed by the log's
key) is checked before it is printed. A certificate is a function of the file, so it is made again whenever it is asked
for, and needs no row of its own.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from audit.log import note
from exports.archive.manifest import program_version
from exports.making import PROOF
from exports.models import Export
from exports.reports import page
from exports.reports.definition import Paper
from exports.reports.edition import limits
from exports.reports.process import Limits, RenderError
from exports.reports.render import render
from exports.reports.words import line
from exportsite import scratch
from exportsite.jobs import RunFailed
from exportsite.problems import FieldProblem, WrongRequest

SUFFIX = ".certificate.pdf"
SECONDS = 60
BLOCK = 1 << 20
MAX_MEMBER = 1 << 20
"""Bytes of a manifest, a note: far more than they have."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the export, as it lies there now."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the page says. `archive` is the file, or the proof beside it, that holds the manifest."""

    export: str
    finished: datetime
    project: str
    files: tuple[File, ...]
    archive: str
    asked: str
    counts: tuple[tuple[str, int, int, int], ...]
    members: int
    files_sha256: str
    manifest_sha256: str
    origin: str
    size: int
    root: str
    key: str
    note: str
    audit: str
    command: str
    program: str


def certificate(export: Export, check: Callable[[], None] = lambda: None) -> Certificate:
    """Read and check what the certificate of an export says. WrongRequest when there is none, RunFailed when not true.

    `check` is called now and then; what it raises ends the reading.
    """
    if export.state != "succeeded":
        raise _wrong(f"The export is {export.state}: only one that succeeded has a file to certify.")
    if export.others:
        raise _wrong("A certificate binds a file to one log; this export is of several: its own manifest binds each.")
    files = tuple(_file(entry, check) for entry in export.files)
    paths = [Path(entry["path"]) for entry in export.files]
    holder = next((path for path in paths if path.name.endswith(PROOF)), paths[0])
    try:
        manifest, signed, checkpoint = _members(holder)
        told = orjson.loads(manifest)
        statement = note.parse_manifest(note.open_note(signed, told["key"]))
        stated = note.Checkpoint.parse(note.open_note(checkpoint, told["key"]))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, note.NoteError) as problem:
        raise RunFailed("refused", f"{holder.name} does not say what it is of: {problem}") from problem
    digest = sha256(manifest).hexdigest()
    log = export.project.log
    if statement.sha256_hex != digest or (stated.origin, stated.size) != (log.origin, export.as_of):
        raise RunFailed("refused", f"{holder.name} is not the archive that this export made.")
    return Certificate(
        export=str(export.pk),
        finished=export.finished_at or export.created_at,
        project=line(export.project.name),
        files=files,
        archive=holder.name,
        asked=_asked(told),
        counts=_counts(told["counts"]),
        members=told["files"]["count"],
        files_sha256=told["files"]["sha256"],
        manifest_sha256=digest,
        origin=stated.origin,
        size=stated.size,
        root=stated.root.hex(),
        key=told["key"],
        note=checkpoint.decode(),
        audit=told["audit"]["mode"],
        command=f"python3 -I verify.py {files[0].name} --key '{told['key']}'",
        program=f"Labeltrail {program_version()}",
    )


def write_certificate(
    export: Export,
    output: Path | None = None,
    *,
    paper: Paper = "a4",
    force: bool = False,
    check: Callable[[], None] = lambda: None,
) -> Path:
    """Write the certificate to `output`, or beside the export's file; returns where. Errors as of `certificate`."""
    target = output or _beside(export)
    if target.suffix.lower() != ".pdf":
        raise _wrong(f"{target}: a certificate is a .pdf file, so its name must end so.", "output")
    if target.is_dir():
        raise _wrong(f"{target} is a folder: name a file in it.", "output")
    if target.exists() and output is not None and not force:
        raise _wrong(f"{target} exists: --force overwrites it.", "output")
    data = pdf_of(export, paper, check)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{export.pk}.{os.getpid()}.part")
    try:
        draft.write_bytes(data)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def pdf_of(export: Export, paper: Paper = "a4", check: Callable[[], None] = lambda: None) -> bytes:
    """The certificate, a PDF of one page. Errors as of `certificate`."""
    said = certificate(export, check)
    with scratch.folder() as folder:
        html, found = page.printable(lambda found: page.fill("certificate.html", {"it": said, "paper": paper}))
        try:
            made = render(
                html, found, (),
                folder=folder, issued=said.finished, letter=paper == "letter", limits=_limits(), check=check,
            )  # fmt: skip
        except RenderError as problem:
            raise RunFailed("refused", str(problem)) from problem
        return made.path.read_bytes()


def _limits() -> Limits:
    """What the renderer may use: somebody waits for this one page."""
    usual = limits()
    return replace(usual, seconds=min(usual.seconds, SECONDS))


def _beside(export: Export) -> Path:
    if not export.files:
        raise _wrong(f"The export is {export.state}: only one that succeeded has a file to certify.")
    path = Path(export.files[0]["path"])
    return path.with_name(path.name + SUFFIX)


def _file(entry: dict[str, Any], check: Callable[[], None]) -> File:
    """The file as it lies there, which must be what the export published."""
    path = Path(entry["path"])
    digest = sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
                check()
    except FileNotFoundError:
        raise RunFailed(
            "gone", f"{path.name} is no longer kept: without the file there is nothing to certify."
        ) from None
    if digest.hexdigest() != entry["sha256"]:
        raise RunFailed(
            "refused",
            f"{path.name} is not the file that the export published: its sha256 is {digest.hexdigest()}, "
            f"published was {entry['sha256']}.",
        )
    return File(line(path.name, 200), entry["bytes"], digest.hexdigest())


def _members(path: Path) -> tuple[bytes, bytes, bytes]:
    with zipfile.ZipFile(path) as box:
        names = ("manifest.json", "manifest.note", "audit/checkpoint.note")
        if any(box.getinfo(name).file_size > MAX_MEMBER for name in names):
            raise ValueError("its manifest is longer than any we write")
        manifest, signed, checkpoint = (box.read(name) for name in names)
    return manifest, signed, checkpoint


def _asked(told: dict[str, Any]) -> str:
    """Format, parameters and filters as resolved, in words."""
    words = [f"{key} {_value(value)}" for key, value in sorted(told["parameters"].items())]
    filters = [f"{key} {_value(value)}" for key, value in sorted(told["filters"].items())]
    return line(f"{told['format']}; {'; '.join([*words, *(filters or ['no filter'])])}", 300)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _counts(told: dict[str, dict[str, int]]) -> tuple[tuple[str, int, int, int], ...]:
    """Each kind with how many were expected, written and skipped."""
    kinds = sorted({*told["expected"], *told["written"], *told["skipped"]})
    return tuple(
        (
            kind.replace("_", " "),
            told["expected"].get(kind, 0),
            told["written"].get(kind, 0),
            told["skipped"].get(kind, 0),
        )
        for kind in kinds
    )


def _wrong(text: str, field: str = "export") -> WrongRequest:
    return WrongRequest(FieldProblem(field, "invalid", text))
