"""Lines of a file inside a finished archive, from any line or byte on, without holding it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from exports.inside import MOST_MEMBERS, members
from exports.stream import Readable, Resumed, start

BLOCK = 1 << 18
UNREADABLE = (OSError, KeyError, ValueError, struct.error, zlib.error, zipfile.BadZipFile)
"""What reading a file raises that is no longer what was published."""


class TooMany(ValueError):
    """The archive has so many members that only a program of one's own should read its directory."""


class Joined:
    """Members of an archive that continue each other, read as one."""

    def __init__(self, archive: zipfile.ZipFile, names: list[str]) -> None:
        self._files = (archive.open(name) for name in names)
        self._file: IO[bytes] | None = next(self._files, None)

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many; none at the end of all."""
        while self._file is not None:
            if block := self._file.read(size):
                return block
            self._file = next(self._files, None)
        return b""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to begin in a member, as a line (counted from 0) or a byte; and the archive's SHA-256, for its index."""

    sha256: str
    line: int | None = None
    byte: int | None = None


@contextmanager
def rows_from(path: Path, choose: Callable[[list[str]], list[str]], place: Place) -> Iterator[Iterator[bytes]]:
    """What lies from a place on in the members that `choose` picks, in blocks; read from a point near it if possible.

    FileNotFoundError: the archive is no longer kept. The others of UNREADABLE: it is damaged.
    """
    with path.open("rb") as file:
        if members(file) > MOST_MEMBERS:
            raise TooMany(f"{path.name} has more than {MOST_MEMBERS:,} files")
        with zipfile.ZipFile(file) as archive:
            names = choose(archive.namelist())
            found = None
            if len(names) == 1:
                found = start(path, place.sha256, names[0], line=place.line, byte=place.byte)
            source: Readable = Resumed(file, found.point) if found else Joined(archive, names)
            line, byte = (found.line, found.byte) if found else (place.line, place.byte)
            yield from_byte(source, byte) if byte is not None else from_line(source, line or 0)


def from_line(file: Readable, number: int) -> Iterator[bytes]:
    """What lies from this line on, counted from 0, in blocks."""
    while number and (block := file.read(BLOCK)):
        ends = block.count(b"\n")
        if ends >= number:
            at = 0
            for _ in range(number):
                at = block.index(b"\n", at) + 1
            yield block[at:]
            break
        number -= ends
    yield from _blocks(file)


def from_byte(file: Readable, offset: int) -> Iterator[bytes]:
    """What lies from the first line on that begins at this byte or later, in blocks."""
    left = offset - 1  # A line begins at `offset` when the byte before ends one.
    while left > 0 and (block := file.read(min(BLOCK, left))):
        left -= len(block)
    ended = offset == 0
    while not ended and (block := file.read(BLOCK)):
        _, end, rest = block.partition(b"\n")
        ended = bool(end)
        yield rest
    yield from _blocks(file)


def first(blocks: Iterable[bytes], count: int) -> Iterator[bytes]:
    """So many lines of it."""
    for block in blocks:
        ends = block.count(b"\n")
        if ends < count:
            count -= ends
            yield block
            continue
        at = 0
        for _ in range(count):
            at = block.index(b"\n", at) + 1
        yield block[:at]
        return


def _blocks(file: Readable) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block
