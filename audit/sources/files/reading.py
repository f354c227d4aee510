"""How file projects' payloads are read back (docs/contracts.md section 2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from audit.sources.base import ActiveSpan, ProjectDetails, Reading, TaskDetails
from audit.sources.files.times import instant, zone_named


class FilesReading(Reading):
    """Reads what the file loader wrote: task names, lengths of work, and a log's own name and zone."""

    def task_details(self, content: bytes) -> TaskDetails:
        name = _object(content).get("name")
        return TaskDetails(name=name if isinstance(name, str) else None)

    def active_span(self, content: bytes) -> ActiveSpan:
        span = _object(content)
        milliseconds = span.get("milliseconds")
        if not isinstance(milliseconds, int):
            raise ValueError("an active time without milliseconds")
        return ActiveSpan(milliseconds, _moment(span.get("started_at")), _moment(span.get("ended_at")))

    def project_details(self, content: bytes) -> ProjectDetails:
        details = _object(content)
        name, zone = details.get("name"), details.get("zone")
        return ProjectDetails(
            name=name if isinstance(name, str) else None, zone=zone if isinstance(zone, str) else None
        )

    def instant(self, occurred_at: str, zone: str) -> datetime:
        return instant(occurred_at, zone_named(zone))


def _object(content: bytes) -> dict[str, Any]:
    value = orjson.loads(content)
    return value if isinstance(value, dict) else {}


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
