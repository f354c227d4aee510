"""Large JSON, cut into the objects it holds without reading more of it than one of them at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

import orjson

from audit.sources.files.errors import BadFile, quoted

MAX_ITEM = 64 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_SOLID = re.compile(rb"[^ \t\r\n]")
# Outside of strings: a whole string without escapes, the beginning of another one, a bracket. Inside: what may end it.
_OUTSIDE = re.compile(rb'"[^"\\]*"|["{}\[\]]')
_INSIDE = re.compile(rb'["\\]')
_WORD_END = re.compile(rb"[,}\] \t\r\n]")


class Readable(Protocol):
    """A file with its name, its first bytes, and all of them in pieces."""

    @property
    def path(self) -> str:
        """Its name in errors."""

    @property
    def head(self) -> bytes:
        """Its first bytes."""

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces."""
        ...


def objects(file: Readable) -> Iterator[tuple[int, bytes]]:
    """Each object of the array that the file is, with the line on which it starts.

    Only brackets and strings are looked at: what stands between them is for the reader of the object to check. Raises
    BadFile where the array, or the file, is not whole, and for an object of more than 64 MiB.
    """
    text = _Text(file)
    if text.next() != b"[":
        raise text.error("this is not a JSON array")
    text.skip()
    if text.next() != b"]":
        yield from _items(text)
    text.skip()
    if text.next():
        raise text.error("something follows the end of the array; only one array is read from a file")


def members(file: Readable) -> Iterator[tuple[str, bytes]]:
    """Of the object that the file is: each member's name with its value; of an array of objects, each object by itself.

    Values are as long as an object may be. Raises BadFile where the file is not whole.
    """
    text = _Text(file)
    if text.next() != b"{":
        raise text.error("this is not a JSON object")
    text.skip()
    if text.next() != b"}":
        while True:
            if text.next() != b'"':
                raise text.error("a name in quotes was expected")
            name = orjson.loads(text.string())
            if text.next() != b":":
                raise text.error(f"a colon was expected after {quoted(name)}")
            text.skip()
            yield from _values(text, name)
            found = text.next()
            if found == b"}":
                break
            if found != b",":
                raise text.error(f"a comma or the end of the object was expected after {quoted(name)}")
            text.skip()
    text.skip()
    if text.next():
        raise text.error("something follows the end of the object; only one is read from a file")


def _values(text: _Text, name: str) -> Iterator[tuple[str, bytes]]:
    found = text.next()
    if found == b"[":
        text.skip()
        if text.next() == b"]":
            text.skip()
            return
        if text.next() == b"{":
            for _, item in _items(text):
                yield name, item
        else:
            yield name, text.rest_of_array()
            return
        text.skip()
    elif found == b"{":
        yield name, text.object()
    elif found == b'"':
        yield name, text.string()
    else:
        yield name, text.word()


def _items(text: _Text) -> Iterator[tuple[int, bytes]]:
    """What stands between the brackets; the closing one is next."""
    while True:
        if (found := text.next()) == b"{":
            yield text.line, text.object()
            if (found := text.next()) == b"]":
                return
            if found == b",":
                text.skip()
                continue
        if not found:
            raise text.error("the file ends before the array does: it was cut off; write it again")
        raise text.error(f"{quoted(found.decode('utf-8', 'replace'))} stands where an object or a comma was expected")


class _Text:
    """The file's text from where it was read to; `line` is the one on which the next character stands."""

    def __init__(self, file: Readable) -> None:
        if file.head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise BadFile(file.path, None, "this text is UTF-16; save it as UTF-8")
        self.path = file.path
        self.line = 1
        self._chunks = file.chunks()
        self._rest = bytearray()
        while len(self._rest) < len(_BOM) and self._more():
            pass
        if self._rest.startswith(_BOM):
            del self._rest[: len(_BOM)]

    def next(self) -> bytes:
        """The next character that is not white space, which is left where it is; nothing at the end."""
        while True:
            found = _SOLID.search(self._rest)
            self._drop(found.start() if found else len(self._rest))
            if found or not self._more():
                return bytes(self._rest[:1])

    def skip(self) -> None:
        """Go on behind the next character."""
        self._drop(1)

    def object(self) -> bytes:
        """The object that begins here."""
        at = depth = 0
        inside = False
        while True:
            found = (_INSIDE if inside else _OUTSIDE).search(self._rest, at)
            if found is None:
                at = max(at, len(self._rest))  # It is one further behind a backslash that ends what was read.
                self._extend()
                continue
            mark = self._rest[found.start()]
            at = found.end()
            if inside:
                at += mark == 0x5C  # A backslash and what it escapes.
                inside = mark != 0x22
            elif mark == 0x22:
                inside = at - found.start() == 1
            elif mark in b"{[":
                depth += 1
            else:
                depth -= 1
                if depth == 0:
                    return self._taken(at)

    def string(self) -> bytes:
        """The string that begins here."""
        at = 1
        while True:
            found = _INSIDE.search(self._rest, at)
            if found is None:
                at = max(at, len(self._rest))
                self._extend()
                continue
            at = found.end()
            if self._rest[found.start()] == 0x22:
                return self._taken(at)
            at += 1

    def word(self) -> bytes:
        """The number or the name that begins here."""
        at = 0
        while (found := _WORD_END.search(self._rest, at)) is None:
            at = len(self._rest)
            self._extend()
        return self._taken(found.start())

    def rest_of_array(self) -> bytes:
        """What is left of an array whose bracket was read, with both brackets."""
        self._rest[:0] = b"["
        return self.object()

    def error(self, text: str) -> BadFile:
        """That something is wrong here."""
        return BadFile(self.path, self.line, text)

    def _extend(self) -> None:
        if len(self._rest) > MAX_ITEM:
            raise self.error("the object that begins here has more than 64 MiB; is a quote or a bracket never closed?")
        if not self._more():
            raise self.error("the file ends in the object that begins here: it was cut off; write it again")

    def _taken(self, size: int) -> bytes:
        if size > MAX_ITEM:
            raise self.error("the object that begins here has more than 64 MiB; that is more than can be read of one")
        found = bytes(self._rest[:size])
        self._drop(size)
        return found

    def _more(self) -> bool:
        chunk = next(self._chunks, b"")
        self._rest += chunk
        return bool(chunk)

    def _drop(self, size: int) -> None:
        self.line += self._rest.count(b"\n", 0, size)
        del self._rest[:size]
