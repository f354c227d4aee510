"""What is said of single frames of a video, in Label Studio's words: vectors by frame, and labelled stretches of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace as changed

from audit.annotations import (
    Annotation,
    Answer,
    Choice,
    Classification,
    Ellipse,
    Marker,
    Mask,
    Medium,
    Polygon,
    Polyline,
    Range,
    Ranking,
    Transcription,
)
from audit.ontology import Job, LabelClass
from exports.formats.labelstudio.labelstudio import LabelStudioFormat
from tests.exports.formats.labelstudio.loaded import loaded
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, polygon, registered

CLASSES = (LabelClass("CAR", "Car"), LabelClass("BUS", "Bus"))
JOBS = (
    Job("OUT", "Outline", "objects", ("polygon",), CLASSES),
    Job("KIND", "Kind", "classification", ("radio",), CLASSES),
    Job("SIZE", "Size", "classification", ("radio",), (LabelClass("BIG", "Big"),), nested=True),
    Job("NOTE", "Note", "transcription", ("input",)),
)
VIDEO = Medium("video", "v", "https://x.example/a.mp4", 100, 50, frames=9, frame_rate=5)
OUT: dict[str, Any] = {"job": "OUT", "tool": "polygon", "classes": ("CAR",), "object": "o"}


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    return next(iter(registered(monkeypatch, *JOBS)))


def again(project: Project, tmp_path: Path, *said: Annotation, noted: int = 0) -> tuple[Made, list[Annotation]]:
    project.add("a.mp4", said, media=[VIDEO])
    made = write(LabelStudioFormat(), project.shot())
    assert len(made.errors) == noted
    _, tasks = loaded(made.files["tasks.json"], tmp_path)
    ((labelled,),) = [task.said.values() for task in tasks.values()]
    assert labelled.problems == ()
    return made, list(labelled.annotations)


def kind(frame: int, *keys: str, **more: Any) -> Classification:
    choices = tuple(Choice(key, **more) for key in keys)
    return Classification(job="KIND", tool="radio", answer=Answer("KIND", choices), frame=frame)


def test_outlines_of_an_object_come_back_by_frame(project: Project, tmp_path: Path) -> None:
    ring = ((0.1, 0.1), (0.9, 0.1), (0.5, 0.75))
    shapes = [Polygon(outline=ring, frame=frame, key_frame=frame != 3, ends=frame == 4, **OUT) for frame in (0, 3, 4)]
    made, found = again(project, tmp_path, *shapes)
    assert [changed(one, ends=False) for one in found] == [
        changed(one, tool="videovectorlabels", id="o", ends=False) for one in shapes
    ]
    assert found[-1].ends
    (result,) = json.loads(made.files["tasks.json"])[0]["annotations"][0]["result"]
    assert (result["type"], result["value"]["labels"]) == ("videovectorlabels", ["CAR"])
    assert [(one["frame"], one["closed"], one["time"]) for one in result["value"]["sequence"]] == [
        (1, True, 0), (4, True, 0.6), (5, True, 0.8),
    ]  # fmt: skip
    tag = next(tag for tag in ET.fromstring(made.files["label_config.xml"]) if tag.get("name") == "OUT")
    assert (tag.tag, tag.get("closable"), len(tag)) == ("VideoVectorLabels", "true", 2)


def test_lines_and_what_has_no_class_come_back(project: Project, tmp_path: Path) -> None:
    line = Polyline(points=((0, 0), (0.5, 0.5)), frame=2, **{**OUT, "classes": ()})
    _, (found,) = again(project, tmp_path, line)
    assert isinstance(found, Polyline)
    assert (found.points, found.frame, found.tool, found.classes) == (line.points, 2, "videovector", ())


def test_parts_of_an_object_in_one_frame_stay_together(project: Project, tmp_path: Path) -> None:
    first, second = (((x, 0.1), (x + 0.2, 0.1), (x, 0.4)) for x in (0.0, 0.5))
    said = [Polygon(outline=ring, frame=frame, **OUT) for frame in (1, 2) for ring in (first, second)]
    _, found = again(project, tmp_path, *said)
    assert [(one.frame, one.object == "o", one.linked) for one in found] == [
        (1, True, None), (2, True, None), (1, False, "o"), (2, False, "o"),
    ]  # fmt: skip


def test_an_ellipse_is_an_outline(project: Project, tmp_path: Path) -> None:
    round_ = Ellipse(center=(0.5, 0.5), radius_x=0.2, radius_y=0.2, frame=0, **OUT)
    _, (found,) = again(project, tmp_path, round_)
    assert isinstance(found, Polygon)
    assert len(found.outline) > 10


def test_what_a_frame_can_not_hold_costs_nothing_else(project: Project, tmp_path: Path) -> None:
    ring = ((0, 0), (1, 0), (1, 1))
    said: list[Annotation] = [
        Polygon(outline=ring, frame=0, **OUT),
        Polygon(outline=ring, frame=1, holes=(((0.7, 0.2), (0.8, 0.2), (0.8, 0.3)),), **OUT),
        Marker(point=(0.5, 0.5), frame=1, **OUT),
        Mask(width=100, height=50, counts=(0, 5000), frame=1, **OUT),
        polygon(*ring, job="OUT", object="no frame"),
        Ranking(job="RANK", tool="t", order=(("a",), ("b",)), frame=3),
    ]
    made, found = again(project, tmp_path, *said, noted=5)
    assert [(type(one), one.frame) for one in found] == [(Polygon, 0)]
    assert {line["code"] for line in made.errors} == {"not_held"}
    assert all("Label Studio" in line["text"] for line in made.errors)


def test_answers_about_frames_are_labelled_stretches(project: Project, tmp_path: Path) -> None:
    said = [kind(2, "CAR"), kind(0, "CAR"), kind(1, "CAR"), kind(4, "CAR"), kind(5, "BUS")]
    made, found = again(project, tmp_path, *said)
    ranges = [one for one in found if isinstance(one, Range)]
    assert [(one.start, one.end, one.unit, one.classes, one.job) for one in ranges] == [
        (0, 2, "frames", ("CAR",), "KIND"), (4, 4, "frames", ("CAR",), "KIND"), (5, 5, "frames", ("BUS",), "KIND"),
    ]  # fmt: skip
    tag = next(tag for tag in ET.fromstring(made.files["label_config.xml"]) if tag.get("name") == "KIND")
    assert (tag.tag, tag.get("toName"), tag.get("choice"), len(tag)) == ("TimelineLabels", "video", None, 2)


def test_several_choices_and_what_they_ask_belong_to_the_stretch(project: Project, tmp_path: Path) -> None:
    asked = (Answer("SIZE", (Choice("BIG"),)),)
    made, (found,) = again(project, tmp_path, kind(3, "CAR", "BUS", answers=asked))
    assert found.answers[0] == Answer("KIND", (Choice("CAR"), Choice("BUS")))
    assert Answer("SIZE", (Choice("BIG"),)) in found.answers
    tags = {tag.get("name"): tag for tag in ET.fromstring(made.files["label_config.xml"])}
    assert (tags["KIND"].get("choice"), tags["SIZE"].get("perRegion")) == ("multiple", "true")


def test_texts_and_numbers_of_frames_are_asked_about_a_stretch(project: Project, tmp_path: Path) -> None:
    said = [Transcription(job="NOTE", tool="input", text="a", frame=frame) for frame in (0, 1)]
    number = Classification(job="COUNT", tool="input", answer=Answer("COUNT", number=2), frame=1)
    _, found = again(project, tmp_path, *said, number)
    assert all(isinstance(one, Range) for one in found)
    assert [(one.classes, one.answers) for one in found] == [
        (("NOTE",), (Answer("NOTE", text="a"),)), (("COUNT",), (Answer("COUNT", number=2),)),
    ]  # fmt: skip
