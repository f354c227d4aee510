"""Items of a large file that belong together but do not stand together, joined on the disk."""

from __future__ import annotations

from collections.abc import Iterator

from exportsite.temporary import TemporaryTables

ROWS = 500


class Spool:
    """Owners in the order in which they came, each with the items that name it; memory does not grow with them.

    What comes from several files has the number of its file (`part`). An owner may have a `name` besides its id.
    """

    def __init__(self) -> None:
        self._tables = TemporaryTables(
            "CREATE TABLE owner (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, data BLOB NOT NULL, "
            "part INTEGER NOT NULL, name TEXT)",
            "CREATE TABLE item (seq INTEGER PRIMARY KEY, owner TEXT NOT NULL, data BLOB NOT NULL, "
            "part INTEGER NOT NULL)",
            "CREATE INDEX called ON owner (name, part) WHERE name IS NOT NULL",
            "BEGIN",  # One transaction for ever: each of its own would take five times as long.
        )

    def own(self, id_: str, data: bytes, part: int = 0, name: str | None = None) -> bool:
        """Add an owner; whether it is the first of this id."""
        new = "INSERT OR IGNORE INTO owner (id, data, part, name) VALUES (?, ?, ?, ?)"
        return self._tables.change(new, id_, data, part, name) == 1

    def owned(self, id_: str) -> tuple[bytes, int]:
        """The owner of an id that there is, and its part."""
        ((data, part),) = self._tables.rows("SELECT data, part FROM owner WHERE id = ?", id_)
        return data, part

    def again(self, id_: str, data: bytes, part: int) -> None:
        """An owner comes once more, in another part, which says this of it."""
        self._tables.change("UPDATE owner SET data = ?, part = ? WHERE id = ?", data, part, id_)

    def called(self, name: str, part: int) -> str | None:
        """The id of an owner with this name that no part from this one on has told of; None where there is none."""
        query = "SELECT id FROM owner WHERE name = ? AND part < ? ORDER BY part, seq LIMIT 1"
        found = self._tables.rows(query, name, part)
        return str(found[0][0]) if found else None

    def add(self, owner: str, data: bytes, part: int = 0) -> None:
        """Add an item; its owner may come later."""
        self._tables.change("INSERT INTO item (owner, data, part) VALUES (?, ?, ?)", owner, data, part)

    def settle(self) -> str | None:
        """Everything is there: the id of an owner that items name and that never came; None when there is none."""
        self._tables.do("CREATE INDEX of_owner ON item (owner, seq)")
        strays = self._tables.rows("SELECT owner FROM item WHERE owner NOT IN (SELECT id FROM owner) LIMIT 1")
        return str(strays[0][0]) if strays else None

    def joined(self) -> Iterator[tuple[str, bytes, list[tuple[int, bytes]]]]:
        """Each owner with its items and their parts, in their order."""
        at = 0
        query = "SELECT seq, id, data FROM owner WHERE seq > ? ORDER BY seq LIMIT ?"
        while owners := self._tables.rows(query, at, ROWS):
            for seq, id_, data in owners:
                yield id_, data, self._tables.rows("SELECT part, data FROM item WHERE owner = ? ORDER BY seq", id_)
                at = seq

    def close(self) -> None:
        """Forget all."""
        self._tables.close()
