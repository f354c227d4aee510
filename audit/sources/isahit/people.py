"""Whom payloads of isahit lab name. The platform lists no members: people are known by what names them alone."""

from __future__ import annotations

import re
from typing import Any

from audit.sources.base import PersonRef
from audit.sources.values import NESTED, Item, text

_IDS = ("id", "_id", "userId")
_FIRST, _LAST = ("firstname", "firstName", "givenName"), ("lastname", "lastName", "familyName")
_CALLED = frozenset({"email", "name", *_FIRST, *_LAST})
# Fields that hold a person, or a person's id or address: user, annotator, completedBy, assignedTo.
_PERSON = re.compile(r"(?:user|userId|annotator|reviewer|assignee|owner|author|lastAnnotator|by)|\w+(?:By|To|ById)")


def person(value: object) -> PersonRef | None:
    """The person that a field holds, as the platform names them. Without an id the e-mail address is the id, without
    that the name. A name in parts is none here; `people` puts it together."""
    if isinstance(value, str):
        return PersonRef(value, value if "@" in value else None) if value else None
    if not isinstance(value, dict):
        return None
    email, name = text(value, "email"), _name(value)
    found = _first(value, _IDS) or email or name
    return PersonRef(found, email, None if _parts(value) else name) if found else None


def people(value: object) -> tuple[PersonRef, ...]:
    """Everybody whom the payload names, once for each way of naming them."""
    found: list[PersonRef] = []
    left: list[Any] = [value]
    while left:
        entry = left.pop()
        if isinstance(entry, list):
            left += [inner for inner in entry if isinstance(inner, NESTED)]
        elif isinstance(entry, dict):
            for key, inner in entry.items():
                holds = _PERSON.fullmatch(key) is not None
                if holds and isinstance(inner, str) and (ref := person(inner)) is not None:
                    found.append(ref)
                elif isinstance(inner, dict) and (holds or text(inner, "email")):
                    found += _ways(inner)
                if isinstance(inner, NESTED):
                    left.append(inner)
    return tuple(dict.fromkeys(found))


def facts(value: Any, key: str = "") -> Any:
    """The value without what people are called now: addresses and names change, ids do not."""
    if isinstance(value, list):
        return [facts(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if _first(value, _IDS) and (_PERSON.fullmatch(key) or text(value, "email")):
        return {name: facts(inner, name) for name, inner in value.items() if name not in _CALLED}
    return {name: facts(inner, name) for name, inner in value.items()}


def _ways(value: Item) -> list[PersonRef]:
    """The person in each way in which the object names them, the whole name as well."""
    ref = person(value)
    if ref is None:
        return []
    parts = [PersonRef(ref.external_id, None, name) for name in _parts(value)]
    return [*parts, PersonRef(ref.external_id, ref.email, _name(value))]


def _name(value: Item) -> str | None:
    return text(value, "name") or " ".join(_parts(value)) or None


def _parts(value: Item) -> list[str]:
    """First and last name, where they stand alone."""
    return [name for name in (_first(value, _FIRST), _first(value, _LAST)) if name]


def _first(value: Item, names: tuple[str, ...]) -> str | None:
    return next((found for name in names if (found := text(value, name))), None)
