"""Who works in a Diffgram project. Users and members have numbers of their own: a member is a user, or an API key.

Numbers in payloads belong to nobody. People's ids in the record are `user-5`, and `member-7` of members who are no
user, or of whom that is not known: bare numbers would also be those of labels and files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from audit.sources.base import ActorKind, PersonRef
from audit.sources.values import NESTED, Item, text, whole

NAMES = ("first_name", "last_name", "username")
CALLED = frozenset({"email", *NAMES, "profile_image_thumb_url"})
"""What people are called in payloads, and their picture's address."""


@dataclass(frozen=True)
class Members:
    """The people of a project, as the platform tells them."""

    users: dict[int, PersonRef] = field(default_factory=dict)
    members: dict[int, tuple[PersonRef, ActorKind]] = field(default_factory=dict)

    def user(self, id_: int | None) -> PersonRef | None:
        """The user of this number; of strangers only that is known."""
        return None if id_ is None else self.users.get(id_) or PersonRef(f"user-{id_}")

    def member(self, id_: int | None) -> tuple[PersonRef | None, ActorKind]:
        """The member of this number, and what kind of actor that is."""
        if id_ is None:
            return None, "unknown"
        return self.members.get(id_) or (PersonRef(f"member-{id_}"), "unknown")


def members_of(rows: Iterable[Item], *, called: bool) -> Members:
    """From rows with `id` (of the user), `member_id`, `member_kind` and names.

    Not `called`, their names are left to the payloads that tell them.
    """
    found = Members()
    for row in rows:
        user, member = whole(row, "id"), whole(row, "member_id")
        ref = person(row)
        if ref is not None and not called:
            ref = PersonRef(ref.external_id, ref.email)
        if user is not None and ref is not None:
            found.users[user] = ref
        if member is not None:
            kind: ActorKind = "service" if text(row, "member_kind") == "api" or user is None else "person"
            found.members[member] = (ref or PersonRef(f"member-{member}"), kind)
    return found


def person(row: Item) -> PersonRef | None:
    """The user whom an object describes; None for what is no user."""
    id_ = whole(row, "id")
    if id_ is None:
        return None
    names = [name for name in (text(row, "first_name"), text(row, "last_name")) if name]
    return PersonRef(f"user-{id_}", text(row, "email"), " ".join(names) or text(row, "username"))


def people(value: object) -> tuple[PersonRef, ...]:
    """Everybody whom the payload describes, once for each way of naming them."""
    found: list[PersonRef] = []
    left = [value]
    while left:
        entry = left.pop()
        if isinstance(entry, dict):
            if any(isinstance(entry.get(name), str) for name in ("email", *NAMES)):
                found += ways(entry)
            left += [inner for inner in entry.values() if isinstance(inner, NESTED)]
        elif isinstance(entry, list):
            left += [inner for inner in entry if isinstance(inner, NESTED)]
    return tuple(dict.fromkeys(found))


def ways(row: Item) -> list[PersonRef]:
    """The user in each way in which the object names them, the whole name as well. One without a number is known by
    the e-mail or the name."""
    ref = person(row)
    email = text(row, "email")
    if ref is None:
        known = email or next((name for key in NAMES if (name := text(row, key))), "")
        ref = PersonRef(known, email)
    return [*(PersonRef(ref.external_id, None, name) for key in NAMES[::-1] if (name := text(row, key))), ref]
