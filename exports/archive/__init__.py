"""What every export is packed into: files, what they show of the log, and what it takes to check them."""

from exports.archive.build import VERIFIER, Archive, Disclosed, Entry, Last, Record, Skipped, Target
from exports.archive.manifest import About, AuditMode, Counts

__all__ = [
    "VERIFIER",
    "About",
    "Archive",
    "AuditMode",
    "Counts",
    "Disclosed",
    "Entry",
    "Last",
    "Record",
    "Skipped",
    "Target",
]
