"""What an archive says of itself: manifest.json, the statement that is signed about it, and README.txt."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from django.conf import settings

from exportsite import canonical

AuditMode = Literal["all", "selection", "none"]
"""What of the log an archive holds: every entry, the selected ones with their proofs, or its checkpoint only."""

MODES: tuple[AuditMode, ...] = ("all", "selection", "none")

VERSION = 1


@cache
def program_version() -> str:
    """This program's version, as pyproject.toml has it."""
    return str(tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"])


@dataclass(frozen=True, slots=True)
class Counts:
    """Check values by kind (tasks, events, ...): what a query of its own expects, what was written, what skipped."""

    expected: Mapping[str, int]
    written: Mapping[str, int]
    skipped: Mapping[str, int] = field(default_factory=dict)

    def differences(self) -> list[str]:
        """What does not add up, in words; empty when every expected item was written or skipped by name."""
        kinds = {*self.expected, *self.written, *self.skipped}
        found = []
        for kind in sorted(kinds):
            expected = self.expected.get(kind, 0)
            written, skipped = self.written.get(kind, 0), self.skipped.get(kind, 0)
            if expected != written + skipped:
                found.append(f"{kind}: {expected:,} expected, {written:,} written, {skipped:,} skipped")
        return found


@dataclass(frozen=True, slots=True)
class About:
    """What an archive is of. All of it follows from as_of, format, parameters, filters and program version.

    `note` is the log's checkpoint at `as_of`, `root` its root in base64; `dated` is `received_at` of event as_of-1.
    `source` and `project` name the project by its source's kind and its external id, which never change.
    """

    format: str
    parameters: Mapping[str, object]
    filters: Mapping[str, object]
    source: str
    project: str
    origin: str
    key: str
    as_of: int
    root: str
    note: str
    dated: str


@dataclass(frozen=True, slots=True)
class Held:
    """What an archive holds besides: of the log, and how many files under which listing."""

    mode: AuditMode
    entries: int
    disclosures: int
    files: int
    listing_sha256: str


def manifest(about: About, counts: Counts, held: Held) -> bytes:
    """The bytes of manifest.json (docs/manifest.schema.json)."""
    return canonical.dumps(
        {
            "version": VERSION,
            "program": {"name": "labeltrail", "version": program_version()},
            "format": about.format,
            "parameters": {
                name: list(value) if isinstance(value, tuple) else value for name, value in about.parameters.items()
            },
            "filters": dict(about.filters),
            "project": {"source": about.source, "external_id": about.project},
            "origin": about.origin,
            "key": about.key,
            "as_of": about.as_of,
            "dated": about.dated,
            "checkpoint": {"size": about.as_of, "root": about.root},
            "counts": {
                "expected": dict(counts.expected),
                "written": dict(counts.written),
                "skipped": dict(counts.skipped),
            },
            "audit": {"mode": held.mode, "entries": held.entries, "disclosures": held.disclosures},
            "files": {"count": held.files, "sha256": held.listing_sha256},
        }
    )


def readme(about: About, counts: Counts, mode: AuditMode, names: list[str], *, beside: bool) -> str:
    """README.txt: what this is, its check values, and how to check it."""
    held = {
        "all": f"all {about.as_of:,} events of the log",
        "selection": "the selected events, each with a proof that it is in the log",
        "none": "the log's checkpoint, no events",
    }[mode]
    path, archive, put = "ARCHIVE.zip", "ARCHIVE.zip", "this archive's name for ARCHIVE.zip:"
    if beside:
        path, archive, put = "FILE", "FILE.proof.zip", "the exported file's name for FILE; .proof.zip stays as it is:"
    kinds = [
        f"  {kind:12}{expected:>12}{counts.written.get(kind, 0):>12}{counts.skipped.get(kind, 0):>12}"
        for kind, expected in sorted(counts.expected.items())
    ]
    names = [f"  {name:<16} {'beside this archive' if beside else 'the export itself'}" for name in names]
    return f"""\
WHAT THIS IS

An export of project {about.project!r} (source: {about.source}), written by Labeltrail {program_version()}
in the format {about.format!r}. It shows the first {about.as_of:,} events of the log
  {about.origin}
up to {about.dated}, when the last of them was received.

{chr(10).join(names)}
  errors.ndjson    what could not be written as it was, with the reason; empty when nothing was in the way
  audit/           {held}
  files.ndjson     every file with its length and SHA-256
  manifest.json    what was asked for, the check values, and the SHA-256 of files.ndjson
  manifest.note    the signature over manifest.json, by the log's key

CHECK VALUES

  {"":12}{"expected":>12}{"written":>12}{"skipped":>12}
{chr(10).join(kinds)}

HOW TO CHECK IT

It takes Python 3.8 or later, and no network. Put {put}

  python3 -m zipfile -e {archive} unpacked
  python3 -I unpacked/audit/verify.py {path}

This prints what was checked, and what that does not prove; exit code 0 means that all of it holds. More is proven
with verify.py from a Labeltrail release, and the key from someone you trust, if it is this one:

  python3 -I unpacked/audit/verify.py {path} --key '{about.key}'

If you kept an earlier archive or checkpoint of this log, add --earlier and its name: the log must still begin with
what was signed then. Times are UTC. docs/formats.md and docs/contracts.md of Labeltrail say what the files mean.
"""
