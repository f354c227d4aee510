"""What labels of other platforms say is read out of Diffgram's words as it was put in; the rest is named."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import yaml

from audit.annotations import (
    Annotation,
    Answer,
    Box,
    Choice,
    Classification,
    Ellipse,
    Job,
    LabelClass,
    Labelled,
    Marker,
    Mask,
    Medium,
    Polyline,
    Relation,
    TextSpan,
    Transcription,
)
from audit.sources.diffgram.media import media_facts
from audit.sources.diffgram.neutral import DiffgramNeutral
from exports.formats.diffgram.diffgram import DiffgramFormat
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, box, job, polygon, registered

IMAGE = Medium("image", "a.jpg", "https://x.example/a.jpg", 100, 50)
VIDEO = Medium("video", "a.mp4", "https://x.example/a.mp4", 100, 50, frames=9, frame_rate=10)
JOBS = (
    job(classes=("CAR", 'B"us\n\x85\u2028')),
    Job("NER", "Names", "entities", ("ner",), (LabelClass("PERSON", "Person"),)),
    Job("LINKS", "Links", "relations", ("edge",), (LabelClass("KNOWS", "knows"),)),
    Job("KIND", "Kind?", "classification", ("radio",), (LabelClass("A", "a"), LabelClass("B", "b"))),
    Job("NOTE", "Note?", "transcription", ("text",)),
)


@pytest.fixture
def project(monkeypatch):
    yield from registered(monkeypatch, *JOBS)


def read_back(export: Any, packet: Any) -> Labelled:
    """What Diffgram's own reader says of a packet."""
    labels = [{"id": int(id_), "label": {"name": name}} for id_, name in export["label_map"].items()]
    settings = {"labels": labels, "attribute_groups": export["attribute_groups_reference"]}
    neutral = DiffgramNeutral()
    task = {"media": list(media_facts(packet))}
    content = json.dumps({"packet": packet}).encode()
    return neutral.annotations(content, json.dumps(task).encode(), neutral.ontology(json.dumps(settings).encode()))


def said(project: Project, medium: Medium, *annotations: Annotation) -> tuple[Labelled, Made]:
    project.add("a", annotations, media=[medium])
    made = write(DiffgramFormat(), project.shot())
    export = json.loads(made.files["annotations.json"])
    (packet,) = [packet for name, packet in export.items() if name.isdecimal()]
    return read_back(export, packet), made


def test_shapes_have_the_same_place_and_0_is_kept(project) -> None:
    drawn = [
        box(0, 0, 0.3, 0.4, answers=(Answer("KIND", (Choice("A"),)),)),
        polygon((0, 0), (0.9, 0.1), (0.5, 0.7)),
        Polyline(job="JOB_0", tool="polyline", classes=("CAR",), points=((0, 0), (1, 1))),
        Marker(job="JOB_0", tool="marker", classes=("CAR",), point=(0.25, 0.5)),
        Ellipse(job="JOB_0", tool="e", classes=("CAR",), center=(0.5, 0.5), radius_x=0.1, radius_y=0.2, angle=30),
    ]
    found, made = said(project, IMAGE, *drawn)
    assert made.errors == [] == list(found.problems)
    assert [type(one) for one in found.annotations] == [type(one) for one in drawn]
    first, _, _, marker, ellipse = found.annotations
    assert isinstance(first, Box)
    assert (first.x, first.y, first.width, first.height) == pytest.approx((0, 0, 0.3, 0.4))
    assert len(first.answers) == 1
    assert isinstance(marker, Marker)
    assert marker.point == (0.25, 0.5)
    assert isinstance(ellipse, Ellipse)
    assert (ellipse.radius_x, ellipse.radius_y, ellipse.angle) == pytest.approx((0.1, 0.2, 30))


