"""A file's events on their way into a log: kept in the database until the whole file is known to be good.

The table is a temporary one of a connection of its own. It needs no memory of ours, it is not written to the
write-ahead log, and whatever ends the connection (an error, a crash, kill -9) takes the table and the locks with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import blake2b, sha256
from types import TracebackType

import msgspec
import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from msgspec.structs import replace

from audit.sources.base import PersonRef
from audit.sources.files import BadFile, FileEvent, person

PAGE = 2_000
_TABLE = """
CREATE TEMPORARY TABLE staged (
    task text COLLATE "C" NOT NULL, seq bigint NOT NULL, instant timestamptz, source_key text COLLATE "C",
    digest bigint, actor text COLLATE "C", assignee text COLLATE "C", strings text[], payload bytea NOT NULL
)
"""
_COPY = """
COPY staged (task, seq, instant, source_key, digest, actor, assignee, strings, payload) FROM STDIN (FORMAT BINARY)
"""
_TYPES = ("text", "int8", "timestamptz", "text", "int8", "text", "text", "text[]", "bytea")
_PEOPLE = """
CREATE TEMPORARY TABLE staged_people AS
    SELECT actor AS id FROM staged WHERE actor IS NOT NULL UNION SELECT assignee FROM staged WHERE assignee IS NOT NULL
"""
_CLASH = """
SELECT task, source_key FROM staged WHERE source_key IS NOT NULL
GROUP BY task, source_key HAVING min(digest) <> max(digest) LIMIT 1
"""
_CLASHING = """
SELECT DISTINCT ON (digest) payload FROM staged WHERE task = %s AND source_key = %s ORDER BY digest, seq LIMIT 2
"""
# The project first, then task by task as they appear in the file; within a task by time, then what has none.
_READ = """
SELECT s.payload, CASE WHEN s.strings IS NOT NULL THEN
    ARRAY(SELECT p.id FROM staged_people p WHERE p.id = ANY(s.strings) ORDER BY p.id) END
FROM staged s JOIN (SELECT task, min(seq) AS first FROM staged GROUP BY task) f ON f.task = s.task
ORDER BY s.task <> '', f.first, s.instant NULLS LAST, s.seq
"""


class Staging:
    """Holds one file's events. `hold` a name to be the only one who loads into it, `fill`, then `read`."""

    def __init__(self) -> None:
        self._wrapper: BaseDatabaseWrapper = connections["default"].copy()

    def __enter__(self) -> Staging:
        self._wrapper.ensure_connection()
        self._connection: psycopg.Connection = self._wrapper.connection
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The server lets go of a closed connection's locks in its own time: the next load would be refused until then.
        with suppress(psycopg.Error):
            self._connection.execute("SELECT pg_advisory_unlock_all()")
        self._wrapper.close()

    def hold(self, name: str) -> bool:
        """Whether nobody else holds `name`; held until the end of the connection."""
        key = int.from_bytes(sha256(f"labeltrail/load\0{name}".encode()).digest()[:8], signed=True)
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()
        return bool(row and row[0])

    def fill(self, path: str, events: Iterable[FileEvent]) -> None:
        """Take all events of the file. Two different events with one id in a task are a BadFile, unless `again`."""
        encode = msgspec.msgpack.Encoder().encode
        self._connection.execute(_TABLE)
        with self._connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for seq, found in enumerate(events):
                event = found.event
                copy.write_row(
                    (
                        event.task or "",
                        seq,
                        event.instant,
                        event.source_key,
                        _digest(event.content) if event.source_key is not None and not found.again else None,
                        _column(event.actor),
                        _column(event.assignee),
                        list(found.strings) if found.strings is not None else None,
                        encode(found),
                    )
                )
        for statement in (_PEOPLE, "CREATE INDEX ON staged_people (id)", "ANALYZE staged", "ANALYZE staged_people"):
            self._connection.execute(statement)
        self._refuse_clashes(path)

    def read(self) -> Iterator[FileEvent]:
        """The events, those of each task in one row, with the people that their payloads name."""
        decode = msgspec.msgpack.Decoder(FileEvent).decode
        with self._connection.transaction(), self._connection.cursor(name="staged", binary=True) as cursor:
            cursor.itersize = PAGE
            cursor.execute(_READ)
            for payload, people in cursor:
                found = decode(payload)
                if people:
                    named = replace(found.event, people=tuple(person(value) for value in people))
                    found = msgspec.structs.replace(found, event=named)
                yield found

    def _refuse_clashes(self, path: str) -> None:
        clash = self._connection.execute(_CLASH).fetchone()
        if clash is None:
            return
        rows = self._connection.execute(_CLASHING, clash).fetchall()
        decode = msgspec.msgpack.Decoder(FileEvent).decode
        first, second = sorted(decode(payload).line for (payload,) in rows)
        raise BadFile(
            path,
            second,
            f'this event has the id "{clash[1]}" of another event of the task "{clash[0]}" on line {first}. If that '
            "column does not tell events apart, name another with --column id=NAME, or none with --column id=",
        )


def _column(someone: PersonRef | None) -> str | None:
    return someone.external_id.replace("\0", "\ufffd") if someone else None


def _digest(content: bytes | None) -> int:
    return int.from_bytes(blake2b(content or b"", digest_size=8).digest(), signed=True)
