"""Regions of a label: what they are of, what belongs together, and their ids, by which relations name them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from audit.annotations import Annotation, Box, Medium, Relation
from exports.formats.labels.shapes import Unwritable
from exports.formats.labelstudio.config import writable

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
    """Annotations one by one, but boxes of one object in the frames of a video together."""
    videos = {found.medium.index for found in objects if found.medium.kind == "video"}
    found: list[list[Annotation]] = []
    tracks: dict[tuple[str, int], list[Annotation]] = {}
    for one in annotations:
        if isinstance(one, Box) and one.frame is not None and one.object is not None and one.medium in videos:
            track = tracks.setdefault((one.object, one.medium), [])
            track.append(one)
            if len(track) == 1:
                found.append(track)
        else:
            found.append([one])
    return found


def joined(one: Relation, regions: Regions) -> Iterator[Result]:
    """A relation for each pair. Raises Unwritable where one of an object was not written."""
    pairs = [(regions.of(source), regions.of(target)) for source in one.sources for target in one.targets]
    if not pairs or any(end is None for pair in pairs for end in pair):
        raise Unwritable("bad_geometry", "it joins an object that was not written")
    for source, target in pairs:
        found = {"type": "relation", "from_id": source, "to_id": target, "direction": "right" if one.directed else "bi"}
        yield found | ({"labels": [writable(key) for key in one.classes]} if one.classes else {})
