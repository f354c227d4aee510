"""GeoJSON's geometries (RFC 7946, section 3.1) as neutral shapes, in longitude and latitude."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.annotations import Annotation, Marker, Point, Polygon, Polyline, ProblemCode, Ring, finite
from audit.sources.files.errors import quoted
from audit.sources.kili.shapes import BadShape, rectangle
from audit.sources.values import Item, number

FORMS = {
    "Point": "marker",
    "MultiPoint": "marker",
    "LineString": "polyline",
    "MultiLineString": "polyline",
    "Polygon": "polygon",
    "MultiPolygon": "polygon",
}
"""The tool with which each form is drawn."""
COLLECTION = "GeometryCollection"
PIXELS = (1.0, 1.0)
"""A degree of longitude is as long as one of latitude, as far as angles of boxes are meant."""


class BadGeometry(ValueError):
    """A geometry that can't be drawn; the text says why."""

    def __init__(self, code: ProblemCode, why: str) -> None:
        super().__init__(why)
        self.code = code


def tool_of(geometry: Item) -> str:
    """The tool with which a geometry is drawn, when nobody says another one."""
    kind = geometry.get("type")
    return FORMS.get(kind, "polygon") if isinstance(kind, str) else "polygon"


def drawn(geometry: Item, common: dict[str, Any]) -> list[Annotation]:
    """What the geometry is; several where it has parts. Raises BadGeometry."""
    if geometry.get("type") != COLLECTION:
        return list(_simple(geometry, common))
    found: list[Annotation] = []
    for one in _list(geometry.get("geometries"), "a collection without geometries"):
        if not isinstance(one, dict) or one.get("type") == COLLECTION:
            raise BadGeometry("bad_geometry", "a collection of geometries has a part that is none of its own")
        found += _simple(one, common)
    return found


def _simple(geometry: Item, common: dict[str, Any]) -> Iterator[Annotation]:
    kind, told = geometry.get("type"), geometry.get("coordinates")
    if not isinstance(kind, str) or kind not in FORMS:
        raise BadGeometry("no_geometry", f"{quoted(str(kind))} is no form of GeoJSON's")
    several = _list(told, f"a {kind} without coordinates") if kind.startswith("Multi") else [told]
    for one in several:
        match FORMS[kind]:
            case "marker":
                yield Marker(point=_place(one), **common)
            case "polyline":
                yield Polyline(points=_line(one, 2, "a line"), **common)
            case _:
                yield _area(one, common)


def _area(told: object, common: dict[str, Any]) -> Annotation:
    outline, *holes = [_ring(ring) for ring in _list(told, "a polygon without an outline")]
    if common["tool"] == "rectangle" and len(outline) == 4 and not holes:
        try:
            return rectangle(outline, PIXELS, common)
        except BadShape as problem:
            raise BadGeometry(problem.code, str(problem)) from None
    return Polygon(outline=outline, holes=tuple(holes), **common)


def _ring(told: object) -> Ring:
    ring = _line(told, 4, "a ring")
    if ring[0] != ring[-1]:
        raise BadGeometry("bad_geometry", "a ring is not closed: its last point is not its first (RFC 7946, 3.1.6)")
    return ring[:-1]


def _line(told: object, least: int, what: str) -> Ring:
    points = _list(told, f"{what} without points")
    if len(points) < least:
        raise BadGeometry("bad_geometry", f"{what} has at least {least} points, this one {len(points)}")
    return tuple(map(_place, points))


def _place(told: object) -> Point:
    """A position: longitude and latitude; what else it has (a height) is not looked at."""
    pair = told[:2] if isinstance(told, list) else []
    x, y = [number(one) for one in pair] if len(pair) == 2 else (None, None)
    if x is None or y is None or not finite((x, y)):
        raise BadGeometry("bad_number", "a position is no pair of numbers, longitude and latitude")
    if abs(x) > 180 or abs(y) > 90:
        raise BadGeometry("bad_geometry", f"{x:.9g}, {y:.9g} is no longitude with a latitude: it is not on the earth")
    return x, y


def _list(told: object, missing: str) -> list[Any]:
    if not isinstance(told, list) or not told:
        raise BadGeometry("no_geometry", f"it is {missing}")
    return told
