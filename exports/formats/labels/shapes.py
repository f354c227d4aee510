"""What an annotation covers of a picture, in pixels and within the picture: for COCO, YOLO and Pascal VOC."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from audit.annotations import Annotation, Box, Ellipse, Point, Polygon, Ring, bounds, pixels

ELLIPSE_POINTS = 64
"""Corners of the polygon that stands for an ellipse."""

Edges = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels."""
Part = tuple[Ring, tuple[Ring, ...]]
"""An outline and its holes, none of them closed."""


class Unwritable(ValueError):
    """An annotation that covers nothing of a picture; `code` is for programs, the text for people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(slots=True)
class Shape:
    """What is covered, in pixels. `upright`: a box along the edges, so that bounds say it all. `cut`: it went over the
    picture's edge; what lay outside is gone."""

    left: float
    top: float
    right: float
    bottom: float
    parts: tuple[Part, ...]
    upright: bool = False
    cut: bool = False

    @property
    def holes(self) -> bool:
        """Whether any part has holes."""
        return any(holes for _, holes in self.parts)


def edges_within(group: Sequence[Annotation], width: float, height: float) -> Edges | None:
    """The bounds of an object that is one upright box or outline within the picture, as most are; None of others."""
    one = group[0]
    if type(one) is Box and not one.angle:
        left, top = one.x * width, one.y * height
        right, bottom = (one.x + one.width) * width, (one.y + one.height) * height
    elif type(one) is Polygon and len(group) == 1 and len(one.outline) > 2:
        xs, ys = map(sorted, zip(*one.outline, strict=True))  # Sooner done than looking for the least and the most.
        left, top, right, bottom = xs[0] * width, ys[0] * height, xs[-1] * width, ys[-1] * height
    else:
        return None
    if 0 <= left < right <= width and 0 <= top < bottom <= height:
        return left, top, right, bottom
    return None


def shape_of(one: Annotation, width: float, height: float) -> Shape:
    """The shape of a box, polygon or ellipse. Raises Unwritable."""
    if isinstance(one, Box):
        return _box(one, width, height)
    if isinstance(one, Polygon):
        return polygon_shape((one,), width, height)
    if isinstance(one, Ellipse):
        return _of_ring(_ellipse(one, width, height), width, height)
    raise Unwritable("not_held", f"a {type(one).__name__.lower()} covers nothing of a picture")


def polygon_shape(parts: Sequence[Polygon], width: float, height: float) -> Shape:
    """The shape of all parts of one object. Raises Unwritable."""
    found: list[Part] = []
    edges: list[Edges] = []
    for part in parts:
        ring = pixels(part.outline, width, height)
        if len(ring) < 3:
            raise Unwritable("bad_geometry", f"an outline of {len(ring)} points encloses nothing")
        xs, ys = zip(*ring, strict=True)
        if not math.isfinite(sum(xs) + sum(ys)):  # A sum is finite only when each of its terms is.
            raise Unwritable("bad_number", "a coordinate is no finite number")
        edges.append((min(xs), min(ys), max(xs), max(ys)))
        found.append((ring, _holes(part.holes, width, height) if part.holes else ()))
    return _within(found, _around(edges), width, height)


def _holes(holes: Sequence[Ring], width: float, height: float) -> tuple[Ring, ...]:
    rings = [pixels(hole, width, height) for hole in holes if len(hole) > 2]
    if not all(map(_drawable, rings)):
        raise Unwritable("bad_number", "a coordinate is no finite number")
    return tuple(rings)


