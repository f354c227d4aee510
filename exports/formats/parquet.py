"""`parquet`: the record as typed tables for analytics (https://parquet.apache.org/docs/file-format/)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from exports.archive.build import Archive
from exports.formats.base import AUDIT, PEOPLE, Format, Parameter, Progress, Reads, Snapshot, Value, Written, flag
from exports.formats.tables import TABLES


class ParquetFormat(Format):
    """Events, active time and labels, a file each."""

    slug: ClassVar[str] = "parquet"
    title: ClassVar[str] = "Tables as Parquet"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        flag("payload", False, "with what the source says of each label, people put back"),
        PEOPLE,
        AUDIT,
    )

    def reads(self, values: Mapping[str, Value]) -> Reads:
        """Everything but payloads of events."""
        return Reads(kinds=("tasks", "events", "active_times", "labels"))

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """One file a table."""
        from exports.formats.parquet_file import TableWriter  # See there.

        counts, tasks = dict[str, int](), 0

        def count(done: int) -> None:
            nonlocal tasks
            tasks = done
            progress(done)

        for table in TABLES:
            with archive.file(f"{table.name}.parquet") as target:
                writer = TableWriter(target, table, payload=values["payload"] is True)
                for row in table.rows(snapshot, count):
                    writer.add(row)
                counts[table.kind] = writer.close()
        return {"tasks": tasks, **counts}
