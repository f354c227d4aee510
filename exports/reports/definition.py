"""What a report was asked to contain, as resolved: canonical JSON, whose hash names the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal, cast

from exports.archive.manifest import program_version
from exports.options import Asked
from exports.reports.facts import Finding
from exports.reports.gather import MAX_ROWS
from exports.reports.listing import VOLUME_ROWS
from exports.reports.subject import Subject
from exportsite import canonical

VERSION = 1
TEMPLATE = 5
"""Raised with every change that prints the same facts differently."""
Paper = Literal["a4", "letter"]


@dataclass(frozen=True, slots=True)
class Options:
    """What may be asked of a report besides its subject. `filters` are an export's, as they came."""

    redact: bool = False
    paper: Paper = "a4"
    filters: Asked = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Definition:
    """The definition's bytes and what they say."""

    data: bytes
    values: dict[str, canonical.Value]

    @property
    def sha256(self) -> str:
        """The hash of the bytes, lower-case hex."""
        return sha256(self.data).hexdigest()


def define(subject: Subject, options: Options, rules: tuple[Finding, ...]) -> Definition:
    """The definition of a report."""
    values: dict[str, canonical.Value] = {
        "as_of": subject.as_of,
        "filters": cast("canonical.Value", dict(subject.filters)),
        "kind": "project" if subject.task is None else "task",
        "language": "en",
        "log": subject.log.origin,
        "paper": options.paper,
        "program": f"Labeltrail {program_version()}",
        "project": subject.project.external_id,
        "redaction": "names, texts and payloads" if options.redact else "none",
        "rows": MAX_ROWS,
        "rules": {rule.rule: rule.version for rule in rules},
        "task": subject.task.external_id if subject.task else None,
        "template": TEMPLATE,
        "version": VERSION,
        "volume_rows": VOLUME_ROWS,
    }
    return Definition(canonical.dumps(values), values)
