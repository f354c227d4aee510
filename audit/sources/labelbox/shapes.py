"""What a label draws, as neutral annotations: one function for each kind of object that Labelbox has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from audit.annotations import (
    Annotation,
    Box,
    Marker,
    Mask,
    PageSpan,
    Point,
    Polygon,
    Polyline,
    ProblemCode,
    Ranking,
    TextSpan,
    bounds,
    finite,
)
from audit.sources.labelbox.labels import mask_name
from audit.sources.labelbox.media import GEO
from audit.sources.values import Item, number, part, parts, text, values, whole

SINGLE_MASK = (255, 255, 255)
"""The colour of an object in a mask that has a file of its own."""

Common = dict[str, Any]
"""What all annotations have, by their names."""


class Bad(Exception):
    """An object that can't be represented, and why."""

    def __init__(self, code: ProblemCode, said: str) -> None:
        super().__init__(said)
        self.code = code


@dataclass(frozen=True, slots=True)
class Canvas:
    """What is drawn on: width and height in the units of the label's numbers, None where they are unknown."""

    width: float | None
    height: float | None

    def points(self, found: Sequence[object], least: int) -> tuple[Point, ...]:
        """Fractions of points that are given as x and y. Raises Bad."""
        if self.width is None or self.height is None:
            raise Bad("no_size", "the size of what it is drawn on is not known")
        points: list[Point] = []
        for one in found:
            x, y = (number(one.get("x")), number(one.get("y"))) if isinstance(one, dict) else (None, None)
            if x is None or y is None or not finite((x, y)):
                raise Bad("bad_geometry", "one of its points is no point")
            points.append((x / self.width, y / self.height))
        if len(points) < least:
            raise Bad("bad_geometry", f"it has {len(points)} points; at least {least} are needed")
        return tuple(points)


