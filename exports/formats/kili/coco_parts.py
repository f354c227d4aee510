"""One object of a picture as COCO says it: bbox, segmentation, area, keypoints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from audit.annotations import Annotation, Mask, Medium, Polygon, Pose, finite, pixels
from exports.formats.labels.classes import Classes, Numbered
from exports.formats.labels.runs import Spans, area_of, bounds_of, counts_of, spans_from, spans_of
from exports.formats.labels.shapes import (
    Edges,
    Shape,
    Unwritable,
    edges_within,
    polygon_shape,
    shape_of,
    simple_area,
)


@dataclass(slots=True)
class Covered:
    """An object: COCO's fields but for the ids of itself and its image. `cut`: it went over the picture's edge."""

    fields: dict[str, Any]
    cut: bool = False


def objects_of(found: Iterable[Annotation], medium: int) -> list[list[Annotation]]:
    """The annotations of one medium; polygons that are parts of one object are together, where its first part is."""
    here = [one for one in found if one.medium == medium]
    objects = [one.object for one in here if type(one) is Polygon and one.object is not None]
    if len(set(objects)) == len(objects):
        return [[one] for one in here]
    groups: dict[object, list[Annotation]] = {}
    for place, one in enumerate(here):
        key = (one.job, one.object, one.classes) if isinstance(one, Polygon) and one.object is not None else place
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def covered_by(group: Sequence[Annotation], medium: Medium, classes: Classes) -> Covered:
    """What COCO says of an object. Raises Unwritable."""
    one = group[0]
    found = classes.of(one)
    if found is None:
        raise unknown(one)
    width, height = medium.width or 0, medium.height or 0
    fields: dict[str, Any]
    cut = False
    if (plainly := _plainly(one, edges_within(group, width, height), width, height)) is not None:
        fields = plainly
    elif isinstance(one, Pose):
        fields, cut = _pose(one, found, width, height)
    elif isinstance(one, Mask):
        fields = _mask(one, int(width), int(height))
    else:
        polygons = [part for part in group if isinstance(part, Polygon)]
        shape = polygon_shape(polygons, width, height) if polygons else shape_of(one, width, height)
        fields, cut = _shape(shape, int(width), int(height)), shape.cut
    if one.object is not None:
        fields["object"] = one.object
    return Covered({"category_id": found.place + 1, **fields}, cut)


def unknown(one: Annotation) -> Unwritable:
    """Why an annotation's class has no number."""
    if not one.classes:
        return Unwritable("no_class", "it has no class")
    return Unwritable("unknown_class", f"the ontology's job {one.job!r} has no class {one.classes[0]!r}")


def _upright(edges: Edges) -> dict[str, Any]:
    left, top, right, bottom = edges
    width, height = right - left, bottom - top
    return {
        "bbox": [left, top, width, height],
        "segmentation": [[left, bottom, left, top, right, top, right, bottom]],  # In the order of `corners`.
        "area": width * height,
        "iscrowd": 0,
    }


def _plainly(one: Annotation, edges: Edges | None, width: float, height: float) -> dict[str, Any] | None:
    """Of an upright box or an outline that lies within the picture, as most do: by its bounds; None of any other."""
    if edges is None:
        return None
    return _outline(one, edges, width, height) if isinstance(one, Polygon) else _upright(edges)


def _outline(one: Polygon, edges: Edges, width: float, height: float) -> dict[str, Any] | None:
    """Of one outline that has no holes and never crosses itself; None of any other."""
    if one.holes:
        return None
    ring = pixels(one.outline, width, height)
    if not (area := simple_area(ring)):
        return None
    left, top, right, bottom = edges
    return {
        "bbox": [left, top, right - left, bottom - top],
        "segmentation": [list(chain.from_iterable(ring))],
        "area": area,
        "iscrowd": 0,
    }


