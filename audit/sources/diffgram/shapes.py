"""Instances as neutral annotations. Diffgram counts pixels from the upper left corner; maps count degrees.

Rows of its tables hold lists as JSON in texts: both spellings are read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from audit.annotations import (
    Annotation,
    Box,
    Cuboid,
    Ellipse,
    Marker,
    Mask,
    Point,
    Polygon,
    Polyline,
    Pose,
    PosePoint,
    ProblemCode,
    TextSpan,
    Voxel,
)
from audit.sources.diffgram.label import mask_url
from audit.sources.values import Item, inner, number, text, unsigned_url, whole

GEO = (360.0, 180.0)
"""Size of a map: degrees of longitude from 180 west, of latitude from 90 north downwards."""
STEPS = 32
"""Pieces of the line that a curve becomes."""
Common = Mapping[str, Any]


class Bad(Exception):
    """An instance that can't be represented; the text says why."""

    def __init__(self, code: ProblemCode, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Canvas:
    """The medium's size in pixels, None where it is not known."""

    width: float | None
    height: float | None

    def point(self, x: float, y: float) -> Point:
        """Pixels as fractions. Raises Bad without a size."""
        if not self.width or not self.height:
            raise Bad("no_size", "it is in pixels, and the size of its file is not known")
        return x / self.width, y / self.height


def drawn(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    """What an instance of a drawn type is. Raises Bad."""
    kind = text(found, "type") or ""
    make = _MAKERS.get(kind)
    if mask_url(found) is not None and (make is None or kind == "mask"):
        make = _mask
    if make is None:
        raise Bad("unknown_tool", f'Diffgram is not known to draw a "{kind}"')
    yield from make(found, canvas, common)


def listed(found: Item, name: str) -> list[Item]:
    """Points, nodes or edges: a list, or an object that holds one under the same name."""
    value = inner(found.get(name))
    if isinstance(value, dict):
        value = inner(value.get(name))
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _box(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    # Exports leave out a coordinate that is 0.
    sides = [number(found.get(name)) for name in ("x_min", "y_min", "x_max", "y_max")]
    if all(side is None for side in sides):
        raise Bad("no_geometry", "its corners are not told")
    left, top, right, bottom = (side or 0.0 for side in sides)
    if right < left or bottom < top:
        raise Bad("bad_geometry", "its box has a negative width or height")
    (x, y), (width, height) = canvas.point(left, top), canvas.point(right - left, bottom - top)
    yield Box(x=x, y=y, width=width, height=height, angle=math.degrees(number(found.get("angle")) or 0.0), **common)


def _polygon(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    points = _points(found, canvas, 3)
    ring = points[:-1] if points[0] == points[-1] else points
    if len(ring) < 3:
        raise Bad("bad_geometry", "its outline has fewer than three points")
    yield Polygon(outline=ring, **common)


def _line(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    yield Polyline(points=_points(found, canvas, 2), **common)


def _point(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    for point in _points(found, canvas, 1):
        yield Marker(point=point, **common)


def _curve(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    """A quadratic Bézier curve, as a line of STEPS pieces."""
    (ax, ay), (bx, by), (cx, cy) = (_xy(inner(found.get(name)), name) for name in ("p1", "cp", "p2"))
    points = []
    for step in range(STEPS + 1):
        t = step / STEPS
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        points.append(canvas.point(a * ax + b * bx + c * cx, a * ay + b * by + c * cy))
    yield Polyline(points=tuple(points), **common)


def _ellipse(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    """Width and height are half-axes, the angle is in radians: so Diffgram draws them."""
    center = [number(found.get(name)) for name in ("center_x", "center_y")]
    radius = number(found.get("radius"))
    axes = [number(found.get(name)) if radius is None else radius for name in ("width", "height")]
    if None in center or None in axes:
        raise Bad("no_geometry", "its centre or its size is not told")
    (x, y), (width, height) = (canvas.point(one or 0.0, other or 0.0) for one, other in (center, axes))
    angle = math.degrees(number(found.get("angle")) or 0.0)
    yield Ellipse(center=(x, y), radius_x=width, radius_y=height, angle=angle, **common)


def _keypoints(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    """Nodes by name; which of them are joined belongs to the template, and stays in the payload."""
    nodes = listed(found, "nodes")
    if not nodes:
        raise Bad("no_geometry", "it has no nodes")
    points = []
    for index, node in enumerate(nodes):
        x, y = number(node.get("x")), number(node.get("y"))
        key = text(node, "name") or text(node, "id") or str(node.get("id", index))
        unseen = node.get("occluded")
        visible = None if not isinstance(unseen, bool) else not unseen
        points.append(PosePoint(key, None if x is None or y is None else canvas.point(x, y), visible))
    yield Pose(points=tuple(points), **common)


def _cuboid(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    faces = []
    for name in ("front_face", "rear_face"):
        face = inner(found.get(name))
        if not isinstance(face, dict):
            raise Bad("no_geometry", f'its "{name}" is not told')
        corners = ("top_left", "top_right", "bot_right", "bot_left")
        faces.append(tuple(canvas.point(*_xy(face.get(corner), corner)) for corner in corners))
    yield Cuboid(front=faces[0], rear=faces[1], **common)


def _cuboid_3d(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    center = _space(inner(found.get("center_3d")), ("x", "y", "z"))
    size = _space(inner(found.get("dimensions_3d")), ("width", "height", "depth"))
    turned = inner(found.get("rotation_euler_angles"))
    rotation = None if turned is None else _space(turned, ("x", "y", "z"))
    yield Cuboid(center=center, size=size, rotation=rotation, **common)


def _span(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    start, end = whole(found, "start_char"), whole(found, "end_char")
    if start is None or end is None:
        raise Bad("no_geometry", "it names tokens, and not where they begin and end")
    if not 0 <= start <= end:
        raise Bad("bad_geometry", f"it begins at {start} and ends at {end}")
    yield TextSpan(start=start, end=end, **common)


def _mask(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    url = mask_url(found)
    if url is None:
        raise Bad("no_file", "its mask has no address")
    sides = (None if side is None else round(side) for side in (canvas.width, canvas.height))
    width, height = sides
    yield Mask(width=width, height=height, file=unsigned_url(url), **common)


def _geo_box(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    west, south, east, north = _degrees(found, "bounds_lonlat", 4)
    (x, y), (right, bottom) = _map(west, north), _map(east, south)
    yield Box(x=x, y=y, width=right - x, height=bottom - y, **common)


def _geo_point(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    yield Marker(point=_map(*_degrees(found, "lonlat", 2)), **common)


def _geo_polygon(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    points = _lonlats(found, 3)
    yield Polygon(outline=points[:-1] if points[0] == points[-1] else points, **common)


def _geo_polyline(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    yield Polyline(points=_lonlats(found, 2), **common)


def _geo_circle(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    """Its radius is in the map's own units (of its projection): without that it can't be drawn."""
    raise Bad("bad_geometry", "its radius is in units of the map's projection, which is not told")


_MAKERS: dict[str, Callable[[Item, Canvas, Common], Iterator[Annotation]]] = {
    "box": _box,
    "polygon": _polygon,
    "line": _line,
    "point": _point,
    "curve": _curve,
    "ellipse": _ellipse,
    "circle": _ellipse,
    "keypoints": _keypoints,
    "cuboid": _cuboid,
    "cuboid_3d": _cuboid_3d,
    "text_token": _span,
    "mask": _mask,
    "geo_box": _geo_box,
    "geo_point": _geo_point,
    "geo_polygon": _geo_polygon,
    "geo_polyline": _geo_polyline,
    "geo_circle": _geo_circle,
}
TOOLS = tuple(_MAKERS)
"""The types of instances that are drawn."""


def _points(found: Item, canvas: Canvas, least: int) -> tuple[Point, ...]:
    points = tuple(canvas.point(*_xy(point, "point")) for point in listed(found, "points"))
    if len(points) < least:
        code: ProblemCode = "bad_geometry" if points else "no_geometry"
        raise Bad(code, f"it has {len(points)} points; at least {least} are needed")
    return points


def _xy(point: object, name: str) -> tuple[float, float]:
    x, y = (number(point.get(axis)) if isinstance(point, dict) else None for axis in ("x", "y"))
    if x is None or y is None:
        raise Bad("bad_number", f'its "{name}" is no point')
    return x, y


def _space(value: object, names: tuple[str, str, str]) -> Voxel:
    x, y, z = (number(value.get(name)) if isinstance(value, dict) else None for name in names)
    if x is None or y is None or z is None:
        raise Bad("no_geometry", "where it is in space is not told")
    return x, y, z


def _degrees(found: Item, name: str, count: int) -> list[float]:
    value = inner(found.get(name))
    numbers = [number(one) for one in value] if isinstance(value, list) else []
    if len(numbers) != count or None in numbers:
        raise Bad("no_geometry", f'its "{name}" is not told')
    return [one for one in numbers if one is not None]


def _lonlats(found: Item, least: int) -> tuple[Point, ...]:
    value = inner(found.get("lonlat"))
    pairs = value if isinstance(value, list) else []
    points = []
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2):
            raise Bad("bad_geometry", "its points are no pairs of longitude and latitude")
        points.append(_map(*_degrees({"pair": pair}, "pair", 2)))
    if len(points) < least:
        raise Bad("no_geometry", f"it has {len(points)} points; at least {least} are needed")
    return tuple(points)


def _map(longitude: float, latitude: float) -> Point:
    """Fractions of a map of the whole earth, both axes in equal steps (plate carrée)."""
    return (longitude + 180) / GEO[0], (90 - latitude) / GEO[1]
