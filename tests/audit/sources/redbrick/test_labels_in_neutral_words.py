"""What the SDK's export says of recorded label data, and what we say: told in the words of its tasks.json, the same."""

from __future__ import annotations

import base64
import gzip
import json
import math
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import (
    Annotation,
    Box,
    Classification,
    Cuboid3D,
    Ellipse,
    Landmark,
    Marker,
    Measurement,
    Ontology,
    Point,
    Polygon,
    Polyline,
    VolumeMask,
    Voxel,
)
from audit.sources.base import SourceEvent
from audit.sources.redbrick.events import read_task
from audit.sources.redbrick.labels import label_event
from audit.sources.redbrick.neutral import RedBrickNeutral
from audit.sources.redbrick.project import RedBrickProject
from tests.audit.sources.redbrick.conftest import raw

Said = dict[str, Any]
NEUTRAL = RedBrickNeutral()
LABELS = Path(__file__).parents[3] / "golden" / "redbrick" / "labels.json"


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(LABELS.read_bytes())
    return found


@pytest.fixture
def ontology(golden: dict[str, Any], recorded: dict[str, Any]) -> Ontology:
    return NEUTRAL.ontology(raw({**golden["project"], "taxonomy": recorded["taxonomy"]}))


@pytest.fixture
def events(
    golden: dict[str, Any], recorded: dict[str, Any], projects: Callable[[str], RedBrickProject]
) -> Callable[[str], tuple[list[SourceEvent], SourceEvent]]:
    """A task's labels (the latest first, then those of a consensus), and the task itself."""

    def run(task: str) -> tuple[list[SourceEvent], SourceEvent]:
        rows = recorded["tasks"][task]
        entry = {**golden["tasks"][task], "latestTaskData": rows["latest"]}
        history, told = read_task(raw(entry), projects(task))
        latest = [event for event in history.events if event.version and event.version.thing.startswith("label/")]
        several = [label_event(raw(row), told, projects(task)) for row in rows["consensus"]]
        return [*latest, *(event for event in several if event)], history.events[-1]

    return run


@pytest.mark.parametrize("task", range(6))
def test_the_export_of_the_sdk_says_the_same(task: int, recorded: Any, ontology: Ontology, events: Any) -> None:
    meant = recorded["exported"]["single_mask"]["tasks.json"][task]
    labels, details = events(meant["taskId"])
    found = NEUTRAL.annotations(labels[0].content, details.content, ontology, _file(recorded))
    assert found.problems == ()
    media = NEUTRAL.media(details.content)
    assert len(media) == len(meant["series"])
    assert _told(found.annotations, ontology, len(media)) == _meant(meant)


def test_a_labels_voxels_are_its_own_and_those_it_shares(recorded: Any, ontology: Ontology, events: Any) -> None:
    """The export cuts a file for each label where some overlap: the voxels of its value and its groups."""
    meant = recorded["exported"]["default"]
    labels, details = events(meant["tasks.json"][1]["taskId"])
    found = NEUTRAL.annotations(labels[0].content, details.content, ontology, _file(recorded))
    assert len(found.annotations) == 2
    for one in found.annotations:
        assert isinstance(one, VolumeMask)
        voxels = _voxels(_file(recorded)(one.file))
        path = f"segmentations/site 02-CASE-0002/CT axial/instance-{one.value}.nii.gz"
        assert sum(voxels[value] for value in (one.value, *one.group)) == meant["voxels"][path]["1"] == 18


def test_all_voxels_are_somebodys(recorded: Any, ontology: Ontology, events: Any) -> None:
    files = set()
    for task in recorded["exported"]["single_mask"]["tasks.json"]:
        labels, details = events(task["taskId"])
        found = NEUTRAL.annotations(labels[0].content, details.content, ontology, _file(recorded))
        masks = [one for one in found.annotations if isinstance(one, VolumeMask)]
        for name in {one.file for one in masks}:
            drawn = {value for one in masks if one.file == name for value in (one.value, *one.group)}
            assert set(_voxels(_file(recorded)(name))) - {0} == drawn
            files.add(name)
    assert files == {"seg/case1-a", "seg/case1-b", "seg/case2-a", "seg/case3-a", "seg/case4-a"}


def test_each_reader_of_a_consensus_has_a_label(recorded: Any, golden: Any, ontology: Ontology, events: Any) -> None:
    meant = recorded["exported"]["consensus"]["tasks.json"][0]
    labels, details = events(meant["taskId"])
    told = [json.loads(event.content) for event in labels]
    assert [(one["kind"], one["stage"]) for one in told] == [
        ("REVIEW", "Consensus_Best"),
        ("CONSENSUS", "Consensus_Label"),
        ("CONSENSUS", "Consensus_Label"),
    ]
    exported = [meant["superTruth"], *meant["consensusTasks"]]
    assert [event.actor.email for event in labels[1:]] == [one["updatedBy"] for one in meant["consensusTasks"]]
    for event, one in zip(labels, exported, strict=True):
        found = NEUTRAL.annotations(event.content, details.content, ontology, _file(recorded))
        assert _told(found.annotations, ontology, 1)["series"] == _meant(one)["series"]


def _file(recorded: dict[str, Any]) -> Callable[[str], bytes]:
    return lambda name: base64.b64decode(recorded["files"][name])


def _voxels(file: bytes) -> Counter[int]:
    """How many voxels there are of each value."""
    data = gzip.decompress(file)
    assert struct.unpack_from("<h", data, 70) == (2,), "of one byte each"
    return Counter(data[352:])


def _told(annotations: tuple[Annotation, ...], ontology: Ontology, series: int) -> Said:
    """In the words of tasks.json."""
    found: Said = {"classification": None, "series": [{} for _ in range(series)]}
    for one in annotations:
        of = found["series"][one.medium]
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


def _meant(task: Said) -> Said:
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
