"""Labels of other platforms in RedBrick AI's words; what it has no words for has a line."""

from __future__ import annotations

import json
import math
from typing import Any

from audit.annotations import (
    Answer,
    Choice,
    Classification,
    Ellipse,
    Graph,
    Marker,
    Mask,
    Medium,
    Polyline,
    Pose,
    PosePoint,
)
from audit.ontology import Job, LabelClass
from exports.formats import FORMATS
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, box, job, polygon

DRAWN = {"job": "JOB_0", "tool": "any", "classes": ("CAR",)}


def exported(project: Project) -> Made:
    return write(FORMATS["redbrick"], project.shot())


def tasks(made: Made) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(made.files["P-1/tasks.json"])
    return found


def test_shapes_stand_in_the_lists_of_their_kind(project: Project) -> None:
    project.add(
        "a.jpg",
        [
            box(0.1, 0.2, 0.3, 0.4, id="b"),
            polygon((0, 0), (1, 0), (1, 1)),
            Polyline(points=((0, 0), (1, 1)), **DRAWN),
            Marker(point=(0.5, 0.25), **DRAWN),
            Ellipse(center=(0.5, 0.5), radius_x=0.2, radius_y=0.1, angle=90, **DRAWN),
        ],
    )
    made = exported(project)
    assert made.errors == []
    (task,) = tasks(made)
    assert (task["taskId"], task["name"], task["labelsId"], task["currentStageName"]) == (
        "T1",
        "a.jpg",
        "L1.0",
        "Label",
    )
    series = task["series"][0]
    assert series["items"] == ["https://x.example/1.jpg"]
    assert series["boundingBoxes"] == [
        {"pointTopLeft": {"xNorm": 0.1, "yNorm": 0.2}, "wNorm": 0.3, "hNorm": 0.4, "id": "b", "category": "Car"}
    ]
    assert series["polygons"][0]["points"][1] == {"xNorm": 1, "yNorm": 0}
    assert len(series["polylines"][0]["points"]) == 2
    assert series["landmarks"][0]["point"] == {"xNorm": 0.5, "yNorm": 0.25}
    assert series["ellipses"][0]["rotationRad"] == math.pi / 2


def test_a_frame_of_an_object_has_its_track(project: Project) -> None:
    project.add("a.mp4", [box(0, 0, 1, 1, frame=3, object="o", key_frame=False, ends=True)])
    video = tasks(exported(project))[0]["series"][0]["boundingBoxes"][0]["video"]
    assert video == {"trackId": "o", "keyFrame": False, "endTrack": True, "frameIndex": 3}


def test_answers_are_attributes_by_their_titles(project: Project) -> None:
    kind = Job("KIND", "Kind", "classification", ("radio",), (LabelClass("A", "First"),))
    project.told.jobs = type(project.told.jobs)((job(), kind))
    answer = Answer("KIND", (Choice("A"),))
    said = [Classification(job="KIND", tool="radio", answer=answer), box(0, 0, 1, 1, answers=(answer,))]
    project.add("a.jpg", [*said, Classification(job="KIND", tool="radio", answer=answer, of_task=True)])
    (task,) = tasks(exported(project))
    assert task["classification"] == {"attributes": {"Kind": "First"}}
    assert task["series"][0]["classifications"] == [{"attributes": {"Kind": "First"}}]
    assert task["series"][0]["boundingBoxes"][0]["attributes"] == {"Kind": "First"}


def test_an_answer_about_a_frame_says_which(project: Project) -> None:
    kind = Job("KIND", "Kind", "classification", ("radio",), (LabelClass("A", "First"),))
    project.told.jobs = type(project.told.jobs)((job(), kind))
    said = [Classification(job="KIND", tool="radio", answer=Answer("KIND", (Choice("A"),)), frame=at) for at in (3, 7)]
    project.add("a.mp4", said, media=[Medium("video", "a.mp4", "https://x.example/a.mp4", 64, 36, frames=9)])
    answers = tasks(exported(project))[0]["series"][0]["classifications"]
    assert [(one["attributes"], one["video"]["frameIndex"]) for one in answers] == [
        ({"Kind": "First"}, 3),
        ({"Kind": "First"}, 7),
    ]


