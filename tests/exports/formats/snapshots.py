"""Snapshots without a database: what a format is given, from plain values."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any

from audit.log.envelope import Envelope
from exports.archive import About, Archive, Counts, Record
from exports.formats.base import EventRow, Format, LabelledTask, NoMedium, ProjectInfo, R, TimeRow, Trail, Value
from tests.exports.sealed import SealedLog

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def event(index: int = 0, type_: str = "task.submitted", **more: Any) -> EventRow:
    """An event; `content`, `text`, `late`, `instant` are of the row, all else of the envelope."""
    content, text = more.pop("content", None), more.pop("text", None)
    late, instant = more.pop("late", False), more.pop("instant", AT)
    fields: dict[str, Any] = {
        "v": 1,
        "log": "test.example/i/l",
        "task": "T1",
        "n": index + 1,
        "type": type_,
        "source_type": type_.upper().replace(".", "_"),
        "source_key": f"key-{index}",
        "occurred_at": "2026-03-02T08:00:00Z",
        "received_at": "2026-03-02T09:00:00.000000Z",
        "actor": "aaaabbbbccccdddd",
        "actor_kind": "person",
        "assignee": None,
        "stage": "Label",
        "to_stage": None,
        "cycle": None,
        "derived": False,
        "content": None,
        "text": None,
    }
    return EventRow(index, Envelope(**{**fields, **more}), instant, late, content, text.encode() if text else None)


@dataclass
class Shot:
    """A snapshot of given tasks."""

    tasks: list[tuple[str, list[EventRow]]] = field(default_factory=list)
    active: list[TimeRow] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=lambda: {"aaaabbbbccccdddd": "amara@example.org"})
    project: ProjectInfo = field(default_factory=lambda: ProjectInfo("file", "P-1", "Lungs", "test.example/i/l"))
    details: dict[str, bytes] = field(default_factory=dict)
    assets: list[LabelledTask] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)

    def labelled(self) -> Iterator[LabelledTask]:
        return iter(self.assets)

    def each(self, make: Callable[[LabelledTask], R]) -> Generator[R, None, None]:
        return (make(task) for task in self.labelled())

    def file(self, content: bytes, name: str) -> IO[bytes]:
        if name not in self.kept:
            raise FileNotFoundError(name)
        return io.BytesIO(self.kept[name])

    def medium(self, task: LabelledTask, name: str) -> IO[bytes]:
        if name not in self.kept:
            raise NoMedium(f"the file {name!r} was not kept")
        return io.BytesIO(self.kept[name])

    def trails(self) -> Iterator[Trail]:
        for number, (task, events) in enumerate(self.tasks, start=1):
            yield Trail(task, number, f"name of {task}", "Review", iter(events), self.details.get(task))

    def times(self) -> Iterable[TimeRow]:
        return iter(self.active)

    def person(self, pseudonym: str | None) -> str | None:
        return self.names.get(pseudonym, pseudonym) if pseudonym else None


@dataclass
class Made:
    """What a format wrote."""

    files: dict[str, bytes]
    errors: list[dict[str, Any]]
    written: dict[str, int]
    skipped: dict[str, int]


def write(format_: Format, shot: Shot, *, strict: bool = False, **asked: Value) -> Made:
    """Let the format write the snapshot."""
    values = {parameter.name: parameter.default_for(filtered=False) for parameter in format_.parameters} | asked
    log = SealedLog()
    log.add()
    about = About("x", {}, {}, "file", "P-1", log.origin, log.signer.vkey, 1, "", log.checkpoint(), "")
    out, beside = io.BytesIO(), io.BytesIO()
    with Archive(out, beside=beside if format_.beside else None, strict=strict) as archive:
        written = dict(format_.write(archive, shot, values, lambda done: None))
        skipped = dict(archive.skipped)
        archive.finish(about, Counts(written, written), Record("none"), log.signer)
    with zipfile.ZipFile(out) as found:
        files = {name: found.read(name) for name in found.namelist()}
    listed = [json.loads(line) for line in files["files.ndjson"].splitlines()]
    if format_.beside:
        files[next(item["path"] for item in listed if item.get("beside"))] = beside.getvalue()
    return Made(files, [json.loads(line) for line in files["errors.ndjson"].splitlines()], written, skipped)