def _shape(shape: Shape, width: int, height: int) -> dict[str, Any]:
    if shape.upright:
        return _upright((shape.left, shape.top, shape.right, shape.bottom))
    box = [shape.left, shape.top, shape.right - shape.left, shape.bottom - shape.top]
    if shape.holes:
        return _runs(spans_of(shape.parts, width, height), width, height)
    rings = [ring for ring, _ in shape.parts]
    areas = [simple_area(ring) for ring in rings]
    # Even-odd, as readers of COCO fill polygons that cross themselves.
    area = area_of(spans_of(shape.parts, width, height)) if None in areas else sum(filter(None, areas))
    if not area:
        raise Unwritable("bad_geometry", "it crosses itself, and covers no pixel's centre")
    flats = [list(chain.from_iterable(ring)) for ring in rings]
    return {"bbox": box, "segmentation": flats, "area": area, "iscrowd": 0}


def _runs(spans: Spans, width: int, height: int) -> dict[str, Any]:
    if not len(spans):
        raise Unwritable("bad_geometry", "it covers no pixel's centre")
    left, top, right, bottom = bounds_of(spans, height)
    return {
        "bbox": [left, top, right - left, bottom - top],
        "segmentation": {"size": [height, width], "counts": counts_of(spans, width, height)},
        "area": area_of(spans),
        "iscrowd": 0,
    }


def _mask(one: Mask, width: int, height: int) -> dict[str, Any]:
    if not one.counts:
        raise Unwritable("no_geometry", "its mask has no pixels")
    if (one.width, one.height) != (width, height) or sum(one.counts) != width * height:
        raise Unwritable("bad_geometry", f"its mask is one of {one.width} x {one.height} pixels, its picture is not")
    return _runs(spans_from(one.counts), width, height)


def _pose(one: Pose, found: Numbered, width: float, height: float) -> tuple[dict[str, Any], bool]:
    """Keypoints in the category's order: x, y and whether it is not set (0), hidden (1) or visible (2); and whether
    points were left out that lie outside of the picture.

    A category that names no points has them as they are drawn; then the annotation says what they are called.
    """
    keys = found.known.points or tuple(point.key for point in one.points)
    if len({point.key for point in one.points}) < len(one.points):
        raise Unwritable("bad_geometry", "two of its points have the same name")
    flat: dict[str, tuple[float, float, int]] = {}
    cut = False
    for point in one.points:
        if point.key not in keys:
            raise Unwritable("unknown_class", f"its class has no point {point.key!r}")
        if point.point is not None:
            if not finite(point.point):
                raise Unwritable("bad_number", f"its point {point.key!r} is no finite number")
            x, y = point.point
            if not (0 <= x <= 1 and 0 <= y <= 1):
                cut = True
                continue
            flat[point.key] = (x * width, y * height, 1 if point.visible is False else 2)
    if not flat and cut:
        raise Unwritable("outside", "all of its points lie outside of the picture")
    if not flat:
        raise Unwritable("no_geometry", "none of its points is set")
    left, wide = _at_least_a_pixel([x for x, _, _ in flat.values()], width)
    top, high = _at_least_a_pixel([y for _, y, _ in flat.values()], height)
    box = [left, top, wide, high]
    fields = {
        "bbox": box,
        "segmentation": [],
        "area": box[2] * box[3],
        "iscrowd": 0,
        "keypoints": [value for key in keys for value in flat.get(key, (0, 0, 0))],
        "num_keypoints": len(flat),
        **({} if found.known.points else {"keypoint_names": keys}),
    }
    return fields, cut


def _at_least_a_pixel(sides: Sequence[float], limit: float) -> tuple[float, float]:
    """The smallest of some x or y, and how far they reach: at least a pixel within the picture, for readers leave out
    what has no area, as points in one line have not."""
    first, reach = min(sides), max(sides) - min(sides)
    if reach >= 1:
        return first, reach
    return max(min(first + reach / 2 - 0.5, limit - 1), 0), 1
