"""Lines of YOLO label files: a class's number and fractions of the picture, six digits behind the point."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain

import numpy as np

from audit.annotations import Annotation, Box, Ellipse, Mask, Medium, Polygon, Ring
from exports.formats.labels.outlines import outlines_of
from exports.formats.labels.runs import bounds_of, spans_from
from exports.formats.labels.shapes import (
    Part,
    Shape,
    Unwritable,
    edges_within,
    polygon_shape,
    shape_of,
    signed_area,
)

SMALLEST = 5e-7
"""A side that would be written as 0.000000."""


@cache
def _form(numbers: int) -> str:
    return "%d" + " %.6f" * numbers + "\n"


def line_of(group: Sequence[Annotation], place: int, medium: Medium, *, boxes: bool) -> tuple[str, bool]:
    """The line of one object, and whether it was cut at the picture's edge. Raises Unwritable.

    With `boxes` it is class, centre, width and height; else class and the corners of one outline.
    """
    if boxes and (edges := edges_within(group, 1, 1)) is not None:
        left, top, right, bottom = edges
        if right - left >= SMALLEST and bottom - top >= SMALLEST:
            return _of_box(place, *edges), False
    shape = _fractions(group, medium)
    if shape.right - shape.left < SMALLEST or shape.bottom - shape.top < SMALLEST:
        raise Unwritable("bad_geometry", "it is too small: a side would be written as 0")
    if boxes:
        return _of_box(place, shape.left, shape.top, shape.right, shape.bottom), shape.cut
    ring = joined(shape.parts)
    return _form(2 * len(ring)) % (place, *chain.from_iterable(ring)), shape.cut


def _of_box(place: int, left: float, top: float, right: float, bottom: float) -> str:
    x, y = (left + right) / 2, (top + bottom) / 2
    return f"{place} {x:.6f} {y:.6f} {right - left:.6f} {bottom - top:.6f}\n"


def _mask(one: Mask) -> Shape:
    """The pixels' outlines, which follow their edges."""
    width, height = one.width, one.height
    if not one.counts or not width or not height or sum(one.counts) != width * height:
        raise Unwritable("no_geometry", "its mask has no pixels")
    spans = spans_from(one.counts)
    if not len(spans):
        raise Unwritable("bad_geometry", "its mask is empty")
    left, top, right, bottom = bounds_of(spans, height)
    parts = tuple(
        (_scaled(outline, width, height), tuple(_scaled(hole, width, height) for hole in holes))
        for outline, holes in outlines_of(spans, height)
    )
    return Shape(left / width, top / height, right / width, bottom / height, parts)


def _scaled(ring: Ring, width: float, height: float) -> Ring:
    return tuple([(x / width, y / height) for x, y in ring])


def _fractions(group: Sequence[Annotation], medium: Medium) -> Shape:
    """The shape within 0..1. What is turned has to be turned in pixels."""
    one = group[0]
    if isinstance(one, Mask):
        return _mask(one)
    if isinstance(one, Polygon):
        return polygon_shape([part for part in group if isinstance(part, Polygon)], 1, 1)
    if not isinstance(one, Box | Ellipse) or not one.angle % 360:
        return shape_of(one, 1, 1)
    if not medium.width or not medium.height:
        raise Unwritable("no_size", "it is turned, and the width and height of its picture are not known")
    width, height = medium.width, medium.height
    shape = shape_of(one, width, height)
    parts = tuple((_scaled(ring, width, height), ()) for ring, _ in shape.parts)
    return Shape(
        shape.left / width, shape.top / height, shape.right / width, shape.bottom / height, parts, cut=shape.cut
    )


def joined(parts: Sequence[Part]) -> Ring:
    """One outline for all parts and holes: each ring is joined to what is there by a bridge without width.

    Holes run against their outline, so that a reader who fills by winding leaves them out too.
    """
    rings = [ring for outline, holes in parts for ring in (outline, *(_against(outline, hole) for hole in holes))]
    found, *rest = rings
    for ring in rest:
        here, there = _nearest(found, ring)
        found = (*found[: here + 1], *ring[there:], *ring[: there + 1], *found[here:])
    return found


def _against(outline: Ring, hole: Ring) -> Ring:
    return hole[::-1] if (signed_area(outline) > 0) == (signed_area(hole) > 0) else hole


def _nearest(one: Ring, other: Ring) -> tuple[int, int]:
    """The corners of two rings that are nearest to each other."""
    apart = np.asarray(one)[:, None, :] - np.asarray(other)[None, :, :]
    place = int(np.argmin((apart**2).sum(axis=2)))
    return place // len(other), place % len(other)
