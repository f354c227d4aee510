"""`xes`: the log as an event log for process mining, IEEE 1849-2016 (XES), one trace a task.

An event that came from an XES file gets its attributes back as they stood there; any other is written from its
envelope. Nothing is invented: what was not recorded has no attribute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson

from exports.archive.build import Archive, Skipped, Target
from exports.formats.base import (
    AUDIT,
    PEOPLE,
    EventRow,
    Format,
    Parameter,
    Progress,
    ProjectInfo,
    Reads,
    Snapshot,
    Trail,
    Value,
    Written,
    flag,
)

Attribute = list[Any]
"""[tag, key, value], nested attributes as a fourth item (docs/contracts.md section 2)."""

NAME = "concept:name"
TAGS = frozenset(("string", "date", "int", "float", "boolean", "id", "list", "container", "values"))
MAX_DEPTH = 64
_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<global scope="trace"><string key="concept:name" value="UNKNOWN"/></global>
<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
<classifier name="Activity" keys="concept:name"/>
"""
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = {ord(char): f"&#{ord(char)};" for char in '&<>"\t\n\r'}
_SPECIAL = re.compile('[&<>"\t\n\r]')
_DATE_TIME = re.compile(
    r"-?([1-9][0-9]{3,}|0[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|24:00:00(\.0+)?)"
    r"(?P<zone>Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
)
_TOKEN = re.compile(r"@p:([a-z2-7]{16})/(?:id|email|name)(?:\.[0-9]+)?")
_ESCAPED = re.compile(r"@+p:")


class XesFormat(Format):
    """An event log for process mining."""

    slug: ClassVar[str] = "xes"
    title: ClassVar[str] = "XES event log (IEEE 1849)"
    extension: ClassVar[str] = "xes"
    beside: ClassVar[bool] = True
    parameters: ClassVar[tuple[Parameter, ...]] = (
        flag("derived", False, "with the events that Labeltrail concluded from others, such as active time"),
        PEOPLE,
        AUDIT,
    )

    def reads(self, values: Mapping[str, Value]) -> Reads:
        """Payloads, in which the source's attributes are."""
        return Reads(derived=values["derived"] is True, payloads=True, details=True)

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """Write `log.xes`; what XML can't hold is replaced and named in errors.ndjson."""
        with archive.file("log.xes") as target:
            return _Writer(archive, snapshot, target, pseudonyms=values["people"] == "pseudonyms").write(progress)


