"""Graphs as lines along their edges, for formats that have lines only."""

from __future__ import annotations

from audit.annotations import Annotation, Graph, Marker, Polyline

_COMMON = Annotation.__struct_fields__


def ways_of(one: Graph) -> list[list[int]]:
    """Indices of points: edges that go on where the one before ends are one way."""
    ways: list[list[int]] = []
    for start, end in one.edges:
        if ways and ways[-1][-1] == start:
            ways[-1].append(end)
        else:
            ways.append([start, end])
    return ways


def alone_in(one: Graph) -> list[int]:
    """Indices of points to which no edge leads."""
    joined = {end for edge in one.edges for end in edge}
    return [place for place in range(len(one.points)) if place not in joined]


def lines_of(one: Graph) -> list[Polyline | Marker]:
    """Lines along the edges, then the points to which none leads, each with all that is said of the graph."""
    common = {name: getattr(one, name) for name in _COMMON}
    lines = [Polyline(points=tuple(one.points[at] for at in way), **common) for way in ways_of(one)]
    return [*lines, *(Marker(point=one.points[at], **common) for at in alone_in(one))]
