"""COPYs that go on while the caller makes the next rows: neither we nor the server waits for the other.

psycopg's own copy waits for the server at each end. Here libpq's asynchronous calls are used, in the way of
https://www.postgresql.org/docs/current/libpq-async.html. No other statement may be sent on the connection meanwhile.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from types import TracebackType
from typing import Any

from django.db import connection
from psycopg import OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from audit.log import rows

ENOUGH = 500
"""Rows for which a statement is worth while."""
MESSAGE = 1 << 16
"""Bytes of one message to the server."""


class Copies:
    """Packed rows on their way into tables, on Django's connection, within its transaction.

    `with Copies() as copies:` gives two calls: `copies.into(statement)` returns what takes that statement's rows, and
    `copies.go_on()` keeps the server at work when it is called every millisecond or so. A row that the server refuses
    raises Django's database error, at the latest at the end of the block; an error in the block ends what is under way.
    """

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT")  # psycopg begins a transaction with the first statement of its own.
        self._pg: PGconn = connection.connection.pgconn
        self._waiting: dict[str, list[bytes]] = {}
        self._statement: str | None = None
        self._busy = False

    def __enter__(self) -> Copies:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._guarded(self._finish)
        finally:
            self._abandon()

    def into(self, statement: str) -> Callable[[bytes], None]:
        """Takes rows for `statement`, a COPY ... FROM STDIN (FORMAT BINARY)."""
        return self._waiting.setdefault(statement, []).append

    def go_on(self) -> None:
        """Take every step that is possible without waiting."""
        self._guarded(self._advance)

    def _guarded(self, step: Callable[[], None]) -> None:
        wrapper: Any = connection.wrap_database_errors
        with wrapper:
            step()

    def _advance(self, enough: int = ENOUGH) -> None:
        if self._busy:
            self._pg.flush()
            self._pg.consume_input()
            while self._busy and not self._pg.is_busy():
                self._take(self._pg.get_result())
        if not self._busy:
            self._begin(enough)

    def _begin(self, enough: int) -> None:
        """Send the statement of which most rows wait."""
        statement = max(self._waiting, key=lambda name: len(self._waiting[name]), default=None)
        if statement is None or len(self._waiting[statement]) < enough:
            return
        self._statement, self._busy = statement, True
        self._pg.send_query(statement.encode())
        self._pg.flush()

    def _take(self, result: PGresult | None) -> None:
        """The next of a statement's results: ready for rows, done, and None behind the last."""
        if result is None:
            self._busy, self._statement = False, None
        elif result.status == ExecStatus.COPY_IN and self._statement is not None:
            packed = self._waiting[self._statement]
            data = b"".join((rows.HEADER, *packed, rows.TRAILER))
            packed.clear()
            # The server begins with what came completely: one large message would leave it idle until its end.
            for start in range(0, len(data), MESSAGE):
                self._pg.put_copy_data(data[start : start + MESSAGE])
            self._pg.put_copy_end()
            self._pg.flush()
        elif result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)

    def _finish(self) -> None:
        while self._busy or any(self._waiting.values()):
            self._advance(enough=1)
            if self._busy and self._pg.is_busy():
                self._wait()

    def _wait(self) -> None:
        """Until the server says something, or takes more of what we have for it."""
        poll = select.poll()
        poll.register(self._pg.socket, select.POLLIN | (select.POLLOUT if self._pg.flush() else 0))
        poll.poll()

    def _abandon(self) -> None:
        """Nothing is under way any more: after a failure the connection is fit for a rollback."""
        self._waiting = {}
        try:
            while self._busy:
                result = self._pg.get_result()
                if result is None:
                    self._busy = False
                elif result.status == ExecStatus.COPY_IN:
                    self._pg.put_copy_end(b"abandoned")
        except OperationalError:  # The connection is gone, and says so to the next who uses it.
            self._busy = False
