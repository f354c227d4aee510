"""XES (IEEE 1849): a log of traces of events, each with attributes. A trace is a task, its concept:name its id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, NoReturn, TypeAlias
from xml.parsers import expat

import orjson

from audit.sources.base import SourceEvent
from audit.sources.files.errors import BadFile, quoted
from audit.sources.files.event import FileEvent
from audit.sources.files.mapping import MAX_CONTENT, MAX_NAME, Mapper
from audit.sources.files.opening import Opened

Attribute: TypeAlias = "list[str | list[Attribute] | None]"
"""[tag, key, value], and a list of nested attributes as a fourth item when there are any."""

MAX_DEPTH = 64
MAX_SILENCE = 64 * 1024 * 1024
_DECLARATIONS = frozenset({"extension", "global", "classifier"})
_NO_VALUE = frozenset({"list", "container", "values"})
_NO_KEY = "values"  # The only element without a key: <list><values>…</values></list>, XES 2.0.


class Row(NamedTuple):
    """A finished part of the log; `task` is "" in the log's own row. `line` is where it starts."""

    of: Literal["event", "trace", "log"]
    line: int
    task: str
    attributes: list[Attribute]


class Parser:
    """Turns chunks of XML into rows. DOCTYPE is refused: no entity can be defined, nothing outside is fetched.

    Attributes of an event are collected by handlers of their own, since nearly all of a file is these.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.rows: list[Row] = []
        self._expat = expat.ParserCreate()
        self._expat.ordered_attributes = True
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._silence = 0
        self._level = 0  # 0 outside, 1 in the log, 2 in a trace
        self._ignored = 0
        self._log: list[Attribute] = []
        self._log_size = 0
        self._trace: list[Attribute] = []
        self._trace_size = 0
        self._trace_line = 0
        self._task = ""
        self._event_line = 0
        self._stack: list[Attribute] = []
        self._outside()

    def feed(self, chunk: bytes, *, last: bool = False) -> list[Row]:
        """The rows that this chunk finishes."""
        self.rows = []
        try:
            self._expat.Parse(chunk, last)
        except expat.ExpatError as error:
            raise BadFile(self.path, error.lineno, _explained(error)) from error
        except (LookupError, ValueError) as error:
            raise BadFile(self.path, 1, f"the file's encoding can't be read: {error}; save it as UTF-8") from error
        self._silence = 0 if self.rows else self._silence + len(chunk)
        if self._silence > MAX_SILENCE:
            raise self._error("more than 64 MiB pass without the end of an event")
        return self.rows

    def _outside(self) -> None:
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end

    def _start(self, tag: str, found: list[str]) -> None:
        if self._ignored:
            self._ignored += 1
        elif self._level == 0:
            if tag != "log":
                raise self._error(f"this XML is no XES: its root is {quoted(tag)}, not <log>")
            self._level = 1
        elif self._level == 1 and tag == "trace":
            self._level, self._trace, self._trace_size, self._task = 2, [], 0, ""
            self._trace_line = self._expat.CurrentLineNumber
        elif self._level == 1 and tag in _DECLARATIONS:
            self._ignored = 1
        elif tag == "event":
            self._begin_event()
        else:
            self._expat.StartElementHandler = self._loose_start
            self._expat.EndElementHandler = self._loose_end
            self._loose_start(tag, found)

    def _end(self, tag: str) -> None:
        if self._ignored:
            self._ignored -= 1
        elif self._level == 2:
            self.rows.append(Row("trace", self._trace_line, self._named(), self._trace))
            self._level = 1
        else:
            self.rows.append(Row("log", self._expat.CurrentLineNumber, "", self._log))
            self._level = 0

    def _begin_event(self) -> None:
        if self._level != 2:
            raise self._error("this event stands outside of a trace, so it has no task; put it into a trace")
        self._event_line = self._expat.CurrentLineNumber
        self._task = self._task or self._named()
        attributes: list[Attribute] = []
        stack: list[Attribute] = []

        def start(tag: str, found: list[str]) -> None:
            item: Attribute
            if len(found) == 4 and found[0] == "key" and found[2] == "value":
                item = [tag, found[1], found[3]]
            else:
                item = self._unusual(tag, found)
            if stack:
                self._nest(stack, item)
            else:
                attributes.append(item)
            stack.append(item)

        def end(_: str) -> None:
            if stack:
                stack.pop()
            else:
                self.rows.append(Row("event", self._event_line, self._task, attributes))
                self._outside()

        self._expat.StartElementHandler = start
        self._expat.EndElementHandler = end

    def _loose_start(self, tag: str, found: list[str]) -> None:
        """An attribute of the log or of a trace, which may say whose events follow."""
        item = self._unusual(tag, found)
        size = sum(map(len, found))
        if self._stack:
            self._nest(self._stack, item)
        elif self._level == 2:
            self._trace.append(item)
        else:
            self._log.append(item)
        if self._level == 2:
            self._trace_size += size
        else:
            self._log_size += size
        if max(self._trace_size, self._log_size) > MAX_CONTENT:
            raise self._error("the attributes of one trace, or of the log, have more than 64 MiB")
        self._stack.append(item)

    def _loose_end(self, _: str) -> None:
        self._stack.pop()
        if not self._stack:
            self._outside()

    def _nest(self, stack: list[Attribute], item: Attribute) -> None:
        if len(stack) >= MAX_DEPTH:
            raise self._error(f"more than {MAX_DEPTH} attributes inside one another")
        parent = stack[-1]
        if len(parent) == 3:
            parent.append([])
        parent[3].append(item)  # type: ignore[union-attr]  # the fourth item is the list

    def _unusual(self, tag: str, found: list[str]) -> Attribute:
        """An attribute that is not just a key and a value, in this order."""
        given = dict(zip(found[::2], found[1::2], strict=True))
        key = given.get("key")
        if key is None and tag != _NO_KEY:
            raise self._error(f"the element {quoted(tag)} has no key, so it is no attribute of XES")
        return [tag, key, None if tag in _NO_VALUE else given.get("value")]

    def _named(self) -> str:
        for attribute in self._trace:
            if attribute[1] == "concept:name" and isinstance(attribute[2], str) and attribute[2]:
                if len(attribute[2].encode()) > MAX_NAME:
                    raise self._error(f"the trace's concept:name {quoted(attribute[2])} is too long for a task's id")
                return attribute[2]
        raise BadFile(
            self.path,
            self._trace_line,
            "this trace has no concept:name (before its events); that is the id of its task, so it must have one",
        )

    def _doctype(self, *_: object) -> NoReturn:
        raise self._error(
            "the file declares a document type (DOCTYPE); remove it: XES needs none, and entities are refused"
        )

    def _error(self, text: str) -> BadFile:
        return BadFile(self.path, self._expat.CurrentLineNumber, text)


def events(file: Opened, mapper: Mapper, log: list[Attribute]) -> Iterator[FileEvent]:
    """The file's events, and a `task.updated` for each trace that has more attributes than its name.

    The log's own attributes are put into `log` when the file is read.
    """
    for row in rows(file):
        if row.of == "event":
            values = {item[1]: item[2] for item in row.attributes}
            mapper.columns.learn(values)  # type: ignore[arg-type]  # an attribute of an event has a text as key
            content = orjson.dumps({"event": row.attributes})
            yield mapper.event(row.line, values, content, row.task)  # type: ignore[arg-type]  # and None is no value
        elif row.of == "trace" and any(item[1] != "concept:name" for item in row.attributes):
            yield details(row)
        elif row.of == "log":
            log.extend(row.attributes)


def rows(file: Opened) -> Iterator[Row]:
    """All rows of the file: of the log last, of each trace after its events."""
    parser = Parser(file.path)
    for chunk in file.chunks():
        yield from parser.feed(chunk)
    yield from parser.feed(b"", last=True)


def details(row: Row) -> FileEvent:
    """What a trace says of its task."""
    content = orjson.dumps({"trace": row.attributes})
    event = SourceEvent(
        task=row.task,
        type="task.updated",
        source_type="trace",
        occurred_at=None,
        instant=None,
        derived=True,
        content=content,
    )
    return FileEvent(event, row.line, strings=strings(row.attributes))


def strings(attributes: list[Attribute]) -> tuple[str, ...]:
    """The different keys and values of attributes and of those inside them."""
    found: dict[str, None] = {}
    waiting = [attributes]
    while waiting:
        for item in waiting.pop():
            found.update((text, None) for text in item[1:3] if isinstance(text, str) and 0 < len(text) <= MAX_NAME)
            if len(item) == 4:
                waiting.append(item[3])  # type: ignore[arg-type]  # the fourth item is the list
    return tuple(found)


def _explained(error: expat.ExpatError) -> str:
    said = expat.ErrorString(error.code)
    hint = {
        expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: "; the file ends too early: was it cut off?",
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: "; the file ends too early: was it cut off?",
        expat.errors.codes[
            expat.errors.XML_ERROR_INVALID_TOKEN
        ]: "; is the text in the encoding that its first line names?",
        expat.errors.codes[
            expat.errors.XML_ERROR_UNDEFINED_ENTITY
        ]: "; entities are refused, write the character itself",
    }.get(error.code, "")
    return f"this is not well-formed XML, column {error.offset + 1}: {said}{hint}"
