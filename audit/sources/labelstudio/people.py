"""Whom payloads of Label Studio name: by numbers, and in some places with e-mail and name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from audit.sources.base import PersonRef
from audit.sources.values import NESTED, Item, text

Members = dict[str, bytes]
BY = ("completed_by", "created_by", "updated_by", "last_created_by")
"""Fields that hold a person: the number, or an object with it."""
_CALLED = frozenset({"email", "first_name", "last_name", "name", "username", "avatar", "initials"})


def person(value: object) -> PersonRef | None:
    """The person that a field holds. The id is "user:" and the number: a plain number would be found in labels, too."""
    if isinstance(value, int) and not isinstance(value, bool):
        return PersonRef(f"user:{value}")
    if isinstance(value, str) and "@" in value:
        return PersonRef(value, value)
    if not isinstance(value, dict):
        return None
    email, id_ = text(value, "email"), value.get("id")
    known = isinstance(id_, int) and not isinstance(id_, bool)
    if not known and email is None:
        return None
    return PersonRef(f"user:{id_}" if known else email or "", email, _name(value))


def named(value: object) -> tuple[PersonRef, ...]:
    """Everybody whom a payload names with an e-mail."""
    found: list[PersonRef] = []
    left: list[Any] = [value]
    while left:
        entry = left.pop()
        if isinstance(entry, dict):
            if "email" in entry and (ref := person(entry)) is not None:
                found.append(ref)
            found += [ref for name in BY if isinstance(entry.get(name), str) and (ref := person(entry[name]))]
            left += [inner for inner in entry.values() if isinstance(inner, NESTED)]
        elif isinstance(entry, list):
            left += [inner for inner in entry if isinstance(inner, NESTED)]
    return tuple(dict.fromkeys(found))


def nameless(value: Any) -> Any:
    """The value without what people are called now, and whether they are named by number or with an object."""
    if isinstance(value, list):
        return [nameless(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    kept: Item = {}
    for name, inner in value.items():
        ref = person(inner) if name in BY else None
        kept[name] = nameless(inner) if ref is None else ref.external_id
    return {name: inner for name, inner in kept.items() if not ("email" in kept and "id" in kept and name in _CALLED)}


def members(raw: bytes) -> Members:
    """The members of an object, each value in its own bytes, users renamed. Raises msgspec.DecodeError."""
    return {name: _renamed(bytes(value)) for name, value in _members(raw).items()}


def together(found: Mapping[str, bytes]) -> bytes:
    """The object with these members."""
    return b"{" + b",".join(msgspec.json.encode(name) + b":" + value for name, value in found.items()) + b"}"


def without(found: Mapping[str, bytes], names: Iterable[str]) -> Members:
    """The members but for some."""
    left_out = frozenset(names)
    return {name: value for name, value in found.items() if name not in left_out}


def _members(raw: bytes) -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])


def _renamed(value: bytes) -> bytes:
    """A user with the whole name in one text: parts of names are words, and would be taken out of labels too."""
    if not value.startswith(b"{") or b'"email"' not in value or b"_name" not in value:
        return value
    found = _members(value)
    if "email" not in found or not found.keys() & {"first_name", "last_name"}:
        return value
    user = msgspec.json.decode(value)
    kept = {name: bytes(raw) for name, raw in found.items() if name not in ("first_name", "last_name")}
    kept["name"] = msgspec.json.encode(_name(user) or "")
    return together(kept)


def _name(user: Item) -> str | None:
    names = [name for name in (text(user, "first_name"), text(user, "last_name")) if name]
    return " ".join(names) or text(user, "name")
