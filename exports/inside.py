"""Looking into a finished archive for a page: what was skipped or changed, without reading the archive."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import orjson

MOST_MEMBERS = 20_000
"""Members of an archive whose list is read for a page; the lists of larger ones take too long."""
LOOKED_AT = 20_000
"""Lines of errors.ndjson that are counted by their reasons."""
TEXTS = 6
"""Different texts of one code that are told apart; the rarer ones are counted together."""
ERRORS = "errors.ndjson"
_IN_FOLDER = re.compile(r"[0-9]{2,}_[^/]+/errors\.ndjson").fullmatch
_FRAME = re.compile(r" \(frame [0-9]+\)$")
"""Where in a video an item is: its line says so, but it is no reason of its own."""
_TAIL = 22
"""Bytes of the record at an archive's end, which has no comment after it in ours (APPNOTE 4.3.16)."""


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """A line of errors.ndjson; what does not apply is empty."""

    asset: str
    label: str
    annotation: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Reason:
    """How many lines of errors.ndjson say the same, and the first of them. `others` are texts besides this one."""

    example: SkippedItem
    count: int
    others: int = 0


@dataclass(frozen=True, slots=True)
class SkippedItems:
    """Some lines of errors.ndjson; `problem` says why there are none to show.

    `reasons` are of the first `lines`, the most frequent first; `whole` when there are no more.
    """

    rows: list[SkippedItem]
    more: bool = False
    problem: str = ""
    reasons: list[Reason] = field(default_factory=list)
    lines: int = 0
    whole: bool = True


def skipped_items(path: Path, start: int, count: int) -> SkippedItems:
    """Lines `start` to `start + count` of the archive's errors.ndjson, and how often each reason occurs."""
    try:
        with path.open("rb") as file:
            if members(file) > MOST_MEMBERS:
                return SkippedItems([], problem="The archive has too many files to look into it here.")
            with zipfile.ZipFile(file) as archive:
                lines = (line for name in of_errors(archive.namelist()) for line in archive.open(name))
                return _read(lines, start, count)
    except (OSError, KeyError, ValueError, struct.error, zipfile.BadZipFile) as problem:
        why = "it is no longer kept" if isinstance(problem, FileNotFoundError) else "it can’t be read here"
        return SkippedItems([], problem=f"The archive has them; {why}.")


def _read(lines: Iterator[bytes], start: int, count: int) -> SkippedItems:
    rows: list[SkippedItem] = []
    counts: dict[tuple[str, str], list[Any]] = {}
    looked, whole = 0, True
    for number, line in enumerate(lines):
        counted, shown = number < LOOKED_AT, start <= number <= start + count
        whole = whole and counted
        if not counted and number > start + count:
            break
        if not (counted or shown):
            continue
        item = _item(orjson.loads(line))
        if shown:
            rows.append(item)
        if counted:
            looked += 1
            reason = replace(item, text=_FRAME.sub("", item.text))
            counts.setdefault((reason.code, reason.text), [reason, 0])[1] += 1
    return SkippedItems(rows[:count], len(rows) > count, "", _reasons(counts), looked, whole)


def _reasons(counts: dict[tuple[str, str], list[Any]]) -> list[Reason]:
    """The counts, the rarer texts of a code together."""
    texts: dict[str, list[Reason]] = {}
    for item, count in sorted(counts.values(), key=lambda each: -each[1]):
        of_code = texts.setdefault(item.code, [])
        if len(of_code) < TEXTS:
            of_code.append(Reason(item, count))
        else:
            last = of_code[-1]
            of_code[-1] = Reason(last.example, last.count + count, last.others + 1)
    return sorted((reason for found in texts.values() for reason in found), key=lambda reason: -reason.count)


def of_errors(names: list[str]) -> list[str]:
    """Which members say what was left out: one, or one in each project's folder. KeyError when there is none."""
    found = [ERRORS] if ERRORS in names else [name for name in names if _IN_FOLDER(name)]
    if not found:
        raise KeyError(ERRORS)
    return found


def members(file: IO[bytes]) -> int:
    """How many members the archive says that it has, at most 65,535."""
    file.seek(-_TAIL, 2)
    tail = file.read(_TAIL)
    if tail[:4] != b"PK\x05\x06":
        raise zipfile.BadZipFile("no end of an archive")
    (count,) = struct.unpack_from("<H", tail, 10)
    return int(count)


def _item(line: Any) -> SkippedItem:
    if not isinstance(line, dict):
        raise ValueError("a line of errors.ndjson is an object")
    said = {name: "" if line.get(name) is None else str(line[name]) for name in SkippedItem.__slots__}
    return SkippedItem(**said)
