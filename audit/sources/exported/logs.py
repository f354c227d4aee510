"""Event logs inside of a folder or zip: those that Labeltrail exports as archives, and any that is the only one."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from audit.sources.exported.container import Container
from audit.sources.files import BadFile, EventFile, FileOptions
from audit.sources.files.errors import listed

OURS = frozenset({"trail.json", "trail.ndjson", "trail.csv", "events.csv"})
"""What exports of the formats trail and csv have of events; what else is in them says the same or belongs to these."""
MANIFEST = "manifest.json"
"""What every archive of Labeltrail has; one without a member of OURS has no event log."""
_SUFFIXES = tuple(f"{suffix}{packed}" for suffix in (".xes", ".csv", ".ndjson", ".jsonl") for packed in ("", ".gz"))


def logs_in(container: Container) -> list[str]:
    """The members that are event logs by their names, of a folder or zip."""
    names = [name for name in container.names if not _of_a_system(name)]
    ours = [name for name in names if PurePosixPath(name).name in OURS]
    if ours or any(PurePosixPath(name).name == MANIFEST for name in names):
        return ours
    return [name for name in names if name.lower().endswith(_SUFFIXES)]


@contextmanager
def event_file(path: str, options: FileOptions) -> Iterator[EventFile]:
    """The event log that a file is, or that the zip or folder holds. Raises BadFile or BadOption, also while it is
    read."""
    if not _holds_files(path):
        with EventFile(path, options) as file:
            yield file
        return
    with Container(path) as container:
        found = logs_in(container)
        if len(found) != 1:
            several = f"there are {len(found)} event logs in it: {listed(found, 5)}; load one of them by itself"
            raise BadFile(path, None, several if found else "there is no event log (XES, CSV, NDJSON) in it")
        name = f"{Path(path)}, {PurePosixPath(found[0]).name}"
        with container.open(found[0]) as stream, EventFile(name, options, stream) as file:
            yield file


def _holds_files(path: str) -> bool:
    try:
        return os.path.isdir(path) or (os.path.isfile(path) and zipfile.is_zipfile(path))
    except ValueError:  # No file can have such a name, which is said by who opens it.
        return False


def _of_a_system(name: str) -> bool:
    """Whether the member is a note of some system beside a file, as macOS puts them into zips."""
    path = PurePosixPath(name)
    return "__MACOSX" in path.parts or path.name.startswith("._")
