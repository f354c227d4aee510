"""Bodies of requests: read strictly, everything wrong named at once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from exportsite.problems import FieldProblem, WrongRequest, unknown

LARGEST = 1 << 20
"""Bytes of a body. What one asks for is small."""
DEEPEST = 16
"""How many lists and objects may lie in one another."""
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
Kind = type | tuple[type, ...]
"""What a member may be: of one type, or of one of several."""
_WORDS = {int: "a whole number", str: "a text", bool: "true or false", dict: "an object", list: "a list"}


class TooLarge(APIException):
    """The body is longer than anything that can be asked for."""

    status_code = 413
    default_detail = f"The body is longer than {LARGEST:,} bytes."


class StrictJson(BaseParser):
    """JSON as RFC 8259 has it: UTF-8, no name twice in an object, no NaN; texts that PostgreSQL can hold."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value. ParseError says what is wrong with it, and where."""
        data: bytes = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise TooLarge
        try:
            value = json.loads(data.decode(), object_pairs_hook=_object, parse_constant=_no_number)
        except UnicodeDecodeError as error:
            raise ParseError(f"The body is not UTF-8: byte {error.start:,} can't be read.") from None
        except json.JSONDecodeError as error:
            text = f"The body is not JSON: {error.msg}, at line {error.lineno:,}, column {error.colno:,}."
            raise ParseError(text) from None
        except (ValueError, RecursionError) as error:
            why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise ParseError(f"The body can't be read as JSON: {why}.") from None
        _check(value)
        return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name “{twice[:100]}” stands twice in one object")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _check(value: object) -> None:
    """Raise ParseError for what lies too deep, and for characters that can't be stored or looked for."""
    waiting: list[tuple[object, int]] = [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, str):
            if found := _UNSTORABLE.search(one):
                raise ParseError(f"The body has the character U+{ord(found[0]):04X} in a text: take it out.")
        elif isinstance(one, dict | list):
            if depth > DEEPEST:
                raise ParseError(f"The body is nested more than {DEEPEST} deep.")
            inner = [*one, *one.values()] if isinstance(one, dict) else one
            waiting += [(part, depth + 1) for part in inner]


def read(request: Request, fields: Mapping[str, Kind], *required: str) -> dict[str, Any]:
    """The members of the body's JSON object, each of its type; null is as good as none. Raises WrongRequest."""
    return members(request.data, fields, *required)


def members(body: object, fields: Mapping[str, Kind], *required: str, within: str = "") -> dict[str, Any]:
    """The same of an object inside a body; `within` is its own name, which problems begin with."""
    path = f"{within}." if within else ""
    if not isinstance(body, dict):
        what = f"“{within}”" if within else "The body"
        raise WrongRequest(FieldProblem(within, "invalid", f"{what} is {'an' if within else 'a JSON'} object: {{…}}."))
    problems = [unknown(path + name, name, "The member", fields) for name in body if name not in fields]
    given: dict[str, Any] = {name: value for name, value in body.items() if name in fields and value is not None}
    for name, value in given.items():
        if type(value) not in _kinds(fields[name]):
            problems.append(FieldProblem(path + name, "invalid", f"“{path}{name}” is {_words(fields[name])}."))
        elif isinstance(value, int) and not 0 <= value < 2**62:
            problems.append(FieldProblem(path + name, "invalid", f"“{path}{name}” is {value}, which nothing is."))
    for name in required:
        if name not in given:
            text = f"“{path}{name}” is missing: {_words(fields[name])}."
            problems.append(FieldProblem(path + name, "required", text))
    if problems:
        raise WrongRequest(*problems)
    return given


def _kinds(kind: Kind) -> tuple[type, ...]:
    return kind if isinstance(kind, tuple) else (kind,)


def _words(kind: Kind) -> str:
    return " or ".join(_WORDS[one] for one in _kinds(kind))
