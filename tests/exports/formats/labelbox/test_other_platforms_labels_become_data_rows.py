"""What labels of other platforms say is read out of Labelbox's words as it was put in; the rest is named."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from audit.annotations import (
    Annotation,
    Answer,
    Box,
    Choice,
    Classification,
    Ellipse,
    Labelled,
    Marker,
    Mask,
    Medium,
    PageSpan,
    Polygon,
    Polyline,
    Pose,
    PosePoint,
    Range,
    Relation,
    TextSpan,
    Transcription,
)
from audit.files import Files
from audit.ontology import Job, LabelClass
from audit.sources.labelbox.learned import Learned
from audit.sources.labelbox.neutral import LabelboxNeutral
from exports.archive.build import BadItem
from exports.formats.base import LabelledTask, ProjectInfo
from exports.formats.labelbox.labelbox import LabelboxFormat
from tests.exports.formats.snapshots import Made, Shot, write
from tests.exports.formats.told import Project, box, job, polygon, registered

Row = dict[str, Any]
IMAGE = Medium("image", "a.jpg", "https://x.example/a.jpg", 100, 50)
VIDEO = Medium("video", "a.mp4", "https://x.example/a.mp4", 100, 50, frames=9, frame_rate=10)
PAGES = Medium("pdf", "a.pdf", pages=((600, 800),))
JOBS = (
    job(),
    Job("NER", "Names", "entities", ("ner",), (LabelClass("PERSON", "Person"),)),
    Job("LINKS", "Links", "relations", ("edge",), (LabelClass("KNOWS", "knows"),)),
    Job("KIND", "Kind?", "classification", ("radio",), (LabelClass("A", "a"), LabelClass("B", "b"))),
    Job("TAGS", "Tags?", "classification", ("checkbox",), (LabelClass("X", "x"), LabelClass("Y", "y")), multiple=True),
    Job("NOTE", "Note?", "transcription", ("text",)),
)


@pytest.fixture
def project(monkeypatch):
    yield from registered(monkeypatch, *JOBS)


def rows_of(made: Made) -> list[Row]:
    (data,) = [data for name, data in made.files.items() if name == "data_rows.ndjson"]
    return [json.loads(line) for line in data.splitlines()]


def read_back(row: Row, place: int = 0) -> Labelled:
    """What Labelbox's own reader says of a label."""
    (project,) = row["projects"].values()
    learned = Learned()
    for label in project["labels"]:
        learned.add(label)
    neutral = LabelboxNeutral()
    ontology = neutral.ontology(json.dumps({"ontology": {"normalized": learned.normalized()}}).encode())
    label = json.dumps(project["labels"][place]).encode()
    return neutral.annotations(label, json.dumps(row).encode(), ontology)


def said(project: Project, medium: Medium, *annotations: Annotation, **asked: Any) -> tuple[Labelled, Made]:
    project.add("a", annotations, media=[medium])
    made = write(LabelboxFormat(), project.shot(), **asked)
    (row,) = rows_of(made)
    return read_back(row), made


def test_shapes_in_pictures_have_the_same_place(project) -> None:
    drawn = [
        box(0.1, 0.2, 0.3, 0.4, object="O1", answers=(Answer("KIND", (Choice("A"),)),)),
        polygon((0.1, 0.1), (0.9, 0.1), (0.5, 0.7)),
        Polyline(job="JOB_0", tool="polyline", classes=("BUS",), points=((0, 0), (1, 1))),
        Marker(job="JOB_0", tool="marker", classes=("BUS",), point=(0.25, 0.5)),
    ]
    found, made = said(project, IMAGE, *drawn)
    assert made.errors == [] == list(found.problems)
    first, second, third, fourth = found.annotations
    assert isinstance(first, Box)
    assert (first.x, first.y, first.width, first.height) == pytest.approx((0.1, 0.2, 0.3, 0.4))
    assert first.object == "O1"
    assert [answer.choices != () for answer in first.answers] == [True]
    assert isinstance(second, Polygon)
    assert [side for point in second.outline for side in point] == pytest.approx([0.1, 0.1, 0.9, 0.1, 0.5, 0.7])
    assert isinstance(third, Polyline)
    assert third.points == ((0, 0), (1, 1))
    assert isinstance(fourth, Marker)
    assert fourth.point == (0.25, 0.5)
    assert len({one.classes for one in found.annotations}) == 4  # A tool of Labelbox draws one kind.


