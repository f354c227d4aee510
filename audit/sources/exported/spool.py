"""Items of a large file that belong together but do not stand together, joined on the disk."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

ROWS = 500


class Spool:
    """Owners in the order in which they came, each with the items that name it; memory does not grow with them.

    The file goes when the object does. Not for several threads.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="labeltrail-spool-")
        # A page of tasks may be made by another thread than the one that filled the spool, one after the other.
        self._database = sqlite3.connect(Path(self._folder.name) / "spool.db", check_same_thread=False)
        self._database.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE owner (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, data BLOB NOT NULL);"
            "CREATE TABLE item (seq INTEGER PRIMARY KEY, owner TEXT NOT NULL, data BLOB NOT NULL);"
        )

    def own(self, id_: str, data: bytes) -> bool:
        """Add an owner; whether it is the first of this id."""
        found = self._database.execute("INSERT OR IGNORE INTO owner (id, data) VALUES (?, ?)", (id_, data))
        return found.rowcount == 1

    def add(self, owner: str, data: bytes) -> None:
        """Add an item; its owner may come later."""
        self._database.execute("INSERT INTO item (owner, data) VALUES (?, ?)", (owner, data))

    def settle(self) -> str | None:
        """Everything is there: the id of an owner that items name and that never came; None when there is none."""
        self._database.execute("CREATE INDEX of_owner ON item (owner, seq)")
        stray = "SELECT owner FROM item WHERE owner NOT IN (SELECT id FROM owner) LIMIT 1"
        row = self._database.execute(stray).fetchone()
        return None if row is None else str(row[0])

    def joined(self) -> Iterator[tuple[str, bytes, list[bytes]]]:
        """Each owner with its items, in their order."""
        at = 0
        while True:
            query = "SELECT seq, id, data FROM owner WHERE seq > ? ORDER BY seq LIMIT ?"
            owners = self._database.execute(query, (at, ROWS)).fetchall()
            if not owners:
                return
            for seq, id_, data in owners:
                items = self._database.execute("SELECT data FROM item WHERE owner = ? ORDER BY seq", (id_,))
                with closing(items):
                    yield id_, data, [row[0] for row in items]
                at = seq

    def close(self) -> None:
        """Remove the file."""
        self._database.close()
        self._folder.cleanup()
