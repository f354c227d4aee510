"""What is exported for Label Studio, loaded again, says the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace
from msgspec.structs import replace as changed

from audit.annotations import (
    Annotation,
    Answer,
    Box,
    Choice,
    Classification,
    Ellipse,
    Graph,
    Marker,
    Mask,
    Medium,
    Polygon,
    Polyline,
    Pose,
    PosePoint,
    Range,
    Ranking,
    Relation,
    TextSpan,
    Transcription,
)
from audit.ontology import Job, LabelClass
from audit.sources.labelstudio.reading import LabelStudioReading
from exports.formats.labelstudio.labelstudio import LabelStudioFormat
from tests.exports.formats.labelstudio.loaded import events_of, loaded
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import Project, box, polygon, registered

CLASSES = (LabelClass("CAR", "Car", "#ff0000"), LabelClass("BUS", "Bus"))
JOBS = (
    Job("DRAW", "Draw", "objects", ("rectangle", "polygon"), CLASSES),
    Job("BOXES", "Boxes", "objects", ("rectangle",), CLASSES),
    Job("KIND", "Kind", "classification", ("radio",), CLASSES),
    Job("SIZE", "Size", "classification", ("radio",), (LabelClass("BIG", "Big"),), nested=True),
    Job("NOTE", "Note", "transcription", ("input",)),
    Job("NER", "Words", "entities", ("ner",), CLASSES),
    Job("HEARD", "Heard", "ranges", ("range",), CLASSES),
)
PICTURE = Medium("image", "a.jpg", "https://x.example/a.jpg", 100, 50)
DRAW: dict[str, Any] = {"job": "DRAW", "tool": "t", "classes": ("CAR",)}
DRAWN: list[Annotation] = [
    Box(x=0.1, y=0.2, width=0.3, height=0.4, object="o1", **DRAW),
    Box(x=0.1, y=0.2, width=0.3, height=0.4, angle=30, object="o2", **DRAW),
    Polygon(outline=((0.1, 0.1), (0.9, 0.1), (0.5, 1 / 3)), object="o3", **DRAW),
    Ellipse(center=(0.5, 0.4), radius_x=0.1, radius_y=0.2, angle=15, object="o4", **DRAW),
    Marker(point=(0.25, 0.75), object="o5", **DRAW),
    Polyline(points=((0, 0), (0.5, 0.5), (1, 0)), object="o6", **DRAW),
    Graph(points=((0, 0), (1, 0), (0, 1)), edges=((0, 1), (0, 2)), object="o7", **DRAW),
    Mask(width=4, height=3, counts=(2, 5, 4, 1), object="o8", **DRAW),
]


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    return next(iter(registered(monkeypatch, *JOBS)))


def again(project: Project, tmp_path: Path) -> list[Annotation]:
    """What the only label says after a round trip; nothing may be noted on the way."""
    made = write(LabelStudioFormat(), project.shot())
    assert made.errors == []
    _, tasks = loaded(made.files["tasks.json"], tmp_path)
    ((labelled,),) = [task.said.values() for task in tasks.values()]
    assert labelled.problems == ()
    return list(labelled.annotations)


@pytest.mark.parametrize("drawn", DRAWN, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("job", ["DRAW", "BOXES"])
def test_what_is_drawn_comes_back(project: Project, tmp_path: Path, drawn: Annotation, job: str) -> None:
    drawn = changed(drawn, job=job)
    project.add("a.jpg", [drawn], media=[replace(PICTURE, width=4, height=3) if isinstance(drawn, Mask) else PICTURE])
    (found,) = again(project, tmp_path)
    for name in drawn.__struct_fields__:
        if name not in ("tool", "id"):
            before, after = getattr(drawn, name), getattr(found, name)
            assert flat(after) == (pytest.approx(flat(before)) if name not in ("job", "object") else before), name


def flat(value: Any) -> Any:
    """Points as one list of numbers."""
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return [number for point in value for number in point]
    return value


def test_a_polygon_with_a_hole_comes_back_as_its_pixels(project: Project, tmp_path: Path) -> None:
    hole = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    ring = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
    project.add("a.jpg", [polygon(*ring, holes=(hole,), job="DRAW")], media=[PICTURE])
    (mask,) = again(project, tmp_path)
    assert isinstance(mask, Mask)
    assert sum(mask.counts[1::2]) == 60 * 30 - 20 * 10


def test_a_graph_that_is_no_tree_is_lines_and_points_of_one_object(project: Project, tmp_path: Path) -> None:
    points = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.5))
    graph = Graph(points=points, edges=((0, 1), (1, 2), (2, 0)), object="g", **DRAW)
    project.add("a.jpg", [graph], media=[PICTURE])
    line, point = again(project, tmp_path)
    assert isinstance(line, Polyline)
    assert (line.points, line.object) == ((*points[:3], points[0]), "g")
    assert isinstance(point, Marker)
    assert (point.point, point.linked) == ((0.5, 0.5), "g")


def test_parts_of_one_object_stay_together(project: Project, tmp_path: Path) -> None:
    ring = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8))
    project.add("a.jpg", [polygon(*ring, object="o", job="DRAW"), polygon(*ring, object="o", job="DRAW")])
    first, second = again(project, tmp_path)
    assert (first.object, second.linked) == ("o", "o")
    assert second.object not in (None, "o")


def test_answers_about_an_object_come_back_with_it(project: Project, tmp_path: Path) -> None:
    answers = (
        Answer("KIND", (Choice("CAR", (Answer("SIZE", (Choice("BIG"),)),)),)),
        Answer("NOTE", text="a\nb"),
        Answer("COUNT", number=2.5),
    )
    project.add("a.jpg", [box(0, 0, 1, 1, job="DRAW", answers=answers)])
    (found,) = again(project, tmp_path)
    # Nested answers stand beside the one that they belong to; the configuration says because of which they are asked.
    assert found.answers == (
        Answer("KIND", (Choice("CAR"),)), Answer("SIZE", (Choice("BIG"),)), Answer("NOTE", text="a\nb"),
        Answer("COUNT", number=2.5),
    )  # fmt: skip


def test_answers_about_the_whole_come_back(project: Project, tmp_path: Path) -> None:
    said = [
        Classification(job="KIND", tool="radio", answer=Answer("KIND", (Choice("CAR"), Choice("BUS"))), multiple=True),
        Transcription(job="NOTE", tool="input", text='"quoted" & <tagged>'),
    ]
    project.add("a.jpg", said)
    kind, note = again(project, tmp_path)
    assert isinstance(kind, Classification)
    assert (kind.answer, kind.multiple) == (said[0].answer, True)  # type: ignore[union-attr]
    assert isinstance(note, Transcription)
    assert (note.job, note.text) == ("NOTE", '"quoted" & <tagged>')


def test_classes_within_classes_are_a_taxonomy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tree = (LabelClass("A", "A"), LabelClass("B", "B", parent="A"), LabelClass("C", "C", parent="B"))
    project = next(iter(registered(monkeypatch, Job("TREE", "Tree", "classification", ("t",), tree))))
    project.add("a.jpg", [Classification(job="TREE", tool="t", answer=Answer("TREE", (Choice("C"),)))])
    (found,) = again(project, tmp_path)
    assert isinstance(found, Classification)
    assert found.answer == Answer("TREE", (Choice("A/B/C"),))


def test_spans_of_a_text_come_back(project: Project, tmp_path: Path) -> None:
    text = "The \U0001f9e0 of Vienna."
    span = TextSpan(job="NER", tool="ner", classes=("BUS",), start=9, end=15, quote="Vienna", object="s")
    project.add("a.txt", [span], media=[Medium("text", "text", text=text)])
    (found,) = again(project, tmp_path)
    assert found == changed(span, tool="labels", id="s")


def test_spans_of_pages_and_messages_come_back(project: Project, tmp_path: Path) -> None:
    span = TextSpan(job="NER", tool="ner", classes=("BUS",), start=0, end=3, quote="The", object="s")
    project.add("a.html", [span], media=[Medium("html", "html", text="<p>The</p>")])
    assert again(project, tmp_path) == [changed(span, tool="hypertextlabels", id="s")]
    project.assets.clear()
    said = changed(span, message="2")
    project.add("a", [said], media=[Medium("conversation", "a", "https://x.example/a.json")])
    assert again(project, tmp_path) == [changed(said, tool="paragraphlabels", id="s")]


def test_times_and_frames_come_back(project: Project, tmp_path: Path) -> None:
    heard = Range(job="HEARD", tool="range", classes=("CAR",), start=1.25, end=2.5, object="r")
    project.add("a.mp3", [heard], media=[Medium("audio", "a.mp3", "https://x.example/a.mp3")])
    assert again(project, tmp_path) == [changed(heard, tool="labels", id="r")]
    project.assets.clear()
    seen = changed(heard, start=0, end=9, unit="frames")
    project.add("a.mp4", [seen], media=[Medium("video", "a.mp4", "https://x.example/a.mp4", 100, 50, 20)])
    assert again(project, tmp_path) == [changed(seen, tool="timelinelabels", id="r")]
    project.assets.clear()
    project.add("a.edf", [heard], media=[Medium("other", "a.edf", "https://x.example/a.edf")])
    assert again(project, tmp_path) == [changed(heard, tool="timeserieslabels", id="r")]


def test_boxes_of_a_video_come_back_by_object(project: Project, tmp_path: Path) -> None:
    frames = [box(0.1 * place, 0, 0.1, 0.1, job="BOXES", object="o", frame=place) for place in (0, 3, 4)]
    frames[1] = changed(frames[1], key_frame=False)
    frames[2] = changed(frames[2], ends=True)
    other = box(0, 0, 0.5, 0.5, "BUS", job="BOXES", object="p", frame=2)
    project.add("a.mp4", [frames[0], other, *frames[1:]], media=[Medium("video", "v", "https://x.example/a.mp4")])
    found = again(project, tmp_path)
    first = [one for one in found if one.object == "o"]
    assert [(one.frame, one.key_frame, one.classes, one.job) for one in first] == [
        (0, True, ("CAR",), "BOXES"), (3, False, ("CAR",), "BOXES"), (4, True, ("CAR",), "BOXES"),
    ]  # fmt: skip
    # The platform filled in frames, so where none is told there is nothing.
    assert [one.ends for one in first] == [True, False, True]
    assert [(one.frame, one.classes) for one in found if one.object == "p"] == [(2, ("BUS",))]


def test_poses_become_points_that_belong_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    body = Job("POSE", "Pose", "objects", ("pose",), (LabelClass("BODY", "Body", points=("NOSE", "CHIN", "EAR")),))
    project = next(iter(registered(monkeypatch, body)))
    points = (PosePoint("NOSE", (0.5, 0.5)), PosePoint("CHIN", None), PosePoint("EAR", (0.25, 0.5)))
    project.add("a.jpg", [Pose(job="POSE", tool="pose", classes=("BODY",), points=points, object="b")])
    nose, ear = again(project, tmp_path)
    assert isinstance(nose, Marker)
    assert isinstance(ear, Marker)
    assert (nose.object, nose.point, nose.classes) == ("b", (0.5, 0.5), ("BODY",))
    assert nose.answers[0].choices == (Choice("BODY"), Choice("NOSE"))
    assert (ear.linked, ear.answers[0].choices[1]) == ("b", Choice("EAR"))


def test_relations_and_rankings_come_back(project: Project, tmp_path: Path) -> None:
    said = [
        Relation(job="REL", tool="relation", classes=("NEAR",), sources=("a",), targets=("b",), directed=False),
        box(0, 0, 0.5, 0.5, job="DRAW", object="a"),
        box(0.5, 0.5, 0.5, 0.5, job="DRAW", object="b"),
        Ranking(job="RANK", tool="ranking", order=(("y",), ("x",))),
        Ranking(job="TIES", tool="ranking", order=(("y", "z"), ("x",))),
    ]
    project.add("a.jpg", said)
    made = again(project, tmp_path)
    (relation,) = [one for one in made if isinstance(one, Relation)]
    assert (relation.sources, relation.targets, relation.classes) == (("a",), ("b",), ("NEAR",))
    assert relation.directed is False
    assert [one.order for one in made if isinstance(one, Ranking)] == [(("y",), ("x",)), (("y", "z"), ("x",))]


def test_predictions_drafts_and_annotations_have_lists_of_their_own(project: Project, tmp_path: Path) -> None:
    task = project.add("a.jpg", [box(0, 0, 1, 1, job="DRAW", confidence=0.75)], [], [], [])
    kinds = ("PREDICTION", "REVIEW", "AUTOSAVE", "DEFAULT")
    rows = tuple(replace(row, kind=kind) for row, kind in zip(task.labels, kinds, strict=True))
    project.assets[0] = replace(task, labels=rows)
    made = write(LabelStudioFormat(), project.shot())
    (found,) = json.loads(made.files["tasks.json"])
    assert [len(found[name]) for name in ("annotations", "drafts", "predictions")] == [2, 1, 1]
    (result, *_) = found["predictions"][0]["result"]
    assert result["score"] == 0.75
    _, tasks = loaded(made.files["tasks.json"], tmp_path)
    assert {*tasks["1"].said} == {"2", "4", "prediction/1", "draft/3"}
    assert tasks["1"].said["prediction/1"].annotations[0].confidence == 0.75


def test_tasks_are_called_as_before_when_they_are_loaded(project: Project, tmp_path: Path) -> None:
    project.add("case 7", [box(0, 0, 1, 1, job="DRAW")])
    path = tmp_path / "tasks.json"
    path.write_bytes(write(LabelStudioFormat(), project.shot()).files["tasks.json"])
    _, (history,) = events_of(path)
    (content,) = (event.content for event in history.events if event.type == "task.updated")
    assert LabelStudioReading().task_details(content or b"").name == "case 7"


def test_tasks_keep_their_files_and_people_and_times(project: Project, tmp_path: Path) -> None:
    project.add("a.jpg", [box(0, 0, 1, 1, job="DRAW")])
    shot = project.shot()
    shot.names["author0"] = "amara@example.org"
    (found,) = json.loads(write(LabelStudioFormat(), shot).files["tasks.json"])
    assert found["data"] == {"image": "https://x.example/1.jpg"}
    assert found["meta"] == {"task": "T1", "name": "a.jpg", "stage": "Label"}
    (label,) = found["annotations"]
    assert label["completed_by"] == {"id": 1, "email": "amara@example.org", "first_name": "", "last_name": ""}
    assert (label["created_at"], label["lead_time"]) == ("2026-03-01T08:00:00.000000Z", 1.0)


def test_the_configuration_has_every_tag_that_results_name(project: Project) -> None:
    project.add("a.jpg", [changed(one, job=job) for one in DRAWN for job in ("DRAW", "BOXES")], media=[PICTURE])
    files = write(LabelStudioFormat(), project.shot()).files
    view = ET.fromstring(files["label_config.xml"])
    tags = {tag.get("name"): tag for tag in view}
    results = json.loads(files["tasks.json"])[0]["annotations"][0]["result"]
    for one in results:
        tag = tags[one["from_name"]]
        assert (tag.tag.lower(), tag.get("toName")) == (one["type"], one["to_name"])
        labels = {label.get("alias") or label.get("value") for label in tag}
        assert set(one["value"].get(one["type"], ())) <= labels
    assert tags["image"].get("value") == "$image"
    assert len(tags) == len(view)
    (car,) = [label for label in tags["BOXES"] if label.get("alias") == "CAR"]
    assert (car.get("value"), car.get("background")) == ("Car", "#ff0000")


def test_the_configuration_has_jobs_of_which_nobody_said_anything(project: Project) -> None:
    project.add("a.jpg", [], media=[PICTURE])
    view = ET.fromstring(write(LabelStudioFormat(), project.shot()).files["label_config.xml"])
    assert [(tag.tag, tag.get("name"), len(tag)) for tag in view] == [
        ("Image", "image", 0), ("Labels", "DRAW", 2), ("RectangleLabels", "BOXES", 2), ("Choices", "KIND", 2),
        ("Choices", "SIZE", 1), ("TextArea", "NOTE", 0), ("Labels", "NER", 2), ("Labels", "HEARD", 2),
    ]  # fmt: skip
