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
    Cuboid,
    Ellipse,
    Graph,
    Labelled,
    Marker,
    Mask,
    Medium,
    Polygon,
    Polyline,
    Pose,
    PosePoint,
    Relation,
    TextSpan,
    Transcription,
)
from audit.files import Files
from audit.ontology import Job, LabelClass
from audit.sources.diffgram.media import media_facts
from audit.sources.diffgram.neutral import DiffgramNeutral
from exports.formats.diffgram.diffgram import DiffgramFormat
from exports.formats.labels.mask_files import MaskFiles
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, box, job, polygon, registered

IMAGE = Medium("image", "a.jpg", "https://x.example/a.jpg", 100, 50)
CLOUD, MAP = Medium("point cloud", "a.pcd"), Medium("geo", "map.tif")
PAGES = Medium("pdf", "a.pdf", pages=((10, 10),))
TEXT, TALK = Medium("text", "a.txt", text="Ann, Bo"), Medium("conversation", "a.json")
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
        (IMAGE, polygon((0, 0), (1e-3, 0), (1e-3, 1e-3), holes=(((0, 0), (1e-4, 0), (1e-4, 1e-4)),)), "bad_geometry"),
        (IMAGE, box(0, math.nan, 1, 1), "bad_number"),
        (IMAGE, Mask(job="JOB_0", tool="mask", classes=("CAR",)), "no_geometry"),
        (IMAGE, Mask(job="JOB_0", tool="mask", classes=("CAR",), file="gone.png"), "no_file"),
        (IMAGE, Graph(job="JOB_0", tool="g", classes=("CAR",), points=(), edges=()), "bad_geometry"),
        (IMAGE, box(0, 0, 1, 1, angle=math.inf), "bad_number"),
        (IMAGE, Cuboid(job="JOB_0", tool="c", classes=("CAR",), front=((0, 0),), rear=()), "not_held"),
        (CLOUD, Cuboid(job="JOB_0", tool="c", classes=("CAR",), center=(0, 0, math.nan), size=(1, 1, 1)), "bad_number"),
        (CLOUD, box(0, 0, 1, 1), "not_held"),
        (MAP, Marker(job="JOB_0", tool="m", classes=("CAR",), point=(500, 0)), "outside"),
        (MAP, polygon((0, 0), (1, 0), (1, 1), holes=(((0.1, 0), (0.2, 0), (0.2, 0.1)),)), "not_held"),
        (PAGES, box(0, 0, 1, 1, page=1), "not_held"),
        (PAGES, Transcription(job="NOTE", tool="text", text="of a page", page=1), "not_held"),
        (Medium("volume", "ct"), Transcription(job="NOTE", tool="text", text="of a slice", frame=3), "not_held"),
        (TALK, TextSpan(job="NER", tool="n", classes=("PERSON",), start=0, end=1, message="m1"), "not_held"),
        (TEXT, TextSpan(job="NER", tool="n", classes=("PERSON",), start=1, end=1), "bad_geometry"),
        (IMAGE, Relation(job="LINKS", tool="edge", classes=("KNOWS",), sources=("X",), targets=("Y",)), "bad_geometry"),
        (Medium("image", "a.jpg"), box(0, 0, 1, 1), "no_size"),
    ],
)
def test_what_can_not_be_said_is_named_and_costs_nothing_else(project, medium, one, code) -> None:
    found, made = said(project, medium, one, Transcription(job="NOTE", tool="text", text="still here"))
    assert [error["code"] for error in made.errors] == [code]
    assert made.written == {"tasks": 1, "labels": 1}
    assert [type(kept) for kept in found.annotations] == [Transcription]


def test_holes_and_masks_are_masks_with_the_same_pixels(project) -> None:
    hole = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
    ring = polygon((0, 0), (1, 0), (1, 1), (0, 1), holes=(hole,))
    runs = Mask(job="JOB_0", tool="mask", classes=("CAR",), width=100, height=50, counts=(1, 49, 4950))
    found, made = said(project, IMAGE, ring, runs)
    assert made.errors == [] == list(found.problems)
    files = MaskFiles(Files(()).read)
    counts = [one.counts for one in map(files.counted, found.annotations) if isinstance(one, Mask)]
    assert sum(counts[0][1::2]) == 5000 - 25 * 50
    assert counts[1] == (1, 49, 4950)


