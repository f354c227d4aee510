"""What no format can say, whatever it holds: numbers that are none, outlines that enclose nothing, spans of nothing,
relations of what is not there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from audit.annotations import (
    FRAMES,
    LARGEST,
    Annotation,
    Answer,
    Box,
    Classification,
    Ellipse,
    Graph,
    Labelled,
    Marker,
    Medium,
    PageSpan,
    Point,
    Polygon,
    Polyline,
    Pose,
    Problem,
    ProblemCode,
    Range,
    Relation,
    TextSpan,
)

Wrong = str | None
"""What is wrong with an annotation, for people; a number where it is empty; nothing where it is None."""

NUMBER = ""


def sound(said: Labelled, media: Callable[[], Sequence[Medium]]) -> Labelled:
    """What a label says without what no format can say, which is among its problems. `media` are the task's: they are
    asked for only where something is said of another one than the first."""
    if said.sound:
        return said
    problems: dict[int, Problem] = {}
    relations, others = False, False
    for place, one in enumerate(said.annotations):
        kind = type(one)
        check = _CHECKS.get(kind)
        if (check is not None and check(one) is not None) or (one.answers and not _numbers(one.answers)):
            problems[place] = _problem(one, check)
        elif one.frame is not None and not 0 <= one.frame < FRAMES:
            text = f"its frame is {one.frame:,}; frames count from 0 to {FRAMES - 1:,}"
            problems[place] = _of(one, "bad_number", text)
        if kind is Relation:
            relations = True
        if one.medium:
            others = True
    if others:
        known = {medium.index for medium in media()}
        for place, one in enumerate(said.annotations):
            if known and one.medium not in known:
                problems[place] = _of(one, "no_media", "it is of a medium that the task does not have")
    if relations:
        there = {id_ for one in said.annotations for id_ in (one.object, one.id)}
        for place, one in enumerate(said.annotations):
            if isinstance(one, Relation) and not there.issuperset((*one.sources, *one.targets)):
                problems[place] = _of(one, "bad_geometry", "it joins an object that is not there")
    if not problems:
        return said
    kept = tuple(one for place, one in enumerate(said.annotations) if place not in problems)
    return Labelled(kept, (*said.problems, *problems.values()))


def _problem(one: Annotation, check: Callable[[Any], Wrong] | None) -> Problem:
    """What is wrong with an annotation that is not sound."""
    if wrong := check(one) if check is not None else NUMBER:
        return _of(one, "bad_geometry", wrong)
    return _of(one, "bad_number", "a number of it is none, or beyond all pictures")


def _of(one: Annotation, code: ProblemCode, text: str) -> Problem:
    return Problem(code, text, one.job, one.id or one.object, one.frame)


def _box(one: Box) -> Wrong:
    # As _drawable has it, spelled out for the many.
    reach = abs(one.x) + abs(one.y) + abs(one.width) + abs(one.height) + abs(one.angle)
    return None if reach < LARGEST else NUMBER


def _drawable(numbers: Iterable[float]) -> bool:
    """Whether each is a number, and none is beyond all pictures: so is their sum, which of one that is none is none."""
    return sum(map(abs, numbers)) < LARGEST


def _finite(points: Iterable[Point]) -> bool:
    return _drawable(chain.from_iterable(points))


def _polygon(one: Polygon) -> Wrong:
    if len(one.outline) < 3:
        return f"an outline of {len(one.outline)} points encloses nothing"
    return None if _finite(one.outline) and all(map(_finite, one.holes)) else NUMBER


def _polyline(one: Polyline) -> Wrong:
    if len(one.points) < 2:
        return f"a line has at least 2 points, it has {len(one.points)}"
    return None if _finite(one.points) else NUMBER


def _graph(one: Graph) -> Wrong:
    count = len(one.points)
    if not count:
        return "a graph without points"
    if any(not 0 <= end < count for edge in one.edges for end in edge):
        return "an edge of it leads to a point that it does not have"
    return None if _finite(one.points) else NUMBER


def _marker(one: Marker) -> Wrong:
    return None if _drawable(one.point) else NUMBER


def _pose(one: Pose) -> Wrong:
    return None if _finite(point.point for point in one.points if point.point is not None) else NUMBER


def _ellipse(one: Ellipse) -> Wrong:
    return None if _drawable((*one.center, one.radius_x, one.radius_y, one.angle)) else NUMBER


def _text(one: TextSpan) -> Wrong:
    return None if 0 <= one.start < one.end else f"there are no words from {one.start} to {one.end}"


def _page(one: PageSpan) -> Wrong:
    return None if all(map(_finite, one.boxes)) else NUMBER


def _range(one: Range) -> Wrong:
    if not math.isfinite(one.start + one.end):
        return NUMBER
    return None if one.start <= one.end else f"it ends ({one.end:g}) before it begins ({one.start:g})"


def _classification(one: Classification) -> Wrong:
    return None if _numbers((one.answer,)) else NUMBER


def _numbers(answers: Iterable[Answer]) -> bool:
    return all(
        (answer.number is None or math.isfinite(answer.number))
        and all(_numbers(choice.answers) for choice in answer.choices if choice.answers)
        for answer in answers
    )


_CHECKS: dict[type[Annotation], Callable[[Any], Wrong]] = {
    Box: _box,
    Polygon: _polygon,
    Polyline: _polyline,
    Graph: _graph,
    Marker: _marker,
    Pose: _pose,
    Ellipse: _ellipse,
    TextSpan: _text,
    PageSpan: _page,
    Range: _range,
    Classification: _classification,
}
