"""Bodies of requests: read strictly, everything wrong named at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from exportsite.problems import FieldProblem, WrongRequest, unknown

_WORDS = {int: "a whole number", str: "a text", bool: "true or false", dict: "an object"}


def read(request: Request, fields: Mapping[str, type], *required: str) -> dict[str, Any]:
    """The members of the body's JSON object, each of its type; null is as good as none. Raises WrongRequest."""
    body = request.data
    if not isinstance(body, dict):
        raise WrongRequest(FieldProblem("", "invalid", "The body is a JSON object: {…}."))
    problems = [unknown(name, name, "The member", fields) for name in body if name not in fields]
    given: dict[str, Any] = {name: value for name, value in body.items() if name in fields and value is not None}
    for name, value in given.items():
        kind = fields[name]
        if type(value) is not kind:
            problems.append(FieldProblem(name, "invalid", f"“{name}” is {_WORDS[kind]}."))
        elif isinstance(value, int) and not 0 <= value < 2**62:
            problems.append(FieldProblem(name, "invalid", f"“{name}” is {value}, which nothing is."))
    for name in required:
        if name not in given:
            problems.append(FieldProblem(name, "required", f"“{name}” is missing: {_WORDS[fields[name]]}."))
    if problems:
        raise WrongRequest(*problems)
    return given
