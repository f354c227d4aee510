"""Payloads of RedBrick AI: who they name, and what of them is a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeGuard

from audit.sources.base import ActorKind, PersonRef
from audit.sources.values import NESTED, Item, text

SYSTEM, SERVICE = "RB:", "API:"
"""How ids of RedBrick itself and of API keys begin; all others are people's."""

# Fields that name people by their ids alone.
_IDS = ("updatedBy", "createdBy", "consensusAssigneesBefore", "consensusAssigneesAfter")
_CALLED = frozenset({"email", "givenName", "familyName"})


def cycle(value: object) -> int | None:
    """RedBrick counts rounds of work from 0, the record from 1."""
    return value + 1 if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 - 1 else None


def user_id(user: object) -> str | None:
    """The id of a user entity, its e-mail where it has none, or of a user named by id alone."""
    found = (user.get("userId") or user.get("email")) if isinstance(user, dict) else user
    return found if isinstance(found, str) and found else None


def actor_kind(found: str | None) -> ActorKind:
    """What kind of actor a user id is: a person, an API key, RedBrick itself."""
    if found is None:
        return "unknown"
    return "system" if found.startswith(SYSTEM) else "service" if found.startswith(SERVICE) else "person"


def named(value: object) -> list[PersonRef]:
    """Everybody whom a payload names, as it names them. RedBrick's system is nobody."""
    found: list[PersonRef] = []
    left: list[Any] = [value] if isinstance(value, NESTED) else []
    while left:  # No recursion, and few steps: every payload comes through here.
        entry = left.pop()
        if isinstance(entry, list):
            left += [inner for inner in entry if isinstance(inner, NESTED)]
            continue
        if "userId" in entry and _someone(id_ := user_id(entry)):
            found.append(PersonRef(id_, text(entry, "email"), text(entry, "givenName")))
        for field in _IDS:
            if (inner := entry.get(field)) is not None:
                ids = inner if isinstance(inner, list) else (inner,)
                found += [PersonRef(one) for one in ids if _someone(one)]
        left += [inner for inner in entry.values() if isinstance(inner, NESTED)]
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
            key: facts(inner) if isinstance(inner, NESTED) else inner
            for key, inner in value.items()
            if key not in left_out
        }
    return value
