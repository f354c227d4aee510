"""A zip writer for archives that are hashed and compared: one content, one sequence of bytes.

Members are written once, front to back, and every local header is exact, so that readers of streams need no data
descriptor. All times are 1980-01-01 00:00, all modes 0644, names UTF-8. The central directory waits in a temporary
file: memory does not grow with the members (but for a digest of each name, to refuse a second one).
Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (here: APPNOTE).
"""

from __future__ import annotations

import re
import shutil
import tempfile
import unicodedata
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from os import SEEK_CUR
from struct import Struct, pack
from typing import IO, Final, NamedTuple

from isal import isal_zlib

from exportsite.digests import Digests

LEVEL: Final = 1
"""isal's level 1: five times as fast as zlib's level 1, and smaller."""

_STORED: Final = 0
_DEFLATED: Final = 8
_UTF8: Final = 0x800
_PLAIN: Final = 20  # Version needed: deflate.
_ZIP64: Final = 45
_MADE_BY: Final = 3 << 8 | _ZIP64  # Unix, so that the mode counts.
_MODE: Final = 0o100644 << 16
_DATE: Final = 0x21  # 1980-01-01, the first day a zip can name.
_FULL32: Final = 0xFFFFFFFF
_FULL64: Final = 0xFFFFFFFFFFFFFFFF
_FULL16: Final = 0xFFFF

_local = Struct("<4s5H3I2H").pack
_central = Struct("<4s6H3I5H2I").pack
_end64 = Struct("<4sQ2H2I4Q").pack
_locator64 = Struct("<4sIQI").pack
_end = Struct("<4s4H2IH").pack

BLOCK: Final = 1 << 18
"""Bytes that are copied at once."""

PIECE: Final = 4 * BLOCK
"""Members are cut into pieces of this size, each of which is compressed by itself: side by side, and the bytes depend
neither on how a caller cut them nor on who was faster. A piece of its own takes less than a thousandth more room."""
PACKERS: Final = 2
"""How many pieces of a member are compressed at a time."""

ANEW: Final = 4 * PIECE
"""Bytes of a member of lines after which a reader may begin: rows from there on can be read without the others."""

