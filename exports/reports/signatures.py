"""Signatures under earlier reports of the project, as the log states them at the report's size."""

from __future__ import annotations

import json
from typing import Any

from audit.log.envelope import unseal
from audit.models import Event
from exports.reports import facts
from exports.reports.names import Names
from exports.reports.subject import Subject, contents_of_type
from exports.reports.words import line


def signatures(subject: Subject, names: Names) -> tuple[facts.Signature, ...]:
    """Every signature whose event is before the report's size, the first one first."""
    times = dict(
        Event.objects.filter(log=subject.log, type="report.signed", id__lt=subject.before).values_list(
            "id", "occurred_at"
        )
    )
    found = []
    for index, envelope, content in contents_of_type(subject, "report.signed"):
        said: dict[str, Any] = json.loads(content) if content is not None else {}
        signer = unseal(envelope).actor
        files = said.get("files") or [{}]
        found.append(
            facts.Signature(
                index=index,
                signed=times[subject.log.event_id(index)],
                who=names.who(signer) if signer else None,
                meaning=said.get("meaning"),
                report=said.get("report"),
                of=line(said["of"], 60) if said.get("of") else None,
                as_of=said.get("as_of"),
                sha256=files[0].get("sha256"),
            )
        )
    return tuple(sorted(found, key=lambda one: one.index))
