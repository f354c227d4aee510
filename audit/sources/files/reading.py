"""How the payloads of file events are read back. Pure functions of bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from audit.sources.base import ActiveSpan, ProjectDetails, Reading, TaskDetails
from audit.sources.files.times import instant, zone_named


class FilesReading(Reading):
    """Reads what this package concluded. A row of the file itself says nothing of the task but its event."""

    def task_details(self, content: bytes) -> TaskDetails:
        """The name in `{"name":…}` or `{"trace":[…],"name":…}`."""
        found = _object(content)
        return TaskDetails(_text(found.get("name"))) if found.keys() <= {"trace", "name"} else TaskDetails()

    def active_span(self, content: bytes) -> ActiveSpan:
        """`{"milliseconds":…,"started_at":…,"ended_at":…}`. Raises ValueError for what is none."""
        found = _object(content)
        milliseconds = found.get("milliseconds")
        if not isinstance(milliseconds, int):
            raise ValueError("the payload of an active time has no milliseconds")
        return ActiveSpan(milliseconds, _moment(found.get("started_at")), _moment(found.get("ended_at")))

    def project_details(self, content: bytes) -> ProjectDetails:
        """Name and zone of `{"name":…,"zone":…,"log":[…]}`."""
        found = _object(content)
        return ProjectDetails(name=_text(found.get("name")), zone=_text(found.get("zone")))

    def instant(self, occurred_at: str, zone: str) -> datetime:
        """The UTC instant of an ISO 8601 text; see audit.sources.files.times."""
        return instant(occurred_at, zone_named(zone))


def _object(content: bytes) -> dict[str, Any]:
    """The payload's object, empty when it is none: rows that orjson can't read (lone surrogates) conclude nothing."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _moment(value: object) -> datetime | None:
    return instant(value, None) if isinstance(value, str) else None
