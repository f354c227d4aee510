"""A COCO file that we wrote, loaded again, says of each image what was said before: boxes, outlines, masks, poses."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import Annotation, Box, Mask, Medium, Polygon, Pose, PosePoint
from audit.ontology import Job, LabelClass, Ontology
from audit.sources.coco.exported import CocoSource
from audit.sources.coco.neutral import CocoNeutral
from audit.sources.exported.container import Container
from exports.formats.kili.coco import CocoFormat
from tests.exports.formats.snapshots import write
from tests.exports.formats.sources import GOLDEN, shot_of_file
from tests.exports.formats.told import Project, box, job, polygon, registered

NEUTRAL = CocoNeutral()


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    yield from registered(monkeypatch, job(tools=("rectangle", "polygon", "pose")))


@pytest.fixture(params=["merged", "split"])
def layout(request: pytest.FixtureRequest) -> str:
    """One file for all jobs, or one for each."""
    return str(request.param)


def loaded(path: Path) -> tuple[Ontology, dict[str, tuple[Medium, list[Annotation]]]]:
    """The ontology, and by image its medium and what the export says of it."""
    found: dict[str, tuple[Medium, list[Annotation]]] = {}
    with Container(str(path)) as container:
        source = CocoSource(container, "again")
        (settings,) = source.project_events()
        ontology = NEUTRAL.ontology(settings.content or b"")
        for page in source.task_pages():
            for history in page.histories:
                task = history.events[0].content or b""
                (medium,) = NEUTRAL.media(task)
                said: list[Annotation] = []
                for event in history.events[1:]:
                    labelled = NEUTRAL.annotations(event.content or b"", task, ontology)
                    assert labelled.problems == ()
                    said += labelled.annotations
                assert medium.name not in found, "an image is one task"
                found[medium.name] = (medium, said)
        source.close()
    return ontology, found


def again(
    project: Project, tmp_path: Path, layout: str, *, zipped: bool = True
) -> tuple[Ontology, dict[str, tuple[Medium, list[Annotation]]]]:
    """What is said when the whole archive, or the folder that it is unpacked to, is loaded."""
    path = tmp_path / "export"
    made = write(CocoFormat(), project.shot(), layout=layout).files
    if zipped:
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in made.items():
                archive.writestr(name, data)
    else:
        for name, data in made.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
    return loaded(path)


def test_boxes_and_their_classes_come_back(project: Project, tmp_path: Path, layout: str) -> None:
    drawn = [box(0.1, 0.2, 0.3, 0.4), box(0.0, 0.0, 1.0, 1.0, "BUS")]
    project.add("a.jpg", drawn)
    project.add("b.jpg", [box(0.25, 0.5, 0.5, 0.25)])
    _, found = again(project, tmp_path, layout)
    medium, said = found["data/a.jpg"]
    assert (medium.width, medium.height) == (100, 50)
    for before, after in zip(drawn, said, strict=True):
        assert isinstance(after, Box)
        sides = (after.x, after.y, after.width, after.height)
        assert sides == pytest.approx((before.x, before.y, before.width, before.height))
        assert (after.job, after.classes) == (before.job, before.classes)
    assert len(found["data/b.jpg"][1]) == 1


def test_outlines_come_back_and_parts_stay_one_object(project: Project, tmp_path: Path, layout: str) -> None:
    first = polygon((0.1, 0.1), (0.5, 0.1), (0.3, 0.6), object="o")
    second = polygon((0.7, 0.1), (0.9, 0.1), (0.8, 0.6), object="o")
    project.add("a.jpg", [first, second])
    _, said = again(project, tmp_path, layout)[1]["data/a.jpg"]
    assert [type(one) for one in said] == [Polygon, Polygon]
    assert {one.object for one in said} == {"o"}
    for before, after in zip((first, second), said, strict=True):
        assert isinstance(after, Polygon)
        assert [tuple(map(pytest.approx, point)) for point in before.outline] == list(after.outline)


def test_a_hole_comes_back_as_a_mask_with_the_same_pixels(project: Project, tmp_path: Path, layout: str) -> None:
    hole = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    project.add("a.jpg", [polygon((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8), holes=(hole,))])
    _, (mask,) = again(project, tmp_path, layout)[1]["data/a.jpg"]
    assert isinstance(mask, Mask)
    assert (mask.width, mask.height) == (100, 50)
    assert sum(mask.counts[1::2]) == 60 * 30 - 20 * 10


@pytest.mark.parametrize("known", [("NOSE", "CHIN"), ()], ids=["of the class", "of the pose alone"])
def test_poses_come_back_with_their_names(
    known: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, layout: str
) -> None:
    body = Job("POSE", "Pose", "objects", ("pose",), (LabelClass("BODY", "Body", points=known),))
    project = next(iter(registered(monkeypatch, body)))
    points = (PosePoint("NOSE", (0.5, 0.5), visible=True), PosePoint("CHIN", None))
    said: Any = Pose(job="POSE", tool="pose", classes=("BODY",), points=points)
    project.add("a.jpg", [said])
    _, found = again(project, tmp_path, layout)[1]["data/a.jpg"]
    pose = next(one for one in found if isinstance(one, Pose))
    nose, chin = pose.points
    assert (nose.key, nose.point, nose.visible) == ("NOSE", pytest.approx((0.5, 0.5)), True)
    assert (chin.key, chin.point) == ("CHIN", None)


def test_an_image_without_annotations_comes_back(project: Project, tmp_path: Path, layout: str) -> None:
    project.add("empty.jpg", [])
    assert again(project, tmp_path, layout)[1]["data/empty.jpg"][1] == []


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "folder"])
def test_jobs_of_several_files_are_one_project_and_stay_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, layout: str, zipped: bool
) -> None:
    """Two jobs with the same classes, one without a shape in any image, and keys that no folder can have."""
    keys = ("CARS", "cars", "EMPTY", "A/B")
    jobs = [job(key, tools=("rectangle", "polygon")) for key in keys]
    project = next(iter(registered(monkeypatch, *jobs)))
    first = [box(0.1, 0.2, 0.3, 0.4, job="CARS"), box(0.2, 0.2, 0.3, 0.4, "BUS", job="cars")]
    second = [box(0.1, 0.2, 0.3, 0.4, "BUS", job="A/B", object="mine")]
    project.add("a.jpg", first)
    project.add("b.jpg", second)
    project.add("c.jpg", [])
    ontology, found = again(project, tmp_path, layout, zipped=zipped)
    assert sorted((one.key, tuple(known.key for known in one.classes)) for one in ontology.jobs) == sorted(
        (key, ("CAR", "BUS")) for key in keys
    )
    said = {name: [(one.job, one.classes) for one in all_] for name, (_, all_) in found.items()}
    assert said == {
        "data/a.jpg": [("CARS", ("CAR",)), ("cars", ("BUS",))],
        "data/b.jpg": [("A/B", ("BUS",))],
        "data/c.jpg": [],
    }
    _, (one, other) = found["data/a.jpg"]
    assert one.object != other.object, "each file counts from 1, they are two objects all the same"
    assert found["data/b.jpg"][1][0].object == "mine"


def test_what_is_loaded_goes_out_as_the_same_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Exported in `split`, loaded, and exported once more: the same categories, boxes, outlines in the same files."""
    jobs = [job("CARS", tools=("rectangle",)), job("ROADS", ("LANE",), tools=("polygon",))]
    project = next(iter(registered(monkeypatch, *jobs)))
    outline = polygon((0.1, 0.1), (0.5, 0.1), (0.3, 0.6), class_="LANE", job="ROADS", object="o")
    project.add("a.jpg", [box(0.1, 0.2, 0.3, 0.4, job="CARS"), outline])
    project.add("b.jpg", [box(0.5, 0.5, 0.25, 0.25, "BUS", job="CARS")])
    first = write(CocoFormat(), project.shot(), layout="split").files
    for name in ("CARS/labels.json", "ROADS/labels.json"):
        (tmp_path / "out" / name).parent.mkdir(parents=True)
        (tmp_path / "out" / name).write_bytes(first[name])
    second = write(CocoFormat(), shot_of_file("coco", tmp_path / "out"), layout="split").files
    for name in ("CARS/labels.json", "ROADS/labels.json"):
        before, after = json.loads(first[name]), json.loads(second[name])
        assert after["categories"] == before["categories"]
        shapes = [
            [(one["image_id"], one["category_id"], one["bbox"], one["segmentation"]) for one in file["annotations"]]
            for file in (before, after)
        ]
        for one, other in zip(*shapes, strict=True):
            assert other[:2] == one[:2]
            assert other[2] == pytest.approx(one[2])
            assert other[3] == [pytest.approx(ring) for ring in one[3]]


@pytest.mark.parametrize("case", ["01_bbox_single_job", "02_all_image_tools"])
def test_both_layouts_of_kilis_own_files_say_the_same(case: str) -> None:
    """Kili's SDK counts from 0 and sorts the categories of merged files."""
    folder = GOLDEN / "kili" / "exports" / case
    merged, split = (loaded(folder / f"coco_{layout}") for layout in ("merged", "split"))
    named = [
        {(one.key, known.key) for one in ontology.jobs for known in one.classes} for ontology, _ in (merged, split)
    ]
    assert named[0] == named[1]
    assert merged[1].keys() == split[1].keys()
    for name in merged[1]:
        both = [
            sorted((one.job, one.classes, type(one).__name__, repr(getattr(one, "outline", None))) for one in said)
            for said in (merged[1][name][1], split[1][name][1])
        ]
        assert both[0] == both[1]
