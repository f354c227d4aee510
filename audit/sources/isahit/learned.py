"""A configuration learned from what tasks say: `lab` exports have none.

It holds the tools, inputs, lists and labels that answers name, in the order in which they name them, in the platform's
own form. A polyline looks like a polygon there.
"""

from __future__ import annotations

from audit.sources.isahit.inputs import PREFIX
from audit.sources.values import Item, part, parts, text, values

MOST_OPTIONS = 200
"""Different values of an input that lets choose: more are no options, but what people wrote."""


class _Tool:
    """What was drawn with one tool."""

    def __init__(self) -> None:
        self.type = ""
        self.sequence = False
        self._lists: dict[str, dict[str, Item]] = {}
        self._main: dict[str, None] = {}

    def add(self, said: Item) -> None:
        for annotation in parts(said, "annotations"):
            shapes = values(annotation, "polygons")
            if part(annotation, "approximation") or (shapes and all(isinstance(value, int) for value in shapes)):
                self.type = "segmentation"
            for shape in parts(annotation, "polygons"):
                self.type = self.type or text(part(shape, "geometry"), "type") or ""
                self.sequence = self.sequence or "timestamp" in shape
            labels = part(annotation, "labels")
            self._main |= dict.fromkeys(labels)
            self._learn(labels)

    def config(self) -> Item:
        lists = {name: list(labels.values()) for name, labels in self._lists.items()}
        main = [{"name": "main", "keys": list(self._main)}]
        options: Item = {"labelOptions": {"availableLabels": lists, "mainLists": main}}
        return {"metadata": {**options, "toolOptions": {"sequence": self.sequence}}}

    def _learn(self, lists: Item) -> None:
        for name, found in lists.items():
            if not isinstance(found, dict):
                continue
            known = self._lists.setdefault(name, {})
            for label in parts(found, "labels"):
                if (id_ := text(label, "id")) is not None:
                    known.setdefault(id_, {key: label[key] for key in ("id", "name", "displayName") if key in label})
            self._learn(part(found, "children"))


class Learned:
    """What tasks say so far."""

    def __init__(self) -> None:
        self._whole: _Tool | None = None
        self._inputs: dict[str, _Tool | list[object]] = {}

    def add(self, body: Item) -> None:
        """Learn from one more task's body."""
        if isinstance(body.get("annotations"), list):
            self._whole = self._whole or _Tool()
            self._whole.add(body)
            return
        for name, said in body.items():
            if isinstance(said, dict) and isinstance(said.get("annotations"), list):
                tool = self._inputs.setdefault(name, _Tool())
                if isinstance(tool, _Tool):
                    tool.add(said)
            elif said is not None:
                known = self._inputs.setdefault(name, [])
                if isinstance(known, list) and len(known) <= MOST_OPTIONS:
                    known.append(said)

    def configuration(self) -> Item:
        """The project's configuration."""
        if self._whole is not None:
            return {"projectType": _type(self._whole), **self._whole.config()}
        inputs = [[_input(name, said)] for name, said in self._inputs.items()]
        return {"projectType": "form", "metadata": {"inputsLayout": [inputs]}}


def _type(tool: _Tool) -> str:
    return PREFIX + (tool.type or "rectangle")


def _input(name: str, said: _Tool | list[object]) -> Item:
    """An input of the form: a tool, a number, several values to choose from, or a text."""
    if isinstance(said, _Tool):
        return {"id": name, "type": _type(said), "config": said.config()}
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in said):
        return {"id": name, "type": "number", "config": {}}
    if all(isinstance(one, list) for one in said):
        chosen = dict.fromkeys(str(value) for one in said if isinstance(one, list) for value in one)
        return {"id": name, "type": "checkbox", "config": {"options": list(chosen)}}
    return {"id": name, "type": "text", "config": {}}
