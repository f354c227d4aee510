"""A COCO file that we wrote, loaded again, says of each image what was said before: boxes, outlines, masks, poses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import Annotation, Box, Job, LabelClass, Mask, Medium, Polygon, Pose, PosePoint
from audit.sources.coco.exported import CocoSource
from audit.sources.coco.neutral import CocoNeutral
from audit.sources.exported.container import Container
from exports.formats.kili.coco import CocoFormat
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import Project, box, job, polygon, registered

NEUTRAL = CocoNeutral()


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    yield from registered(monkeypatch, job(tools=("rectangle", "polygon", "pose")))


def again(project: Project, tmp_path: Path) -> dict[str, tuple[Medium, list[Annotation]]]:
    """By image: its medium, and what the loaded file says of it."""
    path = tmp_path / "labels.json"
    path.write_bytes(write(CocoFormat(), project.shot(), layout="merged").files["labels.json"])
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
                found[medium.name] = (medium, said)
        source.close()
    return found


def test_boxes_and_their_classes_come_back(project: Project, tmp_path: Path) -> None:
    drawn = [box(0.1, 0.2, 0.3, 0.4), box(0.0, 0.0, 1.0, 1.0, "BUS")]
    project.add("a.jpg", drawn)
    project.add("b.jpg", [box(0.25, 0.5, 0.5, 0.25)])
    found = again(project, tmp_path)
    medium, said = found["data/a.jpg"]
    assert (medium.width, medium.height) == (100, 50)
    for before, after in zip(drawn, said, strict=True):
        assert isinstance(after, Box)
        sides = (after.x, after.y, after.width, after.height)
        assert sides == pytest.approx((before.x, before.y, before.width, before.height))
        assert after.classes == (f"JOB_0/{before.classes[0]}",)
    assert len(found["data/b.jpg"][1]) == 1


def test_outlines_come_back_and_parts_stay_one_object(project: Project, tmp_path: Path) -> None:
    first = polygon((0.1, 0.1), (0.5, 0.1), (0.3, 0.6), object="o")
    second = polygon((0.7, 0.1), (0.9, 0.1), (0.8, 0.6), object="o")
    project.add("a.jpg", [first, second])
    _, said = again(project, tmp_path)["data/a.jpg"]
    assert [type(one) for one in said] == [Polygon, Polygon]
    assert len({one.object for one in said}) == 1
    for before, after in zip((first, second), said, strict=True):
        assert isinstance(after, Polygon)
        assert [tuple(map(pytest.approx, point)) for point in before.outline] == list(after.outline)


def test_a_hole_comes_back_as_a_mask_with_the_same_pixels(project: Project, tmp_path: Path) -> None:
    hole = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    project.add("a.jpg", [polygon((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8), holes=(hole,))])
    _, (mask,) = again(project, tmp_path)["data/a.jpg"]
    assert isinstance(mask, Mask)
    assert (mask.width, mask.height) == (100, 50)
    assert sum(mask.counts[1::2]) == 60 * 30 - 20 * 10


@pytest.mark.parametrize("known", [("NOSE", "CHIN"), ()], ids=["of the class", "of the pose alone"])
def test_poses_come_back_with_their_names(
    known: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    body = Job("POSE", "Pose", "objects", ("pose",), (LabelClass("BODY", "Body", points=known),))
    project = next(iter(registered(monkeypatch, body)))
    points = (PosePoint("NOSE", (0.5, 0.5), visible=True), PosePoint("CHIN", None))
    said: Any = Pose(job="POSE", tool="pose", classes=("BODY",), points=points)
    project.add("a.jpg", [said])
    _, found = again(project, tmp_path)["data/a.jpg"]
    pose = next(one for one in found if isinstance(one, Pose))
    nose, chin = pose.points
    assert (nose.key, nose.point, nose.visible) == ("NOSE", pytest.approx((0.5, 0.5)), True)
    assert (chin.key, chin.point) == ("CHIN", None)


def test_an_image_without_annotations_comes_back(project: Project, tmp_path: Path) -> None:
    project.add("empty.jpg", [])
    assert again(project, tmp_path)["data/empty.jpg"][1] == []
