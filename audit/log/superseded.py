"""Conclusions that count no more, since the source tells itself what happened: an event of the log says so of each.

The concluded event stays where it is, and is shown as superseded. It is no fact any more: figures, reports and exports
leave it out, those of an earlier state of the log excepted. Only a derived event of the same task can be superseded,
by one that comes after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from django.db import connection

from audit.models import Log
from audit.models.log import INDEX_BITS

DERIVED = b',"derived":true,"log":'
"""Canonical JSON escapes the quotes inside of strings: these bytes stand in an envelope only where they mean it."""
SUPERSEDED = "event.superseded"
"""The type of the events that say so."""


class Replaced(msgspec.Struct):
    """The payload of such an event: which one is superseded, and the source key of the one that tells it now."""

    event: Annotated[int, msgspec.Meta(ge=0, lt=1 << INDEX_BITS)]
    n: int
    type: str
    source_key: str
    by: str


def index_of(content: bytes) -> int:
    """The index of the superseded event. Raises ValueError (msgspec's errors are ones)."""
    return msgspec.json.decode(content, type=Replaced).event


def write(log: Log, rows: Sequence[tuple[int, int, int]]) -> None:
    """Announce (index of the superseded event, index of the event that says so, task's id) each; the first counts."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_superseded (event_id, from_index) "
            "SELECT e.id, min(t.by) FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS t (index, by, task_id) "
            "JOIN audit_event e ON e.id = %s + t.index AND e.task_id = t.task_id AND t.index < t.by "
            "AND position(%s::bytea IN e.envelope) > 0 GROUP BY e.id ON CONFLICT (event_id) DO NOTHING",
            [*(list(column) for column in zip(*rows, strict=True)), log.event_id(0), DERIVED],
        )


def has_any(log: Log, before: int | None = None) -> bool:
    """Whether the log has superseded events, or had when it had `before` events: most have none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM audit_superseded WHERE event_id >= %s AND event_id < %s AND from_index < %s)",
            [log.event_id(0), log.event_id(1 << INDEX_BITS), 1 << INDEX_BITS if before is None else before],
        )
        (found,) = cursor.fetchone() or (False,)
    return bool(found)
