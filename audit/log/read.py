"""Reading a log from end to end without holding it: server-side cursors over the events and what they disclose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from psycopg import DataError
from psycopg.postgres import types
from psycopg.pq import Format
from psycopg.types.datetime import TimestamptzLoader

from audit.log.fold import LABEL_TYPES
from audit.log.superseded import SUPERSEDED
from audit.models import Log

CHUNK = 5_000
READ_TYPES = ("task.created", "task.updated", "time.recorded", "time.revised", SUPERSEDED, *LABEL_TYPES)
"""Types whose content what is made of a task's events depends on."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A row of `audit_event`; `content` only where it was asked for and is not erased.

    Of a filtered report, events that are not `selected` come for the state of their task only. `superseded` ones are
    conclusions that the source tells itself by then.
    """

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
    selected: bool = True
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class StoredDisclosure:
    """A row of `audit_disclosure`."""

    event_id: int
    group: str
    salt: bytes
    data: bytes
    key_id: str | None = None


@contextmanager
def snapshot() -> Iterator[None]:
    """One unchanging view of the database for several long reads, in which no time is too absurd to be read.

    Within another transaction it is that one's view.
    """
    with any_time():
        if connection.in_atomic_block:
            yield
            return
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


class _AnyTime(TimestamptzLoader):
    """Loads times beyond Python's years (infinity, before Christ) as one that has no zone, and so equals none."""

    timezone = UTC  # What Django looks at to see that its loader is in place.

    def load(self, data: bytes | bytearray | memoryview) -> datetime:
        try:
            return super().load(data)
        except DataError:
            return datetime.max  # Without a zone on purpose.


@contextmanager
def any_time() -> Iterator[None]:
    """Within the block reading a row never fails because of a time in it; see _AnyTime."""
    connection.ensure_connection()
    adapters = connection.connection.adapters
    usual = adapters.get_loader(types["timestamptz"].oid, Format.TEXT)
    adapters.register_loader("timestamptz", _AnyTime)
    try:
        yield
    finally:
        adapters.register_loader("timestamptz", usual)


_EVENT = "e.id, e.task_id, e.n, e.type, e.source_type, e.occurred_at, e.stage, e.actor_id, e.late, e.envelope"


def _stream(sql: str, parameters: list[Any]) -> Iterator[tuple[object, ...]]:
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
        SELECT {_EVENT}, d.data, TRUE, s.event_id IS NOT NULL FROM audit_event e
        LEFT JOIN audit_disclosure d ON d.event_id = e.id AND d.grp = 'content' AND e.type = ANY(%s)
        LEFT JOIN audit_superseded s ON s.event_id = e.id AND s.from_index < %s
        WHERE e.id >= %s AND e.id < %s ORDER BY e.task_id, e.n, e.id
    """  # noqa: S608
    for row in _stream(sql, [list(READ_TYPES), end, log.event_id(0), log.event_id(end)]):
        yield StoredEvent(*row)  # type: ignore[arg-type]


def disclosures(log: Log, start: int, end: int) -> Iterator[StoredDisclosure]:
    """What the events of index `start` to `end` disclose, by index, then group."""
    sql = (
        "SELECT event_id, grp, salt, data, key_id FROM audit_disclosure WHERE event_id >= %s AND event_id < %s "
        "ORDER BY event_id, grp"
    )
    for row in _stream(sql, [log.event_id(start), log.event_id(end)]):
        yield StoredDisclosure(*row)  # type: ignore[arg-type]
