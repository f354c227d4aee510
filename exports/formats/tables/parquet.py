"""`parquet`: the record as typed tables for analytics (https://parquet.apache.org/docs/file-format/)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from exports.archive.build import Target
from exports.formats.tables.base import Row, Table, TablesFormat


class ParquetFormat(TablesFormat):
    """Events, active time and labels, a file each."""

    slug: ClassVar[str] = "parquet"
    title: ClassVar[str] = "Tables as Parquet"

    def table(self, target: Target, table: Table, kept: Sequence[int], rows: Iterator[Row]) -> int:
        """Typed columns."""
        from exports.formats.tables.parquet_file import TableWriter  # See there.

        writer = TableWriter(target, table, kept)
        for row in rows:
            writer.add(row)
        return writer.close()