def _around(edges: Sequence[Edges]) -> Edges:
    """The bounds of all of these."""
    if len(edges) == 1:
        return edges[0]
    lefts, tops, rights, bottoms = zip(*edges, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def corners(left: float, top: float, right: float, bottom: float) -> Ring:
    """The corners of an upright box as Kili orders them: from the lower left one, clockwise."""
    return ((left, bottom), (left, top), (right, top), (right, bottom))


def turned_box(box: Box, width: float, height: float) -> Ring:
    """The corners of a box as fractions, turned as it is in a picture of this size."""
    ring = corners(box.x, box.y, box.x + box.width, box.y + box.height)
    if not box.angle % 360:
        return ring
    return tuple((x / width, y / height) for x, y in _turned(pixels(ring, width, height), box.angle))


def ellipse_ring(one: Ellipse, width: float, height: float) -> Ring:
    """The polygon that stands for an ellipse, as fractions."""
    return tuple((x / width, y / height) for x, y in _ellipse(one, width, height))


def _drawable(ring: Ring) -> bool:
    # A sum is finite only when each of its terms is.
    return math.isfinite(sum(chain.from_iterable(ring)))


def _box(box: Box, width: float, height: float) -> Shape:
    left, top = box.x * width, box.y * height
    right, bottom = (box.x + box.width) * width, (box.y + box.height) * height
    if not math.isfinite(left + top + right + bottom + box.angle):
        raise Unwritable("bad_number", "a coordinate is no finite number")
    if right < left:
        left, right = right, left
    if bottom < top:
        top, bottom = bottom, top
    if right <= left or bottom <= top:
        raise Unwritable("bad_geometry", "a box without width or height covers nothing")
    if box.angle % 360:
        return _of_ring(_turned(corners(left, top, right, bottom), box.angle), width, height)
    if left >= 0 and top >= 0 and right <= width and bottom <= height:
        return Shape(left, top, right, bottom, ((corners(left, top, right, bottom), ()),), upright=True)
    left, top, right, bottom = max(left, 0.0), max(top, 0.0), min(right, width), min(bottom, height)
    if right <= left or bottom <= top:
        raise Unwritable("outside", "it lies outside of the picture")
    return Shape(left, top, right, bottom, ((corners(left, top, right, bottom), ()),), upright=True, cut=True)


def _turned(ring: Ring, degrees: float) -> Ring:
    """The ring, turned clockwise about the middle of its bounds; y points down."""
    left, top, right, bottom = bounds(ring)
    x0, y0 = (left + right) / 2, (top + bottom) / 2
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return tuple((x0 + (x - x0) * cos - (y - y0) * sin, y0 + (x - x0) * sin + (y - y0) * cos) for x, y in ring)


def _ellipse(one: Ellipse, width: float, height: float) -> Ring:
    (x, y), a, b = one.center, one.radius_x * width, one.radius_y * height
    if not math.isfinite(x + y + a + b + one.angle):
        raise Unwritable("bad_number", "a coordinate is no finite number")
    steps = (2 * math.pi * step / ELLIPSE_POINTS for step in range(ELLIPSE_POINTS))
    ring = tuple((x * width + a * math.cos(t), y * height + b * math.sin(t)) for t in steps)
    return _turned(ring, one.angle) if one.angle % 360 else ring


def _of_ring(ring: Ring, width: float, height: float) -> Shape:
    return _within([(ring, ())], bounds(ring), width, height)


def _within(parts: Sequence[Part], edges: Edges, width: float, height: float) -> Shape:
    """The shape of these parts, cut at the picture's edges where they, whose bounds are `edges`, go over them."""
    left, top, right, bottom = edges
    cut = left < 0 or top < 0 or right > width or bottom > height
    if cut:
        parts = [
            (outline, tuple(hole for ring in holes if len(hole := clipped(ring, width, height)) > 2))
            for ring, holes in parts
            if len(outline := clipped(ring, width, height)) > 2
        ]
        if not parts:
            raise Unwritable("outside", "it lies outside of the picture")
        left, top, right, bottom = bounds([point for outline, _ in parts for point in outline])
    if right <= left or bottom <= top:
        raise Unwritable("bad_geometry", "an outline without width or height covers nothing")
    return Shape(left, top, right, bottom, tuple(parts), cut=cut)


def clipped(ring: Ring, width: float, height: float) -> Ring:
    """The ring within the picture (Sutherland and Hodgman 1974); parts that it falls into stay joined by its edge."""
    for axis, limit, sign in ((0, 0.0, 1), (1, 0.0, 1), (0, width, -1), (1, height, -1)):
        ring = _clip(ring, axis, limit, sign)
    return ring


def _clip(ring: Ring, axis: int, limit: float, sign: int) -> Ring:
    """The ring on that side of a line where the coordinate is larger (`sign` 1) or smaller (-1) than the limit."""
    out: list[Point] = []
    for before, point in zip((*ring[-1:], *ring[:-1]), ring, strict=True):
        was, now = sign * (before[axis] - limit) >= 0, sign * (point[axis] - limit) >= 0
        if was != now:
            share = (limit - before[axis]) / (point[axis] - before[axis])
            other = before[1 - axis] + share * (point[1 - axis] - before[1 - axis])
            out.append((limit, other) if axis == 0 else (other, limit))
        if now:
            out.append(point)
    return tuple(out)


def signed_area(ring: Ring) -> float:
    """Half the cross products of neighbours: positive where the ring runs clockwise with y down."""
    total = 0.0
    x0, y0 = ring[-1]
    for x, y in ring:
        total += x0 * y - x * y0
        x0, y0 = x, y
    return total / 2


def is_simple(ring: Ring) -> bool:
    """Whether no edge of the ring meets another one but its neighbours in their common corner."""
    return simple_area(ring) is not None


def simple_area(ring: Ring) -> float | None:
    """The area of a ring that is simple (`is_simple`), None of any other."""
    if (area := _star_area(ring)) is not None:
        return area
    return None if _crosses(ring) else abs(signed_area(ring))


def _star_area(ring: Ring) -> float | None:
    """The area of a ring that goes once round its middle, always the same way: it is simple, as most that people draw
    are. None of any other."""
    count = len(ring)
    xs, ys = zip(*ring, strict=True)
    x0, y0 = sum(xs) / count, sum(ys) / count
    turns, doubled = 0, 0.0
    px, py = ring[-1][0] - x0, ring[-1][1] - y0
    for x, y in ring:
        x, y = x - x0, y - y0
        cross = px * y - x * py
        if cross == 0 or (doubled and (cross > 0) != (doubled > 0)):
            return None
        doubled += cross
        if (py < 0) != (y < 0):
            turns += 1
        px, py = x, y
    return abs(doubled) / 2 if turns == 2 else None


def _crosses(ring: Ring) -> bool:
    edges = sorted(
        (min(a[0], b[0]), max(a[0], b[0]), min(a[1], b[1]), max(a[1], b[1]), index, a, b)
        for index, (a, b) in enumerate(zip(ring, (*ring[1:], ring[0]), strict=True))
        if a != b
    )
    last = len(ring) - 1
    for place, (_, right, top, bottom, index, a, b) in enumerate(edges):
        for left2, _, top2, bottom2, index2, c, d in edges[place + 1 :]:
            if left2 > right:
                break
            if top2 > bottom or bottom2 < top:
                continue
            if abs(index - index2) in (1, last):
                if _folds(a, b, c, d):
                    return True
            elif _meet(a, b, c, d):
                return True
    return False


def rings_meet(one: Ring, other: Ring) -> bool:
    """Whether an edge of one ring has a point in common with an edge of the other."""
    left, top, right, bottom = bounds(other)
    edges = list(zip(other, (*other[1:], other[0]), strict=True))
    for a, b in zip(one, (*one[1:], one[0]), strict=True):
        low, high = (a[0], b[0]) if a[0] < b[0] else (b[0], a[0])
        upper, lower = (a[1], b[1]) if a[1] < b[1] else (b[1], a[1])
        if high < left or low > right or lower < top or upper > bottom:
            continue
        for c, d in edges:
            apart = (
                max(c[0], d[0]) < low or min(c[0], d[0]) > high or max(c[1], d[1]) < upper or min(c[1], d[1]) > lower
            )
            if not apart and _meet(a, b, c, d):
                return True
    return False


def _side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two edges have a point in common, given that their bounds have."""
    one, two, three, four = _side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)
    return not ((one > 0 and two > 0) or (one < 0 and two < 0) or (three > 0 and four > 0) or (three < 0 and four < 0))


def _folds(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two neighbouring edges run back over each other."""
    if b == c or a == d:
        first, middle, last = (a, b, d) if b == c else (c, d, b)
        along = (middle[0] - first[0]) * (last[0] - middle[0]) + (middle[1] - first[1]) * (last[1] - middle[1])
        return _side(first, middle, last) == 0 and along < 0
    return False
