"""What a member of an export looks like from its beginning, and which member is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import orjson

from audit.sources.base import SourceError
from audit.sources.exported.container import Container, Member
from audit.sources.files.errors import BadFile, listed, quoted
from audit.sources.files.jsonarray import MAX_ITEM, Readable, objects
from audit.sources.values import mended

MOST_FILES = 50
"""Members of a folder or zip that are looked at."""
Item = Mapping[str, object]
Looks = Callable[[Item], bool]


def first_of_array(container: Container, name: str) -> Item:
    """The first object of the JSON array that a member is; empty for anything else."""
    if not _begins(container, name, b"["):
        return {}
    try:
        with container.text(name) as file:
            for _, raw in objects(file):
                return _object(raw)
    except BadFile:
        pass  # What it is not, is said when it is loaded.
    return {}


def whole_object(container: Container, name: str, most: int) -> Item:
    """The JSON object that a member of at most so many bytes is; empty for anything else."""
    if not _begins(container, name, b"{"):
        return {}
    try:
        return _object(container.read(name, most))
    except BadFile:
        return {}


def candidates(container: Container, suffixes: Sequence[str], looks: Callable[[str], bool]) -> list[str]:
    """The members that look so; of a folder or zip only those with such names, and none when there are too many."""
    if container.is_single:
        return [name for name in container.names if looks(name)]
    names = container.ending(*suffixes)
    return [name for name in names if looks(name)] if len(names) <= MOST_FILES else []


def only(container: Container, found: Sequence[str], what: str) -> str:
    """The one member that is meant; a single file is, whatever it looks like. Raises SourceError."""
    if container.is_single:
        return container.names[0]
    if len(found) != 1:
        several = f"there are {len(found)} files in it that are {what}s: {listed(found, 5)}; load one of them by itself"
        raise SourceError("answer", several if found else f"there is no {what} in it")
    return found[0]


def tasks_of(file: Readable) -> Iterator[tuple[int, bytes, dict[str, object]]]:
    """The objects of a JSON array: the line on which each begins, its bytes, and what they say. Raises BadFile.

    Half of a character (an escaped lone surrogate) is U+FFFD in both, since no JSON holds one.
    """
    for line, raw in objects(file):
        whole = mended(raw) if b"\\ud" in raw.lower() else raw
        yield line, whole, decoded(file.path, line, whole)


def lines_of(file: Member) -> Iterator[tuple[int, bytes]]:
    """The lines of NDJSON with their numbers, without empty ones. Raises BadFile for one of more than 64 MiB."""
    rest, number = b"", 0
    for chunk in file.chunks():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            number += 1
            if line.strip():
                yield number, line.removeprefix(b"\xef\xbb\xbf")
        if len(rest) > MAX_ITEM:
            raise BadFile(file.path, number + 1, f"this line has more than {MAX_ITEM >> 20} MiB")
    if rest.strip():
        yield number + 1, rest.removeprefix(b"\xef\xbb\xbf")


def decoded(path: str, line: int | None, raw: bytes) -> dict[str, object]:
    """The object that the JSON is. Raises BadFile for what is none."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as problem:
        raise BadFile(path, line, f"this is no JSON: {problem}") from None
    if not isinstance(found, dict):
        raise BadFile(path, line, "a JSON object was expected here")
    return found


@contextmanager
def not_too_deep(what: str) -> Iterator[None]:
    """What JSON may hold is nested deeper than a program may call itself: then this raises SourceError."""
    try:
        yield
    except RecursionError:
        raise SourceError("answer", f"{quoted(what)} is nested too deeply to be read") from None


def _begins(container: Container, name: str, mark: bytes) -> bool:
    try:
        head = container.head(name)
    except BadFile:
        return False
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(mark)


def _object(raw: bytes) -> Item:
    try:
        found = orjson.loads(mended(raw))
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
