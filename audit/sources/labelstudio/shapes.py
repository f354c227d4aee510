"""What Label Studio's values draw: percent of the picture there, fractions here; frames from 1 there, from 0 here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from audit.annotations import (
    Annotation,
    Box,
    Ellipse,
    Graph,
    Marker,
    Mask,
    Medium,
    PageSpan,
    Point,
    Polygon,
    Polyline,
    ProblemCode,
    Range,
    TextSpan,
    finite,
)
from audit.sources.labelstudio.brush import BadBrush, counts_of
from audit.sources.values import Item, number, part, parts, text, whole
from audit.textunits import fitting

Common = dict[str, Any]


class BadShape(ValueError):
    """What can't be represented; the text says why."""

    def __init__(self, code: ProblemCode, why: str) -> None:
        super().__init__(why)
        self.code: ProblemCode = code


def is_drawn(value: Item) -> bool:
    """Whether a value says where, and not only what."""
    where = ("x", "points", "rle", "vertices", "sequence", "ranges", "start", "globalOffsets", "imageDataURL")
    return any(name in value for name in where)


def drawn(one: Item, value: Item, medium: Medium | None, common: Common) -> Iterator[Annotation]:
    """What one result draws. Raises BadShape."""
    size = _size(one, medium)
    type_ = common["tool"]
    if "sequence" in value:
        yield from _frames(value, size, common)
    elif "ranges" in value:
        for stretch in parts(value, "ranges"):
            yield _range(stretch, common, frames=True)
    elif "rle" in value:
        yield _brush(value, size, common)
    elif "points" in value:
        yield Polygon(outline=_points(parts_or_pairs(value["points"]), 3), **common)
    elif "vertices" in value:
        yield _vector(value, common)
    elif "radiusX" in value:
        x, y, across, up = _numbers(value, "x", "y", "radiusX", "radiusY")
        angle = _turned(value)
        yield Ellipse(center=(x / 100, y / 100), radius_x=across / 100, radius_y=up / 100, angle=angle, **common)
    elif type_ == "ocrlabels":
        yield _on_page(value, size, common)
    elif "x" in value and type_.startswith("keypoint"):
        x, y = _numbers(value, "x", "y")
        yield Marker(point=(x / 100, y / 100), **common)
    elif "x" in value and "height" in value:
        yield _box(value, size, common)
    elif "start" in value or "globalOffsets" in value:
        yield _stretch(value, medium, common)
    else:
        raise BadShape("unknown_tool", f"what {type_ or 'it'} says ({', '.join(value)[:80]}) has no neutral form")


def parts_or_pairs(points: object) -> list[tuple[object, object]]:
    """Points as pairs, written as lists or as objects with x and y."""
    found: list[tuple[object, object]] = []
    for one in points if isinstance(points, list) else ():
        if isinstance(one, dict):
            found.append((one.get("x"), one.get("y")))
        elif isinstance(one, list) and len(one) == 2:
            found.append((one[0], one[1]))
        else:
            found.append((None, None))
    return found


def _size(one: Item, medium: Medium | None) -> tuple[float, float] | None:
    width, height = number(one.get("original_width")), number(one.get("original_height"))
    if width and height and width > 0 and height > 0:
        return width, height
    if medium is None or medium.width is None or medium.height is None:
        return None
    return medium.width, medium.height


def _box(value: Item, size: tuple[float, float] | None, common: Common) -> Box:
    """A rectangle: Label Studio turns it about its upper left corner, here it is turned about its centre."""
    x, y, width, height = (found / 100 for found in _numbers(value, "x", "y", "width", "height"))
    angle = _turned(value)
    if angle % 360:
        if size is None:
            raise BadShape("no_size", "a turned rectangle needs the size of the picture, which nothing in it says")
        across, up = size[0] * width / 2, size[1] * height / 2
        turn = math.radians(angle)
        center = across * math.cos(turn) - up * math.sin(turn), across * math.sin(turn) + up * math.cos(turn)
        x, y = x + center[0] / size[0] - width / 2, y + center[1] / size[1] - height / 2
    return Box(x=x, y=y, width=width, height=height, angle=angle, **common)


def _on_page(value: Item, size: tuple[float, float] | None, common: Common) -> Annotation:
    """A box on a page, or the words in it: fractions, where all else is in percent."""
    x, y, width, height = _numbers(value, "x", "y", "width", "height")
    placed = {**common, "page": whole(value, "pageIndex") or 1}
    if "ocrtext" in value:
        ring = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        return PageSpan(boxes=(ring,), quote=text(value, "ocrtext"), **placed)
    return _box({**value, "x": x * 100, "y": y * 100, "width": width * 100, "height": height * 100}, size, placed)


