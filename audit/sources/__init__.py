"""The systems that facts come from: one package for each, named here."""

from audit.sources.base import Reading
from audit.sources.files.reading import FilesReading

_READINGS: dict[str, Reading] = {"file": FilesReading()}


def reading(kind: str) -> Reading:
    """How payloads of a source of this kind are read."""
    return _READINGS[kind]