def test_what_is_turned_or_round_is_a_polygon(project) -> None:
    turned = box(0.4, 0.4, 0.2, 0.2, angle=30)
    round_ = Ellipse(job="JOB_0", tool="ellipse", classes=("CAR",), center=(0.5, 0.5), radius_x=0.2, radius_y=0.1)
    found, made = said(project, IMAGE, turned, round_)
    assert made.errors == []
    assert [type(one) for one in found.annotations] == [Polygon, Polygon]


def test_frames_of_videos_are_counted_from_one_and_filled_in_ones_left_out(project) -> None:
    frames = [box(0.1 * at, 0, 0.1, 0.1, object="O1", frame=at, key_frame=at != 1) for at in (0, 1, 2, 5)]
    project.add("a", frames, media=[VIDEO])
    whole, drawn = (
        rows_of(write(LabelboxFormat(), project.shot(), interpolated_frames=asked))[0] for asked in (True, False)
    )
    found = read_back(whole)
    assert found.problems == ()
    assert [(one.frame, one.key_frame) for one in found.annotations] == [(0, True), (1, False), (2, True), (5, True)]
    (ours,) = drawn["projects"].values()
    told = ours["labels"][0]["annotations"]
    assert list(told["frames"]) == ["1", "3", "6"]
    assert told["segments"] == {"O1": [[1, 3], [6, 6]]}
    assert told["key_frame_feature_map"] == {"O1": {"1": True, "2": False, "3": True, "6": True}}
    assert ours["labels"][0]["label_kind"] == "Video"


def test_spans_relations_answers_and_texts_come_back(project) -> None:
    text = Medium("text", "a.txt", text="Ünal knows Ada \U0001f9e0")
    spans = [
        TextSpan(job="NER", tool="ner", classes=("PERSON",), object=name, start=start, end=end)
        for name, start, end in (("S1", 0, 4), ("S2", 11, 14))
    ]
    others = [
        Relation(job="LINKS", tool="edge", classes=("KNOWS",), id="R1", sources=("S1",), targets=("S2",)),
        Classification(job="KIND", tool="radio", answer=Answer("KIND", (Choice("B"),))),
        Classification(job="TAGS", tool="checkbox", answer=Answer("TAGS", (Choice("X"), Choice("Y"))), multiple=True),
        Transcription(job="NOTE", tool="text", text='a "quoted"\nline'),
    ]
    found, made = said(project, text, *spans, *others)
    assert made.errors == [] == list(found.problems)
    marks = [(one.start, one.end, one.quote) for one in found.annotations if isinstance(one, TextSpan)]
    assert marks == [(0, 4, "Ünal"), (11, 14, "Ada")]
    (relation,) = [one for one in found.annotations if isinstance(one, Relation)]
    assert (relation.sources, relation.targets, relation.directed) == (("S1",), ("S2",), True)
    answers = [one.answer for one in found.annotations if isinstance(one, Classification)]
    assert [len(answer.choices) for answer in answers] == [1, 2]
    assert [one.text for one in found.annotations if isinstance(one, Transcription)] == ['a "quoted"\nline']


def test_stretches_of_sound_come_back(project) -> None:
    sound = Medium("audio", "a.mp3", "https://x.example/a.mp3")
    range_ = Range(job="JOB_0", tool="range", classes=("CAR",), object="O", start=1.5, end=2.25)
    found, made = said(project, sound, range_)
    assert made.errors == [] == list(found.problems)
    (one,) = found.annotations
    assert isinstance(one, Range)
    assert (one.start, one.end, one.object) == (1.5, 2.25, "O")


