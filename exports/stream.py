"""Where the rows of an NDJSON file inside an archive are: a byte and line index beside the artefact.

Deflate can't be read from the middle, but for points where the writer began anew: `Points` notes them while a member is
written, `keep` stores them beside the finished archive, and `resume` reads from the nearest point before a row. The
index helps, nothing depends on it: without one, or with one of other bytes, a member is read from its start.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from exports.archive.zipwriter import Point

SUFFIX = ".index.json"
BLOCK = 1 << 18
VERSION = 1
LARGEST = 1 << 26
"""Bytes of an index that is read: one of a terabyte of rows has less."""


class Readable(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Start:
    """Where reading begins, and which line or byte of what follows is wanted."""

    point: Point
    line: int | None
    byte: int | None


def keep(archive: Path, sha256: str, points: Mapping[str, Sequence[Point]]) -> None:
    """Store the points of an archive's members beside it. `sha256` is the archive's: an index is of these bytes."""
    if not any(points.values()):
        return
    said = {
        "version": VERSION,
        "sha256": sha256,
        "members": {name: [[one.byte, one.line, one.packed] for one in found] for name, found in points.items()},
    }
    target = _beside(archive)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        draft.write_text(json.dumps(said, separators=(",", ":")))
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def start(archive: Path, sha256: str, name: str, *, line: int | None, byte: int | None) -> Start | None:
    """The last point of a member before a line (from 0) or byte; None, so begin at its start, when there is none."""
    found = None
    for point in _points(archive, sha256, name):
        # Strictly before: a point may lie inside a line, and what is wanted begins behind the end of one.
        if (line is not None and point.line < line) or (byte is not None and point.byte < byte):
            found = point
        else:
            break
    if found is None:
        return None
    return Start(
        found, line - found.line if line is not None else None, byte - found.byte if byte is not None else None
    )


class Resumed:
    """A member's bytes from a point on."""

    def __init__(self, file: IO[bytes], point: Point) -> None:
        self._file = file
        self._file.seek(point.packed)
        self._inflate = zlib.decompressobj(-15)

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most so many; none at the member's end."""
        packed = self._inflate.unconsumed_tail
        while not self._inflate.eof:
            packed = packed or self._file.read(BLOCK)
            if not packed:
                raise zlib.error("the member is cut off")
            if found := self._inflate.decompress(packed, size):
                return found
            packed = self._inflate.unconsumed_tail
        return b""


def _beside(archive: Path) -> Path:
    return archive.with_name(archive.name + SUFFIX)


def _points(archive: Path, sha256: str, name: str) -> list[Point]:
    """The member's points in order; none when the index is not there, or not of this archive, or damaged."""
    try:
        with _beside(archive).open("rb") as file:
            said = json.loads(file.read(LARGEST))
        if said["version"] != VERSION or said["sha256"] != sha256:
            return []
        return [Point(int(byte), int(line), int(packed)) for byte, line, packed in said["members"].get(name, ())]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return []
