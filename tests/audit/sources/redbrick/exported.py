"""Annotations in the words of the tasks.json that RedBrick's SDK exports, and as much of tasks.json as is compared."""

from __future__ import annotations

import gzip
import math
import struct
from collections import Counter
from typing import Any

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
    Point,
    Polygon,
    Polyline,
    Transcription,
    VolumeMask,
    Voxel,
)
from audit.ontology import Ontology

Said = dict[str, Any]


def voxels_of(file: bytes) -> Counter[int]:
    """How many voxels there are of each value."""
    data = gzip.decompress(file)
    assert struct.unpack_from("<h", data, 70) == (2,), "of one byte each"
    return Counter(data[352:])


def as_exported(annotations: tuple[Annotation, ...], ontology: Ontology, series: int) -> Said:
    """In the words of tasks.json."""
    found: Said = {"classification": None, "series": [{} for _ in range(series)]}
    for one in annotations:
        of = found["series"][one.medium]
        if isinstance(one, Transcription):
            one = Classification(answer=Answer(one.job, text=one.text), of_task=one.of_task, job=one.job, tool=one.tool)
        if isinstance(one, Classification):
            _classified(one, ontology, found, of)
            continue
        title = {known.key: known.title for job in ontology.jobs for known in job.classes if job.key == one.job}
        entry: Said = {"id": one.id, "category": title[one.classes[-1]]}
        if one.answers:
            entry["attributes"] = dict(_answer(answer, ontology) for answer in one.answers)
        if one.linked:
            entry["group"] = one.linked
        if one.locked:
            entry["readOnly"] = True
        if one.figures:
            entry["stats"] = dict(one.figures)
        if isinstance(one, VolumeMask):
            if one.group:
                entry["overlappingGroups"] = list(one.group)
            of.setdefault("segmentMap", {})[str(one.value)] = entry
            continue
        name, shape = _shape(one)
        if one.frame is not None:
            entry["video"] = {
                "trackId": one.object,
                "keyFrame": one.key_frame,
                "endTrack": one.ends,
                "frame": one.frame,
            }
        of.setdefault(name, []).append({**entry, **shape})
    return found


def _classified(one: Classification, ontology: Ontology, found: Said, of: Said) -> None:
    name, value = _answer(one.answer, ontology)
    if one.of_task:
        found["classification"] = found["classification"] or {"id": one.id, "attributes": {}}
        found["classification"]["attributes"][name] = value
    elif one.job.startswith("instance/"):
        of.setdefault("instanceClassifications", []).append({"fileIndex": one.frame, "values": {name: value}})
    else:
        of.setdefault("classifications", []).append({"id": one.id, "attributes": {name: value}})


def _answer(answer: Any, ontology: Ontology) -> tuple[str, Any]:
    job = ontology.job(answer.job)
    assert job is not None
    if answer.text is not None:
        return job.title, answer.text
    titles = {known.key: known.title for known in job.classes}
    chosen: list[Any] = [{"Yes": True, "No": False}.get(titles[one.key], titles[one.key]) for one in answer.choices]
    return job.title, chosen if job.multiple else chosen[0]


def _shape(one: Annotation) -> tuple[str, Said]:
    match one:
        case Box():
            return "boundingBoxes", {"pointTopLeft": _norm((one.x, one.y)), "wNorm": one.width, "hNorm": one.height}
        case Ellipse():
            axes = {"xRadiusNorm": one.radius_x, "yRadiusNorm": one.radius_y}
            turned = round(math.radians(one.angle), 9)
            return "ellipses", {"pointCenter": _norm(one.center), **axes, "rotationRad": turned}
        case Polygon():
            return "polygons", {"points": [_norm(point) for point in one.outline]}
        case Polyline():
            return "polylines", {"points": [_norm(point) for point in one.points]}
        case Marker():
            return "landmarks", {"point": _norm(one.point)}
        case Landmark():
            assert one.world
            return "landmarks3d", {"point": _voxel(one.voxel), "absolutePoint": _world(one.world)}
        case Cuboid3D():
            world = {f"absolutePoint{at}": _world(point) for at, point in enumerate(one.world, 1)}
            return "cuboids", {"point1": _voxel(one.first), "point2": _voxel(one.last), **world}
        case Measurement():
            names = ("1", "2") if one.measure == "length" else ("1", "Vertex", "2")
            of = {"point1": "point1", "pointVertex": "vertex", "point2": "point2"}
            points = {of[f"point{name}"]: _voxel(point) for name, point in zip(names, one.points, strict=True)}
            world = {
                "absoluteVertex" if name == "Vertex" else f"absolutePoint{name}": _world(point)
                for name, point in zip(names, one.world, strict=True)
            }
            told = {"type": one.measure, one.measure: one.value, "normal": [*one.normal] if one.normal else None}
            return "measurements", {**told, **points, **world}
    raise AssertionError(f"{type(one).__name__} is in no list of tasks.json")


def _norm(point: Point) -> Said:
    return {"xNorm": point[0], "yNorm": point[1]}


def _voxel(point: Voxel) -> Said:
    return dict(zip("ijk", point, strict=True))


def _world(point: Voxel) -> Said:
    return dict(zip("xyz", point, strict=True))


def compared(task: Said) -> Said:
    """What tasks.json says, without files, names of series, and what its `video` counts in other ways."""
    series = []
    for told in task["series"]:
        kept = {name: told[name] for name in told if name in _LISTS}
        if "segmentMap" in told:
            kept["segmentMap"] = {
                key: {name: value for name, value in one.items() if name != "mask"}
                for key, one in told["segmentMap"].items()
            }
        for entry in (entry for name in _LISTS & told.keys() for entry in told[name]):
            entry.pop("fileName", None)
            if "video" in entry:
                video = entry["video"]
                entry["video"] = {name: video[name] for name in ("trackId", "keyFrame", "endTrack")}
                entry["video"]["frame"] = video["frameIndex"]
        series.append(kept)
    return {"classification": task.get("classification"), "series": series}


_LISTS = {
    "landmarks", "landmarks3d", "measurements", "ellipses", "boundingBoxes", "cuboids", "polygons", "polylines",
    "classifications", "instanceClassifications",
}  # fmt: skip
