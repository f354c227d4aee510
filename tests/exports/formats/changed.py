"""Payloads of platforms as no platform ever sent them: what was recorded, changed at some places."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Change = tuple[int, str, int]
"""Where (of all places, by number), what is done, and with which of `ODD` or which other place."""

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 7, 1.5, 1e308, -1e308, 2**31, 2**63, -(10**30), math.nan, math.inf),
    *("", "x", "1", "-1", "\ud800", "a\x00b", "1e400", "²", "9" * 30, "image", "../../x", "2026-13-45T99:00:00Z"),
    *([], [[]], [None], [{}], [1, 2], ["a"], [1, 2, 3, 4, 5, 6, 7], [[1, 2], [3, 4], [5, 6]], [{"x": 1}]),
    *({}, {"": None}, {"x": {"x": []}}),
)
NAMES = ("", "x", "\ud800", "9" * 5000, "1", "²", "-1", "id")
_DEEP = "nested deeply"
OPERATIONS = ("drop", "odd", "odd", "odd", "other", "name", "text", "list", "more", "deep", "digits")

changes = st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(OPERATIONS), st.integers(0, 10_000)), min_size=1,
                   max_size=3)  # fmt: skip


def changed(payload: bytes, wanted: list[Change]) -> bytes:
    """The payload with these changes, also inside of texts that are JSON; it may be none any more."""
    said = _changed(json.loads(payload), wanted)
    return json.dumps(said).replace(f'"{_DEEP}"', "[" * 3000 + "]" * 3000).encode()


def _changed(said: Any, wanted: list[Change]) -> Any:
    for place, what, other in wanted:
        places = [path for path in _places(said) if path]
        if not places:
            return ODD[other % len(ODD)]
        *way, key = places[place % len(places)]
        at = _at(said, tuple(way))
        inner = _inside(at[key]) if what not in ("drop", "deep") else None
        if inner is not None:
            at[key] = json.dumps(_changed(inner, [(place // 7, what, other)]))
        else:
            _change(at, key, what, other, _at(said, places[other % len(places)]))
    return said


def _inside(text: Any) -> Any:
    """What a text says that is JSON."""
    try:
        return json.loads(text) if isinstance(text, str) and text[:1] in ("[", "{") else None
    except ValueError:
        return None


def _change(at: Any, key: Any, what: str, number: int, other: Any) -> None:
    match what:
        case "drop":
            del at[key]
        case "odd":
            at[key] = copy.deepcopy(ODD[number % len(ODD)])
        case "other":
            at[key] = copy.deepcopy(other)
        case "name" if isinstance(at, dict):
            at[NAMES[number % len(NAMES)]] = at.pop(key)
        case "text":
            at[key] = str(at[key])
        case "list":
            at[key] = [at[key]]
        case "more" if isinstance(at, list):
            at.append(copy.deepcopy(ODD[number % len(ODD)]))
        case "deep":
            at[key] = _DEEP
        case "digits":
            at[key] = 10**4200  # More than any number of 64 bits; parsers of Python take 4,300 digits.


def _places(said: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield way
    for key, value in said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ():
        yield from _places(value, (*way, key))


def _at(said: Any, way: tuple[Any, ...]) -> Any:
    for key in way:
        said = said[key]
    return said
