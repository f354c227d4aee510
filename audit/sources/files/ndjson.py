"""NDJSON: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import NoReturn

import msgspec

from audit.sources.files.errors import BadFile, quoted
from audit.sources.files.event import FileEvent
from audit.sources.files.fields import Columns
from audit.sources.files.mapping import Mapper
from audit.sources.files.opening import Opened

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STRING = msgspec.json.Decoder(str)


def rows(file: Opened, columns: Columns) -> Iterator[tuple[int, dict[str, str], bytes]]:
    """Line number, the texts of the columns that hold fields, and the line without its end.

    Numbers are the digits of the file. Of equal keys the last one counts. Empty lines are passed over.
    """
    for number, line in file.lines():
        content = line.rstrip(b"\r\n")
        if not content.strip():
            continue
        if not content.isascii():
            file.text(number, content)
        try:
            fields: Mapping[str, object] = _OBJECT.decode(content)
        except (msgspec.DecodeError, RecursionError) as error:
            fields = _patiently(file.path, number, content, error)
        columns.learn(fields)
        row = {}
        for name in columns.mapped & fields.keys():
            value = _text(fields[name])
            if value is None:
                raise BadFile(
                    file.path,
                    number,
                    f"{quoted(name)} holds an object or a list, a text or a number was expected; "
                    "name another column with --column FIELD=NAME, or none with --column FIELD=",
                )
            row[name] = value
        yield number, row, content


def events(file: Opened, mapper: Mapper) -> Iterator[FileEvent]:
    """The file's events, in its order."""
    for number, row, content in rows(file, mapper.columns):
        yield mapper.event(number, row, content)


def _text(value: object) -> str | None:
    """A field's value as text; "" for null, None for what is no single value."""
    if isinstance(value, msgspec.Raw):
        raw = bytes(value)
        first = raw[:1]
        if first == b'"':
            return _STRING.decode(raw)
        if first in (b"{", b"["):
            return None
        return "" if raw == b"null" else raw.decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return value if isinstance(value, str) else None


def _patiently(path: str, number: int, content: bytes, error: Exception) -> dict[str, object]:
    """Read a line that the fast parser refused: it knows no lone surrogates, which JSON allows as escapes."""
    try:
        value: object = json.loads(content, parse_int=str, parse_float=str, parse_constant=_no_constant)
    except RecursionError as deep:
        raise BadFile(path, number, "objects and lists are nested too deep") from deep
    except ValueError as wrong:
        raise BadFile(path, number, f"this line is not JSON: {wrong or error}{_hint(number, content)}") from wrong
    if not isinstance(value, dict):
        raise BadFile(path, number, "this line is JSON, but no object; write one object a line")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _hint(number: int, content: bytes) -> str:
    if number == 1 and content.strip() in (b"{", b"["):
        return ". This looks like one JSON document over many lines; NDJSON has one object a line"
    return ""
