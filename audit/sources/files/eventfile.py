"""A file of events, read once from its start to its end in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from types import TracebackType
from typing import IO

import orjson

from audit.sources.base import SourceEvent
from audit.sources.files import ndjson, report, table, xes
from audit.sources.files.active import START
from audit.sources.files.errors import BadFile, BadOption
from audit.sources.files.event import FileEvent
from audit.sources.files.eventnames import EventNames
from audit.sources.files.fields import Columns
from audit.sources.files.mapping import MAX_CONTENT, Mapper
from audit.sources.files.opening import Opened
from audit.sources.files.options import FileOptions, Kind
from audit.sources.files.times import zone_named

SAMPLE = 1_000


class EventFile:
    """An open event log: a file, or a `stream` of what is called `path`. Raises BadFile or BadOption, here and while it
    is read.

    `kind` is what it is read as. After all events: `sha256` (hex) and `bytes` of the file, `events` in it (without what
    was concluded), `unused` mappings that no event needed, and `pairs`: whether active time comes from pairs.
    """

    def __init__(self, path: str, options: FileOptions, stream: IO[bytes] | None = None) -> None:
        self.path = path
        self.options = options
        self._file = Opened(path, stream)
        try:
            self.kind: Kind = options.kind or self._file.kind()
            if self.kind == "redbrick":
                report.check(options)
            self.columns = Columns(options.columns, xes=self.kind == "xes")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self._names = EventNames(options.types)
        self.events = 0
        self.sha256 = ""
        self.bytes = 0
        self.pairs = False

    def __enter__(self) -> EventFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)

    @property
    def unused(self) -> tuple[str, ...]:
        """The mappings that no event needed."""
        return tuple(sorted(self._names.unused))

    def read(self, project_name: str, zone: str) -> Iterator[FileEvent]:
        """All events in the order of the file; last what it says of the project. `zone`: of times without one."""
        log: list[xes.Attribute] = []
        started = False
        for found in self._events(zone, log):
            self.events += not found.event.derived
            started = started or found.transition == START
            yield found
        self.sha256, self.bytes = self._file.finish()
        if not self.events:
            raise BadFile(self.path, None, "there is no event in this file")
        self._check_columns()
        self.pairs = self._pairs(started)
        yield self._project(project_name, zone, log)

    def sample(self) -> Columns:
        """The columns as the first thousand events show them."""
        if self.kind == "redbrick":
            raise BadOption("--list-columns: a report of RedBrick has no columns; its fields are known")
        if self.kind == "csv":
            rows: Iterator[object] = table.rows(self._file, self.columns)
            try:
                next(rows, None)
            except BadFile:
                if not self.columns.seen:
                    raise
        elif self.kind == "ndjson":
            for _ in islice(ndjson.rows(self._file, self.columns), SAMPLE):
                pass
        else:
            events = (row for row in xes.rows(self._file) if row.of == "event")
            for row in islice(events, SAMPLE):
                self.columns.learn([str(attribute[1]) for attribute in row.attributes])
        return self.columns

    def _events(self, zone: str, log: list[xes.Attribute]) -> Iterator[FileEvent]:
        durations = self.options.active_time in {"auto", "duration"}
        if self.kind == "redbrick":
            return report.events(self._file, self._names, zone_named(zone), durations=durations)
        mapper = Mapper(self.path, self.columns, self._names, zone_named(zone), durations=durations)
        if self.kind == "xes":
            return xes.events(self._file, mapper, log)
        return table.events(self._file, mapper) if self.kind == "csv" else ndjson.events(self._file, mapper)

    def _check_columns(self) -> None:
        if self.kind == "redbrick":  # Its fields are known.
            return
        missing = self.columns.never_seen()
        if not missing and self.options.active_time == "duration" and not self._has_durations():
            missing = self.columns.lack(["duration_ms"])
        if not missing and self.options.active_time == "pairs":
            missing = self.columns.lack(["lifecycle"])
        if missing:
            raise BadFile(self.path, None, missing)

    def _has_durations(self) -> bool:
        return not self.columns.found.keys().isdisjoint({"duration_ms", "duration_s"})

    def _pairs(self, started: bool) -> bool:
        wanted = self.options.active_time
        return wanted == "pairs" or (wanted == "auto" and started and not self._has_durations())

    def _project(self, name: str, zone: str, log: list[xes.Attribute]) -> FileEvent:
        content = orjson.dumps({"name": name, "zone": zone or None, "log": log})
        if len(content) > MAX_CONTENT:
            raise BadFile(
                self.path, None, "the attributes of the log have more than 64 MiB; that is more than can be kept"
            )
        event = SourceEvent(
            task=None,
            type="project.updated",
            source_type="log",
            occurred_at=None,
            instant=None,
            derived=True,
            content=content,
            key_fields=(sha256(content).hexdigest(),),
        )
        return FileEvent(event, 1, strings=xes.strings(log))
