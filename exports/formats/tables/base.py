"""The record as flat tables with typed columns: events, active time, labels. Used by `parquet` and `csv`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from exports.archive.build import Archive, Target
from exports.formats.base import (
    AUDIT,
    PEOPLE,
    EventRow,
    Format,
    LabelledTask,
    LabelRow,
    Parameter,
    Progress,
    Reads,
    Snapshot,
    TimeRow,
    Trail,
    Value,
    Written,
    flag,
)

ColumnType = Literal["text", "integer", "boolean", "time"]
"""A time is an instant in UTC with microseconds."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `repeats` says that few values come again and again."""

    name: str
    type: ColumnType
    repeats: bool = False


Row = tuple[Any, ...]
Rows = Callable[[Snapshot, Progress], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its file's name without suffix, the check value that counts its rows, its columns, and its rows."""

    name: str
    kind: str
    columns: tuple[Column, ...]
    rows: Rows


def _text(name: str) -> Column:
    return Column(name, "text")


def _word(name: str) -> Column:
    return Column(name, "text", repeats=True)


EVENT_COLUMNS = (
    _text("task"), _text("task_name"), Column("n", "integer"), Column("index", "integer"), _word("type"),
    _word("source_type"), Column("occurred_at", "time"), _text("occurred_text"), Column("received_at", "time"),
    _word("actor"), _word("actor_pseudonym"), _word("actor_kind"), _word("assignee"), _word("assignee_pseudonym"),
    _word("stage"), _word("to_stage"), Column("cycle", "integer"), Column("late", "boolean"),
    Column("derived", "boolean"), _text("text"), _text("source_key"),
)  # fmt: skip
TIME_COLUMNS = (
    _text("task"), _word("stage"), Column("cycle", "integer"), _word("person"), _word("person_pseudonym"),
    Column("milliseconds", "integer"), Column("started_at", "time"), Column("ended_at", "time"),
    Column("recorded_at", "time"), Column("index", "integer"),
)  # fmt: skip
LABEL_COLUMNS = (
    _text("task"), _text("task_name"), _text("label"), Column("version", "integer"), _word("kind"), _word("author"),
    _word("author_pseudonym"), Column("created_at", "time"), Column("milliseconds", "integer"), _word("stage"),
    Column("skipped", "boolean"), Column("sent_back", "boolean"), Column("latest", "boolean"),
    Column("index", "integer"), _text("payload"),
)  # fmt: skip


def _events(snapshot: Snapshot, progress: Progress) -> Iterator[Row]:
    for done, trail in enumerate(snapshot.trails(), 1):
        for row in trail.events:
            yield _event(trail, row, snapshot)
        progress(done)


def _event(trail: Trail, row: EventRow, snapshot: Snapshot) -> Row:
    event = row.envelope
    return (
        trail.task, trail.name, event.n, row.index, event.type, event.source_type, row.instant, event.occurred_at,
        datetime.fromisoformat(event.received_at), snapshot.person(event.actor), event.actor, event.actor_kind,
        snapshot.person(event.assignee), event.assignee, event.stage, event.to_stage, event.cycle, row.late,
        event.derived, row.text.decode(errors="replace") if row.text is not None else None, event.source_key,
    )  # fmt: skip


def _times(snapshot: Snapshot, progress: Progress) -> Iterator[Row]:
    for row in snapshot.times():
        yield _time(row, snapshot)


def _time(row: TimeRow, snapshot: Snapshot) -> Row:
    return (
        row.task, row.stage or None, row.cycle, snapshot.person(row.actor), row.actor, row.milliseconds,
        row.started_at, row.ended_at, row.occurred_at, row.index,
    )  # fmt: skip


def _labels(snapshot: Snapshot, progress: Progress) -> Iterator[Row]:
    for task in snapshot.labelled():
        for row in task.labels:
            yield _label(task, row, snapshot)


def _label(task: LabelledTask, row: LabelRow, snapshot: Snapshot) -> Row:
    return (
        task.task, task.name, row.external_id, row.number, row.kind, snapshot.person(row.author), row.author,
        row.created_at, row.milliseconds, row.step or None, row.skipped, row.sent_back,
        row.external_id in task.latest if task.latest else None, row.index, row.content.decode(errors="replace"),
    )  # fmt: skip


class TablesFormat(Format):
    """A format of the tables, a file each; how a file is written is its own."""

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
            hidden = "" if values["payload"] is True else "payload"
            kept = [place for place, column in enumerate(table.columns) if column.name != hidden]
            with archive.file(f"{table.name}.{self.slug}") as target:
                counts[table.kind] = self.table(target, table, kept, table.rows(snapshot, count))
        return {"tasks": tasks, **counts}

    def table(self, target: Target, table: Table, kept: Sequence[int], rows: Iterator[Row]) -> int:
        """Write these rows, of their columns those at the places `kept`; how many rows there are."""
        raise NotImplementedError


TABLES = (
    Table("events", "events", EVENT_COLUMNS, _events),
    Table("active_time", "active_times", TIME_COLUMNS, _times),
    Table("labels", "labels", LABEL_COLUMNS, _labels),
)
"""In the order in which they are written; the first one's progress counts tasks."""