def test_objects_of_videos_are_sequences_with_key_frames(project) -> None:
    frames = [box(0.1 * at, 0, 0.1, 0.1, object="O1", frame=at, key_frame=at != 1) for at in (0, 1, 2)]
    found, made = said(project, VIDEO, *frames, Transcription(job="NOTE", tool="text", text="rain"))
    assert made.errors == [] == list(found.problems)
    boxes = [one for one in found.annotations if isinstance(one, Box)]
    assert [(one.frame, one.key_frame) for one in boxes] == [(0, True), (1, False), (2, True)]
    assert len({one.object for one in boxes}) == 1
    assert [one.text for one in found.annotations if isinstance(one, Transcription)] == ["rain"]


def test_spans_relations_and_answers_come_back(project) -> None:
    text = Medium("text", "a.txt", text="Ann knows Bo")
    spans = [
        TextSpan(job="NER", tool="ner", classes=("PERSON",), object=name, start=start, end=end)
        for name, start, end in (("S1", 0, 3), ("S2", 10, 12))
    ]
    link = Relation(job="LINKS", tool="edge", classes=("KNOWS",), sources=("S1",), targets=("S2",))
    kind = Classification(job="KIND", tool="radio", answer=Answer("KIND", (Choice("B"),)))
    found, made = said(project, text, link, *spans, kind)
    assert made.errors == [] == list(found.problems)
    ids = {one.start: one.id for one in found.annotations if isinstance(one, TextSpan)}
    (relation,) = [one for one in found.annotations if isinstance(one, Relation)]
    assert (relation.sources, relation.targets) == ((ids[0],), (ids[10],))
    (answer,) = [one.answer for one in found.annotations if isinstance(one, Classification)]
    assert len(answer.choices) == 1


def test_a_task_of_several_media_is_a_compound_file(project) -> None:
    media = [IMAGE, Medium("image", "b.jpg", None, 10, 10, index=1)]
    project.add("pair", [box(0, 0, 0.5, 0.5), box(0, 0, 0.1, 0.1, medium=1)], media=media)
    export = json.loads(write(DiffgramFormat(), project.shot()).files["annotations.json"])
    (packet,) = [packet for name, packet in export.items() if name.isdecimal()]
    assert packet["file"]["type"] == "compound"
    found = read_back(export, packet)
    assert found.problems == ()
    assert [(one.medium, one.width) for one in found.annotations if isinstance(one, Box)] == [(0, 0.5), (1, 0.1)]


def test_yaml_says_the_same_whatever_a_class_is_called(project) -> None:
    project.add("a", [box(0, 0, 1, 1)])
    plain = json.loads(write(DiffgramFormat(), project.shot()).files["annotations.json"])
    other = write(DiffgramFormat(), project.shot(), encoding="yaml").files["annotations.yaml"]
    assert yaml.safe_load(other) == plain


@pytest.mark.parametrize(
    ("medium", "one", "code"),
    [
        (IMAGE, polygon((0, 0), (1, 0)), "bad_geometry"),
        (IMAGE, polygon((0, 0), (1, 0), (1, 1), holes=(((0.1, 0), (0.2, 0), (0.2, 0.1)),)), "not_held"),
        (IMAGE, box(0, math.nan, 1, 1), "bad_number"),
        (IMAGE, Mask(job="JOB_0", tool="mask", classes=("CAR",)), "not_held"),
        (IMAGE, Relation(job="LINKS", tool="edge", classes=("KNOWS",), sources=("X",), targets=("Y",)), "bad_geometry"),
        (Medium("image", "a.jpg"), box(0, 0, 1, 1), "no_size"),
    ],
)
def test_what_can_not_be_said_is_named_and_costs_nothing_else(project, medium, one, code) -> None:
    found, made = said(project, medium, one, Transcription(job="NOTE", tool="text", text="still here"))
    assert [error["code"] for error in made.errors] == [code]
    assert made.written == {"tasks": 1, "labels": 1}
    assert [type(kept) for kept in found.annotations] == [Transcription]
