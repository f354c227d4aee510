"""Rows of several projects, brought together by their data rows: as many as there are, in a temporary file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from exports.formats.labelbox.datarow import DataRow, together
from exportsite.temporary import TemporaryTables

_COLUMNS = "id, apart, place, head, project, experiments, active"


class Merged:
    """Takes rows project by project, then gives the lines of all of them, by the id of the data row.

    Ids are compared by their bytes. Rows that are not shared keep lines of their own, behind a shared one of their id:
    such an id means something in its project only.
    """

    def __init__(self) -> None:
        self._rows = TemporaryTables(
            "PRAGMA cache_size = -16384",
            "CREATE TABLE row (id BLOB, apart INT, place INT, head BLOB, project BLOB, experiments BLOB, active TEXT)",
        )

    def close(self) -> None:
        """Forget all."""
        self._rows.close()

    def add(self, rows: Iterable[DataRow], place: int) -> None:
        """Keep rows of the project at this place among those that were asked for."""
        self._rows.changed(
            f"INSERT INTO row ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own column names
            (
                (row.id.encode(), not row.shared, place, row.head, row.project, row.experiments, row.active)
                for row in rows
            ),
        )

    def lines(self) -> Iterator[bytes]:
        """A line for each data row; to be called once, after all were added."""
        self._rows.do("CREATE INDEX by_id ON row (id, apart, place)")
        found = self._rows.each(
            f"SELECT {_COLUMNS} FROM row INDEXED BY by_id ORDER BY id, apart, place, rowid"  # noqa: S608
        )
        for _, group in groupby(found, key=lambda row: row[:2] if not row[1] else row[:3]):
            yield together([DataRow(row[0].decode(), *row[3:]) for row in group])
