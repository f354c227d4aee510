"""What is drawn in pictures, videos, maps and point clouds, in Diffgram's words for each kind of file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from audit.annotations import (
    Annotation,
    Box,
    Cuboid,
    Ellipse,
    Graph,
    Marker,
    Mask,
    Medium,
    Point,
    Polygon,
    Polyline,
    Pose,
    Ring,
    bounds,
    finite,
)
from audit.sources.values import Item
from exports.formats.labels.earth import corners, places
from exports.formats.labels.inline import covered, picture_of
from exports.formats.labels.shapes import Unwritable, ellipse_ring, turned_box

DRAWN: tuple[type[Annotation], ...] = (Box, Polygon, Polyline, Marker, Ellipse, Mask, Pose, Graph, Cuboid)
"""Kinds that Diffgram has words for, at least in some files."""
_CORNERS = ("top_left", "top_right", "bot_right", "bot_left")


def drawn(one: Annotation, medium: Medium) -> Item:
    """A shape in pixels, in degrees on a map. Raises Unwritable."""
    if isinstance(one, Cuboid) and one.center is not None:
        return _in_space(one)
    if medium.kind == "geo":
        return _on_earth(one, medium)
    if medium.kind not in ("image", "video"):
        raise _none(one, medium)
    if isinstance(one, Mask) or (isinstance(one, Polygon) and one.holes):
        # Polygons of Diffgram have no holes.
        return {"type": "mask", "mask": picture_of([covered(one, medium)])}
    width, height = medium.width, medium.height
    if not width or not height:
        raise Unwritable("no_size", "the size of what it is drawn on is not known, so there are no pixels")
    return _in_picture(one, medium, width, height)


def _none(one: Annotation, medium: Medium) -> Unwritable:
    return Unwritable("not_held", f"Diffgram has no {type(one).__name__.lower()} in a file of the kind {medium.kind}")


def _in_picture(one: Annotation, medium: Medium, width: float, height: float) -> Item:
    if isinstance(one, Box):
        sides = (one.x * width, one.y * height, (one.x + one.width) * width, (one.y + one.height) * height)
        return {"type": "box", **_sides(_checked(sides)), **_turned(one.angle)}
    if isinstance(one, Ellipse):
        sides = (one.center[0] * width, one.center[1] * height, one.radius_x * width, one.radius_y * height)
        x, y, across, down = _checked(sides)
        # Width and height are half-axes there.
        return {"type": "ellipse", "center_x": x, "center_y": y, "width": across, "height": down, **_turned(one.angle)}
    if isinstance(one, Polygon | Polyline):
        kind, ring, least = ("polygon", one.outline, 3) if isinstance(one, Polygon) else ("line", one.points, 2)
        points = _points(ring, width, height, least)
        extent = bounds([(point["x"], point["y"]) for point in points])
        return {"type": kind, **_sides(extent), "points": points}
    if isinstance(one, Marker):
        return {"type": "point", "points": _points((one.point,), width, height, 1)}
    if isinstance(one, Pose | Graph):
        return _keypoints(one, width, height)
    if isinstance(one, Cuboid) and len(one.front) == len(one.rear) == len(_CORNERS):
        return {
            "type": "cuboid",
            "front_face": _face(one.front, width, height),
            "rear_face": _face(one.rear, width, height),
        }
    raise _none(one, medium)


def _keypoints(one: Pose | Graph, width: float, height: float) -> Item:
    """Named points; those of a graph are named by their numbers, and its edges join them."""
    nodes: list[Item] = []
    edges: list[Item] = []
    if isinstance(one, Pose):
        for place, named in enumerate(one.points):
            node: Item = {"id": f"{place}", "name": named.key, "x": None, "y": None}
            if named.point is not None:
                node |= _points((named.point,), width, height, 1)[0]
            nodes.append(node if named.visible is None else {**node, "occluded": not named.visible})
    else:
        points = _points(one.points, width, height, 1)
        nodes = [{"id": f"{place}", "name": f"{place}", **point} for place, point in enumerate(points)]
        edges = [{"id": f"{n}", "from": f"{first}", "to": f"{last}"} for n, (first, last) in enumerate(one.edges)]
    if not nodes:
        raise Unwritable("bad_geometry", "it has no points")
    return {"type": "keypoints", "nodes": {"nodes": nodes}, "edges": {"edges": edges}}


def _in_space(one: Cuboid) -> Item:
    if one.center is None or one.size is None or not finite((*one.center, *one.size, *(one.rotation or ()))):
        raise Unwritable("bad_number", "where it is in space, or how large, is no number")
    center, size = one.center, one.size
    said: Item = {"type": "cuboid_3d", "rotation_euler_angles": None}
    if one.rotation is not None:
        said["rotation_euler_angles"] = _space(one.rotation)
    said |= {"position_3d": _space(center), "center_3d": _space(center)}
    said["max_point_3d"] = _space([middle + side / 2 for middle, side in zip(center, size, strict=True)])
    said["min_point_3d"] = _space([middle - side / 2 for middle, side in zip(center, size, strict=True)])
    return said | {"dimensions_3d": dict(zip(("width", "height", "depth"), size, strict=True))}


def _on_earth(one: Annotation, medium: Medium) -> Item:
    """Places are longitude and latitude; pixels of the map's file (`bounds`, `coords`) are not known."""
    if isinstance(one, Marker):
        return {"type": "geo_point", "lonlat": places([one.point], medium)[0]}
    if isinstance(one, Polyline):
        return {"type": "geo_polyline", "lonlat": _line(one.points, medium, 2)}
    if isinstance(one, Box) and not one.angle % 360:
        southwest, _, northeast, _ = places(corners(one, medium), medium)
        return {"type": "geo_box", "lonlat": southwest, "bounds_lonlat": [*southwest, *northeast]}
    if isinstance(one, Polygon) and one.holes:
        raise Unwritable("not_held", "Diffgram's polygons have no holes")
    if isinstance(one, Polygon | Box | Ellipse):
        ring = one.outline if isinstance(one, Polygon) else _outline(one)
        return {"type": "geo_polygon", "lonlat": _line(ring, medium, 3)}
    raise _none(one, medium)


