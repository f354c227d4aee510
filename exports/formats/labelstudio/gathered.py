"""The tags that tasks name, gathered task by task, perhaps by several processes, and brought together in their order.

What a tag is called depends on those before it, which only the whole configuration knows; so are the numbers of labels
and people. In a task's line there are marks in their place until it comes to the others (`Together`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from secrets import token_hex

import msgspec
import orjson

from audit.ontology import LabelClass
from exports.formats.labelstudio.config import Config, Control

MOST_SEEN = 1_000
"""Sets of tags that are remembered."""

Key = tuple[str, str, str]
"""The name that is wished for a tag, its type, the object that it is about."""
Tag = tuple[Key, bool, bool, tuple[int, str] | None, tuple[tuple[str, LabelClass], ...]]
"""A tag: whether it is of regions, whether it takes several, after which tag's choice (by its place) it is asked, what
it knows."""
Tags = tuple[tuple[tuple[str, str, str, bool], ...], tuple[Tag, ...]]
"""Objects, and what is said of them."""


class Gathered(msgspec.Struct):
    """The tags that one task names; `tags` is None where the same process gave the same ones before."""

    keys: tuple[Key, ...]
    tags: Tags | None


class Line(msgspec.Struct):
    """A task with marks; how many labels it has, and the people that it names, by whose places there are marks."""

    data: bytes
    gathered: Gathered
    labels: int = 0
    people: Sequence[str] = ()


def label(number: int) -> orjson.Fragment:
    """A mark for the number of a label, by its number in the task, from 1."""
    return orjson.Fragment(b"\0l%d\0" % number)  # In JSON the character 0 is always escaped: nothing else looks so.


def person(place: int) -> orjson.Fragment:
    """A mark for the number of a person, by their place in `Line.people`."""
    return orjson.Fragment(b"\0p%d\0" % place)


class TaskConfig(Config):
    """The tags of one task after the other. Those of Label Studio's own have their names, others a mark (`secret`)."""

    def __init__(self) -> None:
        super().__init__()
        self.secret = token_hex(12)
        """Nobody's text has it. It is in no file."""
        self._seen: set[Tags] = set()

    def begin(self) -> None:
        """Another task comes: forget what the last one named."""
        self._objects, self._controls = {}, {}

    def control(self, wish: str, type_: str, to_name: str) -> Control:
        """The tag of this type for this object; its name is a mark."""
        key = (wish, type_, to_name)
        if key not in self._controls:
            self._controls[key] = Control(f"{self.secret}{len(self._controls)}.", type_, to_name)
        return self._controls[key]

    def taken(self) -> Gathered:
        """What the task named."""
        objects = tuple((name, *said) for name, said in self._objects.items())
        tags = (
            objects,
            tuple(
                (key, one.per_region, one.multiple, self._asked(one), tuple(one.labels.items()))
                for key, one in self._controls.items()
            ),
        )
        gathered = Gathered(tuple(self._controls), None if tags in self._seen else tags)
        if len(self._seen) == MOST_SEEN:
            self._seen.clear()
        self._seen.add(tags)
        return gathered

    def _asked(self, one: Control) -> tuple[int, str] | None:
        return None if one.when is None else (int(one.when[0][len(self.secret) : -1]), one.when[1])


class Together:
    """Brings tasks together, in their order: `own` are those of Label Studio, whose tags have names."""

    def __init__(self, config: Config, secret: str, *, own: bool) -> None:
        self._config = config
        self._tag = config.found if own else config.control
        self._own = own
        self._mark = re.compile(rb"\0([lp])(\d+)\0|%b(\d+)\." % secret.encode())
        self._labels = 0
        self._people: dict[str, int] = {}

    def put(self, line: Line) -> bytes:
        """The line with its names and numbers."""
        if line.gathered.tags is not None:
            self._learn(line.gathered.keys, line.gathered.tags)
        if self._own:
            return line.data
        names = [orjson.dumps(self._tag(*key).name)[1:-1] for key in line.gathered.keys]
        people = [self._people.setdefault(who, len(self._people) + 1) for who in line.people]

        def said(mark: re.Match[bytes]) -> bytes:
            kind, number, place = mark.groups()
            if kind is None:
                return names[int(place)]
            return b"%d" % (self._labels + int(number) if kind == b"l" else people[int(number)])

        found = self._mark.sub(said, line.data)
        self._labels += line.labels
        return found

    def _learn(self, keys: Sequence[Key], tags: Tags) -> None:
        objects, controls = tags
        for name, kind, field, address in objects:
            self._config.object(name, kind, field, address=address)
        for key, per_region, multiple, when, labels in controls:
            control = self._tag(*key)
            control.per_region = control.per_region or per_region
            control.multiple = control.multiple or multiple
            if control.when is None and when is not None:
                control.when = self._tag(*keys[when[0]]).name, when[1]
            for name, known in labels:
                control.labels.setdefault(name, known)
