"""`csv`: the record as tables for spreadsheets and data frames, RFC 4180 in UTF-8."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar

from exports.archive.build import Archive
from exports.formats.base import AUDIT, PEOPLE, Format, Parameter, Progress, Reads, Snapshot, Value, Written, flag
from exports.formats.tables import TABLES, Row
from exports.formats.trail import neutral

ROWS = 500
"""Rows that are encoded at a time."""


class CsvFormat(Format):
    """Events, active time and labels, a file each."""

    slug: ClassVar[str] = "csv"
    title: ClassVar[str] = "Tables as CSV"
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
        counts, tasks = dict[str, int](), 0

        def count(done: int) -> None:
            nonlocal tasks
            tasks = done
            progress(done)

        for table in TABLES:
            hidden = "" if values["payload"] else "payload"
            kept = [place for place, column in enumerate(table.columns) if column.name != hidden]
            counts[table.kind] = 0
            with archive.file(f"{table.name}.csv") as target:
                out = io.StringIO(newline="")
                writer = csv.writer(out)
                writer.writerow([table.columns[place].name for place in kept])
                for row in table.rows(snapshot, count):
                    writer.writerow(_cells(row, kept))
                    counts[table.kind] += 1
                    if counts[table.kind] % ROWS == 0:
                        target.write(out.getvalue().encode())
                        out.seek(0)
                        out.truncate()
                target.write(out.getvalue().encode())
        return {"tasks": tasks, **counts}


def _cells(row: Row, kept: list[int]) -> list[object]:
    return [_time(value) if isinstance(value := row[place], datetime) else neutral(value) for place in kept]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
