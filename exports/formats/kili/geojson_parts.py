"""Geometries as RFC 7946 wants them: rings closed, outlines counter-clockwise, holes clockwise, and valid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from audit.annotations import Annotation, Box, Ellipse, Marker, Medium, Point, Polygon, Polyline, Ring, bounds
from exports.formats.labels.shapes import Part, Unwritable, ellipse_ring, is_simple, rings_meet, signed_area, turned_box

Geometry = dict[str, Any]
MAP = (360.0, 180.0)
"""Width and height of a medium that is a map of the whole earth: what is said of it are fractions of that."""
DIGITS = 9
"""Decimals of a degree: a tenth of a millimetre, far above what turning fractions into degrees may change."""


def in_degrees(one: Annotation, medium: Medium) -> Annotation:
    """The annotation in longitude and latitude. What is said of a medium without the size of a map already is."""
    if (medium.width, medium.height) != MAP:
        return one
    if isinstance(one, Marker):
        return replace(one, point=_degrees(one.point))
    if isinstance(one, Polyline):
        return replace(one, points=tuple(map(_degrees, one.points)))
    if isinstance(one, Polygon):
        holes = tuple(tuple(map(_degrees, hole)) for hole in one.holes)
        return replace(one, outline=tuple(map(_degrees, one.outline)), holes=holes)
    if isinstance(one, Box | Ellipse):
        ring = turned_box(one, 1, 1) if isinstance(one, Box) else ellipse_ring(one, 1, 1)
        own = {name: getattr(one, name) for name in Annotation.__struct_fields__}
        return Polygon(outline=tuple(map(_degrees, ring)), **own)
    return one


def _degrees(point: Point) -> Point:
    x, y = point
    if not math.isfinite(x + y):
        return point
    return round(x * MAP[0] - MAP[0] / 2, DIGITS), round(MAP[1] / 2 - y * MAP[1], DIGITS)


def geometry_of(group: Sequence[Annotation]) -> Geometry:
    """The geometry of one object, in longitude and latitude. Raises Unwritable.

    Parts that meet or lie in one another are no MultiPolygon (OGC 06-103r4, 6.1.14): they are a collection.
    """
    one = group[0]
    if isinstance(one, Marker):
        return {"type": "Point", "coordinates": _place(one.point)}
    if isinstance(one, Polyline):
        if len(one.points) < 2:
            raise Unwritable("bad_geometry", f"a line of {len(one.points)} points has no length")
        return {"type": "LineString", "coordinates": [_place(point) for point in one.points]}
    parts = [_checked(part) for part in _parts(group)]
    polygons = [[_closed(outline, 1), *(_closed(hole, -1) for hole in holes)] for outline, holes in parts]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    outlines = [outline for outline, _ in parts]
    if any(_share(a, b) for place, a in enumerate(outlines) for b in outlines[:place]):
        collected = [{"type": "Polygon", "coordinates": rings} for rings in polygons]
        return {"type": "GeometryCollection", "geometries": collected}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _parts(group: Sequence[Annotation]) -> list[Part]:
    one = group[0]
    if isinstance(one, Box):
        return [(turned_box(one, 1, 1), ())]
    if isinstance(one, Ellipse):
        return [(ellipse_ring(one, 1, 1), ())]
    return [(part.outline, part.holes) for part in group if isinstance(part, Polygon)]


def _checked(part: Part) -> Part:
    """The part without points that only repeat the one before. Raises Unwritable for one that encloses nothing."""
    outline, *holes = [_plain(ring) for ring in (part[0], *part[1])]
    for ring in (outline, *holes):
        for point in ring:
            _place(point)
        if len(ring) < 3 or signed_area(ring) == 0:
            raise Unwritable("bad_geometry", f"an outline of {len(ring)} points encloses nothing")
        if not is_simple(ring):
            raise Unwritable("bad_geometry", "an outline crosses or touches itself: no valid polygon")
    for place, hole in enumerate(holes):
        if rings_meet(outline, hole) or not _lies_in(hole[0], outline):
            raise Unwritable("bad_geometry", "a hole does not lie within its outline: no valid polygon")
        if any(_share(hole, other) for other in holes[:place]):
            raise Unwritable("bad_geometry", "two holes meet: no valid polygon")
    return outline, tuple(holes)


def _plain(ring: Ring) -> Ring:
    """The ring without a closing point, and without points that repeat the one before."""
    return tuple(point for place, point in enumerate(ring) if point != ring[place - 1] or len(ring) == 1)


def _closed(ring: Ring, way: int) -> list[list[float]]:
    """The ring closed; counter-clockwise for `way` 1, clockwise for -1. Latitude points up."""
    ring = ring if signed_area(ring) * way > 0 else ring[::-1]
    return [_place(point) for point in (*ring, ring[0])]


def _place(point: Point) -> list[float]:
    x, y = point
    if not math.isfinite(x + y):
        raise Unwritable("bad_number", "a coordinate is no finite number")
    if abs(x) > 180 or abs(y) > 90:
        raise Unwritable("outside", f"{x:g}, {y:g} is no longitude and latitude")
    return [x, y]


def _share(one: Ring, other: Ring) -> bool:
    """Whether two rings have a point of their insides or edges in common."""
    left, top, right, bottom = bounds(one)
    left2, top2, right2, bottom2 = bounds(other)
    if right < left2 or right2 < left or bottom < top2 or bottom2 < top:
        return False
    return rings_meet(one, other) or _lies_in(one[0], other) or _lies_in(other[0], one)


def _lies_in(point: Point, ring: Ring) -> bool:
    x, y = point
    inside = False
    for (x0, y0), (x1, y1) in zip((*ring[-1:], *ring[:-1]), ring, strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            inside = not inside
    return inside