def _outline(one: Box | Ellipse) -> Ring:
    return turned_box(one, 1, 1) if isinstance(one, Box) else ellipse_ring(one, 1, 1)


def _line(points: Ring, medium: Medium, least: int) -> list[list[float]]:
    if len(points) < least:
        raise Unwritable("bad_geometry", f"it has {len(points)} points; at least {least} are needed")
    return places(points, medium)


def _face(ring: Sequence[Point], width: float, height: float) -> Item:
    points = _points(tuple(ring), width, height, len(_CORNERS))
    left, top, right, bottom = bounds([(point["x"], point["y"]) for point in points])
    return {"width": right - left, "height": bottom - top, **dict(zip(_CORNERS, points, strict=True))}


def _space(values: Iterable[float]) -> Item:
    return dict(zip("xyz", values, strict=True))


def _turned(degrees: float) -> Item:
    """Diffgram counts in radians."""
    if not math.isfinite(degrees):
        raise Unwritable("bad_number", "its angle is no finite number")
    return {"angle": math.radians(degrees)} if degrees % 360 else {}


def _sides(extent: Sequence[float]) -> Item:
    return dict(zip(("x_min", "y_min", "x_max", "y_max"), extent, strict=True))


def _points(ring: Ring, width: float, height: float, least: int) -> list[dict[str, Any]]:
    if len(ring) < least:
        raise Unwritable("bad_geometry", f"it has {len(ring)} points; at least {least} are needed")
    pairs = [_checked((x * width, y * height)) for x, y in ring]
    return [{"x": x, "y": y} for x, y in pairs]


def _checked(values: Sequence[float]) -> list[float]:
    """Pixels to the millionth: what is beyond comes from fractions."""
    if not finite(values):
        raise Unwritable("bad_number", "a coordinate is no finite number")
    return [round(value, 6) for value in values]
