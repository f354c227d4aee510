"""Folders of work that is under way: gone with it, and with the next sweep where its process was killed.

A folder is locked as long as a process works in it; the lock goes with the process, however that ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "labeltrail-work-"
YOUNG = 60.0
"""Seconds for which a folder may be there without a lock: it was made just now."""


@contextmanager
def folder(within: Path | None = None) -> Iterator[Path]:
    """A new folder (`within` another one, else where temporary files are) that goes with the block."""
    sweep(within)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=within) as name, _open(Path(name)) as handle:
        with suppress(OSError):  # Of a file system without locks nobody takes one, and no folder is swept.
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield Path(name)


def sweep(within: Path | None = None) -> None:
    """Remove the folders that processes of this user left behind which were killed."""
    for path in Path(within or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError), _open(path) as handle:
            found = os.fstat(handle)
            if found.st_uid == os.geteuid() and found.st_mtime < time.time() - YOUNG:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)


@contextmanager
def _open(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield handle
    finally:
        os.close(handle)
