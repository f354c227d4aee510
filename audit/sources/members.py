"""Members of a project as the record has them, whatever platform tells of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from audit.sources.base import PersonRef, SourceEvent, Version
from audit.sources.values import Item, canonical


def member_event(
    ref: PersonRef, user: Item, standing: Mapping[str, object], people: Sequence[PersonRef] = ()
) -> SourceEvent:
    """A member with what they may do there, `standing`: `person.added` first, then an event whenever that changed.

    `user` is what the payload says of the person, `people` all ways in which it names them (otherwise `ref`).
    """
    added = SourceEvent(
        task=None,
        type="person.added",
        source_type="MEMBER_ADDED",
        occurred_at=None,
        instant=None,
        assignee=ref,
        derived=True,
        content=json.dumps({"user": user, **standing}).encode(),
        people=tuple(people) or (ref,),
    )
    version = Version(f"member/{ref.external_id}", canonical(dict(standing)).decode(), first=added)
    return replace(added, type="activity.recorded", source_type="MEMBER_CHANGED", version=version)
