"""Neutral labels as Kili's JSON: read back they say the same, and Kili's own converters take them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kili_formats import convert_from_kili_to_coco_format, convert_from_kili_to_yolo_format
from kili_formats.types import JobCategory

from audit.annotations import (
    COMPARISON,
    Annotation,
    Answer,
    Choice,
    Classification,
    Ellipse,
    Marker,
    Medium,
    PageSpan,
    Polyline,
    Pose,
    PosePoint,
    Ranking,
    Relation,
    TextSpan,
    Transcription,
)
from audit.ontology import Ontology
from audit.sources.kili.neutral import KiliNeutral
from exports.formats.kili.coco import CocoFormat
from exports.formats.kili.kili import KiliFormat
from exports.formats.kili.yolo import YoloV8
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import box, job, polygon

CAR: dict[str, Any] = {"job": "JOB_0", "classes": ("CAR",)}
RED = Answer("COLOR", (Choice("RED", (Answer("SHADE", text="dark"),), 0.5),))
SAID: list[Annotation] = [
    box(0.1, 0.2, 0.4, 0.6, object="o1", id="o1", answers=(RED,), confidence=0.9),
    box(0.4, 0.4, 0.2, 0.1, object="o2", id="o2", angle=30.0),
    polygon((0.1, 0.1), (0.5, 0.1), (0.3, 0.8), object="o3", id="o3"),
    polygon(
        (0, 0), (1, 0), (1, 1), holes=(((0.5, 0.2), (0.7, 0.2), (0.7, 0.4)),), object="o4", id="o4", tool="semantic"
    ),
    Polyline(points=((0.1, 0.1), (0.2, 0.3)), tool="polyline", object="o5", id="o5", **CAR),
    Marker(point=(0.5, 0.25), tool="marker", object="o6", id="o6", **CAR),
    Pose(
        points=(PosePoint("LEFT", (0.1, 0.2)), PosePoint("RIGHT", (0.3, 0.2))), tool="pose", object="o7", id="o7", **CAR
    ),
    Classification(job="DAY", tool="radio", answer=Answer("DAY", (Choice("SUN", (), 1.0),))),
    Transcription(job="NOTE", tool="textField", text="Line 1\nü"),
    TextSpan(job="NER", tool="entity", classes=("WHO",), start=3, end=7, quote="Jane", object="o8", id="o8"),
    TextSpan(job="NER", tool="entity", classes=("WHO",), start=9, end=12, quote="Doe", object="o9", id="o9"),
    Relation(job="REL", tool="relation", classes=("KNOWS",), sources=("o8",), targets=("o9",), object="r1", id="r1"),
    Ranking(job="BEST", tool="ranking", order=(("A",), ("B", "C"))),
    Ranking(job="PICK", tool=COMPARISON, classes=("BETTER",), order=(("B",), ("A",))),
]


def _interface() -> dict[str, Any]:
    def made(task: str, keys: str, **more: Any) -> dict[str, Any]:
        categories = {key: {"name": key} for key in keys.split()}
        return {"mlTask": task, "instruction": "", "content": {"categories": categories, "input": "radio"}} | more

    tools = ["rectangle", "polygon", "semantic", "polyline", "marker", "pose"]
    text = {"mlTask": "TRANSCRIPTION", "content": {"input": "textField"}}
    return {
        "jobs": {
            "JOB_0": made("OBJECT_DETECTION", "CAR BUS", tools=tools),
            "COLOR": made("CLASSIFICATION", "RED", isChild=True),
            "SHADE": text | {"isChild": True},
            "DAY": made("CLASSIFICATION", "SUN"),
            "NOTE": text,
            "NER": made("NAMED_ENTITIES_RECOGNITION", "WHO"),
            "REL": made("NAMED_ENTITIES_RELATION", "KNOWS"),
            "BEST": made("RANKING", ""),
            "PICK": {"mlTask": "COMPARISON", "content": {"options": {"BETTER": {"name": "Is better"}}}},
        }
    }


def _written(project: Any, **asked: Any) -> list[dict[str, Any]]:
    made = write(KiliFormat(), project.shot(), single_file=True, **asked)
    assert made.errors == []
    found: list[dict[str, Any]] = json.loads(made.files["data.json"])
    return found


def _read_back(response: Any, width: float = 100, height: float = 50) -> list[Annotation]:
    told = KiliNeutral()
    ontology = told.ontology(json.dumps({"jsonInterface": _interface()}).encode())
    asset = {"externalId": "a.jpg", "resolution": {"width": width, "height": height}}
    task = json.dumps({"asset": asset, "inputType": "IMAGE"}).encode()
    said = told.annotations(json.dumps({"label": {"jsonResponse": response}}).encode(), task, ontology)
    assert said.problems == ()
    return list(said.annotations)


@pytest.mark.parametrize("one", SAID, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("coordinates", ["default", "true"])
def test_what_a_label_says_is_read_back_the_same(project, one, coordinates) -> None:
    joined = [other for other in SAID if isinstance(one, Relation) and other.object in (*one.sources, *one.targets)]
    project.add("a.jpg", [*joined, one])
    (row,) = _written(project, normalized_coordinates=coordinates)
    (*_, found) = _read_back(row["latestLabel"]["jsonResponse"])
    assert type(found) is type(one)
    for name in type(one).__struct_fields__:
        mine, its = getattr(found, name), getattr(one, name)
        if isinstance(its, float) and not isinstance(its, bool):
            assert mine == pytest.approx(its), name
        elif name not in ("tool", "multiple"):
            assert mine == its, name


def test_frames_are_at_the_top_and_keep_their_key_frames(project) -> None:
    film = Medium("video", "clip.mp4", None, 64, 36, frames=3)
    said = [box(0.1, 0.1, 0.2, 0.2, frame=frame, key_frame=frame == 0, object="o", id="o") for frame in (0, 2)]
    project.add("clip.mp4", said, media=[film])
    (row,) = _written(project)
    response = row["latestLabel"]["jsonResponse"]
    assert [response[frame]["JOB_0"]["annotations"][0]["isKeyFrame"] for frame in ("0", "2")] == [True, False]
    assert [one.frame for one in _read_back(response)] == [0, 2]


def test_words_on_a_page_have_their_boxes_and_pixels(project) -> None:
    ring = ((0.1, 0.2), (0.1, 0.1), (0.3, 0.1), (0.3, 0.2))
    span = PageSpan(job="NER", tool="entity", classes=("WHO",), page=2, boxes=(ring,), quote="Jane", object="o")
    project.add("a.pdf", [span], media=[Medium("pdf", "a.pdf", pages=((100, 200), (300, 400)))])
    (row,) = _written(project)
    (inner,) = row["latestLabel"]["jsonResponse"]["NER"]["annotations"][0]["annotations"]
    assert (inner["pageNumberArray"], inner["textContent"]) == ([2], "Jane")
    assert inner["polys"][0]["vertices"][1] == {"x": 30, "y": 40}
    assert row["pageResolutions"][1] == {"pageNumber": 2, "width": 300, "height": 400, "rotation": 0}


def test_an_ellipse_becomes_an_outline(project) -> None:
    project.add("a.jpg", [Ellipse(tool="ellipse", center=(0.5, 0.5), radius_x=0.2, radius_y=0.1, **CAR)])
    (row,) = _written(project)
    (found,) = _read_back(row["latestLabel"]["jsonResponse"])
    assert len(found.outline) == 64  # type: ignore[attr-defined]


def test_who_said_it_and_when_comes_along(project) -> None:
    project.add("a.jpg", [box(0, 0, 1, 1)], [box(0, 0, 1, 1)])
    shot = project.shot()
    shot.names = {"author1": "amara@example.org"}
    made = write(KiliFormat(), shot, single_file=True, export_type="normal")
    (row,) = json.loads(made.files["data.json"])
    label = row["labels"][1]
    assert label["author"]["email"] == "amara@example.org"
    assert (label["createdAt"], label["labelType"], label["id"]) == ("2026-03-01T08:01:00.000Z", "DEFAULT", "L1.1")
    assert [one["isLastForStep"] for one in row["labels"]] == [True, True]
    assert row["status"] == "LABELED"


def test_kilis_own_converters_say_of_our_file_what_ours_say(project) -> None:
    """COCO and YOLO of kili-formats, of our Kili JSON, against our own COCO and YOLO."""
    project.told.jobs = Ontology((job(tools=("rectangle",)),))
    project.add("a.jpg", [box(0.1, 0.2, 0.4, 0.6), box(0.25, 0.1, 0.5, 0.5, "BUS")])
    project.add("b.jpg", [box(0, 0, 1, 1)])
    rows = _written(project)
    for row in rows:
        row["content"] = ""
    jobs = {"JOB_0": _interface()["jobs"]["JOB_0"] | {"tools": ["rectangle"]}}
    theirs = convert_from_kili_to_coco_format(
        jobs=jobs, assets=rows, title="Cars", project_input_type="IMAGE", annotation_modifier=None, merged=False
    )
    theirs = theirs[0] if isinstance(theirs, tuple) else theirs
    ours = json.loads(write(CocoFormat(), project.shot()).files["JOB_0/labels.json"])
    assert [one["bbox"] for one in ours["annotations"]] == [
        pytest.approx(one["bbox"], abs=0.5) for one in theirs["annotations"]
    ]
    assert [one["area"] for one in ours["annotations"]] == [pytest.approx(one["area"]) for one in theirs["annotations"]]
    files = write(YoloV8(), project.shot(), layout="merged").files
    ids = {f"JOB_0__{key}": JobCategory(category_name=key, id=place, job_id="JOB_0")
           for place, key in enumerate(("CAR", "BUS"))}  # fmt: skip
    for row in rows:
        lines = convert_from_kili_to_yolo_format("JOB_0", row["latestLabel"], ids)
        found = [[float(value) for value in line.split()]
                 for line in files[f"labels/{row['externalId'][:1]}.txt"].decode().splitlines()]  # fmt: skip
        assert found == [pytest.approx(list(line), abs=1e-6) for line in lines]
