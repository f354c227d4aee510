"""Reports of RedBrick AI: what `redbrick report` writes, which is what its SDK's `get_task_events` yields.

A JSON array of tasks, `{"taskId","taskName","currentStageName","events":[{"eventType","createdAt",…},…]}`, or such a
task a line, as exports of trails may be. Events have no ids here, and people are called as they were called on the day
of the report. So the key of an event is made of its type, its time and how many such events of the task come before it,
never of people; comments and replies have ids.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from audit.sources.base import ActorKind, PersonRef, SourceEvent
from audit.sources.files.active import time_recorded
from audit.sources.files.errors import BadFile, BadOption, quoted
from audit.sources.files.event import FileEvent
from audit.sources.files.eventnames import EventNames
from audit.sources.files.jsonarray import objects
from audit.sources.files.mapping import MAX_NAME, person
from audit.sources.files.opening import Opened
from audit.sources.files.options import FileOptions
from audit.sources.files.times import instant
from audit.sources.values import mended

MAX_MILLISECONDS = 10**15
"""Of one event: the most that a record can hold, some 30,000 years."""
SYSTEM, API_KEY = "System", "API Key - "
"""How the SDK calls RedBrick itself, and how the names of API keys begin."""
COMMENT, MOVED = "COMMENT_ADDED", "TASK_MOVED"
_BYTE = re.compile(r"\(byte (\d+)\)")
_PEOPLE = frozenset({"createdBy", "updatedBy", "assignee", "prevAssignee", "user"})
_ASSIGNING = frozenset({"TASK_ASSIGNED", "TASK_REASSIGNED", "TASK_UNASSIGNED"})

_Item = dict[str, Any]


class _Task(msgspec.Struct, rename={"id": "taskId", "name": "taskName"}):
    id: str
    events: list[msgspec.Raw]
    name: str | None = None


class _Replies(msgspec.Struct):
    replies: list[msgspec.Raw] | None = None


def check(options: FileOptions) -> None:
    """Raises BadOption for what makes no sense of a report."""
    if options.columns:
        raise BadOption("--column: a report of RedBrick has fields of its own, which need no naming; leave it out")
    if options.active_time == "pairs":
        raise BadOption("--active-time pairs: a report of RedBrick has no starts; leave it out, or write none")


def events(file: Opened, names: EventNames, zone: ZoneInfo | None, *, durations: bool) -> Iterator[FileEvent]:
    """The events of all tasks, in the file's order, with replies to comments and active time after theirs."""
    for line, raw in _tasks(file):
        reader = _Reader(file.path, line, names, zone, durations=durations)
        yield from reader.task(raw)


def _tasks(file: Opened) -> Iterator[tuple[int, bytes]]:
    """Each task with the line on which it starts."""
    if file.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return ((number, line) for number, line in file.lines() if line.strip())
    return objects(file)


