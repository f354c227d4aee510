"""What was drawn with one of isahit lab's tools, as neutral annotations.

Rectangles, polygons, lines and graphs are fractions of the picture, outlines of segmentations are its pixels.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from audit.annotations import (
    Annotation,
    Answer,
    Box,
    Choice,
    Graph,
    Mask,
    Point,
    Polygon,
    Polyline,
    Problem,
    ProblemCode,
)
from audit.ontology import Job
from audit.sources.isahit.label import FILE
from audit.sources.values import Item, number, part, parts, text, values


@dataclass(slots=True)
class Drawn:
    """What can be represented, and what can't."""

    annotations: list[Annotation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class _Bad(Exception):
    """A shape that can't be represented."""

    def __init__(self, code: ProblemCode, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class _Object:
    """One object that was labelled: what all its shapes share."""

    job: str
    tool: str
    classes: tuple[str, ...]
    answers: tuple[Answer, ...]
    object: str
    medium: int

    def common(self, shape: Item, frame: int | None) -> dict[str, Any]:
        """Arguments of its annotations."""
        return {
            "job": self.job,
            "tool": self.tool,
            "classes": self.classes,
            "answers": self.answers,
            "object": self.object,
            "id": text(shape, "id"),
            "frame": frame,
            "medium": self.medium,
        }


def drawn(said: Item, job: Job, place: tuple[int, Item], classes: Collection[str]) -> Drawn:
    """All objects of a tool. `said` is its value, `place` the medium's index and facts, `classes` what it may be."""
    found = Drawn()
    medium, facts = place
    seen: set[str] = set()
    for index, annotation in enumerate(parts(said, "annotations")):
        uid = text(annotation, "uid") or f"#{index}"
        name = uid if uid not in seen else f"{uid}#{index}"
        seen.add(name)
        try:
            thing = _object(annotation, job, name, medium, classes)
        except _Bad as bad:
            found.problems.append(Problem(bad.code, bad.text, job.key, uid))
            continue
        _shapes(annotation, thing, said, facts, found)
    return found


def _object(annotation: Item, job: Job, name: str, medium: int, classes: Collection[str]) -> _Object:
    """Its class is the first label of the first list; further main labels are answers of their list."""
    labels = part(annotation, "labels")
    chosen: tuple[str, ...] = ()
    answers: list[Answer] = []
    for list_, found in labels.items():
        if not isinstance(found, dict):
            continue
        ids = [id_ for label in parts(found, "labels") if (id_ := text(label, "id"))]
        if strange := [id_ for id_ in ids if id_ not in classes]:
            raise _Bad("unknown_class", f'the class "{strange[0]}" is not among those of the project')
        if ids and not chosen:
            chosen, ids = (ids[0],), ids[1:]
        if ids:
            answers.append(Answer(list_, tuple(map(Choice, ids))))
        answers += _answers(part(found, "children"))
    return _Object(job.key, job.tools[0] if job.tools else "", chosen, tuple(answers), name, medium)


def _answers(children: Item) -> Iterator[Answer]:
    """Sub-labels by their list; what was asked below a list is below the first of its labels."""
    for list_, found in children.items():
        if not isinstance(found, dict):
            continue
        ids = [id_ for label in parts(found, "labels") if (id_ := text(label, "id"))]
        below = tuple(_answers(part(found, "children")))
        if ids:
            yield Answer(list_, (Choice(ids[0], below), *map(Choice, ids[1:])))
        else:
            yield from below


def _shapes(annotation: Item, thing: _Object, said: Item, facts: Item, found: Drawn) -> None:
    approximation = part(annotation, "approximation")
    shapes = values(annotation, "polygons")
    if (shapes and all(isinstance(value, int) for value in shapes)) or approximation:
        _segments(annotation, thing, said, facts, found)
        return
    if not shapes:
        found.problems.append(Problem("no_geometry", "an object has no shape", thing.job, thing.object))
    for shape in shapes:
        frame: int | None = None
        try:
            if not isinstance(shape, dict):
                raise _Bad("bad_geometry", "a shape is no object")
            frame = _frame(shape, facts)
            found.annotations.append(_shape(part(shape, "geometry"), thing, shape, frame))
        except _Bad as bad:
            found.problems.append(Problem(bad.code, bad.text, thing.job, thing.object, frame))


def _shape(geometry: Item, thing: _Object, shape: Item, frame: int | None) -> Annotation:
    kind = text(geometry, "type")
    points = _points(geometry.get("vertices"))
    common = thing.common(shape, frame)
    if kind == "rectangle":
        if len(points) != 2:
            raise _Bad("bad_geometry", f"a rectangle has {len(points)} corners, not two")
        (left, right), (top, bottom) = (sorted(values) for values in zip(*points, strict=True))
        return Box(x=left, y=top, width=right - left, height=bottom - top, **common)
    if kind == "graph":
        return Graph(points=points, edges=_edges(geometry.get("edges"), len(points)), **common)
    if kind == "polyline" or (kind == "polygon" and thing.tool.endswith("polyline")):
        if len(points) < 2:
            raise _Bad("bad_geometry", "a line has fewer than two points")
        return Polyline(points=points, **common)
    if kind == "polygon":
        return Polygon(outline=_ring(points), **common)
    raise _Bad("unknown_tool", f'a shape is a "{kind}", which isahit lab is not known to draw')


def _segments(annotation: Item, thing: _Object, said: Item, facts: Item, found: Drawn) -> None:
    """The outlines of a segment (pixels) where the platform has them, else its colour in the mask."""
    approximation = part(annotation, "approximation")
    outlines = parts(approximation, "polygons")
    if not outlines:
        try:
            found.annotations.append(_mask(annotation, thing, said, facts))
        except _Bad as bad:
            found.problems.append(Problem(bad.code, bad.text, thing.job, thing.object))
        return
    width, height = number(facts.get("width")), number(facts.get("height"))
    if not width or not height:
        found.problems.append(
            Problem("no_size", "a segment is in pixels, and the picture's size is not known", thing.job, thing.object)
        )
        return
    # Older data has the holes of all outlines in one list.
    minus = [part(hole, "geometry").get("vertices") for hole in parts(approximation, "minus")]
    for index, outline in enumerate(outlines):
        geometry = part(outline, "geometry")
        holes = [*values(geometry, "holes"), *(minus if index == 0 else ())]
        try:
            rings = [_ring(_points(ring, width, height)) for ring in (geometry.get("vertices"), *holes)]
        except _Bad as bad:
            found.problems.append(Problem(bad.code, bad.text, thing.job, thing.object))
            continue
        found.annotations.append(Polygon(outline=rings[0], holes=tuple(rings[1:]), **thing.common(outline, None)))


def _mask(annotation: Item, thing: _Object, said: Item, facts: Item) -> Mask:
    color = values(annotation, "polygons")
    file = text(said, "mask") or ""
    if len(color) != 3:
        raise _Bad("no_geometry", "a segment has neither outlines nor a colour in the mask")
    if not file.startswith(FILE):
        raise _Bad("no_file", "a segment has no outlines, and there is no mask that it could be read from")
    width, height = number(facts.get("width")), number(facts.get("height"))
    return Mask(
        width=None if width is None else int(width),
        height=None if height is None else int(height),
        file=file.removeprefix(FILE),
        value=(color[0], color[1], color[2]),
        **thing.common(annotation, None),
    )


def _frame(shape: Item, facts: Item) -> int | None:
    """Frames count from 1 at isahit lab; None where the medium has none."""
    frames = facts.get("frames")
    if type(frames) is not int:
        return None
    stamp = shape.get("timestamp", 1)
    if not isinstance(stamp, int) or isinstance(stamp, bool) or not 1 <= stamp <= frames:
        raise _Bad("bad_number", f"a shape is in frame {stamp} of {frames}")
    return stamp - 1


def _points(vertices: object, width: float = 1.0, height: float = 1.0) -> tuple[Point, ...]:
    """x and y by turns, divided by the size; raises for what is no such list."""
    if not isinstance(vertices, list) or not vertices:
        raise _Bad("no_geometry", "a shape has no points")
    if len(vertices) % 2:
        raise _Bad("bad_geometry", f"a shape has {len(vertices)} coordinates, an odd number")
    flat = [number(value) for value in vertices]
    if any(value is None or not math.isfinite(value) for value in flat):
        raise _Bad("bad_number", "a shape has a coordinate that is no number")
    return tuple((x / width, y / height) for x, y in zip(flat[::2], flat[1::2], strict=True))  # type: ignore[operator]


def _ring(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """The outline without its closing point."""
    ring = points[:-1] if len(points) > 1 and points[0] == points[-1] else points
    if len(ring) < 3:
        raise _Bad("bad_geometry", f"an outline has {len(ring)} points, fewer than three")
    return ring


def _edges(found: object, count: int) -> tuple[tuple[int, int], ...]:
    edges: list[tuple[int, int]] = []
    for edge in found if isinstance(found, list) else ():
        if not (isinstance(edge, list) and len(edge) == 2 and all(type(end) is int for end in edge)):
            raise _Bad("bad_geometry", "an edge of a graph is no pair of points")
        if not all(0 <= end < count for end in edge):
            raise _Bad("bad_geometry", f"an edge joins {edge[0]} and {edge[1]}, the graph has {count} points")
        edges.append((edge[0], edge[1]))
    return tuple(edges)
