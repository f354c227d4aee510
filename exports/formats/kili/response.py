"""Neutral annotations as Kili's jsonResponse: for labels of other platforms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from audit.annotations import (
    COMPARISON,
    Annotation,
    Answer,
    Box,
    Choice,
    Classification,
    Ellipse,
    Graph,
    Marker,
    Mask,
    Medium,
    PageSpan,
    Polygon,
    Polyline,
    Pose,
    Ranking,
    Relation,
    Ring,
    TextSpan,
    Transcription,
)
from audit.textunits import utf16_units
from exports.formats.labels.shapes import ellipse_ring, turned_box

HELD: tuple[type[Annotation], ...] = (
    Box,
    Polygon,
    Polyline,
    Marker,
    Pose,
    Ellipse,
    Graph,
    Mask,
    TextSpan,
    PageSpan,
    Relation,
    Ranking,
    Classification,
    Transcription,
)
"""What a jsonResponse can say; masks and graphs in tools that Kili has (`outlined`)."""

Response = dict[str, Any]


def response_of(found: Sequence[Annotation], label: str, media: Sequence[Medium]) -> Response:
    """The jsonResponse of a label; of a video a frame at a time. `label` makes up ids where there are none."""
    whole: Response = {}
    for place, one in enumerate(found):
        at = whole if one.frame is None else whole.setdefault(str(one.frame), {})
        medium = next((medium for medium in media if medium.index == one.medium), None)
        mid = one.object or one.id or str(uuid5(NAMESPACE_URL, f"labeltrail:{label}:{place}"))
        _put(at, one, mid, medium)
    return whole


def _put(at: Response, one: Annotation, mid: str, medium: Medium | None) -> None:
    said: Response
    if isinstance(one, Ranking):
        compared = [name for names in one.order for name in names]
        if one.tool == COMPARISON and one.classes and len(compared) == 2:
            at[one.job] = {"choice": {"code": one.classes[0], "firstId": compared[0], "secondId": compared[1]}}
            return
        orders = [{"rank": rank, "elements": list(names)} for rank, names in enumerate(one.order, start=1)]
        at[one.job] = {"orders": orders}
        return
    if isinstance(one, Classification | Transcription):
        said = {"text": one.text} if isinstance(one, Transcription) else answer_of(one.answer)
        if one.page is None:
            at[one.job] = said | _key_frame(one)
            return
        said |= {"pageNumberArray": [one.page], "mid": mid}
    else:
        said = {"categories": categories_of(one), "children": children_of(one.answers), "mid": mid}
        said |= _drawn(one, medium)
    at.setdefault(one.job, {}).setdefault("annotations", []).append(said | _key_frame(one))


def _key_frame(one: Annotation) -> Response:
    return {} if one.frame is None else {"isKeyFrame": one.key_frame}


def categories_of(one: Annotation) -> list[Response]:
    """The main class."""
    if not one.classes:
        return []
    return [{"name": one.classes[0], **_confidence(one.confidence)}]


def children_of(answers: Sequence[Answer]) -> Response:
    """What was asked because of a class, by the jobs."""
    return {answer.job: answer_of(answer) for answer in answers}


def answer_of(answer: Answer) -> Response:
    """An answer: categories, or a text."""
    if answer.text is not None:
        return {"text": answer.text}
    if answer.number is not None:
        return {"text": f"{answer.number:.15g}"}
    return {"categories": [_choice(choice) for choice in answer.choices]}


def _choice(choice: Choice) -> Response:
    said: Response = {"name": choice.key, **_confidence(choice.confidence)}
    if choice.answers:
        said["children"] = children_of(choice.answers)
    return said


def _confidence(value: float | None) -> Response:
    """Kili counts to 100."""
    return {} if value is None else {"confidence": round(value * 100)}


def _drawn(one: Annotation, medium: Medium | None) -> Response:
    if isinstance(one, Relation):
        ends = {"startObjects": one.sources, "endObjects": one.targets}
        return {name: [{"mid": mid} for mid in mids] for name, mids in ends.items()}
    if isinstance(one, TextSpan):
        at = one.message or "main/[0]"
        text = medium.text if medium is not None and one.message is None else None
        start, end = utf16_units(one.start, one.end, text, one.quote)
        said = {"beginId": at, "beginOffset": start, "endId": at, "endOffset": end}
        return said | ({} if one.quote is None else {"content": one.quote})
    if isinstance(one, PageSpan):
        polys = [_vertices(ring) for ring in one.boxes]
        inner: Response = {"boundingPoly": polys, "polys": polys, "pageNumberArray": [one.page or 1]}
        if one.quote is not None:
            inner["textContent"] = one.quote
        return {"annotations": [inner], "content": one.quote}
    if one.page is not None:
        return _on_page(one, one.page, medium)
    width = (medium.width if medium else None) or 1.0
    height = (medium.height if medium else None) or 1.0
    return _geometry(one, width, height)


def _on_page(one: Annotation, page: int, medium: Medium | None) -> Response:
    """What is drawn on a page stands within the annotation, with its number."""
    pages = medium.pages if medium is not None else ()
    said = _geometry(one, *(pages[page - 1] if 0 < page <= len(pages) else (1.0, 1.0)))
    inner = {name: said.pop(name) for name in list(said) if name not in ("type", "kind")}
    if "boundingPoly" in inner:
        inner["polys"] = inner["boundingPoly"]
    return {**said, "annotations": [{**inner, "pageNumberArray": [page]}]}


def _geometry(one: Annotation, width: float, height: float) -> Response:
    if isinstance(one, Box):
        return {"type": "rectangle", "boundingPoly": [_vertices(turned_box(one, width, height))]}
    if isinstance(one, Ellipse):
        return {"type": "polygon", "boundingPoly": [_vertices(ellipse_ring(one, width, height))]}
    if isinstance(one, Polygon):
        kind = "semantic" if one.holes or one.tool == "semantic" else "polygon"
        return {"type": kind, "boundingPoly": [_vertices(ring) for ring in (one.outline, *one.holes)]}
    if isinstance(one, Polyline):
        kind = "vector" if one.tool == "vector" else "polyline"
        return {"type": kind, "polyline": [{"x": x, "y": y} for x, y in one.points]}
    if isinstance(one, Marker):
        return {"type": "marker", "point": {"x": one.point[0], "y": one.point[1]}}
    if isinstance(one, Pose):
        points = [
            {"code": point.key, "name": point.key, "point": {"x": point.point[0], "y": point.point[1]}}
            for point in one.points
            if point.point is not None
        ]
        return {"type": "pose", "kind": "POSE_ESTIMATION", "points": points}
    raise TypeError(f"a {type(one).__name__} has no form in a jsonResponse")


def _vertices(ring: Ring) -> Response:
    return {"normalizedVertices": [{"x": x, "y": y} for x, y in ring]}
