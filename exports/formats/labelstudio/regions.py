"""Regions of a label: what they are of, what belongs together, and their ids, by which relations name them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from audit.annotations import (
    Annotation,
    Box,
    Classification,
    Ellipse,
    Graph,
    Medium,
    Polygon,
    Polyline,
    Relation,
    Transcription,
    finite,
)
from exports.formats.labels.shapes import Unwritable
from exports.formats.labelstudio.config import Control, writable
from exports.formats.labelstudio.pages import size_of

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Object:
    """A medium of a task: the name of its tag, the field of the task's data, and what is in that."""

    medium: Medium
    name: str
    field: str
    value: str


class Regions:
    """Ids of one label's regions: the object's own where it is free, and what it belongs to where it is not."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._taken: set[str] = set()
        self._objects: dict[str, str] = {}
        self._made = 0

    def new(self) -> str:
        """An id that nothing has."""
        while True:
            self._made += 1
            id_ = uuid5(NAMESPACE_URL, f"{self._seed}\n{self._made}").hex[:10]
            if id_ not in self._taken:
                self._taken.add(id_)
                return id_

    def take(self, one: Annotation) -> tuple[str, str | None]:
        """The id of a region, and that of the one above it."""
        wish = one.object or one.id
        if wish is None:
            return self.new(), one.linked
        if wish in self._objects:
            return self.new(), self._objects[wish]
        id_ = wish if wish not in self._taken else self.new()
        self._taken.add(id_)
        self._objects[wish] = id_
        return id_, one.linked

    def of(self, wish: str) -> str | None:
        """The region of an object; None when it was not written."""
        return self._objects.get(wish)


def grouped(annotations: Sequence[Annotation], objects: Sequence[Object]) -> list[list[Annotation]]:
    """Annotations one by one, but of the frames of a video an object's boxes together, its outlines and lines, and all
    answers to one question. Of an object of several parts each has a group."""
    videos = {found.medium.index for found in objects if found.medium.kind == "video"}
    found: list[list[Annotation]] = []
    tracks: dict[tuple[object, ...], list[Annotation]] = {}
    parts: dict[tuple[object, ...], int] = {}
    for one in annotations:
        track = _track(one) if one.frame is not None and one.medium in videos else ()
        if not track:
            found.append([one])
            continue
        if track[0] != "answers":
            place = (*track, one.frame)
            parts[place] = parts.get(place, -1) + 1
            track = (*track, parts[place])
        group = tracks.setdefault(track, [])
        group.append(one)
        if len(group) == 1:
            found.append(group)
    return found


def _track(one: Annotation) -> tuple[object, ...]:
    """What all of one track share; nothing for what is in none."""
    if isinstance(one, Classification | Transcription):
        return "answers", one.job, one.medium
    if one.object is not None and isinstance(one, Box | Polygon | Polyline | Graph | Ellipse):
        return "boxes" if isinstance(one, Box) else "vectors", one.object, one.medium
    return ()


def common_of(one: Annotation, of: Object) -> Result:
    """What all results of an annotation have."""
    found: Result = {"to_name": of.name, "origin": "manual"}
    medium = of.medium
    width, height = size_of(one, medium) if medium.kind == "pdf" else (medium.width, medium.height)
    if medium.kind in ("image", "pdf") and width and height:
        found |= {"original_width": width, "original_height": height, "image_rotation": 0}
    if one.confidence is not None and finite([one.confidence]):
        found["score"] = one.confidence
    if one.locked:
        found["readonly"] = True
    return found


def result_of(control: Control, common: Result, value: dict[str, Any]) -> Result:
    """What one tag says."""
    return {**common, "from_name": control.name, "to_name": control.to_name, "type": control.type, "value": value}


def joined(one: Relation, regions: Regions) -> Iterator[Result]:
    """A relation for each pair. Raises Unwritable where one of an object was not written."""
    pairs = [(regions.of(source), regions.of(target)) for source in one.sources for target in one.targets]
    if not pairs or any(end is None for pair in pairs for end in pair):
        raise Unwritable("bad_geometry", "it joins an object that was not written")
    for source, target in pairs:
        found = {"type": "relation", "from_id": source, "to_id": target, "direction": "right" if one.directed else "bi"}
        yield found | ({"labels": [writable(key) for key in one.classes]} if one.classes else {})
