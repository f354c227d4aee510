"""One row of a file (a CSV row, a JSON line, a XES event) as an event of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from audit.sources.base import PersonRef, SourceEvent
from audit.sources.files.errors import BadFile, listed, quoted
from audit.sources.files.event import FileEvent
from audit.sources.files.eventnames import EventNames
from audit.sources.files.fields import REQUIRED, Columns
from audit.sources.files.times import instant

MAX_NAME = 1_000
"""Bytes of an id or a name at most: PostgreSQL's indexes and the envelope have no room for more."""
MAX_CONTENT = 64 * 1024 * 1024
MAX_MILLISECONDS = 2**53
MAX_CYCLE = 2**31 - 1

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_UNFIT = re.compile("[\0\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PEOPLE = frozenset({"actor", "assignee", "email", "actor_name"})
_EXACT = _PEOPLE | {"task", "id"}
"""Fields that tell tasks, events and people apart: replacing a character could make two of them one."""


@lru_cache(maxsize=10_000)
def person(value: str, email: str | None = None, name: str | None = None) -> PersonRef:
    """A person known by `value`: an e-mail address where it looks like one, and the name that the file gives."""
    return PersonRef(value, email or (value if _EMAIL.fullmatch(value) else None), name)


class Mapper:
    """Turns rows into events, by the columns of their file. Errors name the file and the line."""

    def __init__(
        self, path: str, columns: Columns, names: EventNames, zone: ZoneInfo | None, *, durations: bool
    ) -> None:
        self.path = path
        self.columns = columns
        self.names = names
        self.zone = zone
        self.durations = durations

    def event(self, line: int, row: Mapping[str, str], content: bytes, task: str | None = None) -> FileEvent:
        """The event of a row. `row` maps columns to texts, `task` is the trace's in XES."""
        values = self._values(line, row, content)
        if task is not None:
            values["task"] = task
        for field in REQUIRED:
            if field not in values:
                raise self._lacking(field, line, row)
        if len(content) > MAX_CONTENT:
            raise BadFile(self.path, line, "this event has more than 64 MiB; that is more than can be kept of one")
        get = values.get
        time = values["time"]
        try:
            moment = instant(time, self.zone)
        except ValueError as error:
            raise BadFile(self.path, line, str(error)) from error
        activity = values["event"]
        lifecycle = get("lifecycle", "")
        kind, source_type = self.names(activity, lifecycle)
        cycle = get("cycle")
        text = get("text")
        to_stage = get("to_stage")
        who, whom = get("actor"), get("assignee")
        event = SourceEvent(
            task=values["task"],
            type=kind,
            source_type=source_type,
            occurred_at=time,
            instant=moment,
            source_key=get("id"),
            actor=person(who, get("email"), get("actor_name")) if who else None,
            actor_kind="person" if who else "unknown",
            assignee=person(whom) if whom else None,
            stage=get("stage"),
            to_stage=to_stage,
            cycle=self._cycle(line, cycle) if cycle else None,
            content=content,
            text=text,
            # Two comments of one person in the same second are two events.
            key_fields=(to_stage or "", cycle or "", text or "") if to_stage or cycle or text else (),
        )
        milliseconds = self._milliseconds(line, values) if self.durations else None
        return FileEvent(event, line, activity, lifecycle.casefold(), milliseconds, get("name"))

    def _values(self, line: int, row: Mapping[str, str], content: bytes) -> dict[str, str]:
        """Field to text, without the empty ones, as columns and envelopes can hold them."""
        values: dict[str, str] = {}
        get = row.get
        for field, names in self.columns.found.items():
            for name in names:
                if value := get(name):
                    values[field] = value
                    break
        # Texts are never longer than the payload that spells them, and there nothing unfit comes without a backslash.
        if len(content) > MAX_NAME or b"\\u" in content:
            for field, value in values.items():
                if not value.isprintable():
                    values[field] = value = self._clean(line, field, value)
                if field != "text":
                    self._check_length(line, field, value)
        return values

    def _clean(self, line: int, field: str, value: str) -> str:
        """NUL and lone surrogates become U+FFFD. A person's values stay what they are, to be found in the payload."""
        if field in _EXACT and _SURROGATE.search(value):
            raise BadFile(
                self.path, line, f"the {field} {quoted(value)} has half of a character (a lone surrogate); correct it"
            )
        return value if field in _PEOPLE else _UNFIT.sub("\ufffd", value)

    def _check_length(self, line: int, field: str, value: str) -> None:
        size = len(value.encode())
        if size > MAX_NAME:
            raise BadFile(
                self.path,
                line,
                f"the {field} {quoted(value)} has {size:,} bytes, at most {MAX_NAME:,} are possible; if this column is "
                f"not the {field}, name another with --column {field}=NAME",
            )

    def _lacking(self, field: str, line: int, row: Mapping[str, str]) -> BadFile:
        if text := self.columns.lack([field]):
            return BadFile(self.path, line, text)
        return BadFile(self.path, line, f"the {field} is empty (column {listed(self.columns.found[field])})")

    def _cycle(self, line: int, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MAX_CYCLE):
            raise BadFile(self.path, line, f"the cycle {quoted(text)} is not a whole number from 0 to {MAX_CYCLE:,}")
        return int(text)

    def _milliseconds(self, line: int, values: Mapping[str, str]) -> int | None:
        """The row's duration, rounded to milliseconds."""
        for field, factor in (("duration_ms", 1), ("duration_s", 1000)):
            if text := values.get(field):
                try:
                    number = Decimal(text) * factor if len(text) <= 100 else Decimal("NaN")
                except ArithmeticError:
                    number = Decimal("NaN")
                if not (number.is_finite() and 0 <= number <= MAX_MILLISECONDS):
                    unit = "milliseconds" if factor == 1 else "seconds"
                    raise BadFile(
                        self.path,
                        line,
                        f"the duration {quoted(text)} is not a number of {unit} from 0 to 2^53 milliseconds; "
                        "load with --active-time none to leave durations out",
                    )
                return int(number.to_integral_value())
        return None
