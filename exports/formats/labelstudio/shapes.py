"""What is drawn in a picture, in Label Studio's words: percent of its width and height, y down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from audit.annotations import (
    Annotation,
    Box,
    Ellipse,
    Graph,
    Marker,
    Mask,
    Medium,
    Polygon,
    Polyline,
    Ring,
    finite,
    pixels,
)
from exports.formats.labels.graphs import lines_of
from exports.formats.labels.runs import counts_of, spans_of
from exports.formats.labels.shapes import Unwritable
from exports.formats.labelstudio.brush import rle_of

Value = dict[str, Any]
DRAWN: tuple[type[Annotation], ...] = (Box, Polygon, Ellipse, Marker, Polyline, Graph, Mask)
POINT_WIDTH = 0.5
"""Percent that a point is shown wide."""
MAX_PIXELS = 1 << 28


def drawn(one: Annotation, medium: Medium) -> tuple[str, Value]:
    """The kind of a region (rectangle, polygon, …) and its value. Raises Unwritable."""
    if isinstance(one, Box):
        return "rectangle", box(one, medium)
    if isinstance(one, Polygon):
        if one.holes:  # Its outlines have none: a brush has.
            return "brush", _filled(one, medium)
        return "polygon", {"points": _points(one.outline, 3), "closed": True}
    if isinstance(one, Ellipse):
        x, y, across, up, angle = _finite(*one.center, one.radius_x, one.radius_y, one.angle)
        return "ellipse", {
            "x": percent(x), "y": percent(y), "radiusX": percent(across), "radiusY": percent(up), "rotation": angle,
        }  # fmt: skip
    if isinstance(one, Marker):
        x, y = _finite(*one.point)
        return "keypoint", {"x": percent(x), "y": percent(y), "width": POINT_WIDTH}
    if isinstance(one, Polyline):
        return "vector", vector(one.points)
    if isinstance(one, Graph):
        return "vector", vector(one.points, edges=one.edges)
    if isinstance(one, Mask):
        width, height = one.width or 0, one.height or 0
        return "brush", {"format": "rle", "rle": rle_of(one.counts or (0,), width, height)}
    raise Unwritable("not_held", f"Label Studio has no {type(one).__name__.lower()}")


def box(one: Box, medium: Medium) -> Value:
    """A rectangle. Label Studio turns it about its upper left corner, here it is turned about its centre."""
    x, y, width, height, angle = _finite(one.x, one.y, one.width, one.height, one.angle)
    if width < 0 or height < 0:
        x, y, width, height = min(x, x + width), min(y, y + height), abs(width), abs(height)
    if angle % 360:
        if not medium.width or not medium.height:
            raise Unwritable("no_size", "a turned box needs the size of the picture, which is not known")
        across, up = medium.width * width / 2, medium.height * height / 2
        turn = math.radians(angle)
        to_center = across * math.cos(turn) - up * math.sin(turn), across * math.sin(turn) + up * math.cos(turn)
        x += width / 2 - to_center[0] / medium.width
        y += height / 2 - to_center[1] / medium.height
    return {
        "x": percent(x), "y": percent(y), "width": percent(width), "height": percent(height), "rotation": angle,
    }  # fmt: skip


def percent(fraction: float) -> float:
    """Percent, to the ten-billionth: what is beyond comes from computing."""
    return round(fraction * 100, 10)


def vector(points: Ring, *, edges: Sequence[tuple[int, int]] | None = None, closed: bool = False) -> Value:
    """A line along the points, or along the edges between them; closed, it is an outline."""
    least = 3 if closed else 2 if edges is None else 1
    before = [None, *range(len(points) - 1)] if edges is None else _before(len(points), edges)
    return _vertices(points, before, least) | {"closed": closed}


def in_vectors(one: Annotation) -> list[Annotation]:
    """The annotation; a graph that does not branch from its first point on as lines and points of one object."""
    if not isinstance(one, Graph) or _branches(len(one.points), one.edges):
        return [one]
    return [*lines_of(replace(one, object=one.object or one.id))]


def _branches(count: int, edges: Sequence[tuple[int, int]]) -> bool:
    """Whether all points but the first have exactly one before them."""
    before = {max(edge): min(edge) for edge in edges}
    return len(edges) == count - 1 and before.keys() == set(range(1, count)) and min(before.values(), default=0) >= 0


def _filled(one: Polygon, medium: Medium) -> Value:
    """The pixels whose centres lie between an outline and its holes."""
    width, height = int(medium.width or 0), int(medium.height or 0)
    if width <= 0 or height <= 0:
        raise Unwritable("no_size", "an outline with holes is a brush, which needs the picture's size: it is not known")
    if width * height > MAX_PIXELS:
        raise Unwritable("not_held", f"a brush over {width:,} x {height:,} pixels is too large to be read again")
    rings = [pixels(ring, width, height) for ring in (one.outline, *one.holes)]
    if not all(finite(point) for ring in rings for point in ring):
        raise Unwritable("bad_number", "a coordinate is no finite number")
    if len(rings[0]) < 3:
        raise Unwritable("bad_geometry", f"an outline of {len(rings[0])} points encloses nothing")
    spans = spans_of([(rings[0], tuple(ring for ring in rings[1:] if len(ring) > 2))], width, height)
    if not len(spans):
        raise Unwritable("outside", "no pixel's centre lies in it")
    return {"format": "rle", "rle": rle_of(counts_of(spans, width, height), width, height)}


def _points(ring: Ring, least: int) -> list[list[float]]:
    if len(ring) < least:
        raise Unwritable("bad_geometry", f"it has {len(ring)} points; at least {least} are needed")
    return [[percent(x), percent(y)] for x, y in (_finite(*point) for point in ring)]


def _vertices(points: Ring, before: list[int | None], least: int) -> Value:
    found: list[Value] = []
    for place, ((x, y), last) in enumerate(zip(_points(points, least), before, strict=True)):
        vertex: Value = {"id": f"{place}", "x": x, "y": y, "isBezier": False}
        found.append(vertex if last is None else {**vertex, "prevPointId": f"{last}"})
    return {"vertices": found}


def _before(count: int, edges: Sequence[tuple[int, int]]) -> list[int | None]:
    """The vertex before each: vectors branch from the first one, so that all else has exactly one before it."""
    before = {max(edge): min(edge) for edge in edges}
    return [before.get(place) for place in range(count)]


def _finite(*values: float) -> tuple[float, ...]:
    if not finite(values):
        raise Unwritable("bad_number", "a coordinate is no finite number")
    return values
