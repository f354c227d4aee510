"""What tasks.json says of a task: of RedBrick AI's own from the payloads as they came, of others' neutrally."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from audit.annotations import (
    Annotation,
    Answer,
    Box,
    Classification,
    Cuboid3D,
    Ellipse,
    Landmark,
    Marker,
    Measurement,
    Medium,
    Ontology,
    Polygon,
    Polyline,
    Transcription,
    Voxel,
)
from audit.sources.redbrick.as_sdk import called
from audit.sources.redbrick.labels import drawn, labels_path, listed, masks
from audit.sources.redbrick.series import Series, series_of
from audit.sources.values import Item, item, parsed, part, parts, text, unsigned_url, values
from exports.formats.redbrick_entries import NoMask, Segment, named, placed, segments

HELD: tuple[type[Annotation], ...] = (
    Box,
    Polygon,
    Polyline,
    Marker,
    Ellipse,
    Landmark,
    Measurement,
    Cuboid3D,
    Classification,
    Transcription,
)
"""What tasks.json can say of labels of other platforms."""


@dataclass(slots=True)
class Said:
    """One label in the words of tasks.json: lists of entries and instances by series, and what is said of the task."""

    lists: dict[int, dict[str, list[Item]]] = field(default_factory=dict)
    segments: dict[int, list[Segment]] = field(default_factory=dict)
    classification: Item | None = None
    unsaid: list[tuple[str | None, str]] = field(default_factory=list)
    """Entries that can't be said: their ids, and why."""
    head: Item = field(default_factory=dict)
    """labelsId, updatedBy, updatedAt."""

    def add(self, entry: Item, series: Sequence[Series]) -> None:
        """One more entry that is no mask."""
        found = placed(entry, series)
        if found is None:
            self.unsaid.append((text(entry, "labelid"), "nothing is drawn or said that tasks.json has a place for"))
        elif found.name == "classification":
            self._classified(found.said)
        else:
            self.lists.setdefault(found.at, {}).setdefault(found.name, []).append(found.said)

    def _classified(self, said: Item) -> None:
        """The task has one classification: the first one's, with what others add."""
        if self.classification is None:
            self.classification = {"attributes": {}, **said}
        else:
            more = said.get("attributes", {})
            self.classification["attributes"] = {**more, **self.classification["attributes"]}


def own_label(
    content: bytes,
    series: Sequence[Series],
    ontology: Ontology,
    open_: Callable[[str], IO[bytes]],
    *,
    files_of_masks: bool,
) -> Said:
    """A label of RedBrick AI. Raises NoMask, FileNotFoundError, ValueError."""
    data = part(item(content), "taskData")
    path = labels_path(data)
    if path is None:
        entries = drawn(data)
    else:
        with open_(path) as file:
            entries = listed(file.read())
    files = dict(masks(data, series))
    told = {
        "labelsId": text(data, "tdId"),
        "updatedBy": called(data.get("createdByEntity"), {}),
        "updatedAt": data.get("createdAt"),
    }
    found = Said(head={name: value for name, value in told.items() if value is not None})
    for entry in entries:
        whole = named(entry, ontology)
        if part(entry, "dicom").get("instanceid") is None:
            found.add(whole, series)
            continue
        for at, segment in segments(whole, files, ontology, files=files_of_masks):
            if not 0 <= at < max(len(series), 1):
                raise NoMask(f"the mask of instance {segment.instance} is of series {at + 1}, which the task has not")
            found.segments.setdefault(at, []).append(segment)
    return found


def own_task(details: bytes | None) -> tuple[Item, list[Item], tuple[Series, ...]]:
    """What tasks.json says of a task of RedBrick AI without its labels, of each of its series, and the series."""
    found = item(details or b"{}")
    datapoint = part(found, "datapoint")
    series = series_of(datapoint)
    told = {
        "priority": found.get("priority") or None,
        "createdBy": called(datapoint.get("createdByEntity"), {}),
        "createdAt": datapoint.get("createdAt"),
        "storageId": text(part(datapoint, "storageMethod"), "storageId"),
        "metaData": _object(datapoint.get("metaData")),
        "datapointClassification": _of_datapoint(datapoint.get("attributes")),
        "heatMaps": parts(datapoint, "heatMaps") or None,
        **part(datapoint, "exported"),
    }
    infos = parts(datapoint, "seriesInfo") or [{}]
    listed_series = [_series(info, one) for info, one in zip(infos, series, strict=False)]
    return {name: value for name, value in told.items() if value is not None}, listed_series, series


