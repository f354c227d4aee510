"""Tables in a temporary file, on disk but for a few MiB: what belongs together and does not come together."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

CHUNK = 500
"""Rows that are written or read at a time: no more of them are in memory."""


class TemporaryTables:
    """Tables that go with this object. May be asked by several threads, one at a time."""

    def __init__(self, *statements: str) -> None:
        self._lock = threading.Lock()
        self._base = sqlite3.connect("", check_same_thread=False, isolation_level=None)  # "": a file without a name.
        self.do("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", *statements)

    def close(self) -> None:
        """Forget all."""
        with self._lock:
            self._base.close()

    def do(self, *statements: str) -> None:
        """Statements one after the other, none of anybody else between them."""
        with self._lock:
            for statement in statements:
                self._base.execute(statement)

    def rows(self, query: str, *given: object) -> list[Any]:
        """All rows of the answer."""
        with self._lock:
            return self._base.execute(query, given).fetchall()

    def each(self, query: str, *given: object) -> Iterator[Any]:
        """The rows of the answer one by one. Nothing is to be changed meanwhile."""
        with self._lock:
            found = self._base.execute(query, given)
        try:
            while chunk := self._next(found):
                yield from chunk
        finally:
            with self._lock:
                found.close()

    def _next(self, found: sqlite3.Cursor) -> list[Any]:
        with self._lock:
            return found.fetchmany(CHUNK)

    def change(self, statement: str, *given: object) -> int:
        """Do one statement; how many rows that changed."""
        with self._lock:
            return self._base.execute(statement, given).rowcount

    def changed(self, statement: str, rows: Iterable[tuple[object, ...]]) -> int:
        """Do the statement with each of these, as they come; how many rows of the table that changed."""
        source, count = iter(rows), 0
        while chunk := list(islice(source, CHUNK)):
            with self._lock:
                before = self._base.total_changes
                self._base.execute("BEGIN")
                self._base.executemany(statement, chunk)
                self._base.execute("COMMIT")
                count += self._base.total_changes - before
        return count