def test_words_and_boxes_on_pages_come_back(project) -> None:
    pages = Medium("pdf", "a.pdf", pages=((600, 800), (300, 400)))
    words = PageSpan(job="NER", tool="ner", classes=("PERSON",), page=2, boxes=(), quote="Ada")
    found, made = said(project, pages, box(0.5, 0.5, 0.1, 0.1, page=2), words)
    assert made.errors == [] == list(found.problems)
    drawn, read = found.annotations
    assert isinstance(drawn, Box)
    assert (drawn.x, drawn.y, drawn.page) == pytest.approx((0.5, 0.5, 2))
    assert isinstance(read, PageSpan)
    assert (read.page, read.quote) == (2, "Ada")


@pytest.mark.parametrize("size", [(None, None), (360, 180)], ids=["degrees", "of the whole earth"])
def test_places_on_earth_are_longitude_and_latitude(project, size) -> None:
    at = (12.5, 41.9) if size[0] is None else ((12.5 + 180) / 360, (90 - 41.9) / 180)
    marker = Marker(job="JOB_0", tool="marker", classes=("CAR",), point=at)
    _, made = said(project, Medium("geo", "map.tif", None, *size), marker)
    (row,) = rows_of(made)
    (ours,) = row["projects"].values()
    (drawn,) = ours["labels"][0]["annotations"]["objects"]
    assert drawn["annotation_kind"] == "GeoPoint"
    assert drawn["geojson"]["coordinates"] == pytest.approx([12.5, 41.9])


def test_a_task_of_several_media_has_a_row_for_each(project) -> None:
    media = [IMAGE, Medium("image", "b.jpg", None, 10, 10, index=1)]
    project.add("pair", [box(0, 0, 0.5, 0.5), box(0, 0, 0.1, 0.1, medium=1)], media=media)
    first, second = rows_of(write(LabelboxFormat(), project.shot()))
    assert (first["data_row"]["id"], second["data_row"]["id"]) == ("T1", "T1/1")
    assert (first["data_row"]["external_id"], second["data_row"]["external_id"]) == ("a.jpg", "b.jpg")
    for row, width in ((first, 0.5), (second, 0.1)):
        (one,) = read_back(row).annotations
        assert isinstance(one, Box)
        assert one.width == pytest.approx(width)


@pytest.mark.parametrize(
    ("medium", "one", "code"),
    [
        (IMAGE, polygon((0, 0), (1, 0)), "bad_geometry"),
        (IMAGE, polygon((0, 0), (1e-3, 0), (1e-3, 1e-3), holes=(((0, 0), (1e-4, 0), (1e-4, 1e-4)),)), "bad_geometry"),
        (IMAGE, Mask(job="JOB_0", tool="mask", classes=("CAR",), width=3, height=1, counts=(0, 3)), "bad_geometry"),
        (IMAGE, Mask(job="JOB_0", tool="mask", classes=("CAR",), file="gone.png"), "no_file"),
        (IMAGE, box(0, math.nan, 1, 1), "bad_number"),
        (IMAGE, box(0, 0, 1, 1, class_=""), "no_class"),
        (IMAGE, Pose(job="JOB_0", tool="p", classes=("CAR",), points=(PosePoint("NOSE", (0, 0)),)), "not_held"),
        (Medium("image", "a.jpg"), box(0, 0, 1, 1), "no_size"),
        (VIDEO, box(0, 0, 1, 1), "not_held"),
        (VIDEO, polygon((2, 2), (3, 2), (3, 3), frame=1), "outside"),
        (PAGES, Mask(job="JOB_0", tool="mask", classes=("CAR",), width=1, height=1, counts=(0, 1)), "not_held"),
        (Medium("geo", "a.tif"), Marker(job="JOB_0", tool="m", classes=("CAR",), point=(500, 0)), "outside"),
        (Medium("html", "a.html"), box(0, 0, 1, 1), "not_held"),
    ],
)  # fmt: skip
def test_what_can_not_be_said_is_named_and_costs_nothing_else(project, medium, one, code) -> None:
    note = Transcription(job="NOTE", tool="text", text="still here")
    found, made = said(project, medium, one, note)
    assert [error["code"] for error in made.errors] == [code]
    assert made.written == {"tasks": 1, "labels": 1}
    assert [type(kept) for kept in found.annotations] == [Transcription]
    with pytest.raises(BadItem):
        write(LabelboxFormat(), project.shot(), strict=True)