def _series(info: Item, series: Series) -> Item:
    told = {
        "name": text(info, "name"),
        "metaData": _object(info.get("metaData")),
        "imageHeaders": _headers(series.headers()),
        "items": [unsigned_url(path) for path in series.paths],
    }
    return {name: value for name, value in told.items() if value is not None}


def _object(written: object) -> Item | None:
    if isinstance(written, str):
        try:
            written = parsed(written.encode("utf-8", "surrogatepass"))
        except ValueError:
            return None
    return written if isinstance(written, dict) and written else None


def _of_datapoint(written: object) -> Item | None:
    try:
        told = parsed(written.encode("utf-8", "surrogatepass")) if isinstance(written, str) else written
    except ValueError:
        return None
    attributes = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    found = {str(one.get("name")): _truth(one.get("value")) for one in attributes}
    return {"attributes": found} if found else None


def _truth(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _headers(headers: Item) -> Item | None:
    """Nine numbers of the direction in three rows, and the affine that they, spacing and origin make."""
    if not headers:
        return None
    found = dict(headers)
    rows = values(headers, "direction")
    if len(rows) == 9 and all(isinstance(one, int | float) for one in rows):
        rows = [rows[at : at + 3] for at in (0, 3, 6)]
        found["direction"] = rows
        spacing, origin = values(headers, "spacing"), values(headers, "origin")
        if len(spacing) == len(origin) == 3 and "affine" not in found:
            affine = [[float(a * b) for a, b in zip(row, spacing, strict=True)] for row in rows]
            found["affine"] = [[*row, float(at)] for row, at in zip(affine, origin, strict=True)] + [
                [0.0, 0.0, 0.0, 1.0]
            ]
    return found


# Labels of other platforms


def others_series(media: Sequence[Medium]) -> tuple[list[Item], tuple[Series, ...]]:
    """A series for each medium of another platform's task."""
    series = tuple(
        Series(title=one.name or chr(ord("A") + one.index), items=(at,), paths=(unsigned_url(one.url or one.name),))
        for at, one in enumerate(media)
    )
    return [{"name": one.title, "items": list(one.paths)} for one in series], series


def others_entries(one: Annotation, ontology: Ontology) -> Iterator[Item]:
    """An annotation of another platform as an entry of RedBrick AI. Raises ValueError for what it can't hold."""
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
    if isinstance(one, Classification | Transcription):
        answer = one.answer if isinstance(one, Classification) else Answer(one.job, text=one.text)
        scope = "studyclassify" if one.of_task else "instanceclassify" if one.frame is not None else "seriesclassify"
        yield {**common, scope: True, "attributes": list(_attributes((answer,), ontology)), "globalitemsindex": None}
        return
    job = ontology.job(one.job)
    titles = {known.key: known.title for known in job.classes} if job is not None else {}
    category = titles.get(one.classes[-1], one.classes[-1]) if one.classes else None
    yield {**common, "category": category, "attributes": list(_attributes(one.answers, ontology)), **_shape(one)}


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
        raise ValueError("it has a coordinate that is no number")
    return value


def _point(point: tuple[float, float]) -> Item:
    return {"xnorm": _number(point[0]), "ynorm": _number(point[1])}


def _world(names: Sequence[str], world: Sequence[Voxel]) -> Mapping[str, object]:
    return {name: list(one) for name, one in zip(names, world, strict=False)}


def _shape(one: Annotation) -> Item:
    match one:
        case Box():
            if one.angle:
                raise ValueError("boxes of RedBrick AI can't be turned")
            return {"bbox2d": {**_point((one.x, one.y)), "wnorm": _number(one.width), "hnorm": _number(one.height)}}
        case Polygon():
            if one.holes:
                raise ValueError("polygons of RedBrick AI have no holes")
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
