"""An ontology learned from labels: exports of Labelbox have none.

It holds what labels name, in the order in which they name it, in the platform's own form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from audit.sources.labelbox.ontology import schema
from audit.sources.labelbox.shapes import tool_of
from audit.sources.values import Item, part, parts, text

ANSWERS = {
    "radio_answer": "radio",
    "checklist_answers": "checklist",
    "dropdown_answers": "dropdown",
    "text_answer": "text",
}
"""Kinds of questions by the field that has what was answered."""
_RELATION = ("unidirectional_relationship", "bidirectional_relationship")


class Learned:
    """What labels name so far."""

    def __init__(self) -> None:
        self._tools: dict[str, Item] = {}
        self._questions: dict[str, Item] = {}

    def add(self, label: Item) -> None:
        """Learn from one more label."""
        for found in _features(part(label, "annotations")):
            if (key := schema(found)) is None:
                continue
            kind = text(found, "annotation_kind")
            if kind is not None or any(name in found for name in _RELATION):
                known = {"tool": "edge" if any(name in found for name in _RELATION) else tool_of(kind or "")}
                tool = self._tools.setdefault(key, {**_named(found, key), **known, "classifications": []})
                _ask(parts(found, "classifications"), tool["classifications"])
            else:
                asked = [self._questions[key]] if key in self._questions else []
                _ask([found], asked)
                self._questions.update((one["featureSchemaId"], one) for one in asked)

    def normalized(self) -> Item:
        """The ontology, as `Project.ontology().normalized` would be."""
        return {"tools": list(self._tools.values()), "classifications": list(self._questions.values())}


def _features(annotations: Item) -> Iterator[Item]:
    """Objects, relationships and answers, wherever they stand: of the whole, of frames, groups and moments."""
    left: list[Any] = [annotations]
    while left:
        found = left.pop()
        if isinstance(found, list):
            left += reversed(found)
        elif isinstance(found, dict):
            if schema(found) is not None:
                yield found  # What is inside of it, belongs to it.
            else:
                left += reversed(list(found.values()))


def _ask(found: Iterable[Item], into: list[Item]) -> None:
    """Put the questions that are answered into a list of questions, or to those that stand there already."""
    for one in found:
        key = schema(one)
        field = next((name for name in one if name.removeprefix("conversational_") in ANSWERS), None)
        if key is None or field is None:
            continue
        asked = next((known for known in into if known["featureSchemaId"] == key), None)
        if asked is None:
            name, kind = text(one, "value") or key, ANSWERS[field.removeprefix("conversational_")]
            asked = {"type": kind, **_named(one, key), "name": name, "instructions": text(one, "name"), "options": []}
            into.append(asked)
        given = one[field]
        for answer in given if isinstance(given, list) else [given]:
            if isinstance(answer, dict) and (chosen := schema(answer)) is not None:
                option = next((known for known in asked["options"] if known["featureSchemaId"] == chosen), None)
                if option is None:
                    option = {"label": text(answer, "name"), "value": text(answer, "value"), "options": []}
                    option["featureSchemaId"] = chosen
                    asked["options"].append(option)
                _ask(parts(answer, "classifications"), option["options"])


def _named(found: Item, key: str) -> Item:
    return {"featureSchemaId": key, "name": text(found, "name") or key}
