"""Kili's own record of events, by asset: it is told for the whole project in order of time, and needed task by task.

It is kept in a temporary database, on disk but for a few MiB, so that memory does not grow with the project.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing

from audit.sources.kili.catalogue import DELETED, DESTROYED
from audit.sources.kili.events import named

_TABLES = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "CREATE TABLE event (n INTEGER PRIMARY KEY, id TEXT UNIQUE, kind TEXT, asset TEXT, raw BLOB)",
    "CREATE INDEX of_asset ON event (asset, n)",
    "CREATE TABLE listed (asset TEXT PRIMARY KEY) WITHOUT ROWID",
)
_UNLISTED = (
    "SELECT DISTINCT asset FROM event WHERE asset > ? AND asset NOT IN (SELECT asset FROM listed) "
    "AND (? OR asset NOT IN (SELECT asset FROM event WHERE kind IN (?, ?) AND asset IS NOT NULL)) "
    "ORDER BY asset LIMIT ?"
)


class Spool:
    """Events of assets, and which assets were listed. May be asked by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._base = sqlite3.connect("", check_same_thread=False, isolation_level=None)  # "": a file without a name.
        for statement in _TABLES:
            self._base.execute(statement)

    def close(self) -> None:
        """Forget all."""
        with self._lock:
            self._base.close()

    def add(self, rows: Iterable[bytes]) -> int:
        """Take note of events, in their order; how many of them are new."""
        found = [(*named(raw), raw) for raw in rows]
        with self._lock:
            before = self._base.total_changes
            self._base.execute("BEGIN")
            self._base.executemany("INSERT OR IGNORE INTO event (id, kind, asset, raw) VALUES (?, ?, ?, ?)", found)
            self._base.execute("COMMIT")
            return self._base.total_changes - before

    def of(self, asset: str) -> list[bytes]:
        """The events of one asset, in their order."""
        with self._lock, closing(self._base.execute("SELECT raw FROM event WHERE asset = ? ORDER BY n", [asset])) as it:
            return [bytes(raw) for (raw,) in it]

    def of_no_asset(self, size: int) -> Iterator[list[bytes]]:
        """The events that are about no asset, in their order, so many at a time."""
        last = 0
        query = "SELECT n, raw FROM event WHERE asset IS NULL AND n > ? ORDER BY n LIMIT ?"
        while True:
            with self._lock:
                rows = self._base.execute(query, [last, size]).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield [bytes(raw) for _, raw in rows]

    def last(self) -> tuple[int, str] | None:
        """How many events there are, and the id of the newest."""
        with self._lock:
            row = self._base.execute("SELECT count(*), max(n) FROM event").fetchone()
            if not row[0]:
                return None
            newest = self._base.execute("SELECT id FROM event WHERE n = ?", [row[1]]).fetchone()
        return int(row[0]), str(newest[0])

    def forget(self) -> None:
        """Begin anew: no events, nothing listed."""
        with self._lock:
            self._base.execute("DELETE FROM event")
            self._base.execute("DELETE FROM listed")

    def came(self, assets: Iterable[str]) -> list[str]:
        """Take note that these assets are there; those that came for the first time."""
        with self._lock:
            return [
                asset
                for asset in dict.fromkeys(assets)
                if self._base.execute("INSERT OR IGNORE INTO listed VALUES (?)", [asset]).rowcount
            ]

    def unlist(self) -> None:
        """A listing begins: nothing came yet."""
        with self._lock:
            self._base.execute("DELETE FROM listed")

    def unlisted(self, size: int, *, deleted: bool = True) -> Iterator[list[str]]:
        """The assets that events name and that did not come, so many at a time; also those that an event says were
        `deleted`."""
        last = ""
        while True:
            with self._lock:
                rows = self._base.execute(_UNLISTED, [last, deleted, DELETED, DESTROYED, size]).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield [asset for (asset,) in rows]
