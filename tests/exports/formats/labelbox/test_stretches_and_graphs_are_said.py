"""Stretches of frames as answers in each of them, and graphs as lines, in Labelbox's words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import Annotation, Answer, Choice, Classification, Graph, Marker, Medium, Polyline, Range
from audit.ontology import Job, LabelClass
from exports.formats.labelbox.labelbox import LabelboxFormat
from tests.exports.formats.loaded import loaded, said_in
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, job, registered

ACTION = Job("DOES", "What it does", "ranges", ("timeline",), (LabelClass("RUN", "runs"), LabelClass("STOP", "stops")))
VIDEO = Medium("video", "v", "https://x.example/v.mp4", 100, 50, frames=9)
IMAGE = Medium("image", "a.jpg", "https://x.example/a.jpg", 100, 50)
POINTS = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (1.0, 1.0))


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    return next(iter(registered(monkeypatch, job(), ACTION)))


def again(project: Project, tmp_path: Path, medium: Medium, *said: Annotation) -> tuple[Made, list[Annotation]]:
    project.add("a", said, media=[medium])
    made = write(LabelboxFormat(), project.shot())
    shot = loaded("labelbox", tmp_path / "again.ndjson", made.files["data_rows.ndjson"])
    ((_, (labelled,)),) = said_in(shot).values()
    assert labelled.problems == ()
    return made, list(labelled.annotations)


def stretch(start: float, end: float, class_: str = "RUN", **more: Any) -> Range:
    return Range(job="DOES", tool="t", classes=(class_,) if class_ else (), start=start, end=end, unit="frames", **more)


def test_a_stretch_of_frames_is_an_answer_in_each(project: Project, tmp_path: Path) -> None:
    made, found = again(project, tmp_path, VIDEO, stretch(1, 3, object="r"), stretch(5, 5, "STOP"))
    assert made.errors == []
    assert [(one.frame, one.key_frame) for one in found if isinstance(one, Classification)] == [
        (1, True), (2, True), (3, True), (5, True),
    ]  # fmt: skip
    (row,) = map(json.loads, made.files["data_rows.ndjson"].splitlines())
    told = row["projects"]["P-1"]["labels"][0]["annotations"]
    assert told["segments"]["r"] == [[2, 4]]
    (answer,) = told["frames"]["6"]["classifications"]
    assert (answer["name"], answer["radio_answer"]["name"]) == ("What it does", "stops")


def test_what_was_asked_about_a_stretch_is_its_answer(project: Project, tmp_path: Path) -> None:
    answers = (Answer("DOES", (Choice("RUN"),)), Answer("WHY", text="late"))
    _, found = again(project, tmp_path, VIDEO, stretch(0, 0, answers=answers))
    assert len(found) == 2


def test_stretches_without_an_answer_of_seconds_or_without_end_have_a_line(project: Project, tmp_path: Path) -> None:
    seconds = Range(job="DOES", tool="t", classes=("RUN",), start=1, end=2)
    made, found = again(project, tmp_path, VIDEO, stretch(0, 1, ""), stretch(0, 1e12), seconds)
    assert [line["code"] for line in made.errors] == ["no_class", "not_held", "not_held"]
    assert found == []


def test_a_graph_is_lines_along_its_edges_and_points(project: Project, tmp_path: Path) -> None:
    graph = Graph(job="JOB_0", tool="g", classes=("CAR",), points=POINTS, edges=((0, 1), (1, 2)), object="g")
    made, found = again(project, tmp_path, IMAGE, graph)
    assert made.errors == []
    line, point = found
    assert isinstance(line, Polyline)
    assert isinstance(point, Marker)
    assert (line.points, line.object, point.point) == (POINTS[:3], "g", POINTS[3])


def test_a_graphs_parts_keep_their_ids_in_every_frame(project: Project, tmp_path: Path) -> None:
    graphs = [
        Graph(job="JOB_0", tool="g", classes=("CAR",), points=POINTS, edges=((0, 1), (1, 2)), object="g", frame=frame)
        for frame in (0, 1)
    ]
    made, found = again(project, tmp_path, VIDEO, *graphs)
    assert made.errors == []
    assert len({one.object for one in found}) == 2
    assert sorted((type(one).__name__, one.frame) for one in found) == [
        ("Marker", 0), ("Marker", 1), ("Polyline", 0), ("Polyline", 1),
    ]  # fmt: skip
