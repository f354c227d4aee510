"""Payloads of Kili as bytes: members of an object put together anew, and whom they name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec
import orjson

from audit.sources.base import PersonRef
from audit.sources.kili.wire import whole_json
from audit.sources.values import NESTED, Item, canonical, item, text

Members = dict[str, bytes]
NULL = b"null"


def members(raw: bytes) -> Members:
    """The members of an object, each value in its own bytes. Raises msgspec.DecodeError for anything else."""
    return {name: bytes(value) for name, value in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items()}


def together(found: Mapping[str, bytes]) -> bytes:
    """The object with these members."""
    return b"{" + b",".join([_named(name) + value for name, value in found.items()]) + b"}"


@lru_cache(1024)  # A platform's names are few, and are written for every label.
def _named(name: str) -> bytes:
    return msgspec.json.encode(name) + b":"


def unpacked(value: bytes) -> bytes:
    """The JSON that stands in a JSON string, as Kili sends ontologies and answers; else the value as it is."""
    if not value.startswith(b'"'):
        return value
    written = orjson.loads(value)
    try:
        return whole_json(written.encode("utf-8", "surrogatepass"))
    except orjson.JSONDecodeError:
        return value


def digest(value: Any) -> str:
    """What stands for a value in a state: equal for equal values, whatever the order of their names."""
    return sha256(canonical(value)).hexdigest()


def person(user: object) -> PersonRef | None:
    """A user as Kili names them; one without an id is known by the e-mail, and without both nobody."""
    if not isinstance(user, dict):
        return None
    email = text(user, "email")
    found = text(user, "id") or email
    return None if found is None else PersonRef(found, email, full_name(user))


def full_name(user: Item) -> str | None:
    """First and last name as one text."""
    names = [name for name in (text(user, "firstname"), text(user, "lastname")) if name]
    return " ".join(names) or text(user, "name")


def renamed(user: bytes) -> bytes:
    """A user with the whole name in one text: parts of names are words, and would be taken out of labels too.

    `firstnameLength` says where it was cut, in code points.
    """
    if not user.startswith(b"{"):
        return user
    found = members(user)
    said = item(user)
    if not found.keys() & {"firstname", "lastname"}:
        return user
    kept = {name: value for name, value in found.items() if name not in {"firstname", "lastname"}}
    kept["name"] = msgspec.json.encode(full_name(said))
    kept["firstnameLength"] = msgspec.json.encode(len(text(said, "firstname") or ""))
    return together(kept)


def users(value: Any) -> list[PersonRef]:
    """Everybody whom a payload names with an e-mail."""
    found: list[PersonRef] = []
    left: list[Any] = [value]
    while left:
        entry = left.pop()
        if isinstance(entry, dict):
            if "email" in entry and (ref := person(entry)) is not None:
                found.append(ref)
            left += [inner for inner in entry.values() if isinstance(inner, NESTED)]
        elif isinstance(entry, list):
            left += [inner for inner in entry if isinstance(inner, NESTED)]
    return found


def nameless(value: Any) -> Any:
    """The value without what people are called now: addresses and names change, ids do not."""
    if isinstance(value, list):
        return [nameless(entry) if isinstance(entry, NESTED) else entry for entry in value]
    if isinstance(value, dict):
        called = (
            {"email", "name", "firstname", "lastname", "firstnameLength"}
            if "email" in value and value.get("id")
            else ()
        )
        return {
            name: nameless(inner) if isinstance(inner, NESTED) else inner
            for name, inner in value.items()
            if name not in called
        }
    return value
