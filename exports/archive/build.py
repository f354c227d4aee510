"""An archive in the making: the format's files, then all that lets others check them (contracts section 3)."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO, Final, Protocol

import orjson

from audit.log import note
from audit.sources.values import mended
from exports.archive import lines, manifest
from exports.archive.manifest import About, AuditMode, Counts, Held
from exports.archive.zipwriter import BLOCK, Folder, Member, ZipWriter, check_name

VERIFIER: Final = Path(__file__).resolve().parents[1] / "verify.py"
"""The verifier that every archive brings along: one file, standard library only."""

ENTRIES_PER_FILE: Final = 10_000


class Incomplete(Exception):
    """Less, or more, was written than there is: the archive must not be published."""


class BadItem(Exception):
    """An item can't be written as it is, and the export was asked to be strict. The text names it."""


class Target(Protocol):
    """Where a format writes the bytes of one file."""

    def write(self, data: bytes) -> None:
        """Add the next bytes."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """An item that could not be written: a line of errors.ndjson. What does not apply is None."""

    asset: str | None
    code: str
    text: str
    label: str | None = None
    job: str | None = None
    annotation: str | None = None

    def words(self) -> str:
        """The same for people."""
        named = (("task", self.asset), ("label", self.label), ("job", self.job), ("annotation", self.annotation))
        of = ", ".join(f"{what} {value!r}" for what, value in named if value is not None)
        return f"{of}: {self.text}" if of else self.text

    def line(self) -> bytes:
        """The line, with its end."""
        fields = {
            "asset": self.asset,
            "label": self.label,
            "job": self.job,
            "annotation": self.annotation,
            "code": self.code,
            "text": self.text,
        }
        try:
            return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)
        except TypeError:  # Half a character, of a payload that is cited.
            return mended(json.dumps(fields).encode()) + b"\n"


class Noting(Protocol):
    """What takes note of items that can't be written as they are: an archive, or something that keeps them for one."""

    def warn(self, error: Skipped) -> None:
        """Note an item."""


class Leaving(Noting, Protocol):
    """What takes note of items that are left out as well."""

    def skip(self, kind: str, error: Skipped) -> None:
        """Note an item of a kind (tasks, labels, ...) that could not be written."""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """Bytes that an entry commits to under `group` ("content" or "text")."""

    group: str
    salt: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """An event of the log as it is checked: its index, its envelope's bytes, and what of it is not erased."""

    index: int
    envelope: bytes
    disclosed: tuple[Disclosed, ...] = ()


@dataclass(frozen=True, slots=True)
class Last:
    """The last event of a task: its number and its index."""

    task: str | None
    n: int
    index: int


@dataclass(frozen=True, slots=True)
class Record:
    """What of the log goes into the archive: `entries` by index; for a selection, proofs and each task's last event.

    `expected` is how many entries there must be; `prove` gives an entry's inclusion proof (32-byte hashes, lowest
    first).
    """

    mode: AuditMode
    expected: int = 0
    entries: Iterable[Entry] = ()
    prove: Callable[[int], list[bytes]] | None = None
    last: Iterable[Last] = ()


