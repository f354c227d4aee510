"""A log and archives of it without a database: what the verifier's tests tamper with."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from audit.log import merkle, note
from audit.log.envelope import Envelope, commit, seal, stamp
from exports.archive import VERIFIER, About, Archive, AuditMode, Counts, Disclosed, Entry, Last, Record

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass
class SealedLog:
    """Entries as a log holds them, its tree, and its key. Salts follow from the index: tests want the same bytes."""

    origin: str = "test.example/instance/log"
    entries: list[Entry] = field(default_factory=list)
    numbers: dict[str | None, int] = field(default_factory=dict)
    signer: note.Signer = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.signer = self.signer or note.Signer.generate(self.origin)

    def add(self, task: str | None = "T1", type_: str = "task.submitted", text: str | None = None, **more: Any) -> int:
        """Append an event with a payload, and a text if given; its index. `more` replaces fields of the envelope."""
        index = len(self.entries)
        content = more.pop("payload", json.dumps({"event": index, "note": "payload " * 5}).encode())
        disclosed = [Disclosed("content", sha256(b"content %d" % index).digest(), content)]
        if text is not None:
            disclosed.append(Disclosed("text", sha256(b"text %d" % index).digest(), text.encode()))
        self.numbers[task] = more.get("n", self.numbers.get(task, 0) + 1)
        commits = {item.group: commit(item.salt, item.data) for item in disclosed}
        envelope = Envelope(
            v=1,
            log=self.origin,
            task=task,
            n=self.numbers[task],
            type=type_,
            source_type=type_.upper(),
            source_key=f"key-{index}",
            occurred_at=stamp(START + timedelta(minutes=index)),
            received_at=stamp(START + timedelta(minutes=index)),
            actor="aaaabbbbccccdddd",
            actor_kind="person",
            assignee=None,
            stage="Label",
            to_stage=None,
            cycle=1,
            derived=False,
            content=commits["content"],
            text=commits.get("text"),
        )
        fields = {name: getattr(envelope, name) for name in envelope.__struct_fields__}
        self.entries.append(Entry(index, seal(Envelope(**{**fields, **more})), tuple(disclosed)))
        return index

    def leaves(self, size: int) -> list[bytes]:
        return [merkle.leaf_hash(entry.envelope) for entry in self.entries[:size]]

    def checkpoint(self, size: int | None = None) -> str:
        """The signed checkpoint of the log's first `size` entries."""
        size = len(self.entries) if size is None else size
        root = merkle.root_of(self.leaves(size))
        return note.sign(note.Checkpoint(self.origin, size, root).text(), self.signer)

    def proof(self, index: int, size: int) -> list[bytes]:
        tiles = {}
        edge = merkle.Edge()
        for tile in edge.extend(self.leaves(size)):
            tiles[tile.level, tile.index] = tile.hashes
        return merkle.inclusion_proof(
            index, size, lambda level, tile, width: tiles.get((level, tile)) or edge.partial(level)
        )

    def last(self, size: int) -> Iterable[Last]:
        found: dict[str | None, Last] = {}
        for entry in self.entries[:size]:
            envelope = json.loads(entry.envelope)
            found[envelope["task"]] = Last(envelope["task"], envelope["n"], entry.index)
        return found.values()


def worked_log(events: int = 24, **more: Any) -> SealedLog:
    """A log of three tasks and the project's own events, some with a text."""
    log = SealedLog(**more)
    for index in range(events):
        task = None if index % 7 == 6 else f"T{index % 3}"
        log.add(
            task, "sync.completed" if task is None else "comment.added", f"Text {index}" if index % 4 == 1 else None
        )
    return log


def archive_of(
    log: SealedLog,
    path: Path,
    *,
    mode: AuditMode = "all",
    size: int | None = None,
    chosen: Iterable[int] | None = None,
    entries: Iterable[Entry] | None = None,
    last: Iterable[Last] | None = None,
    about: dict[str, Any] | None = None,
    checkpoint: str | None = None,
    files: dict[str, bytes] | None = None,
) -> Path:
    """Write an archive of `log`; `entries`, `last`, `checkpoint` and `about` replace what would be right."""
    size = len(log.entries) if size is None else size
    stated = note.Checkpoint.parse(note.open_note(log.checkpoint(size), log.signer.vkey))
    described = About(
        format="trail",
        parameters={"encoding": "json"},
        filters={},
        source="file",
        project="sealed",
        origin=log.origin,
        key=log.signer.vkey,
        as_of=size,
        root=base64.b64encode(stated.root).decode(),
        note=checkpoint or log.checkpoint(size),
        dated=stamp(START + timedelta(minutes=size - 1)),
    )
    described = replace(described, **(about or {}))
    picked = log.entries[:size] if chosen is None else [log.entries[index] for index in chosen]
    tasks = {json.loads(entry.envelope)["task"] for entry in picked}
    entries = picked if entries is None else list(entries)
    record = Record(
        mode,
        0 if mode == "none" else len(entries),
        entries,
        (lambda index: log.proof(index, size)) if mode == "selection" else None,
        [item for item in log.last(size) if item.task in tasks] if last is None else last,
    )
    single = path.name.endswith(".proof.zip")
    with ExitStack() as stack:
        out = stack.enter_context(path.open("wb"))
        beside = (
            stack.enter_context(path.with_name(path.name.removesuffix(".proof.zip")).open("wb")) if single else None
        )
        archive = stack.enter_context(Archive(out, beside=beside))
        for name, data in (files or {"trail.json": b"[]\n" * 100}).items():
            with archive.file(name) as target:
                target.write(data)
        archive.finish(described, Counts({"events": size}, {"events": size}), record, log.signer)
    return path


def verify(path: Path, *options: object, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    """Run the verifier as an auditor does."""
    return subprocess.run(
        [python, "-I", str(VERIFIER), str(path), *map(str, options)], capture_output=True, text=True, check=False
    )
