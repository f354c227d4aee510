"""Pixels beside a jsonResponse's fractions, and geometry turned back to the medium's own sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from audit.annotations import LARGEST

Json = Any
Turn = Callable[[float, float], tuple[float, float]]
Size = tuple[float, float]

ROTATION = "ROTATION_JOB"
PIXELS = frozenset({"vertices", "pointPixels", "polylinePixels"})
"""What a jsonResponse has in pixels."""

TURNS: dict[int, Turn] = {
    90: lambda x, y: (y, 1 - x),
    180: lambda x, y: (1 - x, 1 - y),
    270: lambda x, y: (1 - y, x),
}


def rotation_of(said: Json) -> int:
    """How far the view was turned when somebody drew, in degrees."""
    found = said.get(ROTATION) if isinstance(said, dict) else None
    turned = found.get("rotation") if isinstance(found, dict) else 0
    return turned % 360 if isinstance(turned, int) else 0


def upright(said: Json) -> Json:
    """The same as if the view had not been turned; lines and points too, which Kili's own exports leave turned."""
    turn = TURNS.get(rotation_of(said))
    if turn is not None:
        said = _turned(said, turn)
    return {key: value for key, value in said.items() if key != ROTATION}


def _turned(node: Json, turn: Turn) -> Json:
    if isinstance(node, list):
        return [_turned(entry, turn) for entry in node]
    if not isinstance(node, dict):
        return node
    if _is_point(node):
        x, y = turn(node["x"], node["y"])
        return {**node, "x": x, "y": y}
    return {key: _turned(value, turn) for key, value in node.items()}


def _is_point(node: Json) -> bool:
    return isinstance(node, dict) and _is_side(node.get("x")) and _is_side(node.get("y"))


def _is_side(value: Json) -> bool:
    """Whether it is a number of which there are pixels."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST


def without_pixels(node: Json) -> Json:
    """Fractions only."""
    if isinstance(node, list):
        return [without_pixels(entry) for entry in node]
    if isinstance(node, dict):
        return {key: without_pixels(value) for key, value in node.items() if key not in PIXELS}
    return node


def with_pixels(node: Json, size: Size | None, pages: Sequence[Size | None]) -> Json:
    """Pixels beside all fractions whose picture or page has a known size. Pages count from 1 in the answers."""
    if isinstance(node, list):
        return [with_pixels(entry, size, pages) for entry in node]
    if not isinstance(node, dict):
        return node
    numbers = node.get("pageNumberArray")
    sizes = [_page(pages, number) for number in numbers] if isinstance(numbers, list) and numbers else [size]
    found: dict[str, Json] = {}
    for key, value in node.items():
        if key in PIXELS:
            continue
        if key in ("boundingPoly", "polys") and isinstance(value, list):
            found[key] = [_ring(ring, sizes[min(place, len(sizes) - 1)]) for place, ring in enumerate(value)]
            continue
        found[key] = with_pixels(value, size, pages)
        if size is not None and key == "point" and _is_point(value):
            found["pointPixels"] = _pixel(value, size)
        elif size is not None and key == "polyline" and isinstance(value, list) and all(map(_is_point, value)):
            found["polylinePixels"] = [_pixel(point, size) for point in value]
    return found


def _page(pages: Sequence[Size | None], number: object) -> Size | None:
    return pages[number - 1] if isinstance(number, int) and 0 < number <= len(pages) else None


def _ring(ring: Json, size: Size | None) -> Json:
    if isinstance(ring, list):
        return [_ring(entry, size) for entry in ring]
    points = ring.get("normalizedVertices") if isinstance(ring, dict) else None
    if size is None or not isinstance(points, list) or not all(map(_is_point, points)):
        return ring
    return {**ring, "vertices": [_pixel(point, size) for point in points]}


def _pixel(point: Json, size: Size) -> dict[str, float]:
    return {"x": point["x"] * size[0], "y": point["y"] * size[1]}
