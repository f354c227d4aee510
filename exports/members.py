"""Lines of a file inside a finished archive, from any line or byte on, without holding it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from exports.inside import MOST_MEMBERS, members

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


@contextmanager
def joined(path: Path, choose: Callable[[list[str]], list[str]]) -> Iterator[Joined]:
    """The members of the archive at `path` that `choose` picks, one behind the other.

    FileNotFoundError: the archive is no longer kept. The others of UNREADABLE: it is damaged.
    """
    with path.open("rb") as file:
        if members(file) > MOST_MEMBERS:
            raise TooMany(f"{path.name} has more than {MOST_MEMBERS:,} files")
        with zipfile.ZipFile(file) as archive:
            yield Joined(archive, choose(archive.namelist()))


class Readable(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int, /) -> bytes: ...


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
