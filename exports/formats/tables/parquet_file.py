"""One table as a Parquet file. Only this module imports pyarrow, which takes 60 MB; only exports import this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from exports.archive.build import Target
from exports.formats.tables.base import Row, Table

GROUP = 20_000
"""Rows of a row group; so many are held at a time."""
GROUP_BYTES = 32 * 1024 * 1024
"""Characters of texts after which a row group is written although it has fewer rows."""
_TYPES = {"text": pa.string(), "integer": pa.int64(), "boolean": pa.bool_(), "time": pa.timestamp("us", tz="UTC")}


class TableWriter:
    """Writes one table, a row group at a time."""

    def __init__(self, target: Target, table: Table, kept: Sequence[int]) -> None:
        self.kept = kept
        columns = [table.columns[place] for place in self.kept]
        self.schema = pa.schema([pa.field(column.name, _TYPES[column.type]) for column in columns])
        self.file = pq.ParquetWriter(
            _Sink(target),
            self.schema,
            compression="zstd",
            use_dictionary=[column.name for column in columns if column.repeats],
        )
        self.rows: list[Row] = []
        self.size = 0
        self.count = 0

    def add(self, row: Row) -> None:
        """Take a row."""
        self.rows.append(row)
        self.size += sum(len(value) for value in row if isinstance(value, str))
        if len(self.rows) >= GROUP or self.size >= GROUP_BYTES:
            self._flush()

    def close(self) -> int:
        """Write what is left, and the end of the file; how many rows it has."""
        self._flush()
        self.file.close()
        return self.count

    def _flush(self) -> None:
        if not self.rows:
            return
        columns = list(zip(*self.rows, strict=True))
        arrays = [pa.array(columns[place], field.type) for place, field in zip(self.kept, self.schema, strict=True)]
        self.file.write_table(pa.Table.from_arrays(arrays, schema=self.schema))
        self.count += len(self.rows)
        self.rows, self.size = [], 0


class _Sink:
    """A member of an archive as a file that is only written to."""

    closed = False

    def __init__(self, target: Target) -> None:
        self._target = target
        self._at = 0

    def write(self, data: Any) -> int:
        """Add bytes."""
        taken = bytes(data)
        self._target.write(taken)
        self._at += len(taken)
        return len(taken)

    def tell(self) -> int:
        """How many bytes were written."""
        return self._at

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """The archive ends the member."""
