"""Pixels to outlines along their edges: rasterised again they are the same pixels."""

from __future__ import annotations

import numpy as np

from audit.annotations import Point, Ring
from exports.formats.labels.runs import Spans, bounds_of
from exports.formats.labels.shapes import Part, signed_area

Corner = tuple[int, int]


def outlines_of(spans: Spans, height: int) -> list[Part]:
    """Outlines and their holes; pixels that only touch at a corner belong to different outlines."""
    if not len(spans):
        return []
    left, top, right, bottom = bounds_of(spans, height)
    covered = np.zeros(((right - left + 2) * height,), np.int8)
    offset = (left - 1) * height
    np.add.at(covered, spans[:, 0] - offset, 1)
    np.add.at(covered, spans[:, 1] - offset, -1)
    grid = np.cumsum(covered, dtype=np.int8).reshape(-1, height).T
    inside = np.pad(grid[top:bottom], ((1, 1), (0, 0))).astype(bool)
    rings = [tuple((float(x + left - 1), float(y + top - 1)) for x, y in ring) for ring in _rings(_edges(inside))]
    outer = [ring for ring in rings if signed_area(ring) > 0]
    holes: dict[int, list[Ring]] = {place: [] for place in range(len(outer))}
    for ring in rings:
        if signed_area(ring) < 0:
            around = [place for place, outline in enumerate(outer) if _lies_in(_within(ring), outline)]
            holes[min(around, key=lambda place: signed_area(outer[place]))].append(ring)
    return [(outline, tuple(holes[place])) for place, outline in enumerate(outer)]


def _edges(inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> dict[Corner, list[Corner]]:
    """Edges between covered pixels and others, from corner to corner, the covered ones at the right hand."""
    found: dict[Corner, list[Corner]] = {}
    across = inside[1:, :].astype(np.int8) - inside[:-1, :]
    for y, x in np.argwhere(across).tolist():
        a, b = (x, y + 1), (x + 1, y + 1)
        first, last = (a, b) if across[y, x] > 0 else (b, a)
        found.setdefault(first, []).append(last)
    down = inside[:, 1:].astype(np.int8) - inside[:, :-1]
    for y, x in np.argwhere(down).tolist():
        a, b = (x + 1, y + 1), (x + 1, y)
        first, last = (a, b) if down[y, x] > 0 else (b, a)
        found.setdefault(first, []).append(last)
    return found


def _rings(edges: dict[Corner, list[Corner]]) -> list[list[Corner]]:
    """The closed ways along the edges, without corners that lie on a straight line."""
    rings = []
    while edges:
        start = next(iter(edges))
        ring, at, before = [start], edges[start].pop(), start
        if not edges[start]:
            del edges[start]
        while at != start:
            ring.append(at)
            onward = edges[at]
            # Where two ways cross, the sharp turn to the right keeps to the same pixel.
            at, before = onward.pop(_rightmost(before, at, onward)), at
            if not onward:
                del edges[before]
        rings.append([point for place, point in enumerate(ring) if _turns(ring[place - 1], point, ring, place)])
    return rings


def _rightmost(before: Corner, at: Corner, onward: list[Corner]) -> int:
    if len(onward) == 1:
        return 0
    way = (at[0] - before[0], at[1] - before[1])
    turns = [way[0] * (to[1] - at[1]) - way[1] * (to[0] - at[0]) for to in onward]
    return turns.index(max(turns))


def _turns(before: Corner, at: Corner, ring: list[Corner], place: int) -> bool:
    after = ring[(place + 1) % len(ring)]
    return (at[0] - before[0]) * (after[1] - at[1]) != (at[1] - before[1]) * (after[0] - at[0])


def _within(hole: Ring) -> Point:
    """The middle of a pixel beside a hole's first edge, outside of the hole."""
    (x0, y0), (x1, y1) = hole[0], hole[1]
    x, y = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
    return (x0 + x / 2 - y / 2, y0 + y / 2 + x / 2)


def _lies_in(point: Point, ring: Ring) -> bool:
    x, y = point
    found = False
    for (x0, y0), (x1, y1) in zip((*ring[-1:], *ring[:-1]), ring, strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            found = not found
    return found
