"""A taxonomy made of what labels name: classes by kind of label, attributes and their options, in order of appearance.

It has the shape of the API's (`isNew`), so that `ontology` reads both. Its numbers mean nothing: labels go by names.
"""

from __future__ import annotations

from typing import Any

from audit.sources.redbrick.ontology import BOOL, MANY, NUMBER, SCOPES, TEXT
from audit.sources.redbrick.shapes import SHAPES
from audit.sources.values import Item, parts, text

CHOSEN = "SELECT"
MOST_OPTIONS = 200
"""Different texts of one attribute: more are no options, but what people wrote."""

_Asked = dict[str, "_Attribute"]


class _Attribute:
    def __init__(self) -> None:
        self.kind: str | None = None
        self.options: dict[str, None] = {}

    def add(self, value: object) -> None:
        kind = BOOL if isinstance(value, bool) else NUMBER if isinstance(value, int | float) else CHOSEN
        kind = MANY if isinstance(value, list) else kind
        self.kind = kind if self.kind in (None, kind) else MANY if MANY in (kind, self.kind) else TEXT
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and len(self.options) <= MOST_OPTIONS:
                self.options.setdefault(one)

    def told(self, number: int, name: str) -> Item:
        kind = TEXT if self.kind == CHOSEN and len(self.options) > MOST_OPTIONS else self.kind
        options = [{"optionId": at, "name": option} for at, option in enumerate(self.options)]
        return {"attrId": number, "name": name, "attrType": kind, "options": options if kind in (CHOSEN, MANY) else []}


class Taxonomy:
    """Takes the entries of labels one after the other."""

    def __init__(self) -> None:
        self._classes: dict[tuple[str, str], _Asked] = {}
        self._scopes: dict[str, _Asked] = {scope: {} for scope in SCOPES}

    def add(self, entry: Item) -> None:
        """An entry as the API has it."""
        scope = next((scope for scope in SCOPES if entry.get(f"{scope}classify")), None)
        if scope is not None:
            asked = self._scopes[scope]
        else:
            tool = next((tool for field, (tool, _) in SHAPES.items() if entry.get(field)), None)
            name = text(entry, "category")
            if tool is None or name is None:
                return
            asked = self._classes.setdefault((tool, name), {})
        for attribute in parts(entry, "attributes"):
            if (called := text(attribute, "name")) is not None and attribute.get("value") is not None:
                asked.setdefault(called, _Attribute()).add(attribute["value"])

    def told(self) -> Item:
        """The taxonomy."""
        found: dict[str, Any] = {"isNew": True, "objectTypes": []}
        for number, ((tool, name), asked) in enumerate(self._classes.items()):
            known = {"classId": number, "category": name, "labelType": tool, "attributes": _told(asked)}
            found["objectTypes"].append(known)
        return found | {f"{scope}Classify": _told(asked) for scope, asked in self._scopes.items()}


def _told(asked: _Asked) -> list[Item]:
    return [attribute.told(number, name) for number, (name, attribute) in enumerate(asked.items())]
