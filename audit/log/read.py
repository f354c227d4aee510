"""Reading a log from end to end without holding it: server-side cursors over the events and what they disclose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from audit.models import Log

CHUNK = 5_000
READ_TYPES = ("task.created", "task.updated", "time.recorded", "time.revised")
"""Types whose content the fold of a task reads."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A row of `audit_event`; `content` only where it was asked for and is not erased."""

    id: int
    task_id: int | None
    n: int
    type: str
    source_type: str
    occurred_at: datetime
    stage: str
    actor_id: int | None
    late: bool
    envelope: bytes
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class StoredDisclosure:
    """A row of `audit_disclosure`."""

    event_id: int
    group: str
    salt: bytes
    data: bytes


@contextmanager
def snapshot() -> Iterator[None]:
    """One unchanging view of the database for several long reads. Within another transaction, that one's view."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


_EVENT = "e.id, e.task_id, e.n, e.type, e.source_type, e.occurred_at, e.stage, e.actor_id, e.late, e.envelope"


def _stream(sql: str, parameters: list[object]) -> Iterator[tuple[object, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while batch := cursor.fetchmany(CHUNK):
            yield from batch


def events(log: Log, start: int, end: int) -> Iterator[StoredEvent]:
    """The events of index `start` to `end` (exclusive), by index."""
    sql = f"SELECT {_EVENT} FROM audit_event e WHERE e.id >= %s AND e.id < %s ORDER BY e.id"  # noqa: S608
    for row in _stream(sql, [log.event_id(start), log.event_id(end)]):
        yield StoredEvent(*row)  # type: ignore[arg-type]


def trails(log: Log, end: int) -> Iterator[StoredEvent]:
    """The events of index 0 to `end`, task after task, each by n, with the content that a task's fold reads."""
    sql = f"""
        SELECT {_EVENT}, d.data FROM audit_event e
        LEFT JOIN audit_disclosure d ON d.event_id = e.id AND d.grp = 'content' AND e.type = ANY(%s)
        WHERE e.id >= %s AND e.id < %s ORDER BY e.task_id, e.n, e.id
    """  # noqa: S608
    for row in _stream(sql, [list(READ_TYPES), log.event_id(0), log.event_id(end)]):
        yield StoredEvent(*row)  # type: ignore[arg-type]


def disclosures(log: Log, start: int, end: int) -> Iterator[StoredDisclosure]:
    """What the events of index `start` to `end` disclose, by index, then group."""
    sql = (
        "SELECT event_id, grp, salt, data FROM audit_disclosure WHERE event_id >= %s AND event_id < %s "
        "ORDER BY event_id, grp"
    )
    for row in _stream(sql, [log.event_id(start), log.event_id(end)]):
        yield StoredDisclosure(*row)  # type: ignore[arg-type]
