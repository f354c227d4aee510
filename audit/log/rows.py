"""Rows of the log in PostgreSQL's binary COPY format, packed by hand: a row costs two microseconds this way.

https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format": per column a 32-bit length (-1: null) and the
value's bytes; integers big-endian; a timestamptz is microseconds since 2000-01-01 00:00 UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from struct import Struct

from audit.log.merkle import Tile

COPY_EVENTS = (
    "COPY audit_event (id, log_id, task_id, n, type, source_type, occurred_at, stage, actor_id, late, envelope) "
    "FROM STDIN (FORMAT BINARY)"
)
COPY_DISCLOSURES = "COPY audit_disclosure (event_id, grp, key_id, salt, data) FROM STDIN (FORMAT BINARY)"
COPY_TILES = "COPY audit_tile (log_id, level, index, hashes) FROM STDIN (FORMAT BINARY)"
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_NULL = b"\xff\xff\xff\xff"
_of_task = Struct(">hiqiqiqii").pack
_of_project = Struct(">hiqiq4sii").pack
_by_actor = Struct(">iqi?i").pack
_by_nobody = Struct(">4si?i").pack
_time = Struct(">iq").pack
_length = Struct(">i").pack
_disclosure_head = Struct(">hiq").pack
_tile_head = Struct(">hiqihiqi").pack


def microseconds(moment: datetime) -> int:
    """Microseconds since 2000-01-01 00:00 UTC, exactly."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


@lru_cache(maxsize=1024)
def text(value: str) -> bytes:
    """A text as a field. Kept for the few values that come again and again: stages."""
    data = value.encode()
    return _length(len(data)) + data


@lru_cache(maxsize=1024)
def names(type_: str, source_type: str) -> bytes:
    """The two fields that say what an event is."""
    return text(type_) + text(source_type)


def event_row(
    event_id: int,
    log_id: int,
    task_id: int | None,
    n: int,
    names: bytes,
    occurred_at: datetime,
    stage: bytes,
    actor_id: int | None,
    late: bool,
    envelope: bytes,
) -> bytes:
    """One row of `audit_event`, in the order of COPY_EVENTS. `names` and `stage` are fields already."""
    size = len(envelope)
    return b"".join(
        (
            _of_project(11, 8, event_id, 8, log_id, _NULL, 4, n)
            if task_id is None
            else _of_task(11, 8, event_id, 8, log_id, 8, task_id, 4, n),
            names,
            _time(8, microseconds(occurred_at)),
            stage,
            _by_nobody(_NULL, 1, late, size) if actor_id is None else _by_actor(8, actor_id, 1, late, size),
            envelope,
        )
    )


def disclosure_row(event_id: int, group: bytes, salt: bytes, data: bytes) -> bytes:
    """One row of `audit_disclosure`, unencrypted, in the order of COPY_DISCLOSURES."""
    return b"".join(
        (
            _disclosure_head(5, 8, event_id),
            _length(len(group)),
            group,
            _NULL,
            _length(len(salt)),
            salt,
            _length(len(data)),
            data,
        )
    )


def tile_row(log_id: int, tile: Tile) -> bytes:
    """One row of `audit_tile`, in the order of COPY_TILES."""
    return _tile_head(4, 8, log_id, 2, tile.level, 8, tile.index, len(tile.hashes)) + tile.hashes
