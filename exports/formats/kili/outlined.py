"""What Kili has no tool for, in tools that it has: masks as semantic polygons, graphs as lines and points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import NAMESPACE_URL, uuid5

from msgspec.structs import replace

from audit.annotations import Annotation, Graph, Mask, Medium, Polygon, Ring
from exports.formats.labels.graphs import lines_of
from exports.formats.labels.inline import covered
from exports.formats.labels.outlines import outlines_of

_COMMON = Annotation.__struct_fields__
SEMANTIC = "semantic"


def outlined(one: Annotation, media: Sequence[Medium], label: str, place: int) -> Iterator[Annotation]:
    """The annotation, or what stands for it, all of one object. Raises Unwritable for a mask without pixels."""
    if not isinstance(one, Mask | Graph):
        yield one
        return
    common = {name: getattr(one, name) for name in _COMMON}
    if one.object is None:
        common["object"] = one.id or str(uuid5(NAMESPACE_URL, f"labeltrail:{label}:{place}"))
    if isinstance(one, Graph):
        yield from lines_of(replace(one, object=common["object"]))
        return
    medium = next((found for found in media if found.index == one.medium), Medium("image", ""))
    spans, (width, height) = covered(one, medium)
    common["tool"] = SEMANTIC
    for outline, holes in outlines_of(spans, height):
        rings: list[Ring] = [tuple((x / width, y / height) for x, y in ring) for ring in (outline, *holes)]
        yield Polygon(outline=rings[0], holes=tuple(rings[1:]), **common)