class Archive:
    """Takes the format's files first (`file`, `skip`), then `finish` adds the rest and closes the zip.

    `out` is the zip, or the folder of one; with `beside` the format's one file goes there and the zip is its proof.
    With `strict`, an item that can't be written as it is raises BadItem. Memory does not grow with what is written.
    """

    def __init__(self, out: IO[bytes] | Folder, *, beside: IO[bytes] | None = None, strict: bool = False) -> None:
        self._zip = out if isinstance(out, Folder) else ZipWriter(out)
        self._beside = beside
        self._strict = strict
        self._stack = ExitStack()
        self._errors: IO[bytes] = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        self._listing: IO[bytes] = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        self._listed = 0
        self._names: dict[str, None] = {}  # As README.txt has them: of files in folders the outermost one.
        self.skipped: Counter[str] = Counter()
        """How many items of each kind were skipped."""
        self.points = {} if isinstance(self._zip, Folder) else self._zip.points
        """Of each member of lines, where it can be read from; of a folder the bundle knows."""

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def file(self, path: str) -> Iterator[Target]:
        """Add a file of the format; its bytes are written in the block, piece by piece."""
        self._name(path)
        if self._beside is None:
            with self._zip.stream(path) as stream:
                yield stream
            self._list(stream.member)
            return
        if len(self._names) > 1:
            raise ValueError(
                f"a format with {next(iter(self._names))!r} beside its archive can't have {path!r} as well"
            )
        check_name(path)
        plain = Plain(self._beside)
        yield plain
        self._list(Member(path, plain.size, plain.hash.hexdigest()), beside=True)

    def whole(self, path: str, data: bytes) -> None:
        """Add a file of the format whose bytes are at hand: for many small ones, several times as fast as `file`."""
        if self._beside is not None:
            raise ValueError("a format with one file beside its archive writes it piece by piece")
        self._name(path)
        self._list(self._zip.write(path, data))

    def skip(self, kind: str, error: Skipped) -> None:
        """Note an item of a kind (tasks, events, ...) that could not be written."""
        self.skipped[kind] += 1
        self.warn(error)

    def warn(self, error: Skipped) -> None:
        """Note an item that was written with a change."""
        if self._strict:
            raise BadItem(f"A strict export fails on its first bad item. {error.words()}")
        self._errors.write(error.line())

    def finish(self, about: About, counts: Counts, record: Record, signer: note.Signer) -> bytes:
        """Add everything but the format's files, and end the zip. Returns the manifest's bytes. Raises Incomplete."""
        self._spooled("errors.ndjson", self._errors)
        self._list(self._zip.write("audit/checkpoint.note", about.note.encode()))
        entries, disclosures = _RecordWriter(self._zip, self._list, about.as_of).write(record)
        if entries != record.expected:
            raise Incomplete(f"{entries:,} entries of the log were read, {record.expected:,} were expected")
        self._list(self._zip.write("audit/verify.py", VERIFIER.read_bytes()))
        text = manifest.readme(about, counts, record.mode, list(self._names), beside=self._beside is not None)
        self._list(self._zip.write("README.txt", text.encode()))
        self._listing.seek(0)
        with self._zip.stream("files.ndjson") as stream:
            _copy(self._listing, stream)
        held = Held(record.mode, entries, disclosures, self._listed, stream.member.sha256)
        data = manifest.manifest(about, counts, held)
        self._zip.write("manifest.json", data)
        statement = note.manifest_text(sha256(data).hexdigest(), about.origin, about.as_of)
        self._zip.write("manifest.note", note.sign(statement, signer).encode())
        self._zip.close()
        return data

    def _name(self, path: str) -> None:
        folder, slash, _ = path.partition("/")
        self._names[folder + slash] = None

    def _spooled(self, name: str, spool: IO[bytes]) -> None:
        spool.seek(0)
        with self._zip.stream(name) as stream:
            _copy(spool, stream)
        self._list(stream.member)

    def _list(self, member: Member, *, beside: bool = False) -> None:
        fields: dict[str, object] = {"path": member.path, "bytes": member.bytes, "sha256": member.sha256}
        if beside:
            fields["beside"] = True
        self._listing.write(orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE))
        self._listed += 1


class Plain:
    """A file beside an archive: its length and SHA-256 are known as it is written."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.size = 0
        self.hash = sha256()

    def write(self, data: bytes) -> None:
        """Add the next bytes."""
        self._out.write(data)
        self.hash.update(data)
        self.size += len(data)


class _RecordWriter:
    """Writes audit/entries, audit/disclosures and audit/proof.json."""

    def __init__(self, zip_: ZipWriter | Folder, list_: Callable[[Member], None], as_of: int) -> None:
        self._zip = zip_
        self._list = list_
        self._as_of = as_of

    def write(self, record: Record) -> tuple[int, int]:
        """How many entries and disclosures were written."""
        if record.mode == "none":
            return 0, 0
        entries = disclosures = number = 0
        stream = iter(record.entries)
        with tempfile.TemporaryFile() as proofs:
            # One entry is taken ahead: a file is begun only when there is something to go into it.
            while (first := next(stream, None)) is not None:
                with tempfile.TemporaryFile() as disclosed:
                    with self._zip.stream(f"audit/entries/{number:06d}.jsonl") as target:
                        for entry in _chain(first, islice(stream, ENTRIES_PER_FILE - 1)):
                            target.write(lines.entry(entry.index, entry.envelope))
                            disclosures += _disclose(entry, disclosed)
                            if record.prove is not None:
                                proofs.write(lines.inclusion(entry.index, record.prove(entry.index), first=not entries))
                            entries += 1
                    self._list(target.member)
                    disclosed.seek(0)
                    with self._zip.stream(f"audit/disclosures/{number:06d}.jsonl") as target:
                        _copy(disclosed, target)
                    self._list(target.member)
                number += 1
            if record.mode == "selection":
                self._proof(proofs, record.last)
        return entries, disclosures

    def _proof(self, proofs: IO[bytes], last: Iterable[Last]) -> None:
        """audit/proof.json, an item a line, so that it can be read as it comes."""
        proofs.seek(0)
        with self._zip.stream("audit/proof.json") as target:
            target.write(lines.proof_head(self._as_of))
            _copy(proofs, target)
            target.write(lines.PROOF_MIDDLE)
            for place, item in enumerate(last):
                target.write(lines.last(item.task, item.n, item.index, first=not place))
            target.write(lines.PROOF_END)
        self._list(target.member)


def _disclose(entry: Entry, out: IO[bytes]) -> int:
    for item in entry.disclosed:
        out.write(lines.disclosure(entry.index, item.group, item.salt, item.data))
    return len(entry.disclosed)


def _chain(first: Entry, rest: Iterator[Entry]) -> Iterator[Entry]:
    yield first
    yield from rest


def _copy(source: IO[bytes], target: Target) -> None:
    while block := source.read(BLOCK):
        target.write(block)
