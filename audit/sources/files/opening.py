"""Opening a file: what it is by its content, its check value, and its bytes, unpacked where it is a gzip."""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import zlib
from collections.abc import Iterator
from types import TracebackType
from typing import IO, TYPE_CHECKING

from isal import igzip
from isal.igzip_lib import IsalError

from audit.sources.files.errors import BadFile
from audit.sources.files.options import Kind

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_LINE = 64 * 1024 * 1024
CHUNK = 1 << 18
_HEAD = 1 << 14
_UTF8_BOM = b"\xef\xbb\xbf"
_TASK = re.compile(r'\{\s*"taskId"\s*:[^\n]*"events"\s*:\s*\[')
"""A line of a report that has a task a line."""
_ARCHIVES = {
    b"PK\x03\x04": "a zip archive",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x28\xb5\x2f\xfd": "a zstd file",
}

_UNREADABLE: tuple[type[Exception], ...] = (EOFError, OSError, zlib.error, IsalError)  # type: ignore[assignment]


class _Hashed(io.RawIOBase):
    """A file that hashes and counts what is read of it."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self.sha256 = hashlib.sha256()
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = self._raw.readinto(buffer) or 0
        self.sha256.update(memoryview(buffer)[:count])
        self.size += count
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Stream(io.RawIOBase):
    """What somebody else opened, and closes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        with memoryview(buffer) as view:
            data = self._stream.read(len(view))
            view[: len(data)] = data
        return len(data)


class Opened:
    """An open file, or a `stream` of what is called `path`. `lines` or `chunks` read it once, from the start; `finish`
    reads what is left and checks the end.

    Raises BadFile for what is no regular file, is empty, or can't be unpacked.
    """

    def __init__(self, path: str, stream: IO[bytes] | None = None) -> None:
        self.path = path
        self._hashed = _Hashed(_open(path) if stream is None else _Stream(stream))
        packed = io.BufferedReader(self._hashed, CHUNK)
        try:
            magic = packed.peek(8)[:8]
            if not magic:
                raise BadFile(path, None, "the file is empty")
            for start, name in _ARCHIVES.items():
                if magic.startswith(start):
                    raise BadFile(path, None, f"this is {name}; unpack it and load the event log inside (gzip is read)")
            self.packed = magic.startswith(b"\x1f\x8b")
            self._stream = packed
            if self.packed:
                self._stream = io.BufferedReader(igzip.GzipFile(fileobj=packed, mode="rb"), CHUNK)  # type: ignore  # isal has no types
            try:
                self.head = self._stream.peek(_HEAD)[:_HEAD]
            except _UNREADABLE as error:
                raise self._unreadable(error) from error
            if not self.head:
                raise BadFile(path, None, "the gzip holds an empty file")
        except BaseException:
            self._hashed.close()
            raise

    def __enter__(self) -> Opened:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hashed.close()

    def kind(self) -> Kind:
        """What the content looks like. Raises BadFile when it is none of the kinds."""
        text = _decoded(self.head).lstrip()
        if text.startswith("<"):
            return "xes"
        if text.startswith("{"):
            return "redbrick" if _TASK.match(text) else "ndjson"
        if text.startswith("["):
            return self._array(text)
        if not text:
            raise BadFile(self.path, None, "the file begins with nothing but white space")
        if "\0" in text and "\n" not in text:
            raise BadFile(self.path, None, "this is no text; event logs are XES, CSV or NDJSON, plain or as gzip")
        return "csv"

    def _array(self, text: str) -> Kind:
        """A report of RedBrick is the one JSON array that is read: its objects have `taskId` and `events`."""
        inside = text[1:].lstrip()
        if inside.startswith("{") and '"taskId"' in inside and '"events"' in inside:
            return "redbrick"
        if inside.startswith("]"):
            raise BadFile(self.path, 1, "this JSON array is empty: there is no task in it")
        raise BadFile(
            self.path,
            1,
            "this is a JSON array; write one object a line, without brackets and commas. If it is what "
            "`redbrick report` writes, load it with --kind redbrick",
        )

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Numbered lines with their ends; a byte order mark is left out. None is longer than 64 MiB."""
        if self.head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise BadFile(self.path, None, "this text is UTF-16; save it as UTF-8")
        if self.head.startswith(_UTF8_BOM):
            self._stream.read(len(_UTF8_BOM))
        readline = self._stream.readline
        number = 0
        try:
            while line := readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise BadFile(self.path, number, "the line is longer than 64 MiB; does the file have line ends?")
                yield number, line
        except _UNREADABLE as error:
            raise self._unreadable(error, number) from error

    def texts(self) -> Iterator[tuple[int, str]]:
        """Numbered lines as text. A byte that is no UTF-8 is a BadFile that names line and byte."""
        for number, line in self.lines():
            yield number, self.text(number, line)

    def text(self, number: int, line: bytes) -> str:
        """The line's text."""
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise BadFile(
                self.path,
                number,
                f"byte {error.start + 1} of the line (0x{line[error.start]:02X}) is not UTF-8; save the file as UTF-8",
            ) from error

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces."""
        try:
            while chunk := self._stream.read1(CHUNK):
                yield chunk
        except _UNREADABLE as error:
            raise self._unreadable(error) from error

    def finish(self) -> tuple[str, int]:
        """SHA-256 (hex) and size of the file as it is on the disk."""
        for _ in self.chunks():
            pass
        while self._hashed.read(CHUNK):
            pass
        return self._hashed.sha256.hexdigest(), self._hashed.size

    def _unreadable(self, error: Exception, line: int = 0) -> BadFile:
        if isinstance(error, EOFError):
            text = "the gzip ends too early: the file was cut off; fetch it again"
        elif self.packed:
            text = f"the gzip is damaged ({error}); fetch it again"
        else:
            text = f"can't be read: {error}"
        return BadFile(self.path, line or None, text)


def _open(path: str) -> io.FileIO:
    try:
        mode = os.stat(path).st_mode  # Before opening: a pipe would wait for a writer.
        if stat.S_ISDIR(mode):
            raise BadFile(path, None, "this is a directory; name an event log in it")
        if not stat.S_ISREG(mode):
            raise BadFile(path, None, "this is not a regular file; write the event log to a file first")
        return io.FileIO(path)
    except FileNotFoundError as error:
        raise BadFile(path, None, "there is no such file") from error
    except (OSError, ValueError) as error:
        raise BadFile(
            path, None, f"can't be opened: {error.strerror if isinstance(error, OSError) else error}"
        ) from error


def _decoded(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) & ~1].decode("utf-16", "replace").lstrip("\ufeff")
    if head[:4] in (b"<\0?\0", b"\0<\0?"):
        return "<?"
    return head.removeprefix(_UTF8_BOM).decode("utf-8", "replace")
