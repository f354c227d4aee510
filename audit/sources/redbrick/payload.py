"""Payloads of RedBrick AI as bytes and as values: parsing that takes what JSON takes, and who they name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeGuard

import orjson

from audit.sources.base import ActorKind, PersonRef

Item = dict[str, Any]

SYSTEM, SERVICE = "RB:", "API:"
"""How ids of RedBrick itself and of API keys begin; all others are people's."""

# Fields that name people by their ids alone.
_IDS = ("updatedBy", "createdBy", "consensusAssigneesBefore", "consensusAssigneesAfter")
_CALLED = frozenset({"email", "givenName", "familyName"})
_MORE = (dict, list)  # What has values inside. A type written as `dict | list` is made anew whenever it is asked for.
# A URL whose query holds a signature: whoever has it may read the file until it expires. The path alone is what it is.
_SIGNED = re.compile(
    rb'"(https?://[^"?]*)\?[^"]*(?:X-Amz-Signature|X-Goog-Signature|Signature|[?&;]sig|\\u0026sig)=[^"]*"',
    re.IGNORECASE,
)


# Escapes: a pair of surrogates, a surrogate alone, any other.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def mended(answer: bytes) -> bytes:
    """The answer with U+FFFD for each half of a character that stands alone (RFC 8259 section 8.2): servers that are
    written in JavaScript send such escapes, and no decoder that checks its input takes them."""
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], answer)


def parsed(raw: bytes) -> Any:
    """What the JSON says, lone surrogates included. Raises ValueError for what is none."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return json.loads(raw.decode("utf-8", "replace"), strict=False)


def item(raw: bytes) -> Item:
    """The object that the JSON is; empty for anything else."""
    found = parsed(raw)
    return found if isinstance(found, dict) else {}


def part(of: Item, name: str) -> Item:
    """The object in this field; empty when the field has none."""
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def values(of: Item, name: str) -> list[Any]:
    """The list in this field; empty when the field has none."""
    found = of.get(name)
    return found if isinstance(found, list) else []


def parts(of: Item, name: str) -> list[Item]:
    """The objects of the list in this field."""
    return [entry for entry in values(of, name) if isinstance(entry, dict)]


def text(of: Item, name: str) -> str | None:
    """The text in this field; None when it is empty, or something else."""
    found = of.get(name)
    return found if isinstance(found, str) and found else None


def cycle(value: object) -> int | None:
    """RedBrick counts rounds of work from 0, the record from 1."""
    return value + 1 if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 - 1 else None


def instant(written: str) -> datetime:
    """The UTC instant of a time as RedBrick writes it; one without an offset is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(written)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"the time {written[:60]!r} is outside the years 1 to 9999 in UTC") from error


def when(of: Item, name: str = "createdAt") -> tuple[str, datetime] | tuple[None, None]:
    """The time in this field, as text and instant; neither when there is none that can be read (the payload has it)."""
    written = text(of, name)
    if written is None:
        return None, None
    try:
        return written, instant(written)
    except ValueError:
        return None, None


def unsigned(raw: bytes) -> bytes:
    """The payload without the queries of signed URLs."""
    return _SIGNED.sub(rb'"\1"', raw) if b"ignature=" in raw or b"sig=" in raw else raw


def unsigned_url(url: str) -> str:
    """The address without its query, where that is a signature."""
    if "?" not in url:
        return url
    return unsigned(b'"' + url.encode("utf-8", "surrogatepass") + b'"')[1:-1].decode("utf-8", "surrogatepass")


def user_id(user: object) -> str | None:
    """The id of a user entity, or of a user named by id alone."""
    found = user.get("userId") if isinstance(user, dict) else user
    return found if isinstance(found, str) and found else None


def actor_kind(found: str | None) -> ActorKind:
    """What kind of actor a user id is: a person, an API key, RedBrick itself."""
    if found is None:
        return "unknown"
    return "system" if found.startswith(SYSTEM) else "service" if found.startswith(SERVICE) else "person"


def named(value: object) -> list[PersonRef]:
    """Everybody whom a payload names, as it names them. RedBrick's system is nobody."""
    found: list[PersonRef] = []
    left: list[Any] = [value] if isinstance(value, _MORE) else []
    while left:  # No recursion, and few steps: every payload comes through here.
        entry = left.pop()
        if isinstance(entry, list):
            left += [inner for inner in entry if isinstance(inner, _MORE)]
            continue
        if _someone(id_ := entry.get("userId")):
            found.append(PersonRef(id_, text(entry, "email"), text(entry, "givenName")))
        for field in _IDS:
            if (inner := entry.get(field)) is not None:
                ids = inner if isinstance(inner, list) else (inner,)
                found += [PersonRef(one) for one in ids if _someone(one)]
        left += [inner for inner in entry.values() if isinstance(inner, _MORE)]
    return found


def _someone(id_: object) -> TypeGuard[str]:
    return isinstance(id_, str) and bool(id_) and not id_.startswith(SYSTEM)


def people_of(event: Item, known: Callable[[str], PersonRef]) -> tuple[PersonRef, ...]:
    """Whom the payload names: as the organisation knows them, and as the payload calls them."""
    found = named(event)
    return tuple(dict.fromkeys([*(known(ref.external_id) for ref in found), *found]))


def facts(value: Any) -> Any:
    """The value without what people are called now: addresses and names change, ids do not."""
    if isinstance(value, list):
        return [facts(entry) for entry in value]
    if isinstance(value, dict):
        left_out = _CALLED if "userId" in value else ()
        return {
            key: facts(inner) if isinstance(inner, _MORE) else inner
            for key, inner in value.items()
            if key not in left_out
        }
    return value


def canonical(value: Any) -> bytes:
    """One spelling for equal values: to compare them, not to keep them."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # Half a character, or a number of more than 64 bits.
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