def _brush(value: Item, size: tuple[float, float] | None, common: Common) -> Mask:
    if size is None:
        raise BadShape("no_size", "a brush needs the size of the picture, which nothing in it says")
    width, height = int(size[0]), int(size[1])
    try:
        return Mask(width=width, height=height, counts=counts_of(value["rle"], width, height), **common)
    except BadBrush as problem:
        raise BadShape("bad_geometry", str(problem)) from None


def _vector(value: Item, common: Common) -> Annotation:
    """A line of vertices: closed it is an outline, branched (a vertex says which one is before it) a graph."""
    vertices = parts(value, "vertices")
    points = _points(parts_or_pairs(vertices), 1)
    if any(vertex.get("isBezier") is True for vertex in vertices):
        raise BadShape("bad_geometry", "it has curves, of which only the points on them could be kept")
    if value.get("closed") is True and len(points) >= 3:
        return Polygon(outline=points, **common)
    places = {id_: at for at, vertex in enumerate(vertices) if (id_ := text(vertex, "id")) is not None}
    before = [places.get(text(vertex, "prevPointId") or "", at - 1) for at, vertex in enumerate(vertices)]
    edges = tuple((start, end) for end, start in enumerate(before) if 0 <= start != end)
    if all(end - start == 1 for start, end in edges) and len(points) >= 2:
        return Polyline(points=points, **common)
    return Graph(points=points, edges=edges, **common)


def _frames(value: Item, size: tuple[float, float] | None, common: Common) -> Iterator[Annotation]:
    """A box, outline or line in each frame that is told; where `enabled` is false, the object is gone until the next
    one."""
    for one in parts(value, "sequence"):
        frame = whole(one, "frame")
        if frame is None or frame < 1:
            raise BadShape("bad_geometry", "a part of its sequence is in no frame")
        own = {**common, "frame": frame - 1, "ends": one.get("enabled") is False}
        own["key_frame"] = one.get("auto") is not True
        yield _vector(one, own) if "vertices" in one else _box(one, size, own)


def _stretch(value: Item, medium: Medium | None, common: Common) -> Annotation:
    """Words of a text, or a time of a recording."""
    offsets = part(value, "globalOffsets")
    quote = value.get("text") if isinstance(value.get("text"), str) else None
    if offsets:
        start, end = whole(offsets, "start"), whole(offsets, "end")
        return _span(start, end, quote, None, common)
    if "startOffset" in value:
        first, last = str(value.get("start")), str(value.get("end"))
        if first != last or not first.isdecimal():
            raise BadShape(
                "bad_geometry",
                "its words are told by elements of the page, without offsets in the whole text"
                if not first.isdecimal()
                else "its words begin in one message and end in another",
            )
        return _span(whole(value, "startOffset"), whole(value, "endOffset"), quote, first, common)
    if common["tool"].startswith("timeline"):
        return _range(value, common, frames=True)
    recorded = "channel" in value or common["tool"].startswith(("timeseries", "audio"))
    is_text = (medium is not None and medium.kind in ("text", "html")) or quote is not None
    if recorded or not is_text:
        return _range(value, common)
    start, end = whole(value, "start"), whole(value, "end")
    if start is not None and end is not None and medium is not None:
        start, end = fitting(start, end, medium.text, quote)
    return _span(start, end, quote, None, common)


def _span(start: int | None, end: int | None, quote: str | None, message: str | None, common: Common) -> TextSpan:
    if start is None or end is None or not 0 <= start < end:
        raise BadShape("bad_geometry", "it does not say from where to where its words go")
    return TextSpan(start=start, end=end, quote=quote, message=message, **common)


def _range(value: Item, common: Common, *, frames: bool = False) -> Range:
    start, end = number(value.get("start")), number(value.get("end"))
    if start is None or end is None or not finite([start, end]) or end < start:
        raise BadShape("bad_geometry", "it does not say, in numbers, from when to when it goes")
    if frames:
        return Range(start=start - 1, end=end - 1, unit="frames", **common)
    return Range(start=start, end=end, **common)


def _numbers(value: Item, *names: str) -> list[float]:
    found = [number(value.get(name)) for name in names]
    if any(one is None for one in found) or not finite([one for one in found if one is not None]):
        raise BadShape("bad_number", f"{', '.join(names)} should be numbers")
    return [one for one in found if one is not None]


def _turned(value: Item) -> float:
    """By how many degrees it is turned."""
    found = number(value.get("rotation")) or 0.0
    if not finite([found]):
        raise BadShape("bad_number", "the rotation should be a number")
    return found


def _points(pairs: list[tuple[object, object]], least: int) -> tuple[Point, ...]:
    points = [(number(x), number(y)) for x, y in pairs]
    known = [(x / 100, y / 100) for x, y in points if x is not None and y is not None and finite([x, y])]
    if len(known) != len(points):
        raise BadShape("bad_number", "the points should be numbers")
    if len(known) < least:
        raise BadShape("bad_geometry", f"it has {len(known)} points, fewer than {least}")
    return tuple(known)
