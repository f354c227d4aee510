"""Bodies of requests: read strictly, everything wrong named at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from exportsite.problems import FieldProblem, WrongRequest, unknown

_WORDS = {int: "a whole number", str: "a text", bool: "true or false", dict: "an object"}


def read(request: Request, fields: Mapping[str, type], *required: str) -> dict[str, Any]:
    """The members of the body's JSON object, each of its type; null is as good as none. Raises WrongRequest."""
    return members(request.data, fields, *required)


def members(body: object, fields: Mapping[str, type], *required: str, within: str = "") -> dict[str, Any]:
    """The same of an object inside a body; `within` is its own name, which problems begin with."""
    path = f"{within}." if within else ""
    if not isinstance(body, dict):
        what = f"“{within}”" if within else "The body"
        raise WrongRequest(FieldProblem(within, "invalid", f"{what} is {'an' if within else 'a JSON'} object: {{…}}."))
    problems = [unknown(path + name, name, "The member", fields) for name in body if name not in fields]
    given: dict[str, Any] = {name: value for name, value in body.items() if name in fields and value is not None}
    for name, value in given.items():
        kind = fields[name]
        if type(value) is not kind:
            problems.append(FieldProblem(path + name, "invalid", f"“{path}{name}” is {_WORDS[kind]}."))
        elif isinstance(value, int) and not 0 <= value < 2**62:
            problems.append(FieldProblem(path + name, "invalid", f"“{path}{name}” is {value}, which nothing is."))
    for name in required:
        if name not in given:
            text = f"“{path}{name}” is missing: {_WORDS[fields[name]]}."
            problems.append(FieldProblem(path + name, "required", text))
    if problems:
        raise WrongRequest(*problems)
    return given
