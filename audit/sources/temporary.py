"""Tables in a temporary file, on disk but for a few MiB: what is told of a whole project and needed task by task."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from typing import Any


class TemporaryTables:
    """Tables that go with this object. May be asked by several threads, one at a time."""

    def __init__(self, *tables: str) -> None:
        self._lock = threading.Lock()
        self._base = sqlite3.connect("", check_same_thread=False, isolation_level=None)  # "": a file without a name.
        self.do("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", *tables)

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

    def changed(self, statement: str, rows: Iterable[tuple[object, ...]]) -> int:
        """Do the statement with each of these; how many rows of the table that changed."""
        found = list(rows)
        with self._lock:
            before = self._base.total_changes
            self._base.execute("BEGIN")
            self._base.executemany(statement, found)
            self._base.execute("COMMIT")
            return self._base.total_changes - before
