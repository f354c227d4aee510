"""Kili's geometry in neutral shapes: fractions of the medium, y down, as if it had not been turned for labeling."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from audit.annotations import (
    Annotation,
    Box,
    Marker,
    Point,
    Polygon,
    Polyline,
    Pose,
    PosePoint,
    ProblemCode,
    Ring,
    bounds,
    finite,
)
from audit.sources.values import Item, number, part, parts, text, values

SQUARE = 1e-6
"""How far, as a fraction of a side, a corner may be from where a rectangle has it: what floats make of one."""

_XY = itemgetter("x", "y")
_FLOATS = {float}

Turn = Callable[[Point], Point]


def as_it_is(point: Point) -> Point:
    """Of a view that is not turned."""
    return point


_TURNS: dict[int, Turn] = {
    0: as_it_is,
    90: lambda point: (point[1], 1 - point[0]),
    180: lambda point: (1 - point[0], 1 - point[1]),
    270: lambda point: (1 - point[1], point[0]),
}


class BadShape(ValueError):
    """A shape that can't be drawn; the text says why."""

    def __init__(self, code: ProblemCode, why: str) -> None:
        super().__init__(why)
        self.code = code


def turn_of(rotation: object) -> Turn | None:
    """How points of a view that is turned by so many degrees stand in the medium itself; None for other angles."""
    found = number(rotation)
    return _TURNS.get(int(found) % 360) if found is not None and found.is_integer() else None


def tool_of(said: Item, tools: Sequence[str]) -> str:
    """The tool that something was drawn with: as it says itself, else as its job has it, else by its geometry."""
    named = text(said, "type")
    if named is not None:
        return named
    if len(tools) == 1:
        return tools[0]
    by_field = {"boundingPoly": "polygon", "polyline": "polyline", "point": "marker", "points": "pose"}
    return next((tool for field, tool in by_field.items() if field in said), "")


def shapes(
    said: Item, tool: str, common: dict[str, Any], size: tuple[float, float] | None, turn: Turn
) -> list[Annotation]:
    """What was drawn; several where one object has parts. Raises BadShape."""
    if tool == "rectangle":
        return [rectangle(_outline(said, turn), size, common)]
    if tool in ("polygon", "semantic"):
        return [Polygon(outline=outline, holes=holes, **common) for outline, holes in _polygons(said, turn)]
    if tool in ("polyline", "vector"):
        line = _ring(values(said, "polyline"), turn)
        if len(line) < 2:
            raise BadShape("bad_geometry", f"its line has {len(line)} points; it takes two")
        return [Polyline(points=line, **common)]
    if tool == "marker" and "points" not in said:
        return [Marker(point=_point(said.get("point"), turn), **common)]
    if tool in ("pose", "marker"):
        return [_pose(said, common, turn)]
    raise BadShape("unknown_tool", f'it was drawn with "{tool[:60]}", of which Labeltrail does not know the form')


def rectangle(corners: Ring, size: tuple[float, float] | None, common: dict[str, Any]) -> Annotation:
    """A box: straight when its corners lie on two levels each way, turned when they make a rectangle in pixels.

    Any other four corners are kept as the outline that they are. Raises BadShape.
    """
    if len(corners) != 4:
        raise BadShape("bad_geometry", f"its rectangle has {len(corners)} corners")
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    if x0 == x1 < x2 == x3 and y1 == y2 < y0 == y3:  # As Kili draws them: from the lower left corner, clockwise.
        return Box(x=x0, y=y1, width=x2 - x0, height=y0 - y1, **common)
    left, top, right, bottom = bounds(corners)
    if all(_on(x, left, right) and _on(y, top, bottom) for x, y in corners):
        if not (right > left and bottom > top):
            raise BadShape("bad_geometry", "its rectangle has no area")
        return Box(x=left, y=top, width=right - left, height=bottom - top, **common)
    if size is None:
        raise BadShape("no_size", "its rectangle is turned, and the size of the medium is not known")
    width, height = size
    lower_left, upper_left, upper_right, lower_right = [(x * width, y * height) for x, y in corners]
    along, down = _minus(upper_right, upper_left), _minus(lower_left, upper_left)
    far = _minus(lower_right, upper_left)
    length, depth = math.hypot(*along), math.hypot(*down)
    if not (length > 0 and depth > 0):
        raise BadShape("bad_geometry", "its rectangle has no area")
    skew = abs(along[0] * down[0] + along[1] * down[1]) / (length * depth)
    off = math.hypot(along[0] + down[0] - far[0], along[1] + down[1] - far[1]) / max(length, depth)
    if skew > 1e-3 or off > 1e-3:
        return Polygon(outline=corners, **common)
    middle_x, middle_y = sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4
    across, tall = length / width, depth / height
    angle = math.degrees(math.atan2(along[1], along[0]))
    return Box(x=middle_x - across / 2, y=middle_y - tall / 2, width=across, height=tall, angle=angle, **common)


