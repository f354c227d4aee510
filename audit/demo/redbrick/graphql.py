"""As much of GraphQL as is needed to answer exactly what a query asks for: one operation, fields, inline fragments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"\.\.\.|[A-Za-z_]\w*|\$\w+|\"[^\"]*\"|-?\d+(?:\.\d+)?|[{}()\[\]:!=]")


class BadQuery(ValueError):
    """A query that this reader can't read."""


@dataclass(frozen=True)
class Field:
    """A field asked for as `alias`; `name` is the type's name when `fragment`. `fields` is None for a plain value."""

    alias: str
    name: str
    fields: tuple[Field, ...] | None
    fragment: bool = False


@dataclass(frozen=True)
class Operation:
    """A named query."""

    name: str
    fields: tuple[Field, ...]


def parse(query: str) -> Operation:
    """The operation of a query. Raises BadQuery."""
    tokens = _TOKEN.findall(query)
    try:
        if tokens[0] != "query":
            raise BadQuery(f"a query begins with query, not with {tokens[0]}")
        at = _after_parentheses(tokens, 2)
        fields, end = _fields(tokens, at)
    except IndexError:
        raise BadQuery("the query is not whole") from None
    if end != len(tokens):
        raise BadQuery(f"there is something after the query: {tokens[end]}")
    return Operation(tokens[1], fields)


def picked(value: Any, fields: tuple[Field, ...] | None) -> Any:
    """Of a value, exactly the fields asked for; those that it does not have are null."""
    if value is None or fields is None:
        return value
    if isinstance(value, list):
        return [picked(entry, fields) for entry in value]
    found: dict[str, Any] = {}
    for field in fields:
        if not field.fragment:
            found[field.alias] = picked(value.get(field.name), field.fields)
        elif value.get("__typename") == field.name:
            found |= picked(value, field.fields)
    return found


def _fields(tokens: list[str], at: int) -> tuple[tuple[Field, ...], int]:
    if tokens[at] != "{":
        raise BadQuery(f"fields begin with a brace, not with {tokens[at]}")
    at += 1
    found: list[Field] = []
    while tokens[at] != "}":
        if tokens[at] == "...":  # ... on Type { fields }
            inner, end = _fields(tokens, at + 3)
            found.append(Field(tokens[at + 2], tokens[at + 2], inner, fragment=True))
            at = end
            continue
        alias = name = tokens[at]
        at += 1
        if tokens[at] == ":":
            name, at = tokens[at + 1], at + 2
        at = _after_parentheses(tokens, at)
        fields: tuple[Field, ...] | None = None
        if tokens[at] == "{":
            fields, at = _fields(tokens, at)
        found.append(Field(alias, name, fields))
    return tuple(found), at + 1


def _after_parentheses(tokens: list[str], at: int) -> int:
    """Where it goes on after arguments, whose values come as variables anyway."""
    if tokens[at] != "(":
        return at
    depth = 0
    while True:
        depth += {"(": 1, ")": -1}.get(tokens[at], 0)
        at += 1
        if depth == 0:
            return at
