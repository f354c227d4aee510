"""The payload of a `privacy.erased` event: what went, so that missing because erased differs from missing."""

from __future__ import annotations

from typing import Literal

import msgspec

Group = Literal["content", "text"]


class Erasure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose data went (a pseudonym), why, and which payloads: `groups` of the events at `indices`."""

    groups: list[Group]
    indices: list[int]
    person: str
    reason: str


def written(erasure: Erasure) -> bytes:
    """The payload's bytes."""
    return msgspec.json.encode(erasure)


def read(content: bytes) -> Erasure:
    """The erasure in a payload; ValueError when it is none."""
    return msgspec.json.decode(content, type=Erasure)