# Most names are such: words of letters, digits and a few marks, none of which begins with a dot.
_ORDINARY = re.compile(r"\w[\w .-]*(?:/\w[\w .-]*)*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class NameRefused(ValueError):
    """A member name that a reader could take for another place than inside the archive, or for another member."""


class Member(NamedTuple):
    """What was written under a name: uncompressed length in bytes, and SHA-256 in lower-case hex."""

    path: str
    bytes: int
    sha256: str


def check_name(name: str) -> None:
    """Raise NameRefused unless the name is a relative path inside the archive, on every system."""
    if len(name) <= _FULL16 and _ORDINARY.fullmatch(name):
        return
    reason = ""
    if not name:
        reason = "it is empty"
    elif found := _CONTROL.search(name):
        reason = f"it has the control character {found[0]!r}"
    elif "\\" in name or ":" in name:
        reason = "it has a backslash or a colon"
    elif name.startswith("/"):
        reason = "it is absolute"
    elif any(part in ("", ".", "..") for part in name.split("/")):
        reason = "it has an empty part, '.' or '..'"
    elif len(name.encode(errors="replace")) > _FULL16:
        reason = "it is longer than 65,535 bytes"
    elif any("\ud800" <= character <= "\udfff" for character in name):
        reason = "it has a lone surrogate"
    if reason:
        raise NameRefused(f"The member name {name[:120]!r} is refused: {reason}.")


def name_key(name: str) -> int:
    """A number of 64 bits that names have in common which differ only in case or composition; another in each process.

    Python's own hash (SipHash, with a key that nobody knows) takes a tenth of the time of SHA-256.
    """
    return hash(name.lower() if name.isascii() else unicodedata.normalize("NFC", name.casefold())) & _FULL64


@dataclass(frozen=True, slots=True)
class Point:
    """Where a member can be read from: so many bytes and line ends of it lie before, and it goes on at `packed`.

    `packed` is the place in the zip where compression began anew.
    """

    byte: int
    line: int
    packed: int


class Stream:
    """A member that is written piece by piece: SHA-256, CRC and deflate of what goes through.

    Of lines (`.ndjson`), `points` says where a reader may begin.
    """

    def __init__(self, name: str, out: IO[bytes], start: int = 0) -> None:
        self.name = name
        self.points: list[Point] = []
        self._start = start
        self._lines = 0
        self._anew = ANEW if name.endswith(".ndjson") else 0
        self.size = 0
        self.crc = 0
        self.packed = 0
        self.member = Member(name, 0, "")
        """What was written, when the member is finished."""
        self._out = out
        self._hash = sha256()
        self._waiting = bytearray()
        self._packers: ThreadPoolExecutor | None = None
        self._ahead: deque[tuple[int, int, Future[bytes]]] = deque()

    def write(self, data: bytes) -> None:
        """Add what comes next, of any length."""
        self._waiting += data
        while len(self._waiting) >= PIECE:
            self._pack(bytes(self._waiting[:PIECE]))
            del self._waiting[:PIECE]

    def finish(self) -> None:
        """Compress what is left; `member` then says what was written."""
        last = bytes(self._waiting)
        self._note(last)
        while self._ahead:
            self._emit_next()
        self._emit(_packed(last, last=True))
        self.member = Member(self.name, self.size, self._hash.hexdigest())

    def close(self) -> None:
        """Let go of those who compress."""
        if self._packers is not None:
            self._packers.shutdown(cancel_futures=True)

    def _note(self, piece: bytes) -> None:
        self.size += len(piece)
        self.crc = isal_zlib.crc32(piece, self.crc)
        self._hash.update(piece)

    def _pack(self, piece: bytes) -> None:
        """Have a piece compressed, which is not the last one."""
        if self._packers is None:
            self._packers = ThreadPoolExecutor(PACKERS, thread_name_prefix="packer")
        packing = self._packers.submit(_packed, piece, last=False)
        self._note(piece)
        if self._anew:
            self._lines += piece.count(b"\n")
        self._ahead.append((self.size, self._lines, packing))
        if len(self._ahead) > PACKERS:
            self._emit_next()

    def _emit_next(self) -> None:
        size, lines, packing = self._ahead.popleft()
        self._emit(packing.result())
        if self._anew and size % self._anew == 0:
            self.points.append(Point(size, lines, self._start + self.packed))

    def _emit(self, packed: bytes) -> None:
        self.packed += len(packed)
        self._out.write(packed)


def _packed(piece: bytes, *, last: bool) -> bytes:
    """A piece of a member, compressed so that it needs nothing of those before; `last`: nothing comes behind it."""
    deflate = isal_zlib.compressobj(LEVEL, _DEFLATED, -15)
    return deflate.compress(piece) + deflate.flush(isal_zlib.Z_FINISH if last else isal_zlib.Z_FULL_FLUSH)


class ZipWriter:
    """Writes a zip into `out`, a seekable binary file, from its present position on.

    `limit` and `many` are where ZIP64 begins (sizes and offsets in bytes, number of members); tests lower them.
    """

    def __init__(self, out: IO[bytes], *, limit: int = _FULL32, many: int = _FULL16) -> None:
        self._out = out
        self._limit = limit
        self._many = many
        self._offset = out.tell()
        self._directory = tempfile.TemporaryFile()  # noqa: SIM115 - close() closes it
        self._count = 0
        self._names = Digests()
        self._streaming = False
        self.points: dict[str, list[Point]] = {}
        """Of each member of lines, where it can be read from."""

    def write(self, name: str, data: bytes) -> Member:
        """Add a member whose bytes are at hand."""
        encoded = self._enter(name)
        method, packed = _DEFLATED, isal_zlib.compress(data, LEVEL, -15)
        if len(packed) >= len(data):
            method, packed = _STORED, data
        entry = _Entry(encoded, method, isal_zlib.crc32(data), len(packed), len(data), len(data) >= self._limit)
        header = entry.local_header()
        self._out.write(header + packed)
        self._list(entry, len(header))
        return Member(name, len(data), sha256(data).hexdigest())

    @contextmanager
    def stream(self, name: str) -> Iterator[Stream]:
        """Add a member piece by piece. Its header is written again, exact, when the last piece has come.

        Room for ZIP64 sizes is always kept, for nobody knows yet whether they will be needed. Nothing may be written
        after an exception in the block: the archive is unfinished then.
        """
        encoded = self._enter(name)
        self._streaming = True
        header = _Entry(encoded, _DEFLATED, 0, 0, 0, zip64=True).local_header()
        self._out.write(header)
        stream = Stream(name, self._out, self._offset + len(header))
        with closing(stream):
            yield stream
            stream.finish()
        entry = _Entry(encoded, _DEFLATED, stream.crc, stream.packed, stream.size, zip64=True)
        self._out.seek(self._offset)
        self._out.write(entry.local_header())
        self._out.seek(stream.packed, SEEK_CUR)
        self._streaming = False
        if stream.points:
            self.points[name] = stream.points
        self._list(entry, len(header))

    def close(self) -> None:
        """Write the central directory and what ends the zip. `out` stays open."""
        if self._streaming:
            raise RuntimeError("a member is still being written")
        start, size, count = self._offset, self._directory.tell(), self._count
        self._directory.seek(0)
        shutil.copyfileobj(self._directory, self._out, BLOCK)
        self._directory.close()
        if count >= self._many or max(size, start) >= self._limit:
            self._out.write(_end64(b"PK\x06\x06", 44, _MADE_BY, _ZIP64, 0, 0, count, count, size, start))
            self._out.write(_locator64(b"PK\x06\x07", 0, start + size, 1))
            count, size, start = _FULL16, _FULL32, _FULL32
        self._out.write(_end(b"PK\x05\x06", 0, 0, count, count, size, start, 0))

    def _enter(self, name: str) -> bytes:
        """The name's bytes, after it was checked; a name that differs in case or composition only is the same."""
        if self._streaming:
            raise RuntimeError(f"{name!r} can't be added while another member is being written")
        check_name(name)
        if not self._names.add(name_key(name)):
            raise NameRefused(f"The member name {name[:120]!r} is refused: the archive has it already (case aside).")
        return name.encode()

    def _list(self, entry: _Entry, header: int) -> None:
        """Put a finished member into the central directory."""
        self._directory.write(entry.directory_record(self._offset, self._limit))
        self._offset += header + entry.packed
        self._count += 1


class Folder:
    """A folder of a zip, written as if it were a zip of its own: names, also those of what was written, are in it."""

    def __init__(self, zip_: ZipWriter, name: str) -> None:
        self._zip = zip_
        self.name = name

    def write(self, name: str, data: bytes) -> Member:
        """Add a member whose bytes are at hand."""
        return self._zip.write(f"{self.name}/{name}", data)._replace(path=name)

    @contextmanager
    def stream(self, name: str) -> Iterator[Stream]:
        """Add a member piece by piece."""
        with self._zip.stream(f"{self.name}/{name}") as stream:
            yield stream
        stream.member = stream.member._replace(path=name)

    def close(self) -> None:
        """Nothing: the zip is closed when all its folders are written."""


@dataclass(slots=True)
class _Entry:
    """A member's headers. `zip64`: the local header keeps its sizes in 64 bits."""

    name: bytes
    method: int
    crc: int
    packed: int
    size: int
    zip64: bool

    def local_header(self) -> bytes:
        """APPNOTE 4.3.7; of ZIP64's fields a local header has both sizes or none (4.5.3)."""
        packed, size, extra = self.packed, self.size, b""
        if self.zip64:
            packed, size, extra = _FULL32, _FULL32, _extra64(self.size, self.packed)
        fields = (_UTF8, self.method, 0, _DATE, self.crc, packed, size, len(self.name), len(extra))
        return _local(b"PK\x03\x04", self._version, *fields) + self.name + extra

    def directory_record(self, offset: int, limit: int) -> bytes:
        """APPNOTE 4.3.12; only the fields that do not fit stand in ZIP64's extra field, in its order (4.5.3)."""
        size, packed, extra = self.size, self.packed, b""
        if max(size, packed, offset) >= limit:
            values = (size, packed, offset)
            extra = _extra64(*[value for value in values if value >= limit])
            size, packed, offset = (value if value < limit else _FULL32 for value in values)
        version = _ZIP64 if extra else self._version
        fields = (_UTF8, self.method, 0, _DATE, self.crc, packed, size, len(self.name), len(extra))
        return _central(b"PK\x01\x02", _MADE_BY, version, *fields, 0, 0, 0, _MODE, offset) + self.name + extra

    @property
    def _version(self) -> int:
        return _ZIP64 if self.zip64 else _PLAIN


def _extra64(*values: int) -> bytes:
    return pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values)