def test_what_models_said_stands_in_a_run_only_when_asked_for(project) -> None:
    task = project.add("a", [box(0, 0, 1, 1)])
    (label,) = task.labels
    project.assets[0] = replace(task, labels=(replace(label, kind="PREDICTION"),))
    (without,) = rows_of(write(LabelboxFormat(), project.shot()))
    (row,) = rows_of(write(LabelboxFormat(), project.shot(), predictions=True))
    assert "experiments" not in without
    assert [ours["labels"] for ours in (*without["projects"].values(), *row["projects"].values())] == [[], []]
    ((_, model),) = row["experiments"].items()
    ((_, run),) = model["runs"].items()
    assert len(run["predictions"]) == 1


def test_broken_payloads_of_labelbox_are_skipped_by_name() -> None:
    broken = LabelledTask("T1", 1, "a", "", "", b'{"data_row":1}', (), ())
    whole = LabelledTask("T2", 2, "b", "", "", None, (), ())
    made = write(LabelboxFormat(), Shot(project=ProjectInfo("labelbox", "P", "P", "o"), assets=[broken, whole]))
    assert [(error["asset"], error["code"]) for error in made.errors] == [("T1", "unreadable")]
    (row,) = rows_of(made)
    assert row["data_row"] == {"id": "T2"}
    assert row["media_attributes"] == {}
    assert made.written["tasks"] == 1


def covered(one: Annotation) -> np.ndarray[Any, Any]:
    """The pixels of a mask, as a reader of Labelbox's exports gets them: of a picture's colour."""
    assert isinstance(one, Mask)
    picture = np.array(Image.open(io.BytesIO(Files(()).read(one.file or ""))).convert("RGB"))
    return np.all(picture == np.array(one.value), axis=2)


def test_holes_and_masks_are_masks_with_the_same_pixels(project) -> None:
    hole = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
    ring = polygon((0, 0), (1, 0), (1, 1), (0, 1), holes=(hole,), object="ring")
    runs = Mask(job="JOB_0", tool="mask", classes=("BUS",), width=100, height=50, counts=(1, 49, 4950))
    found, made = said(project, IMAGE, ring, runs, box(0, 0, 0.1, 0.1))
    assert made.errors == [] == list(found.problems)
    first, second, third = found.annotations
    assert first.object == "ring"
    expected = np.ones((50, 100), bool)
    expected[12:37, 25:75] = False  # Rows whose centres lie between 12.5 and 37.5.
    assert (covered(first) == expected).all()
    assert covered(second).sum() == 49
    assert not covered(second)[0].any()
    assert isinstance(third, Box)


def test_what_is_no_upright_box_in_a_video_is_a_mask_and_so_are_all_parts_of_an_object(project) -> None:
    whole = polygon((0, 0), (0.5, 0), (0.5, 1), (0, 1), object="A", frame=1)
    parts = [box(x, 0, 0.1, 0.1, object="B", frame=2) for x in (0, 0.5)]
    beyond = box(0, 0, math.nan, 0.1, object="B", frame=2)
    found, made = said(project, VIDEO, whole, *parts, beyond, box(0, 0, 0.1, 0.1, object="C", frame=2))
    assert [error["code"] for error in made.errors] == ["bad_number"]
    assert found.problems == ()
    one, two, three = found.annotations
    assert (one.object, one.frame, covered(one).sum()) == ("A", 1, 2500)
    assert (two.object, two.frame, covered(two).sum()) == ("B", 2, 100)
    assert isinstance(three, Box)


def test_a_mask_says_how_large_a_picture_of_unknown_size_is(project) -> None:
    mask = Mask(job="JOB_0", tool="mask", classes=("CAR",), width=4, height=2, counts=(2, 6))
    found, made = said(project, Medium("image", "a.jpg"), mask)
    assert made.errors == []
    (one,) = found.annotations
    assert covered(one).tolist() == [[False, True, True, True]] * 2