class _Writer:
    """Writes one log, and warns of every value that it had to change."""

    def __init__(self, archive: Archive, snapshot: Snapshot, target: Target, *, pseudonyms: bool) -> None:
        self.archive = archive
        self.snapshot = snapshot
        self.target = target
        self.pseudonyms = pseudonyms
        self.task: str | None = None
        self.where = ""

    def write(self, progress: Progress) -> Written:
        tasks = events = 0
        self.where = "the log"
        self.target.write((_HEAD + self._elements(self._log(self.snapshot.project))).encode())
        for trail in self.snapshot.trails():
            self.task, self.where = trail.task, "the trace"
            self.target.write(f"<trace>\n{self._elements(self._trace(trail))}".encode())
            for row in trail.events:
                self.where = f"event {row.index}"
                self.target.write(f"<event>\n{self._elements(self._event(row))}</event>\n".encode())
                events += 1
            self.target.write(b"</trace>\n")
            tasks += 1
            progress(tasks)
        self.target.write(b"</log>\n")
        return {"tasks": tasks, "events": events}

    def _log(self, project: ProjectInfo) -> list[Attribute]:
        return self._restored(project.details, "log") or [["string", NAME, project.name]]

    def _trace(self, trail: Trail) -> list[Attribute]:
        found = self._restored(trail.details, "trace") or []
        if not any(item[1] == NAME for item in found):
            found.insert(0, ["string", NAME, trail.task])
            if trail.name != trail.task:
                found.insert(1, ["string", "name", trail.name])
        return found

    def _event(self, row: EventRow) -> list[Attribute]:
        """The source's attributes, or those that the envelope makes; concept:name is always among them."""
        found = self._restored(row.content, "event")
        if found is None:
            return self._made(row)
        for item in found:
            if item[0] == "date" and item[1] == "time:timestamp" and not _DATE_TIME.fullmatch(str(item[2])):
                if row.instant is None:
                    continue  # It becomes a string further on.
                self._warn("time", f"{item[2]!r} is no xs:dateTime: written as the instant that it means, in UTC")
                item[2] = _utc(row.instant)
        if not any(item[1] == NAME for item in found):
            found.insert(0, ["string", NAME, row.envelope.source_type])
        return found

    def _made(self, row: EventRow) -> list[Attribute]:
        envelope = row.envelope
        found: list[tuple[str, str, object]] = [
            ("string", NAME, envelope.source_type),
            ("string", "org:resource", self.snapshot.person(envelope.actor)),
            ("date", "time:timestamp", self._timestamp(row)),
            ("string", "lifecycle:transition", "complete"),
            ("string", "type", envelope.type),
            ("string", "stage", envelope.stage),
            ("string", "toStage", envelope.to_stage),
            ("int", "cycle", envelope.cycle),
            ("string", "assignee", self.snapshot.person(envelope.assignee)),
            ("string", "text", row.text.decode() if row.text is not None else None),
        ]
        return [[tag, key, str(value)] for tag, key, value in found if value is not None]

    def _timestamp(self, row: EventRow) -> str | None:
        """The source's own text when it is an xs:dateTime with a zone, else the instant."""
        text = row.envelope.occurred_at
        if text is None or row.instant is None:
            return None
        match = _DATE_TIME.fullmatch(text)
        return text if match and match["zone"] else _utc(row.instant)

    def _restored(self, content: bytes | None, part: str) -> list[Attribute] | None:
        """The attributes under `part` of a payload that came from an XES file; None when it did not."""
        if content is None:
            return None
        try:
            found = orjson.loads(content)
        except orjson.JSONDecodeError:
            return None
        attributes = found.get(part) if isinstance(found, dict) else None
        return attributes if _are_attributes(attributes, MAX_DEPTH) else None

    def _elements(self, attributes: Iterable[Attribute]) -> str:
        return "".join([self._element(item) for item in attributes])

    def _element(self, item: Attribute) -> str:
        tag, key, value = item[:3]
        if tag == "date" and not _DATE_TIME.fullmatch(value or ""):
            self._warn("time", f"{value!r} of {key!r} is no xs:dateTime: written as a string")
            tag = "string"
        head = f"<{tag}" if key is None else f'<{tag} key="{self._text(key)}"'
        if value is not None:
            head += f' value="{self._text(value)}"'
        if len(item) == 4:
            return f"{head}>\n{self._elements(item[3])}</{tag}>\n"
        return f"{head}/>\n"

    def _text(self, text: str) -> str:
        """The text as an attribute's value."""
        if self.pseudonyms and "@p:" in text:
            text = _pseudonym(text)
        if text.isascii() and text.isprintable() and not _SPECIAL.search(text):
            return text
        fitting, count = _UNFIT.subn("\ufffd", text)
        if count:
            self._warn("character", f"{count} characters that XML can't hold were replaced by U+FFFD in {text[:80]!r}")
        return fitting.translate(_MARKUP)

    def _warn(self, code: str, text: str) -> None:
        self.archive.warn(Skipped(asset=self.task, code=code, text=f"{self.where}: {text}"))


def _are_attributes(found: object, depth: int) -> bool:
    """Whether this is a list of XES attributes, and no payload that just looks like one from afar."""
    if not isinstance(found, list) or not depth:
        return False
    for item in found:
        if not isinstance(item, list) or len(item) not in (3, 4):
            return False
        tag, key, value = item[:3]
        if not isinstance(tag, str) or tag not in TAGS:
            return False
        if not isinstance(key, str) and (key is not None or tag != "values"):
            return False
        if value is not None and not isinstance(value, str):
            return False
        if len(item) == 4 and not _are_attributes(item[3], depth - 1):
            return False
    return True


def _pseudonym(text: str) -> str:
    """A token as the pseudonym in it; a text that was escaped because it looks like a token, as it was."""
    if match := _TOKEN.fullmatch(text):
        return match[1]
    return text[1:] if _ESCAPED.match(text) and text.startswith("@@") else text


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(
        timespec="milliseconds" if not moment.microsecond % 1000 else "microseconds"
    )
