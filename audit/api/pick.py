"""`fields=a,b.c`: only these parts of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from exportsite.problems import WrongRequest, unknown

Wanted = dict[str, "Wanted | None"]
"""Names to what is wanted of each; None: all of it."""


def wanted(raw: str | None, serializer: serializers.Serializer[Any]) -> Wanted | None:
    """The parts that `fields` names, or None when it names none. A name that rows do not have is a WrongRequest."""
    if not raw:
        return None
    found: Wanted = {}
    problems = []
    for path in (part.strip() for part in raw.split(",")):
        if not path:
            continue
        names = path.split(".")
        known = _known(serializer, names)
        if known is not None:
            problems.append(unknown("fields", path, "The field", known))
            continue
        _add(found, names)
    if problems:
        raise WrongRequest(*problems[:20])
    return found or None


def wanted_of(raw: str | None, known: Sequence[str]) -> Wanted | None:
    """The same for rows that another system shapes: `known` are their members, what is inside of these is its own."""
    found: Wanted = {}
    paths = [path for part in (raw or "").split(",") if (path := part.strip())]
    problems = [unknown("fields", path, "The field", known) for path in paths if path.split(".")[0] not in known]
    if problems:
        raise WrongRequest(*problems[:20])
    for path in paths:
        _add(found, path.split("."))
    return found or None


def pick(row: Mapping[str, Any], parts: Wanted) -> dict[str, Any]:
    """The wanted parts of a row, in the row's order."""
    picked = {}
    for name, value in row.items():
        if name in parts:
            inner = parts[name]
            picked[name] = value if inner is None else _within(value, inner)
    return picked


def _within(value: Any, parts: Wanted) -> Any:
    """The wanted parts of an object inside a row, or of each object of a list."""
    if isinstance(value, Mapping):
        return pick(value, parts)
    return [_within(one, parts) for one in value] if isinstance(value, list) else value


def _add(found: Wanted, names: list[str]) -> None:
    head, *rest = names
    if not rest:
        found[head] = None
    elif head not in found or found[head] is not None:
        inner = found.setdefault(head, {})
        if inner is not None:
            _add(inner, rest)


def _known(
    serializer: serializers.BaseSerializer[Any] | serializers.Field[Any, Any, Any, Any] | None, names: list[str]
) -> list[str] | None:
    """None when the path leads somewhere; else the paths that are known at the place where it fails."""
    head, *rest = names
    if isinstance(serializer, serializers.DictField):
        return None  # Its names are whatever there is.
    if isinstance(serializer, serializers.SerializerMethodField):
        method = getattr(serializer.parent, serializer.method_name or "")
        return _known(getattr(method, "_spectacular_annotation", {}).get("field"), names)
    if isinstance(serializer, serializers.ListSerializer):
        return _known(serializer.child, names)
    fields = serializer.fields if isinstance(serializer, serializers.Serializer) else {}
    if head not in fields:
        return list(fields)
    below = _known(fields[head], rest) if rest else None
    return None if below is None else [f"{head}.{name}" for name in below] or [head]
