"""Lines of a file inside a finished archive, from any line or byte on, without holding it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from exports.inside import MOST_MEMBERS, members

BLOCK = 1 << 18
UNREADABLE = (OSError, KeyError, ValueError, struct.error, zlib.error, zipfile.BadZipFile)
"""What reading a file raises that is no longer what was published."""


class TooMany(ValueError):
    """The archive has so many members that only a program of one's own should read its directory."""


@contextmanager
def opened(path: Path, choose: Callable[[list[str]], str]) -> Iterator[IO[bytes]]:
    """The member of the archive at `path` that `choose` picks from the archive's names, for reading.

    FileNotFoundError: the archive is no longer kept. The others of UNREADABLE: it is damaged.
    """
    with path.open("rb") as file:
        if members(file) > MOST_MEMBERS:
            raise TooMany(f"{path.name} has more than {MOST_MEMBERS:,} files")
        with zipfile.ZipFile(file) as archive, archive.open(choose(archive.namelist())) as inside:
            yield inside


def from_line(file: IO[bytes], number: int) -> Iterator[bytes]:
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


def from_byte(file: IO[bytes], offset: int) -> Iterator[bytes]:
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


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block
