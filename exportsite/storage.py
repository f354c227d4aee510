"""Files that are kept for good, by what they hold: the same bytes are one file, and a name never means other bytes."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

BLOCK = 1 << 18
_NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Stored:
    """A file by its SHA-256 (lower-case hex) and its size in bytes."""

    sha256: str
    size: int


class Store:
    """A folder of files. Several processes and machines may share it; a file is there whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, write: Callable[[IO[bytes]], object]) -> Stored:
        """Keep what `write` puts into the file that it gets. What it raises keeps nothing. Raises OSError."""
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w+b", dir=self.root, suffix=".part", delete=False) as file:
            try:
                write(file)
                file.flush()
                os.fsync(file.fileno())
                file.seek(0)
                stored = _measured(file)
                target = self.path(stored.sha256)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.fchmod(file.fileno(), 0o640)
                os.replace(file.name, target)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(file.name)
                raise
        return stored

    def open(self, name: str) -> IO[bytes]:
        """The file of this SHA-256. Raises FileNotFoundError, and ValueError for what is no SHA-256."""
        return self.path(name).open("rb")

    def path(self, name: str) -> Path:
        """Where the file of this SHA-256 is, or would be: two levels of folders, as many files in one are slow."""
        if not _NAME.fullmatch(name):
            raise ValueError("a kept file is named by its SHA-256: 64 hexadecimal digits")
        return self.root / name[:2] / name[2:4] / name

    def problem(self, stored: Stored) -> str | None:
        """Why the file is not the one that was kept; None when it is."""
        try:
            with self.open(stored.sha256) as file:
                found = _measured(file)
        except FileNotFoundError:
            return f"the kept file {stored.sha256} is gone"
        except OSError as problem:
            return f"the kept file {stored.sha256} can't be read: {problem.strerror}"
        return None if found == stored else f"the kept file {stored.sha256} has other bytes than it had"


def _measured(file: IO[bytes]) -> Stored:
    digest, size = sha256(), 0
    while block := file.read(BLOCK):
        digest.update(block)
        size += len(block)
    return Stored(digest.hexdigest(), size)
