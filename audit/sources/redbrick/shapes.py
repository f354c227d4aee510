"""Boxes, points, lines and measurements of RedBrick AI in neutral words."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from audit.annotations import (
    Annotation,
    Box,
    Cuboid3D,
    Ellipse,
    Landmark,
    Marker,
    Measurement,
    Point,
    Polygon,
    Polyline,
    Voxel,
)
from audit.sources.values import Item, number, part, values

Common = dict[str, Any]
"""The fields that all kinds of annotations have."""


class Misdrawn(ValueError):
    """What was drawn has not enough points, or no numbers."""


def _number(of: Item, name: str) -> float:
    found = number(of.get(name))
    if found is None or not math.isfinite(found):
        raise Misdrawn(f"its {name} is no number")
    return found


def _point(of: object) -> Point:
    if not isinstance(of, dict):
        raise Misdrawn("a point has no coordinates")
    return _number(of, "xnorm"), _number(of, "ynorm")


def _points(entry: Item, name: str, least: int) -> tuple[Point, ...]:
    found = tuple(_point(one) for one in values(entry, name))
    if len(found) < least:
        raise Misdrawn(f"it has {len(found)} points, and takes {least}")
    return found


def _voxel(of: Item, name: str) -> Voxel:
    found = _triple(of, name)
    if found is None:
        raise Misdrawn(f"its {name} has no three coordinates")
    return found


def _triple(of: Item, name: str) -> Voxel | None:
    found = [number(one) for one in values(of, name)]
    x, y, z = (*found, None, None, None)[:3]
    return None if x is None or y is None or z is None or len(found) != 3 else (x, y, z)


def _world(of: Item, *names: str) -> tuple[Voxel, ...]:
    """The points in the patient's space, where all of them are told."""
    found = tuple(one for name in names if (one := _triple(of, name)) is not None)
    return found if len(found) == len(names) else ()


def _length(entry: Item, common: Common) -> Annotation:
    of = part(entry, "length3d")
    return Measurement(
        measure="length",
        value=_number(of, "computedlength"),
        points=(_voxel(of, "point1"), _voxel(of, "point2")),
        world=_world(of, "computedpoint1world", "computedpoint2world"),
        normal=_triple(of, "normal"),
        **common,
    )


def _angle(entry: Item, common: Common) -> Annotation:
    of = part(entry, "angle3d")
    return Measurement(
        measure="angle",
        value=_number(of, "computedangledeg"),
        points=(_voxel(of, "point1"), _voxel(of, "point2"), _voxel(of, "point3")),
        world=_world(of, "computedpoint1world", "computedpoint2world", "computedpoint3world"),
        normal=_triple(of, "normal"),
        **common,
    )


def _landmark(entry: Item, common: Common) -> Annotation:
    of = part(entry, "point3d")
    voxel = (_number(of, "pointx"), _number(of, "pointy"), _number(of, "pointz"))
    return Landmark(voxel=voxel, world=_triple(of, "computedpointworld"), **common)


def _ellipse(entry: Item, common: Common) -> Annotation:
    of = part(entry, "ellipse")
    return Ellipse(
        center=(_number(of, "xcenternorm"), _number(of, "ycenternorm")),
        radius_x=_number(of, "xnorm"),
        radius_y=_number(of, "ynorm"),
        angle=math.degrees(number(of.get("rot")) or 0.0),
        **common,
    )


def _box(entry: Item, common: Common) -> Annotation:
    of = part(entry, "bbox2d")
    x, y = _point(of)
    return Box(x=x, y=y, width=_number(of, "wnorm"), height=_number(of, "hnorm"), **common)


def _cuboid(entry: Item, common: Common) -> Annotation:
    of = part(entry, "cuboid")
    world = _world(of, "computedpoint1world", "computedpoint2world")
    return Cuboid3D(shape="box", first=_voxel(of, "point1"), last=_voxel(of, "point2"), world=world, **common)


MASK = "dicom"

SHAPES: dict[str, tuple[str, Callable[[Item, Common], Annotation] | None]] = {
    MASK: ("SEGMENTATION", None),
    "length3d": ("LENGTH", _length),
    "angle3d": ("ANGLE", _angle),
    "point": ("POINT", lambda entry, common: Marker(point=_point(entry["point"]), **common)),
    "point3d": ("POINT", _landmark),
    "polyline": ("POLYLINE", lambda entry, common: Polyline(points=_points(entry, "polyline", 2), **common)),
    "ellipse": ("ELLIPSE", _ellipse),
    "bbox2d": ("BBOX", _box),
    "cuboid": ("CUBOID", _cuboid),
    "polygon": ("POLYGON", lambda entry, common: Polygon(outline=_points(entry, "polygon", 3), **common)),
}
"""What can be drawn, in the order in which the SDK looks: its kind of label, and what makes it (a mask: nothing)."""
