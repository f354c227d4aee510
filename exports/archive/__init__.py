"""What every export is packed into: files, what they show of the log, and what it takes to check them."""

from exports.archive.build import (
    VERIFIER,
    Archive,
    BadItem,
    Disclosed,
    Entry,
    Incomplete,
    Last,
    Record,
    Skipped,
    Target,
)
from exports.archive.bundle import Bundle, Part, folder_names
from exports.archive.manifest import MODES, About, AuditMode, Counts

__all__ = [
    "MODES",
    "VERIFIER",
    "About",
    "Archive",
    "AuditMode",
    "BadItem",
    "Bundle",
    "Counts",
    "Disclosed",
    "Entry",
    "Incomplete",
    "Last",
    "Part",
    "Record",
    "Skipped",
    "Target",
    "folder_names",
]
