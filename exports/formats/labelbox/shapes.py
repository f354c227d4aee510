"""What is drawn, or marked in a text, in Labelbox's words for each kind of medium."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    Ranking,
    Ring,
    TextSpan,
    finite,
)
from exports.formats.labels.earth import corners, places
from exports.formats.labels.inline import WHITE, Size, covered, picture_of
from exports.formats.labels.runs import Spans
from exports.formats.labels.shapes import Unwritable, ellipse_ring, turned_box

DRAWN: tuple[type[Annotation], ...] = (
    Box, Polygon, Polyline, Graph, Marker, Ellipse, Mask, TextSpan, PageSpan, Ranking,
)  # fmt: skip
"""Kinds that Labelbox has words for, at least in some media; graphs are lines along their edges."""

DICOM = "DICOM"
"""How kinds of annotations in volumes begin."""

Said = tuple[str, dict[str, Any]]
"""The kind of annotation, and what it says."""


def drawn(one: Annotation, medium: Medium) -> Said:
    """An object in Labelbox's words. Raises Unwritable for what it has none for in such a medium."""
    if isinstance(one, TextSpan):
        return _span(one, medium)
    if isinstance(one, PageSpan):
        group = {"id": one.id or one.object or "", "page_number": one.page or 1, "tokens": [], "text": one.quote or ""}
        return _only(one, medium, "pdf", ("DocumentEntityToken", {"location": {"groups": [group]}}))
    if isinstance(one, Ranking):
        ranked = [
            {"message_id": message, "order": place}
            for place, messages in enumerate(one.order, 1)
            for message in messages
        ]
        return _only(one, medium, "conversation", ("MessageRanking", {"ranked_messages": {"ranked_messages": ranked}}))
    if medium.kind == "geo":
        return _on_earth(one, medium)
    if medium.kind == "pdf":
        return _on_page(one, medium)
    if medium.kind not in ("image", "video"):
        raise _none(one, medium)
    return _in_picture(one, medium)


def _span(one: TextSpan, medium: Medium) -> Said:
    if one.end <= one.start:
        raise Unwritable("bad_geometry", f"a span from {one.start} to {one.end} has no characters")
    location: dict[str, Any] = {"start": one.start, "end": one.end - 1}  # Labelbox counts the last character in.
    quote = one.quote if one.quote is not None or medium.text is None else medium.text[one.start : one.end]
    if quote is not None:
        location["token"] = quote
    if medium.kind == "conversation" and one.message is not None:
        said = {"conversational_location": {"message_id": one.message, "location": location}}
        return "ConversationalTextEntity", said
    return _only(one, medium, "text", ("TextEntity", {"location": location}))


def _only(one: Annotation, medium: Medium, kind: str, said: Said) -> Said:
    if medium.kind != kind:
        raise _none(one, medium)
    return said


def _none(one: Annotation, medium: Medium) -> Unwritable:
    kind = type(one).__name__.lower()
    if medium.kind == "volume" and isinstance(one, Polyline):
        text = "Labelbox's lines in volumes belong to a view (axial, sagittal, coronal), which is not known of this one"
        return Unwritable("not_held", text)
    return Unwritable("not_held", f"Labelbox has no {kind} in media of the kind {medium.kind}")


def _in_picture(one: Annotation, medium: Medium) -> Said:
    if isinstance(one, Mask):
        return masked([covered(one, medium)], begin_of(medium))
    width, height = medium.width, medium.height
    if not width or not height:
        raise Unwritable("no_size", "the size of what it is drawn on is not known, so there are no pixels")
    begin = begin_of(medium)
    if isinstance(one, Box) and not one.angle % 360:
        return f"{begin}BoundingBox", {"bounding_box": _box(one, width, height)}
    if isinstance(one, Polyline):
        return f"{begin}Polyline", {"line": _points(one.points, width, height, 2)}
    if isinstance(one, Marker):
        return f"{begin}Point", {"point": _points([one.point], width, height, 1)[0]}
    if medium.kind == "video" or (isinstance(one, Polygon) and one.holes):
        return masked([covered(one, medium)], begin)
    points = _points(_ring(one, width, height), width, height, 3)
    return "ImagePolygon", {"polygon": [*points, points[0]]}