class _Reader:
    """Reads one task. `line` is where it starts; errors name task and event besides."""

    def __init__(self, path: str, line: int, names: EventNames, zone: ZoneInfo | None, *, durations: bool) -> None:
        self.path = path
        self.line = line
        self.names = names
        self.zone = zone
        self.durations = durations
        self.where = "this task"
        self.task_id = ""
        self.keys: set[str] = set()
        self.counts: Counter[tuple[str, str]] = Counter()

    def task(self, raw: bytes) -> Iterator[FileEvent]:
        """The task's events; none when it has none, since then nothing of it was recorded."""
        try:
            if not raw.isascii():
                raw.decode()
            raw, found = _decoded(raw)
        except UnicodeDecodeError as error:
            line = self.line + raw.count(b"\n", 0, error.start)
            raise BadFile(self.path, line, f"0x{raw[error.start]:02X} is not UTF-8; save the file as UTF-8") from error
        except RecursionError as error:
            raise self._wrong("its objects and lists are nested too deep") from error
        except msgspec.ValidationError as error:
            raise self._wrong(
                f"it is not as RedBrick writes one: {error}; expected is "
                '{"taskId":…,"taskName":…,"currentStageName":…,"events":[…]}'
            ) from error
        except msgspec.DecodeError as error:
            byte = _BYTE.search(str(error))
            line = self.line + (raw.count(b"\n", 0, int(byte[1])) if byte else 0)
            raise BadFile(self.path, line, f"{self.where}: this is not JSON: {error}") from error
        if not found.id:
            raise self._wrong("its taskId is empty")
        self.task_id = self._name("taskId", found.id)
        name = self._name("taskName", found.name) if found.name else None
        for number, event in enumerate(found.events, 1):
            self.where = f"event {number} of task {quoted(found.id)}"
            yield from self._event(bytes(event), name)

    def _event(self, raw: bytes, name: str | None) -> Iterator[FileEvent]:
        item = self._object(raw)
        source_type, occurred_at = self._text(item, "eventType"), self._text(item, "createdAt")
        # Exports of trails have events of which nobody recorded a time; they say when it was received.
        timeless = occurred_at is None and "createdAt" in item and "receivedAt" in item
        if source_type is None or (occurred_at is None and not timeless):
            raise self._wrong(f"{'eventType' if source_type is None else 'createdAt'} is missing")
        type_, source_type = self.names(source_type, "")
        key = self._key(item, source_type, occurred_at)
        actor, kind = self._actor(item, source_type)
        assigned = item.get("assignee") or item.get("prevAssignee") if source_type in _ASSIGNING else None
        event = SourceEvent(
            task=self.task_id,
            type=type_,
            source_type=source_type,
            occurred_at=occurred_at,
            instant=None if occurred_at is None else self._instant(occurred_at),
            source_key=key,
            actor=actor,
            actor_kind=kind,
            assignee=self._person(assigned),
            stage=self._text(item, "stage"),
            content=raw,
            text=_said(item),
            people=self._people(item),
        )
        yield FileEvent(event, self.line, source_type, name=name, again=True)
        if self.durations and (milliseconds := self._milliseconds(item)) is not None:
            time = time_recorded(replace(event, people=()), milliseconds, None, None, "duration")
            time = replace(time, source_key=self._only(f"{key}/time"), key_fields=())
            yield FileEvent(time, self.line, again=True)
        if source_type == COMMENT and item.get("replies"):
            yield from self._replies(raw, event)

    def _replies(self, raw: bytes, comment: SourceEvent) -> Iterator[FileEvent]:
        """Replies to a comment. The SDK leaves out when they were written, so they have no time."""
        try:
            replies = msgspec.json.decode(raw, type=_Replies).replies or []
        except msgspec.ValidationError as error:
            raise self._wrong(f"its replies are not a list: {error}") from error
        for number, reply in enumerate(map(bytes, replies), 1):
            item = self._object(reply)
            written = self._text(item, "createdAt")
            actor, kind = self._actor(item, COMMENT)
            own = self._text(item, "commentId")
            content = b'{"replyTo":' + msgspec.json.encode(comment.source_key) + b',"reply":' + reply + b"}"
            event = replace(
                comment,
                occurred_at=written,
                instant=self._instant(written) if written is not None else None,
                source_key=self._only(own or f"{comment.source_key}/reply/{number}"),
                actor=actor,
                actor_kind=kind,
                stage=self._text(item, "stage") or comment.stage,
                content=content,
                text=_said(item),
                people=self._people(item),
            )
            yield FileEvent(event, self.line, COMMENT, again=True)

    def _object(self, raw: bytes) -> _Item:
        try:
            found = msgspec.json.decode(raw)
        except msgspec.DecodeError as error:  # A number that is too large, for instance.
            raise self._wrong(f"this can't be read: {error}") from error
        if not isinstance(found, dict):
            raise self._wrong(f"an object was expected, not {quoted(raw[:100].decode('utf-8', 'replace'))}")
        return found

    def _key(self, item: _Item, source_type: str, occurred_at: str | None) -> str:
        """The comment's id; else type, time and ordinal: `TASK_SAVED/2025-03-05T14:00:00.000000+00:00/0`."""
        if source_type == COMMENT and (own := self._text(item, "commentId")):
            return self._only(own)
        when = occurred_at or "null"
        ordinal = self.counts[source_type, when]
        self.counts[source_type, when] += 1
        return self._only(f"{source_type}/{when}/{ordinal}")

    def _only(self, key: str) -> str:
        """The key, which no other event of the task may have. The whole task may come twice: a list that changes while
        the SDK reads its pages shows it so, perhaps with more replies the second time."""
        if key in self.keys:
            raise self._wrong(f"another event of this task has the id {quoted(key)}")
        self.keys.add(key)
        return key

    def _actor(self, item: _Item, source_type: str) -> tuple[PersonRef | None, ActorKind]:
        """Who did it. Whom the SDK names for a move is whoever had the task last, so that is nobody.

        Only who has a task can skip or save it; who assigned it the SDK does not tell.
        """
        who = item.get("updatedBy") or item.get("createdBy")
        if who is None and source_type in {"TASK_SKIPPED", "TASK_SAVED"}:
            who = item.get("assignee")
        if not isinstance(who, str) or not who:
            return None, "unknown"
        if who == SYSTEM:
            return None, "system"
        if who.startswith(API_KEY):
            return self._person(who), "service"
        return (None, "unknown") if source_type == MOVED else (self._person(who), "person")

    def _people(self, item: _Item) -> tuple[PersonRef, ...]:
        """Everybody whom the event names, wherever in it; no recursion, since a file may nest as it likes."""
        found: dict[PersonRef, None] = {}
        left: list[Any] = [item]
        while left:
            entry = left.pop()
            if isinstance(entry, list):
                left += entry
            elif isinstance(entry, dict):
                for key, value in entry.items():
                    if isinstance(value, dict | list):
                        left.append(value)
                    elif key in _PEOPLE and (ref := self._person(value)) is not None:
                        found[ref] = None
        return tuple(found)

    def _person(self, value: object) -> PersonRef | None:
        if not isinstance(value, str) or not value or value == SYSTEM:
            return None
        self._check_length("person", value)
        return person(value)

    def _text(self, item: _Item, field: str) -> str | None:
        """The text of a field; None where it is absent, null or empty."""
        value = item.get(field)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self._wrong(f"{field} is not a text")
        return self._name(field, value)

    def _name(self, field: str, value: str) -> str:
        self._check_length(field, value)
        return _fit(value)

    def _check_length(self, field: str, value: str) -> None:
        size = len(value.encode())
        if size > MAX_NAME:
            raise self._wrong(f"the {field} {quoted(value)} has {size:,} bytes, at most {MAX_NAME:,} are possible")

    def _instant(self, occurred_at: str) -> datetime:
        try:
            return instant(occurred_at, self.zone)
        except ValueError as error:
            raise self._wrong(str(error)) from error

    def _milliseconds(self, item: _Item) -> int | None:
        value = item.get("timeSpentMs")
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MAX_MILLISECONDS:
            raise self._wrong(
                f"timeSpentMs is not a number of milliseconds from 0 to {MAX_MILLISECONDS:,}; "
                "load with --active-time none to leave durations out"
            )
        return round(value)

    def _wrong(self, text: str) -> BadFile:
        return BadFile(self.path, self.line, f"{self.where}: {text}")


def _decoded(raw: bytes) -> tuple[bytes, _Task]:
    """The task. Halves of characters, which JSON's escapes can spell and no text can hold, are U+FFFD."""
    try:
        return raw, msgspec.json.decode(raw, type=_Task)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        whole = mended(raw)
        return whole, msgspec.json.decode(whole, type=_Task)


def _said(comment: _Item) -> str | None:
    """What a comment says; for any other event nothing."""
    found = comment.get("commentText")
    return _fit(found) if isinstance(found, str) and found else None


def _fit(value: str) -> str:
    """The text without NUL, which no column can hold."""
    return value.replace("\0", "\ufffd")
