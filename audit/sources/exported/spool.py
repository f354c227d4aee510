"""Items of a large file that belong together but do not stand together, joined on the disk."""

from __future__ import annotations

from collections.abc import Iterator

from exportsite.temporary import TemporaryTables

ROWS = 500


class Spool:
    """Owners in the order in which they came, each with the items that name it; memory does not grow with them."""

    def __init__(self) -> None:
        self._tables = TemporaryTables(
            "CREATE TABLE owner (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, data BLOB NOT NULL)",
            "CREATE TABLE item (seq INTEGER PRIMARY KEY, owner TEXT NOT NULL, data BLOB NOT NULL)",
            "BEGIN",  # One transaction for ever: each of its own would take five times as long.
        )

    def own(self, id_: str, data: bytes) -> bool:
        """Add an owner; whether it is the first of this id."""
        return self._tables.change("INSERT OR IGNORE INTO owner (id, data) VALUES (?, ?)", id_, data) == 1

    def add(self, owner: str, data: bytes) -> None:
        """Add an item; its owner may come later."""
        self._tables.change("INSERT INTO item (owner, data) VALUES (?, ?)", owner, data)

    def settle(self) -> str | None:
        """Everything is there: the id of an owner that items name and that never came; None when there is none."""
        self._tables.do("CREATE INDEX of_owner ON item (owner, seq)")
        strays = self._tables.rows("SELECT owner FROM item WHERE owner NOT IN (SELECT id FROM owner) LIMIT 1")
        return str(strays[0][0]) if strays else None

    def joined(self) -> Iterator[tuple[str, bytes, list[bytes]]]:
        """Each owner with its items, in their order."""
        at = 0
        query = "SELECT seq, id, data FROM owner WHERE seq > ? ORDER BY seq LIMIT ?"
        while owners := self._tables.rows(query, at, ROWS):
            for seq, id_, data in owners:
                items = self._tables.rows("SELECT data FROM item WHERE owner = ? ORDER BY seq", id_)
                yield id_, data, [row[0] for row in items]
                at = seq

    def close(self) -> None:
        """Forget all."""
        self._tables.close()