def shapes(kind: str, found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    """The object of a kind; of several when it has several parts. Raises Bad for what can't be represented."""
    for end, (_, make) in _MAKERS.items():
        if kind.endswith(end):
            yield from make(found, canvas, common)
            return
    if "geojson" in found:
        yield from _geo(found, canvas, common)
        return
    raise Bad("unknown_tool", f"it is of the kind {kind[:60]}, which is none that is known")


def tool_of(kind: str) -> str:
    """The ontology's name for the tool that makes such objects."""
    return next((tool for end, (tool, _) in _MAKERS.items() if kind.endswith(end)), kind)


def _box(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    if "geojson" in found:
        yield from _geo(found, canvas, common)
        return
    drawn = part(found, "bounding_box")
    page = part(found, "page_dimensions")
    if page:
        canvas = Canvas(number(page.get("width")) or None, number(page.get("height")) or None)
    left, top, width, height = (number(drawn.get(name)) for name in ("left", "top", "width", "height"))
    if left is None or top is None or width is None or height is None:
        raise Bad("no_geometry", "it has no whole bounding box")
    if width < 0 or height < 0:
        raise Bad("bad_geometry", "its box has a negative width or height")
    corner, size = canvas.points([{"x": left, "y": top}, {"x": width, "y": height}], 2)
    common = {**common, "page": whole(found, "page_number")}
    yield Box(x=corner[0], y=corner[1], width=size[0], height=size[1], **common)


def _polygon(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    if "geojson" in found:
        yield from _geo(found, canvas, common)
        return
    yield Polygon(outline=_open(canvas.points(_list(found, "polygon"), 3)), **common)


def _polyline(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    if "geojson" in found:
        yield from _geo(found, canvas, common)
        return
    yield Polyline(points=canvas.points(_list(found, "line"), 2), **common)


def _point(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    if "geojson" in found:
        yield from _geo(found, canvas, common)
        return
    if "point" not in found:
        raise Bad("no_geometry", "it has no point")
    (point,) = canvas.points([found["point"]], 1)
    yield Marker(point=point, **common)


def _mask(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    composite = part(found, "composite_mask")
    url = text(composite or part(found, "mask"), "url")
    if url is None:
        raise Bad("no_file", "its mask has no address")
    value = SINGLE_MASK
    if composite:
        color = [whole({"c": one}, "c") for one in values(composite, "color_rgb")]
        red, green, blue = color if len(color) == 3 else (None, None, None)
        if red is None or green is None or blue is None:
            raise Bad("bad_geometry", "its mask has no color by which it could be told from others")
        value = (red, green, blue)
    width, height = (None if side is None else round(side) for side in (canvas.width, canvas.height))
    yield Mask(width=width, height=height, file=mask_name(url), value=value, **common)


def _geo(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    """Longitude and latitude as fractions of a map of the whole earth, both in equal steps (plate carrée)."""
    shape = part(found, "geojson")
    kind, coordinates = text(shape, "type") or "", shape.get("coordinates")
    if kind == "Polygon":
        outline, *holes = (_open(_degrees(ring, 4)) for ring in _nested(coordinates))
        if str(found.get("annotation_kind")).endswith(("BoundingBox", "Rectangle")):
            left, top, right, bottom = bounds(outline)
            yield Box(x=left, y=top, width=right - left, height=bottom - top, **common)
        else:
            yield Polygon(outline=outline, holes=tuple(holes), **common)
    elif kind == "MultiPolygon":
        for one in _nested(coordinates):
            outline, *holes = (_open(_degrees(ring, 4)) for ring in _nested(one))
            yield Polygon(outline=outline, holes=tuple(holes), **common)
    elif kind == "LineString":
        yield Polyline(points=_degrees(coordinates, 2), **common)
    elif kind == "Point":
        yield Marker(point=_degrees([coordinates], 1)[0], **common)
    else:
        raise Bad(
            "bad_geometry", f"its shape is a {kind[:60] or 'GeoJSON object without a type'}, which is none of ours"
        )


def _span(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    told = part(found, "conversational_location")
    message = text(told, "message_id")
    location = part(told, "location") or part(found, "location")
    start, end = whole(location, "start"), whole(location, "end")
    if start is None or end is None:
        raise Bad("no_geometry", "it does not say where it begins and ends")
    if not 0 <= start <= end:
        raise Bad("bad_geometry", f"it ends at {end}, before its beginning at {start}")
    # Labelbox counts the last character in.
    yield TextSpan(start=start, end=end + 1, quote=text(location, "token"), message=message, **common)


def _page_span(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    groups = parts(part(found, "location"), "groups")
    if not groups:
        raise Bad("no_geometry", "it has no groups of words")
    for group in groups:
        yield PageSpan(boxes=(), quote=text(group, "text"), **{**common, "page": whole(group, "page_number")})


def _selected(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    several = part(found, "selected_messages")
    chosen = parts(several, "messages") if several else [part(found, "selected_message")]
    ids = tuple(id_ for one in chosen if (id_ := text(one, "message_id")) is not None)
    if not ids:
        raise Bad("no_geometry", "no message is chosen")
    yield Ranking(order=(ids,), **common)


def _ranked(found: Item, canvas: Canvas, common: Common) -> Iterator[Annotation]:
    places: dict[float, list[str]] = {}
    for one in parts(part(found, "ranked_messages"), "ranked_messages"):
        id_, place = text(one, "message_id"), number(one.get("order"))
        if id_ is None or place is None:
            raise Bad("bad_geometry", "one of its messages has no place")
        places.setdefault(place, []).append(id_)
    if not places:
        raise Bad("no_geometry", "no message has a place")
    yield Ranking(order=tuple(tuple(places[place]) for place in sorted(places)), **common)


Maker = Callable[[Item, Canvas, Common], Iterator[Annotation]]
# By how the kinds end: they begin with the kind of medium (Image, Video, Geo, Document, DICOM, …).
_MAKERS: dict[str, tuple[str, Maker]] = {
    "BoundingBox": ("rectangle", _box),
    "Polygon": ("polygon", _polygon),
    "Polyline": ("line", _polyline),
    "Point": ("point", _point),
    "SegmentationMask": ("raster-segmentation", _mask),
    "EntityToken": ("named-entity", _page_span),
    "Entity": ("named-entity", _span),
    "MessageSingleSelection": ("message-single-selection", _selected),
    "MessageMultiSelection": ("message-multi-selection", _selected),
    "MessageRanking": ("message-ranking", _ranked),
}


def _list(of: Item, name: str) -> list[object]:
    found = of.get(name)
    if not isinstance(found, list):
        raise Bad("no_geometry", "it has no points")
    return found


def _nested(value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise Bad("bad_geometry", "its shape has no coordinates")
    return value


def _degrees(value: object, least: int) -> tuple[Point, ...]:
    points: list[Point] = []
    for one in _nested(value):
        pair = [number(side) for side in one[:2]] if isinstance(one, list) else []
        if len(pair) != 2 or pair[0] is None or pair[1] is None or not finite((pair[0], pair[1])):
            raise Bad("bad_geometry", "one of its coordinates is no longitude with a latitude")
        points.append(((pair[0] + 180) / GEO[0], (90 - pair[1]) / GEO[1]))
    if len(points) < least:
        raise Bad("bad_geometry", f"it has {len(points)} coordinates; at least {least} are needed")
    return tuple(points)


def _open(ring: tuple[Point, ...]) -> tuple[Point, ...]:
    """Without the closing point."""
    return ring[:-1] if len(ring) > 3 and ring[0] == ring[-1] else ring
