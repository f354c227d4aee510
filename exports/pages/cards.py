"""The formats that a builder of exports offers, by what they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exports.formats.base import Format

_RECORD, _LABELS_OF_ALL, _PLATFORMS = "The record", "Labels, for programs that learn", "Labels, as a platform has them"
_FAMILIES = {"events": _RECORD, "tables": _RECORD, "kili": _LABELS_OF_ALL, "others": _LABELS_OF_ALL}
"""What is in a family's folder below `exports.formats`; every other is that of a platform."""
_KILIS_OWN = ("kili", "raw")


@dataclass(frozen=True, slots=True)
class Card:
    """A format to choose; `why_not` says why it does not apply."""

    format: Format
    why_not: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Family:
    """Formats that are alike, for people who look for one of them."""

    title: str
    cards: Sequence[Card]


def families(cards: Sequence[Card]) -> list[Family]:
    """The cards by what their formats are for; their order within a family is that of the formats."""
    found: dict[str, list[Card]] = {title: [] for title in (_RECORD, _LABELS_OF_ALL, _PLATFORMS)}
    for card in cards:
        folder = type(card.format).__module__.split(".")[2]
        own = card.format.slug in _KILIS_OWN or folder not in _FAMILIES
        found[_PLATFORMS if own else _FAMILIES[folder]].append(card)
    return [Family(title, of) for title, of in found.items() if of]
