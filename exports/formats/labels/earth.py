"""Places on a map as longitude and latitude."""

from __future__ import annotations

from collections.abc import Iterable

from audit.annotations import Box, Medium, Point, Ring, finite
from exports.formats.labels.shapes import Unwritable

EARTH = (360.0, 180.0)
"""The size of a medium whose fractions are of a map of the whole earth; else x and y are longitude and latitude."""


def places(points: Iterable[Point], medium: Medium) -> list[list[float]]:
    """Degrees, longitude first. Raises Unwritable for what is nowhere on earth."""
    whole = is_whole(medium)
    found = [[x * EARTH[0] - 180, 90 - y * EARTH[1]] if whole else [x, y] for x, y in points]
    if not all(finite(pair) for pair in found):
        raise Unwritable("bad_number", "a coordinate is no finite number")
    if any(abs(x) > 180 or abs(y) > 90 for x, y in found):
        raise Unwritable("outside", "it has a place that is no longitude with a latitude")
    return found


def corners(box: Box, medium: Medium) -> Ring:
    """Of a box that is not turned: south west, north west, north east, south east; as the box counts."""
    south, north = (box.y + box.height, box.y) if is_whole(medium) else (box.y, box.y + box.height)
    return ((box.x, south), (box.x, north), (box.x + box.width, north), (box.x + box.width, south))


def is_whole(medium: Medium) -> bool:
    """Whether its fractions are of a map of the whole earth."""
    return (medium.width, medium.height) == EARTH
