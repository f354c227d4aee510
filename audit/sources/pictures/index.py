"""The pictures of a data set and the files of their labels, put together on the disk: there may be millions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from exportsite.temporary import TemporaryTables

ROWS = 500


class Told(NamedTuple):
    """What a file of labels says of a picture: the number of its data set, and its bytes."""

    part: int
    said: bytes


class Picture(NamedTuple):
    """A picture by its key, its path without suffix and without folders that only part labels from pictures.

    `place` is that of its file among the container's names, None where it has none; `name` and `url` are what a list
    of assets says of it.
    """

    key: str
    place: int | None
    name: str | None
    url: str | None
    labels: tuple[Told, ...]


class PictureIndex:
    """Pictures in the order in which they came; memory does not grow with them."""

    def __init__(self) -> None:
        self._tables = TemporaryTables(
            "CREATE TABLE picture (seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, place INTEGER)",
            "CREATE TABLE label (key TEXT NOT NULL, part INTEGER NOT NULL, place INTEGER NOT NULL, said BLOB NOT NULL, "
            "PRIMARY KEY (key, part)) WITHOUT ROWID",
            "CREATE TABLE asset (key TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL)",
            "BEGIN",  # One transaction for ever: each of its own would take five times as long.
        )

    def picture(self, key: str, place: int) -> int:
        """Add a picture's file; the place of the one that it has, which is another one where it came before."""
        self._tables.change("INSERT OR IGNORE INTO picture (key) VALUES (?)", key)
        self._tables.change("UPDATE picture SET place = ? WHERE key = ? AND place IS NULL", place, key)
        ((found,),) = self._tables.rows("SELECT place FROM picture WHERE key = ?", key)
        return int(found)

    def label(self, key: str, part: int, place: int, said: bytes) -> int:
        """Add what is said of a picture; the place of a file that says something else of it, or this one's."""
        self._tables.change("INSERT OR IGNORE INTO picture (key) VALUES (?)", key)
        new = "INSERT OR IGNORE INTO label (key, part, place, said) VALUES (?, ?, ?, ?)"
        if self._tables.change(new, key, part, place, said):
            return place
        ((other, before),) = self._tables.rows("SELECT place, said FROM label WHERE key = ? AND part = ?", key, part)
        return place if before == said else int(other)

    def asset(self, key: str, name: str, url: str) -> None:
        """Add what a list of assets says of the picture with this key."""
        self._tables.change("INSERT INTO asset (key, name, url) VALUES (?, ?, ?)", key, name, url)

    def settle(self) -> None:
        """Everything is there."""
        self._tables.do("CREATE INDEX asset_key ON asset (key)", "CREATE INDEX asset_name ON asset (name)")

    def each(self) -> Iterator[Picture]:
        """All pictures."""
        at = 0
        query = "SELECT seq, key, place FROM picture WHERE seq > ? ORDER BY seq LIMIT ?"
        while found := self._tables.rows(query, at, ROWS):
            for seq, key, place in found:
                labels = self._tables.rows("SELECT part, said FROM label WHERE key = ? ORDER BY part", key)
                yield Picture(key, place, *self._asset(key), tuple(Told(*one) for one in labels))
                at = seq

    def _asset(self, key: str) -> tuple[str | None, str | None]:
        """Name and address of a picture. What several files are of (labels of one asset, frames) is nobody's name."""
        _, _, below = key.partition("/")  # Lists do not say in which subset a picture is.
        for one in (key, below) if below else (key,):
            query = (
                "SELECT name, url, (SELECT count(*) FROM asset b WHERE b.name = a.name) FROM asset a WHERE a.key = ?"
            )
            if found := self._tables.rows(query, one):
                name, url, count = found[0]
                return (name or None if count == 1 else None), url or None
        return None, None

    def close(self) -> None:
        """Forget all."""
        self._tables.close()
