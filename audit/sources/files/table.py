"""CSV: a header, then a row an event."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import orjson

from audit.sources.files.errors import BadFile, quoted
from audit.sources.files.event import FileEvent
from audit.sources.files.fields import REQUIRED, Columns
from audit.sources.files.mapping import Mapper
from audit.sources.files.opening import MAX_LINE, Opened

DELIMITERS = (",", ";", "\t", "|")


def rows(file: Opened, columns: Columns) -> Iterator[tuple[int, dict[str, str]]]:
    """The line on which a row starts, and the row: column to text. The delimiter is the header's most frequent one."""
    texts = (text for _, text in file.texts())
    first = next(texts, "")
    if not first.strip():
        raise BadFile(file.path, 1, "the first line is empty; it must hold the names of the columns")
    csv.field_size_limit(MAX_LINE)  # The module's own limit is 128 KiB; comments can be longer.
    reader = csv.reader(_again(first, texts), delimiter=_delimiter(first), strict=True)
    header: list[str] | None = None
    line = 1
    try:
        for row in reader:
            start, line = line, reader.line_num + 1
            if not row:
                continue
            if header is None:
                header = row
                _check_header(file.path, header)
                columns.learn(header)
                if lacking := columns.lack(REQUIRED) or columns.never_seen():
                    raise BadFile(file.path, start, lacking)
            elif len(row) != len(header):
                raise BadFile(
                    file.path,
                    start,
                    f"the row has {len(row)} cells, the header {len(header)}; "
                    "put cells that hold the delimiter in quotes",
                )
            else:
                yield start, dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise BadFile(
            file.path, line, f"this row can't be read: {error}; is a quote never closed, or not doubled inside a cell?"
        ) from error


def events(file: Opened, mapper: Mapper) -> Iterator[FileEvent]:
    """The file's events, in its order."""
    event = mapper.event
    for line, row in rows(file, mapper.columns):
        yield event(line, row, orjson.dumps(row))


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _delimiter(header: str) -> str:
    """The delimiter that stands most often outside quotes; a comma when none does."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _check_header(path: str, header: list[str]) -> None:
    seen: set[str] = set()
    for name in header:
        if name in seen:
            raise BadFile(path, 1, f"two columns are named {quoted(name)}; give each its own name")
        seen.add(name)