def _on(value: float, low: float, high: float) -> bool:
    near = SQUARE * max(high - low, SQUARE)
    return abs(value - low) <= near or abs(value - high) <= near


def _minus(point: Point, other: Point) -> Point:
    return point[0] - other[0], point[1] - other[1]


def _polygons(said: Item, turn: Turn) -> list[tuple[Ring, tuple[Ring, ...]]]:
    """Each part's outline and holes; geospatial ones may have parts inside of one annotation."""
    found = values(said, "boundingPoly")
    nested = [entry for entry in found if isinstance(entry, list)]
    groups = nested if nested and len(nested) == len(found) else [found]
    if not found:
        raise BadShape("no_geometry", "it has no outline")
    return [_holed(group, turn) for group in groups]


def _holed(rings: Sequence[Any], turn: Turn) -> tuple[Ring, tuple[Ring, ...]]:
    if not rings:
        raise BadShape("no_geometry", "a part of it has no outline")
    outline, *holes = [
        _ring(values(ring, "normalizedVertices"), turn) if isinstance(ring, dict) else () for ring in rings
    ]
    short = next((ring for ring in (outline, *holes) if len(ring) < 3), None)
    if short is not None:
        raise BadShape("bad_geometry", f"an outline of it has {len(short)} points; an area takes three")
    return outline, tuple(holes)


def _outline(said: Item, turn: Turn) -> Ring:
    rings = parts(said, "boundingPoly")
    if not rings:
        raise BadShape("no_geometry", "it has no outline")
    return _ring(values(rings[0], "normalizedVertices"), turn)


def rings_of(said: Item, field: str, turn: Turn) -> tuple[Ring, ...]:
    """All outlines in a field. Raises BadShape."""
    return tuple(_ring(values(ring, "normalizedVertices"), turn) for ring in parts(said, field))


def _pose(said: Item, common: dict[str, Any], turn: Turn) -> Pose:
    found = parts(said, "points")
    if not found:
        raise BadShape("no_geometry", "its pose has no points")
    points = tuple(
        PosePoint(text(entry, "code") or text(entry, "name") or "", _maybe(entry.get("point"), turn)) for entry in found
    )
    return Pose(points=points, **common)


def _maybe(value: object, turn: Turn) -> Point | None:
    return None if value is None else _point(value, turn)


def _ring(vertices: Sequence[Any], turn: Turn) -> Ring:
    try:
        points: Ring = tuple(map(_XY, vertices))
        numbers = [*chain.from_iterable(points)]
        # As nearly all are. A sum is finite only when each of its terms is.
        if set(map(type, numbers)) == _FLOATS and math.isfinite(sum(numbers)):
            return points if turn is as_it_is else tuple(map(turn, points))
    except (TypeError, KeyError):
        pass
    return tuple(_point(vertex, turn) for vertex in vertices)


def _point(value: object, turn: Turn) -> Point:
    of = {"point": value}
    x, y = number(part(of, "point").get("x")), number(part(of, "point").get("y"))
    if x is None or y is None or not finite((x, y)):
        raise BadShape("bad_geometry" if value is not None else "no_geometry", "a point of it has no numbers x and y")
    return turn((x, y))