def test_poses_graphs_and_cuboids_come_back(project) -> None:
    pose = Pose(
        job="JOB_0",
        tool="pose",
        classes=("CAR",),
        points=(PosePoint("nose", (0.5, 0.5), True), PosePoint("ear", None), PosePoint("eye", (0, 0), False)),
    )
    graph = Graph(job="JOB_0", tool="g", classes=("CAR",), points=((0, 0), (1, 1)), edges=((0, 1),))
    front, rear = ((0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5)), ((0.1, 0.1), (0.6, 0.1), (0.6, 0.6), (0.1, 0.6))
    cuboid = Cuboid(job="JOB_0", tool="c", classes=("CAR",), front=front, rear=rear)
    found, made = said(project, IMAGE, pose, graph, cuboid)
    assert made.errors == [] == list(found.problems)
    one, two, three = found.annotations
    assert isinstance(one, Pose)
    assert one.points == pose.points
    assert isinstance(two, Pose)  # Its edges stay in the file: `{"from": "0", "to": "1"}`.
    assert [point.point for point in two.points] == [(0, 0), (1, 1)]
    assert b'"edges":[{"id":"0","from":"0","to":"1"}]' in made.files["annotations.json"]
    assert isinstance(three, Cuboid)
    assert (three.front, three.rear) == (front, rear)


def test_a_box_in_space_comes_back(project) -> None:
    cuboid = Cuboid(job="JOB_0", tool="c", classes=("CAR",), center=(1, 2, 3), size=(2, 4, 6), rotation=(0, 0, 0.5))
    found, made = said(project, CLOUD, cuboid)
    assert made.errors == [] == list(found.problems)
    (one,) = found.annotations
    assert isinstance(one, Cuboid)
    assert (one.center, one.size, one.rotation) == (cuboid.center, cuboid.size, cuboid.rotation)


@pytest.mark.parametrize("size", [(None, None), (360, 180)], ids=["degrees", "of the whole earth"])
def test_places_on_earth_come_back(project, size) -> None:
    def at(longitude: float, latitude: float) -> tuple[float, float]:
        return (longitude, latitude) if size[0] is None else ((longitude + 180) / 360, (90 - latitude) / 180)

    common: dict[str, Any] = {"job": "JOB_0", "tool": "t", "classes": ("CAR",)}
    ring = (at(0, 0), at(20, 0), at(20, 20))
    (x, y), (right, other) = at(10, 40), at(12, 50)
    drawn = [
        Marker(point=at(12.5, 41.9), **common),
        Polyline(points=ring[:2], **common),
        Polygon(outline=ring, **common),
        Box(x=x, y=min(y, other), width=right - x, height=abs(other - y), **common),
    ]
    found, made = said(project, Medium("geo", "map.tif", None, *size), *drawn)
    assert made.errors == [] == list(found.problems)
    export = json.loads(made.files["annotations.json"])
    rows = export["1"]["instance_list"]
    assert [row["type"] for row in rows] == ["geo_point", "geo_polyline", "geo_polygon", "geo_box"]
    assert rows[0]["lonlat"] == pytest.approx([12.5, 41.9])
    assert rows[3]["bounds_lonlat"] == pytest.approx([10, 40, 12, 50])
    assert [type(one) for one in found.annotations] == [type(one) for one in drawn]


def test_packets_say_what_is_known_of_their_files(project) -> None:
    media = [IMAGE, VIDEO, TEXT, MAP, CLOUD, Medium("audio", "a.mp3"), TALK, Medium("pdf", "a.pdf")]
    for medium in media:
        project.add(medium.name, media=[medium])
    export = json.loads(write(DiffgramFormat(), project.shot()).files["annotations.json"])
    packets = [packet for name, packet in export.items() if name.isdecimal()]
    kinds = ["image", "video", "text", "geospatial", "sensor_fusion", "audio", "conversational", "other"]
    assert [packet["file"]["type"] for packet in packets] == kinds
    assert all(packet["file"]["ann_is_complete"] is True for packet in packets)
    image, video, text, earth, cloud, *_ = packets
    assert image["image"] == {
        "width": 100, "height": 50, "original_filename": "a.jpg", "image_signed_url": "https://x.example/a.jpg"
    }  # fmt: skip
    assert video["video"]["global_frame_start"] == 0
    assert [word["value"] for word in text["text"]["tokens"]["words"]] == ["Ann", ",", "Bo"]
    assert earth["geo_assets"][0]["original_filename"] == "map.tif"
    assert cloud["point_cloud"]["original_filename"] == "a.pcd"
    assert [next(media_facts(packet))["kind"] for packet in packets[:7]] == [medium.kind for medium in media[:7]]


def test_words_have_their_numbers_and_questions_their_labels(monkeypatch) -> None:
    asking = Job("NER", "Names", "entities", ("ner",), (LabelClass("PERSON", "Person", jobs=("KIND",)),))
    (project,) = registered(monkeypatch, asking, JOBS[3])
    span = TextSpan(job="NER", tool="ner", classes=("PERSON",), start=3, end=7)
    project.add("a", [span], media=[TEXT])
    export = json.loads(write(DiffgramFormat(), project.shot()).files["annotations.json"])
    (row,) = export["1"]["instance_list"]
    assert (row["start_token"], row["end_token"]) == (1, 2)
    (group,) = export["attribute_groups_reference"]
    assert [file["id"] for file in group["label_file_list"]] == [1]