def test_places_on_maps_are_no_places_in_pictures(project: Project) -> None:
    said = [box(2.1, 48.8, 0.1, 0.1, id="b"), Marker(point=(2.3, 48.9), id="m", **DRAWN)]
    hole = polygon((2, 48), (3, 48), (3, 49), holes=(((2.4, 48.1), (2.6, 48.1), (2.5, 48.2)),), id="h")
    project.add("a.tif", [*said, hole], media=[Medium("geo", "a.tif", "https://x.example/a.tif")])
    made = exported(project)
    assert [(one["annotation"], one["code"]) for one in made.errors] == [(id_, "not_held") for id_ in "bmh"]
    assert set(tasks(made)[0]["series"][0]) == {"name", "items"}


def test_what_it_can_not_hold_has_a_line_each_and_costs_nothing_else(project: Project) -> None:
    project.add(
        "a.jpg",
        [
            Pose(points=(PosePoint("NOSE", (0.5, 0.5)),), id="pose", **DRAWN),
            polygon((0, 0), (1, 1), id="two points"),
            Marker(point=(math.nan, 0), id="nan", **DRAWN),
            box(0, 0, math.inf, 1, id="endless"),
            Mask(width=2, height=1, counts=(0, 2), id="mask", **DRAWN),
            box(0, 0, 1, 1, id="good"),
        ],
    )
    made = exported(project)
    assert {one["annotation"]: one["code"] for one in made.errors} == {
        "pose": "not_held",
        "two points": "bad_geometry",
        "nan": "bad_number",
        "endless": "bad_number",
        "mask": "bad_geometry",
    }
    assert [one["id"] for one in tasks(made)[0]["series"][0]["boundingBoxes"]] == ["good"]


def test_a_turned_box_is_an_outline(project: Project) -> None:
    project.add("a.jpg", [box(0.25, 0.25, 0.5, 0.5, angle=90, id="t")])
    project.add("b.jpg", [box(0.25, 0.25, 0.5, 0.5, angle=90, id="u")], size=(None, None))
    made = exported(project)
    assert [(line["annotation"], line["code"]) for line in made.errors] == [("u", "no_size")]
    (outline,) = tasks(made)[0]["series"][0]["polygons"]
    # Of a picture twice as wide as it is high.
    assert sorted((round(point["xNorm"], 9), round(point["yNorm"], 9)) for point in outline["points"]) == [
        (0.375, 0.0), (0.375, 1.0), (0.625, 0.0), (0.625, 1.0),
    ]  # fmt: skip
    assert (outline["id"], outline["category"]) == ("t", "Car")


def test_a_graph_is_lines_and_points_that_belong_together(project: Project) -> None:
    points = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (1.0, 1.0))
    project.add("a.jpg", [Graph(points=points, edges=((0, 1), (1, 2)), id="g", **DRAWN)])
    made = exported(project)
    assert made.errors == []
    series = tasks(made)[0]["series"][0]
    assert [(len(one["points"]), one["id"]) for one in series["polylines"]] == [(3, "g")]
    assert [(one["point"]["xNorm"], one["group"]) for one in series["landmarks"]] == [(1.0, "g")]


def test_several_peoples_labels_are_a_consensus(project: Project) -> None:
    project.add("a.jpg", [box(0, 0, 0.5, 1)], [box(0, 0, 1, 1)])
    (task,) = tasks(exported(project))
    assert [one["labelsId"] for one in task["consensusTasks"]] == ["L1.0", "L1.1"]
    assert [one["series"][0]["boundingBoxes"][0]["wNorm"] for one in task["consensusTasks"]] == [0.5, 1]