def masked(parts: Sequence[tuple[Spans, Size]], begin: str) -> Said:
    """A mask of what the parts cover: Labelbox's polygons have no holes, and its videos no polygons. `begin` is how
    kinds of annotations of such a medium begin."""
    return f"{begin}SegmentationMask", {"composite_mask": {"url": picture_of(parts), "color_rgb": [WHITE] * 3}}


def begin_of(medium: Medium) -> str:
    """How kinds of annotations in pictures and videos begin."""
    return "Video" if medium.kind == "video" else "Image"


def _on_page(one: Annotation, medium: Medium) -> Said:
    if not isinstance(one, Box) or one.angle % 360:
        raise _none(one, medium)
    page = one.page or 1
    width, height = medium.pages[page - 1] if page <= len(medium.pages) else (medium.width, medium.height)
    if not width or not height:
        raise Unwritable("no_size", f"the size of page {page} is not known, so there are no pixels")
    said = {"page_number": page, "bounding_box": _box(one, width, height)}
    return "DocumentBoundingBox", said | {"page_dimensions": {"height": height, "width": width}}


def _on_earth(one: Annotation, medium: Medium) -> Said:
    if isinstance(one, Marker):
        return "GeoPoint", {"geojson": {"type": "Point", "coordinates": places([one.point], medium)[0]}}
    if isinstance(one, Polyline):
        return "GeoPolyline", {"geojson": {"type": "LineString", "coordinates": places(one.points, medium)}}
    rings: tuple[Ring, ...]
    if isinstance(one, Box) and not one.angle % 360:
        # Bottom left, top left, top right, bottom right.
        kind, rings = "GeoBoundingBox", (corners(one, medium),)
    elif isinstance(one, Box | Polygon | Ellipse):
        kind, rings = "GeoPolygon", (_ring(one, 1, 1), *(one.holes if isinstance(one, Polygon) else ()))
    else:
        raise _none(one, medium)
    closed = [[*found, found[0]] for found in (places(ring, medium) for ring in rings)]
    return kind, {"geojson": {"type": "Polygon", "coordinates": closed}}


def _ring(one: Annotation, width: float, height: float) -> Ring:
    """The outline of what encloses something. Raises Unwritable."""
    ring: Ring = ()
    if isinstance(one, Box):
        ring = turned_box(one, width, height)
    elif isinstance(one, Ellipse):
        ring = ellipse_ring(one, width, height)
    elif isinstance(one, Polygon):
        ring = one.outline
    if len(ring) < 3:
        raise Unwritable("bad_geometry", f"an outline of {len(ring)} points encloses nothing")
    return ring


def _box(one: Box, width: float, height: float) -> dict[str, float]:
    if not finite((one.x, one.y, one.width, one.height)):
        raise Unwritable("bad_number", "a coordinate is no finite number")
    sides = {"top": one.y * height, "left": one.x * width, "height": one.height * height, "width": one.width * width}
    return {name: round(side, 6) for name, side in sides.items()}


def _points(ring: Iterable[Point], width: float, height: float, least: int) -> list[dict[str, float]]:
    """Pixels. A millionth of one is lost: what is beyond comes from fractions, not from people."""
    found = [(x * width, y * height) for x, y in ring]
    if not all(finite(pair) for pair in found):
        raise Unwritable("bad_number", "a coordinate is no finite number")
    if len(found) < least:
        raise Unwritable("bad_geometry", f"it has {len(found)} points; at least {least} are needed")
    return [{"x": round(x, 6), "y": round(y, 6)} for x, y in found]
