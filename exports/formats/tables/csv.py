"""`csv`: the record as tables for spreadsheets and data frames, RFC 4180 in UTF-8."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from exports.archive.build import Target
from exports.formats.events.trail import neutral
from exports.formats.tables.base import Row, Table, TablesFormat

ROWS = 500
"""Rows that are encoded at a time."""


class CsvFormat(TablesFormat):
    """Events, active time and labels, a file each."""

    slug: ClassVar[str] = "csv"
    title: ClassVar[str] = "Tables as CSV"

    def table(self, target: Target, table: Table, kept: Sequence[int], rows: Iterator[Row]) -> int:
        """A line for the names, then one a row."""
        out, count = io.StringIO(newline=""), 0
        writer = csv.writer(out)
        writer.writerow([table.columns[place].name for place in kept])
        for count, row in enumerate(rows, 1):
            writer.writerow(_cells(row, kept))
            if count % ROWS == 0:
                target.write(out.getvalue().encode())
                out.seek(0)
                out.truncate()
        target.write(out.getvalue().encode())
        return count


def _cells(row: Row, kept: Sequence[int]) -> list[object]:
    return [_time(value) if isinstance(value := row[place], datetime) else neutral(value) for place in kept]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
