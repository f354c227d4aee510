"""Canonical JSON: one value, one sequence of bytes, so that a hash of the bytes is a hash of the value.

The profile is a part of JSON in which orjson's sorted output equals RFC 8785 byte for byte: objects with ASCII keys,
arrays, strings, booleans, null and integers within +-(2^53 - 1). Left out is all on which serialisers differ or which
a reader could take for something else: floats (1.0 or 1?), larger integers (JavaScript rounds them), keys beyond
ASCII (RFC 8785 sorts by UTF-16 unit, orjson by UTF-8 byte) and lone surrogates (no UTF-8 holds them).
"""

import json
from typing import TypeAlias

import orjson

Value: TypeAlias = "bool | int | str | list[Value] | dict[str, Value] | None"

MAX_INT = 2**53 - 1
MAX_DEPTH = 64
"""Arrays and objects inside one another; well below where orjson (254) and Python's stack give up."""

_PLAIN = frozenset({bool, type(None)})
_SHOWN = 24  # Bytes of context in an error text.


class NotCanonical(ValueError):
    """A value or bytes outside the profile.

    ``where`` is a path such as ``$.meta.sizes[2]`` or, where only the spelling is wrong, ``byte 17``; ``reason`` says
    what is wrong there.
    """

    def __init__(self, reason: str, where: str = "$") -> None:
        super().__init__(reason, where)
        self.reason = reason
        self.where = where

    def __str__(self) -> str:
        return f"Not canonical JSON at {self.where}: {self.reason}"

    def under(self, step: str) -> "NotCanonical":
        """The same error seen from one level further out."""
        return NotCanonical(self.reason, f"${step}{self.where[1:]}")


def dumps(value: object) -> bytes:
    """Return the canonical bytes of a value, or raise NotCanonical with the path of what does not fit.

    Only the plain types are taken (dict, list, str, bool, None, int), no subclasses and no tuples: what is hashed
    should be what ``loads`` gives back.
    """
    _check(value, MAX_DEPTH)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def loads(data: bytes) -> Value:
    """Return the value of canonical bytes; anything ``dumps`` would have written otherwise raises NotCanonical.

    A parser alone is not enough: orjson keeps the last of two equal keys and turns huge integers into floats without
    a word, so the value is written again and must give the same bytes.
    """
    try:
        value: Value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise NotCanonical(f"this is not JSON ({error.msg})", f"character {error.pos}") from error
    _check(value, MAX_DEPTH)
    written = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if written != data:
        raise _difference(data, written)
    return value


def _check(value: object, depth: int) -> None:
    """Raise NotCanonical unless the value is of the profile; ``depth`` is how many levels may still open.

    The path is put together while the error travels outwards, so a value that fits pays nothing for it.
    """
    kind = type(value)
    if kind is str:
        _check_string(value)  # type: ignore[arg-type]  # mypy does not narrow by `kind is`
    elif kind is int:
        if not -MAX_INT <= value <= MAX_INT:  # type: ignore[operator]
            raise NotCanonical(f"the integer {_brief(value)} is outside +-(2^53 - 1); write it as a string")
    elif kind is dict:
        _check_object(value, depth)  # type: ignore[arg-type]
    elif kind is list:
        _check_array(value, depth)  # type: ignore[arg-type]
    elif kind not in _PLAIN:
        raise NotCanonical(_refusal(value))


def _check_string(text: str) -> None:
    if text.isascii():  # Constant time: the answer is stored with the string.
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical(f"the string has a lone surrogate at character {error.start}") from error


def _check_object(members: dict[object, object], depth: int) -> None:
    if not depth:
        raise NotCanonical(f"more than {MAX_DEPTH} arrays and objects inside one another")
    for key, item in members.items():
        if type(key) is not str:
            raise NotCanonical(f"the key {_brief(key)} is of type {type(key).__name__}; keys are strings")
        if not key.isascii():
            raise NotCanonical(f"the key {_brief(key)} is not ASCII")
        try:
            _check(item, depth - 1)
        except NotCanonical as error:
            raise error.under(_step(key)) from error.__cause__


def _check_array(items: list[object], depth: int) -> None:
    if not depth:
        raise NotCanonical(f"more than {MAX_DEPTH} arrays and objects inside one another")
    for index, item in enumerate(items):
        try:
            _check(item, depth - 1)
        except NotCanonical as error:
            raise error.under(f"[{index}]") from error.__cause__


def _refusal(value: object) -> str:
    if isinstance(value, float):
        return f"{value!r} is a float or an integer too large; write the number as a string"
    return f"a value of type {type(value).__name__}; allowed are dict, list, str, bool, None and int, no subclasses"


def _difference(data: bytes, written: bytes) -> NotCanonical:
    """Say why bytes that parse are not the bytes we would write: keys first, since they have a path, then spelling."""
    try:
        found = _key_fault(json.loads(data, object_pairs_hook=_Members, parse_int=str, parse_float=str))
    except RecursionError:  # Deep nesting in the first of two equal keys, which orjson dropped: report the bytes.
        found = None
    if found is not None:
        return found
    at = next((at for at, (is_, should) in enumerate(zip(data, written, strict=False)) if is_ != should), len(written))
    here, wanted = data[at : at + _SHOWN], written[at : at + _SHOWN]
    return NotCanonical(f"{here!r} is written {wanted!r} (whitespace, an escape or a number's spelling)", f"byte {at}")


class _Members(list[tuple[str, object]]):
    """An object's keys and values as they stand in the bytes, duplicates and all."""


def _key_fault(value: object) -> NotCanonical | None:
    """The first duplicate or misplaced key, in the order of the bytes."""
    if isinstance(value, _Members):
        before: str | None = None
        seen: set[str] = set()
        for key, item in value:
            if key in seen:
                return NotCanonical(f"the key {_brief(key)} appears twice")
            if before is not None and key < before:
                return NotCanonical(f"the key {_brief(key)} stands after {_brief(before)}; keys are sorted")
            if fault := _key_fault(item):
                return fault.under(_step(key))
            seen.add(key)
            before = key
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if fault := _key_fault(item):
                return fault.under(f"[{index}]")
    return None


def _step(key: str) -> str:
    return f".{key}" if key.isidentifier() else f"[{_brief(key)}]"


def _brief(value: object) -> str:
    """The value for an error text, cut to a readable length."""
    if isinstance(value, int) and value.bit_length() > 128:
        return f"of {value.bit_length()} bits"  # str() refuses integers of more than 4,300 digits.
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
