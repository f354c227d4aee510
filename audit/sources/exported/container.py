"""A folder, a zip or a single file, read member by member and never unpacked to the disk."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from audit.sources.files.errors import BadFile, quoted

MAX_MEMBERS = 2_000_000
MAX_MEMBER = 8 * 1024 * 1024 * 1024
MAX_JSON = 512 * 1024 * 1024
"""Bytes of a member that is read as a whole."""
MAX_RATIO = 1_000
"""Unpacked to packed bytes of a member of more than a megabyte: more is a bomb, not data."""
MAX_DEPTH = 32
HEAD = 1 << 16
BLOCK = 1 << 18


class Container:
    """The members of an export by their names: relative, with slashes, without `..`.

    A single file, which may be a gzip, has one member, under its own name. Raises BadFile for what can't be read.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._zip: zipfile.ZipFile | None = None
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            text = "there is no such file" if isinstance(error, FileNotFoundError) else f"can't be opened: {error}"
            raise BadFile(path, None, text) from error
        self._root = Path(path)
        self.is_folder = stat.S_ISDIR(mode)
        if not (self.is_folder or stat.S_ISREG(mode)):
            raise BadFile(path, None, "this is neither a folder nor a regular file")
        if not self.is_folder and zipfile.is_zipfile(path):
            self._zip = _opened(path)
        self.names: tuple[str, ...] = tuple(sorted(self._listed()))

    @property
    def is_single(self) -> bool:
        """Whether it is one file, no folder and no zip."""
        return not self.is_folder and self._zip is None

    def __enter__(self) -> Container:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def ending(self, *suffixes: str) -> tuple[str, ...]:
        """The members whose names end so, whatever the case, by name."""
        return tuple(name for name in self.names if name.lower().endswith(suffixes))

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A member's bytes, unpacked. Raises BadFile for one that there is none of, or that is damaged."""
        try:
            with self._raw(name) as raw:
                yield _Limited(raw, lambda text: self._bad(name, text))  # type: ignore[misc]  # as much of IO as is used
        except (
            OSError,
            EOFError,
            KeyError,
            zlib.error,
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
        ) as error:
            if isinstance(error, FileNotFoundError | KeyError):
                raise self._bad(name, "it is not there") from error
            raise self._bad(name, f"can't be read: {error}") from error

    def read(self, name: str, most: int = MAX_JSON) -> bytes:
        """All of a member's bytes. Raises BadFile, also for more than `most`."""
        with self.open(name) as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise self._bad(name, f"it has more than {most >> 20} MiB")
        return data

    def head(self, name: str) -> bytes:
        """The first bytes of a member."""
        with self.open(name) as file:
            return file.read(HEAD)

    @contextmanager
    def text(self, name: str) -> Iterator[Member]:
        """A member as one reads JSON from it."""
        with self.open(name) as file:
            head = file.read(HEAD)
            yield Member(self.path if self.is_single else f"{self.path}, {name}", head, file)

    def copy(self, name: str, into: IO[bytes]) -> None:
        """Write all of a member's bytes into a file."""
        with self.open(name) as file:
            while block := file.read(BLOCK):
                into.write(block)

    def fingerprint(self) -> tuple[str, int]:
        """SHA-256 (hex) and size of the file; of a folder: of the names, sizes and hashes of its members."""
        digest, size = hashlib.sha256(), 0
        if not self.is_folder:
            with self._root.open("rb") as file:
                while block := file.read(BLOCK):
                    digest.update(block)
                    size += len(block)
            return digest.hexdigest(), size
        for name in self.names:
            inner = hashlib.sha256()
            with self.open(name) as member:
                while block := member.read(BLOCK):
                    inner.update(block)
                    size += len(block)
            digest.update(f"{inner.hexdigest()}  {name}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest(), size

    def _listed(self) -> Iterator[str]:
        if self.is_single:
            yield self._root.name
            return
        found = _walked(self._root) if self._zip is None else (info.filename for info in self._zip.infolist())
        seen: set[str] = set()
        for count, name in enumerate(found, 1):
            if count > MAX_MEMBERS:
                raise BadFile(self.path, None, f"it has more than {MAX_MEMBERS:,} members")
            if name.endswith("/"):
                continue
            self._check_name(name)
            if name in seen:
                raise self._bad(name, "it stands in the archive twice")
            seen.add(name)
            yield name

    def _check_name(self, name: str) -> None:
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or "\\" in name or "\0" in name or len(parts) > MAX_DEPTH:
            raise self._bad(name, "that is no name of a file inside of an export")

    @contextmanager
    def _raw(self, name: str) -> Iterator[IO[bytes]]:
        if self._zip is not None:
            info = self._zip.getinfo(name)
            if info.file_size > MAX_MEMBER:
                raise self._bad(name, f"it has {info.file_size:,} bytes, more than can be read")
            if info.file_size > 1 << 20 and info.file_size > MAX_RATIO * max(info.compress_size, 1):
                raise self._bad(name, f"it unpacks to {info.file_size // max(info.compress_size, 1):,} times its size")
            with self._zip.open(info) as member:
                yield member
            return
        path = self._root if self.is_single else self._root / name
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b" and self.is_single
            file.seek(0)
            if not packed:
                yield file
                return
            with gzip.open(file) as unpacked:
                yield unpacked  # type: ignore[misc]  # as much of IO as is used

    def _bad(self, name: str, text: str) -> BadFile:
        return BadFile(self.path, None, text if self.is_single else f"{quoted(name)} in it: {text}")


@dataclass(frozen=True)
class Member:
    """A member that is read from its beginning: its name in errors, its first bytes, and the rest of it."""

    path: str
    head: bytes
    rest: IO[bytes]

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces."""
        yield self.head
        while block := self.rest.read(BLOCK):
            yield block


class _Limited:
    """Reads no more than MAX_MEMBER bytes: what a zip says of its sizes need not be true."""

    def __init__(self, raw: IO[bytes], bad: Callable[[str], BadFile]) -> None:
        self._raw = raw
        self._bad = bad
        self._left = MAX_MEMBER

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._raw.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise self._bad("it has more bytes than can be read")
        return data

    def __iter__(self) -> Iterator[bytes]:
        for line in self._raw:
            self._left -= len(line)
            if self._left < 0:
                raise self._bad("it has more bytes than can be read")
            yield line


def _opened(path: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise BadFile(path, None, f"the zip is damaged ({error}); fetch it again") from error


def _walked(root: Path) -> Iterator[str]:
    """Files below a folder, links left out: they may lead anywhere."""
    for folder, folders, files in os.walk(root, followlinks=False):
        folders.sort()
        for name in sorted(files):
            path = Path(folder) / name
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(root).as_posix()
