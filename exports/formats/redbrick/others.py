"""Labels of other platforms in the words of RedBrick AI's entries, from their neutral form."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from audit.annotations import (
    Annotation,
    Answer,
    Box,
    Classification,
    Cuboid3D,
    Ellipse,
    Graph,
    Landmark,
    Marker,
    Mask,
    Measurement,
    Medium,
    Polygon,
    Polyline,
    Transcription,
    Voxel,
)
from audit.ontology import Ontology
from audit.sources.redbrick.series import Series
from audit.sources.values import Item, unsigned_url
from exports.formats.labels.graphs import alone_in, ways_of
from exports.formats.labels.shapes import Unwritable, turned_box

HELD: tuple[type[Annotation], ...] = (
    Box,
    Polygon,
    Polyline,
    Marker,
    Ellipse,
    Graph,
    Landmark,
    Measurement,
    Cuboid3D,
    Classification,
    Transcription,
    Mask,
)
"""What tasks.json can say of labels of other platforms."""


def others_series(media: Sequence[Medium]) -> tuple[list[Item], tuple[Series, ...]]:
    """A series for each medium of another platform's task."""
    series = tuple(
        Series(title=one.name or chr(ord("A") + one.index), items=(at,), paths=(unsigned_url(one.url or one.name),))
        for at, one in enumerate(media)
    )
    return [{"name": one.title, "items": list(one.paths)} for one in series], series


def others_entries(one: Annotation, ontology: Ontology, medium: Medium | None) -> Iterator[Item]:
    """An annotation of another platform as an entry of RedBrick AI. Raises ValueError for what it can't hold."""
    common = _common(one)
    if isinstance(one, Classification | Transcription):
        answer = one.answer if isinstance(one, Classification) else Answer(one.job, text=one.text)
        # Of a frame too: what is said of an instance names a file of the series, and a video is one.
        scope = "studyclassify" if one.of_task else "seriesclassify"
        yield {**common, scope: True, "attributes": list(_attributes((answer,), ontology)), "globalitemsindex": None}
        return
    if isinstance(one, Graph):
        yield from _lines(one, object_entry(one, ontology))
        return
    yield {**object_entry(one, ontology), **_shape(one, medium)}


def _lines(one: Graph, entry: Item) -> Iterator[Item]:
    """A graph as lines along its edges, and the points that none leads to: a group, of which the first has its id."""
    parts: list[Item] = [{"polyline": [_point(one.points[at]) for at in way]} for way in ways_of(one)]
    parts += [{"point": _point(one.points[at])} for at in alone_in(one)]
    for place, shape in enumerate(parts):
        yield {**entry, **shape} if place == 0 else {**entry, "labelid": None, "linkid": entry["labelid"], **shape}


def object_entry(one: Annotation, ontology: Ontology) -> Item:
    """What an entry says of an object besides how it is drawn."""
    job = ontology.job(one.job)
    titles = {known.key: known.title for known in job.classes} if job is not None else {}
    category = titles.get(one.classes[-1], one.classes[-1]) if one.classes else None
    return {**_common(one), "category": category, "attributes": list(_attributes(one.answers, ontology))}


def _common(one: Annotation) -> Item:
    common: Item = {
        "labelid": one.id or one.object,
        "volumeindex": one.medium,
        "linkid": one.linked,
        "readonly": one.locked,
        "stats": dict(one.figures) or None,
    }
    if one.frame is not None:
        track = {"trackid": one.object or one.id, "keyframe": one.key_frame, "end": one.ends, "frameindex": one.frame}
        common |= track
    if one.page is not None:
        common["frameindex"] = one.page - 1
    return common


def _attributes(answers: Sequence[Answer], ontology: Ontology) -> Iterator[Item]:
    """Each answer by its question's title; questions within a choice come after it."""
    for answer in answers:
        job = ontology.job(answer.job)
        titles = {known.key: known.title for known in job.classes} if job is not None else {}
        chosen = [titles.get(one.key, one.key) for one in answer.choices]
        value: Any = answer.text if answer.text is not None else answer.number
        if chosen:
            value = chosen if job is not None and job.multiple else chosen[0]
        yield {"name": job.title if job is not None else answer.job, "value": value}
        for one in answer.choices:
            yield from _attributes(one.answers, ontology)


def _number(value: float) -> float:
    if not math.isfinite(value):
        raise Unwritable("bad_number", "it has a coordinate that is no number")
    return value


def _point(point: tuple[float, float]) -> Item:
    return {"xnorm": _number(point[0]), "ynorm": _number(point[1])}


def _world(names: Sequence[str], world: Sequence[Voxel]) -> Mapping[str, object]:
    return {name: list(one) for name, one in zip(names, world, strict=False)}


def _shape(one: Annotation, medium: Medium | None) -> Item:
    match one:
        case Box() if one.angle % 360:
            # Boxes of RedBrick AI can't be turned.
            if medium is None or not medium.width or not medium.height:
                raise Unwritable("no_size", "a turned box becomes an outline; the picture's size for it is not known")
            return {"polygon": [_point(corner) for corner in turned_box(one, medium.width, medium.height)]}
        case Box():
            return {"bbox2d": {**_point((one.x, one.y)), "wnorm": _number(one.width), "hnorm": _number(one.height)}}
        case Polygon():
            return {"polygon": [_point(point) for point in one.outline] if len(one.outline) > 2 else None}
        case Polyline():
            return {"polyline": [_point(point) for point in one.points] if len(one.points) > 1 else None}
        case Marker():
            return {"point": _point(one.point)}
        case Ellipse():
            center = _point(one.center)
            named_center = {"xcenternorm": center["xnorm"], "ycenternorm": center["ynorm"]}
            turned = math.radians(_number(one.angle))
            radii = {"xnorm": _number(one.radius_x), "ynorm": _number(one.radius_y), "rot": turned}
            return {"ellipse": {**named_center, **radii}}
        case Landmark():
            at = dict(zip(("pointx", "pointy", "pointz"), one.voxel, strict=True))
            return {"point3d": {**at, "computedpointworld": list(one.world) if one.world else None}}
        case Cuboid3D() if one.shape == "box":
            world = _world(("computedpoint1world", "computedpoint2world"), one.world)
            return {"cuboid": {"point1": list(one.first), "point2": list(one.last), **world}}
        case Measurement():
            points = {f"point{at}": list(point) for at, point in enumerate(one.points, 1)}
            world = _world([f"computedpoint{at}world" for at in (1, 2, 3)], one.world)
            amount = "computedlength" if one.measure == "length" else "computedangledeg"
            normal = list(one.normal) if one.normal else []
            return {f"{one.measure}3d": {**points, **world, "normal": normal, amount: one.value}}
    raise ValueError(f"tasks.json has no list for a {type(one).__name__.lower()}")
