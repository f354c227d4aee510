"""The features of a GeoJSON text, and what their properties say.

Labeltrail and Kili's SDK write what was said under "kili", and beside it once more in words for people: the class, then
each answer under a dotted name, in the same order. Of others' features a property is the class.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.sources.values import Item, part, parts, text, values

JOB = "objects"
"""The one job of features that name none: what is where?"""
CLASS_NAMES = ("class", "label", "name")
"""Properties that are the class of others' features: the first that one has."""
LABEL = "features"
"""The id of a label that the file does not name."""
Pairs = Iterator[tuple[str, object]]
"""Properties that repeat a class or an answer in words: their names and values."""


def features_of(said: Item) -> list[Any]:
    """The features of a text: a collection's, the one that it is, or of the geometry that it is."""
    if said.get("type") == "FeatureCollection":
        return values(said, "features")
    return [said] if said.get("type") == "Feature" else [{"type": "Feature", "geometry": said}]


def ours(feature: Item) -> Item:
    """What a feature of Labeltrail's or Kili's says, with its job; empty for any other."""
    found = part(part(feature, "properties"), "kili")
    return found if text(found, "job") is not None else {}


def class_of(feature: Item) -> str | None:
    """The class of a feature of others'; None where it has none."""
    properties = part(feature, "properties")
    for name in CLASS_NAMES:
        found = properties.get(name)
        if isinstance(found, str | int | float) and not isinstance(found, bool) and str(found).strip():
            return str(found)
    return None


def in_words(feature: Item) -> Pairs:
    """What the properties of one of our features repeat in words, in the order in which `ours` says it: of an object
    its class, then answers, each before those that were asked because of it. Nothing where they are not as many: names
    that are alike replace each other."""
    said, properties = ours(feature), part(feature, "properties")
    found = [(name, value) for name, value in properties.items() if name not in ("class", "kili")]
    if part(feature, "geometry"):
        count = bool(parts(said, "categories")) + _answers(part(said, "children"))
    else:
        count = 1 + _nested(said)
    return iter(found if len(found) == count else ())


def _answers(children: Item) -> int:
    """How many answers these are, with those that were asked because of them."""
    return sum(1 + _nested(answer) for answer in children.values() if isinstance(answer, dict))


def _nested(answer: Item) -> int:
    return sum(_answers(part(choice, "children")) for choice in parts(answer, "categories"))
