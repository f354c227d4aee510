"""How masks are asked for, and what has one number in the export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exports.formats.labels.shapes import Unwritable
from exports.formats.redbrick.entries import Segment

WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Mode:
    """How masks are asked for: `kind` of files, values of classes (`semantic`), a file for each instance (`own`:
    automatic where labels overlap, true, false). `colors` (red, green, blue) and `paths` (title, its headings before
    it) are by the number of a class, from 0; `dated` is the date of what is made (ISO 8601)."""

    kind: str
    semantic: bool
    own: str
    colors: Mapping[int, tuple[int, int, int]]
    paths: Mapping[int, str]
    dated: str = ""

    def color_of(self, class_id: int | None) -> tuple[int, int, int]:
        """The colour of a class; white for one that the taxonomy has not."""
        return WHITE if class_id is None else self.colors.get(class_id, WHITE)


@dataclass(frozen=True, slots=True)
class Group:
    """What has one number in the export: an instance, or all instances of a class."""

    number: int
    segments: list[Segment]


def groups_of(found: Sequence[Segment], mode: Mode) -> list[Group]:
    """By number, in the label's order; of a class the first instance tells what is said of it. Raises Unwritable."""
    groups: dict[int, list[Segment]] = {}
    for one in found:
        number = one.instance
        if mode.semantic:
            if one.class_id is None:
                called = one.said.get("category")
                raise Unwritable("unknown_class", f'the taxonomy has no class "{called}", so it has no number')
            number = one.class_id + 1
        groups.setdefault(number, []).append(one)
    return [Group(number, of) for number, of in groups.items()]


def names_of(groups: Sequence[Group], mode: Mode) -> list[str]:
    """What regions of DICOM are called: Segment_1, or after their class; each name once."""
    found: dict[str, None] = {}
    for one in groups:
        called = str(one.segments[0].said.get("category")) if mode.semantic else f"Segment_{one.number}"
        found[called if called not in found else f"{called} ({one.number})"] = None
    return list(found)


def own_name(group: Group, mode: Mode, kind: str) -> str:
    """What the file of an instance or a class is called, without its ending."""
    what = "mask" if kind == "png" else "category" if mode.semantic else "instance"
    return f"{what}-{group.number}"
