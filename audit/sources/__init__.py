"""The kinds of sources, and how each one's payloads are read back. A new kind is one line in `READINGS`."""

from __future__ import annotations

from audit.sources.base import Reading
from audit.sources.files.reading import FilesReading
from audit.sources.redbrick.reading import RedBrickReading

# What the service says of its own use is in the form of files.
READINGS: dict[str, Reading] = {"file": FilesReading(), "redbrick": RedBrickReading(), "service": FilesReading()}


def reading(kind: str) -> Reading:
    """How a source of this kind (`Source.kind`) reads its payloads. Raises LookupError for an unknown one."""
    try:
        return READINGS[kind]
    except KeyError:
        raise LookupError(f'there is no source kind "{kind}"; kinds: {", ".join(READINGS)}') from None
