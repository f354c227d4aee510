"""labels.json as pycocotools, labelformat and globox read it."""

from __future__ import annotations

import json

import pytest
from pycocotools import mask
from pycocotools.coco import COCO

from audit.annotations import Ellipse, Mask, Medium, Pose, PosePoint
from audit.ontology import LabelClass
from exports.formats.kili.coco import CocoFormat
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import box, job, polygon

SQUARE = ((0.1, 0.2), (0.5, 0.2), (0.5, 0.8), (0.1, 0.8))
HOLE = ((0.2, 0.4), (0.3, 0.4), (0.3, 0.6), (0.2, 0.6))


@pytest.fixture
def read(project, tmp_path):
    def made(**asked):
        found = write(CocoFormat(), project.shot(), **({"layout": "merged"} | asked))
        for name, data in found.files.items():
            if name.endswith("labels.json"):
                (tmp_path / name).parent.mkdir(exist_ok=True)
                (tmp_path / name).write_bytes(data)
        found.folder = tmp_path
        return found

    return made


def _load(made, name="labels.json") -> COCO:
    return COCO(str(made.folder / name))


def test_a_box_has_its_edges_and_area(project, read) -> None:
    project.add("a.jpg", [box(0.1, 0.2, 0.4, 0.6)])
    made = read()
    coco = _load(made)
    (found,) = coco.loadAnns(coco.getAnnIds())
    assert (found["id"], found["image_id"], found["category_id"], found["iscrowd"]) == (1, 1, 1, 0)
    assert found["bbox"] == pytest.approx([10, 10, 40, 30])
    assert found["area"] == pytest.approx(1200)
    assert coco.annToMask(found).sum() == pytest.approx(1200, rel=0.05)
    assert coco.loadImgs(1)[0]["file_name"] == "data/a.jpg"
    assert made.written == {"tasks": 1, "labels": 1}
    assert made.errors == []


def test_an_outline_with_a_hole_is_run_lengths_of_what_is_left(project, read) -> None:
    project.add("a.jpg", [polygon(*SQUARE, holes=(HOLE,))])
    coco = _load(read())
    (found,) = coco.loadAnns(coco.getAnnIds())
    assert found["area"] == 40 * 30 - 10 * 10
    assert coco.annToMask(found).sum() == found["area"]
    assert found["bbox"] == [10, 10, 40, 30]


def test_parts_of_one_object_are_one_annotation(project, read) -> None:
    parts = [polygon((0, 0), (0.1, 0), (0.1, 0.2), object="o"), polygon((0.5, 0), (0.6, 0), (0.6, 0.2), object="o")]
    project.add("a.jpg", [*parts, polygon(*SQUARE, object="other")])
    coco = _load(read())
    found = coco.loadAnns(coco.getAnnIds())
    assert [len(one["segmentation"]) for one in found] == [2, 1]
    assert found[0]["area"] == pytest.approx(2 * 10 * 10 / 2)
    assert found[0]["bbox"] == pytest.approx([0, 0, 60, 10])


def test_an_outline_that_crosses_itself_has_the_area_that_readers_fill(project, read) -> None:
    project.add("a.jpg", [polygon((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9))])
    coco = _load(read())
    (found,) = coco.loadAnns(coco.getAnnIds())
    assert found["area"] == pytest.approx(80 * 40 / 2, rel=0.05)
    assert coco.annToMask(found).sum() == pytest.approx(found["area"], rel=0.1)


def test_a_mask_keeps_its_pixels(project, read) -> None:
    project.add("a.jpg", [Mask(job="JOB_0", tool="semantic", classes=("BUS",), width=100, height=50,
                               counts=(75, 10, 40, 10, 4865))])  # fmt: skip
    coco = _load(read())
    (found,) = coco.loadAnns(coco.getAnnIds())
    assert found["segmentation"] == {"size": [50, 100], "counts": [75, 10, 40, 10, 4865]}
    assert (found["area"], found["bbox"], found["category_id"]) == (20, [1, 25, 2, 10], 2)
    assert mask.area(coco.annToRLE(found)) == 20


def test_a_turned_box_keeps_its_corners_and_area(project, read) -> None:
    project.add("a.jpg", [box(0.4, 0.4, 0.2, 0.2, angle=90)])
    coco = _load(read())
    (found,) = coco.loadAnns(coco.getAnnIds())
    assert found["bbox"] == pytest.approx([45, 15, 10, 20])
    assert found["area"] == pytest.approx(200)


def test_an_ellipse_is_a_polygon_of_nearly_its_area(project, read) -> None:
    project.add("a.jpg", [Ellipse(job="JOB_0", tool="ellipse", classes=("CAR",), center=(0.5, 0.5),
                                  radius_x=0.2, radius_y=0.2)])  # fmt: skip
    coco = _load(read())
    (found,) = coco.loadAnns(coco.getAnnIds())
    assert found["area"] == pytest.approx(3.14159 * 20 * 10, rel=0.01)


def test_poses_are_keypoints_in_the_order_of_the_class(project, read) -> None:
    pose = job("POSE", tools=("pose",))
    classes = (LabelClass("FACE", "Face", points=("LEFT", "RIGHT", "NOSE")),)
    project.told.jobs = type(project.told.jobs)((type(pose)("POSE", "Pose", "objects", ("pose",), classes),))
    points = (PosePoint("NOSE", (0.5, 0.5), False), PosePoint("LEFT", (0.4, 0.4)), PosePoint("RIGHT", None))
    project.add("a.jpg", [Pose(job="POSE", tool="pose", classes=("FACE",), points=points)])
    coco = _load(read())
    assert coco.loadCats(1)[0]["keypoints"] == ["LEFT", "RIGHT", "NOSE"]
    (found,) = coco.loadAnns(coco.getAnnIds())
    assert found["keypoints"] == [40, 20, 2, 0, 0, 0, 50, 25, 1]
    assert found["num_keypoints"] == 2


def posed(*points: tuple[float, float]) -> Pose:
    named = tuple(PosePoint(f"P{place}", point) for place, point in enumerate(points))
    return Pose(job="JOB_0", tool="pose", classes=("CAR",), points=named)


@pytest.mark.parametrize(
    ("points", "bbox"),
    [
        ([(0.5, 0.5)], [49.5, 24.5, 1, 1]),
        ([(0.4, 0.5), (0.6, 0.5)], [40, 24.5, 20, 1]),
        ([(1, 1)], [99, 49, 1, 1]),
        ([(0, 0), (0, 0.02)], [0, 0, 1, 1]),
    ],
)
def test_a_pose_without_area_has_a_pixel_that_readers_do_not_leave_out(project, read, points, bbox) -> None:
    project.add("a.jpg", [posed(*points)])
    coco = _load(read())
    (found,) = coco.loadAnns(coco.getAnnIds())
    assert found["bbox"] == pytest.approx(bbox)
    assert found["area"] == pytest.approx(bbox[2] * bbox[3])
    assert found["num_keypoints"] == len(points)


def test_points_outside_of_the_picture_are_not_set(project, read) -> None:
    project.add("a.jpg", [posed((0.4, 0.4), (1.5, 0.5)), posed((-1, 0.5), (0.5, 7))])
    made = read()
    coco = _load(made)
    (found,) = coco.loadAnns(coco.getAnnIds())
    assert found["keypoints"] == [40, 20, 2, 0, 0, 0]
    assert [one["code"] for one in made.errors] == ["cut", "outside"]


def test_points_that_the_class_does_not_name_are_named_by_the_annotation(project, read) -> None:
    points = (PosePoint("NOSE", (0.5, 0.5)), PosePoint("CHIN", (0.4, 0.4)))
    pose = Pose(job="JOB_0", tool="pose", classes=("CAR",), points=points)
    project.add("a.jpg", [pose, Pose(job="JOB_0", tool="pose", classes=("CAR",), points=(*points, points[0]))])
    made = read()
    coco = _load(made)
    assert "keypoints" not in coco.loadCats(1)[0]
    (found,) = coco.loadAnns(coco.getAnnIds())
    assert found["keypoint_names"] == ["NOSE", "CHIN"]
    assert [(one["code"], one["text"]) for one in made.errors] == [
        ("bad_geometry", "two of its points have the same name")
    ]


def test_an_outline_that_crosses_itself_between_pixels_has_a_line(project, read) -> None:
    project.add("a.jpg", [polygon((0.001, 0.001), (0.004, 0.009), (0.004, 0.001), (0.001, 0.009))])
    made = read()
    assert json.loads(made.files["labels.json"])["annotations"] == []
    assert [one["code"] for one in made.errors] == ["bad_geometry"]


def test_frames_of_all_videos_have_images_of_their_own(project, read) -> None:
    for name in ("one.mp4", "two.mp4"):
        film = Medium("video", name, None, 64, 36, frames=12)
        project.add(name, [box(0, 0, 0.5, 0.5, frame=2), box(0, 0, 0.5, 0.5, frame=5)], media=[film])
    for layout, path in (("merged", "labels.json"), ("split", "JOB_0/labels.json")):
        coco = _load(read(layout=layout), path)
        assert coco.getImgIds() == list(range(1, 25))
        assert [one["image_id"] for one in coco.loadAnns(coco.getAnnIds())] == [3, 6, 15, 18]
        assert coco.loadImgs(3)[0]["file_name"] == "data/one_03.jpg"


def test_numbers_of_classes_follow_the_ontology_in_one_folder(project, read) -> None:
    project.told.jobs = type(project.told.jobs)((job("B", ("Z", "A")), job("A", ("Y",))))
    project.add("a.jpg", [box(0, 0, 1, 1, "A", job="B"), box(0, 0, 1, 1, "Y", job="A")])
    made = read()
    names = [
        (one["id"], one["name"], one["supercategory"]) for one in json.loads(made.files["labels.json"])["categories"]
    ]
    assert names == [(1, "B/Z", "B"), (2, "B/A", "B"), (3, "A/Y", "A")]
    coco = _load(made)
    assert [one["category_id"] for one in coco.loadAnns(coco.getAnnIds())] == [2, 3]


def test_labelformat_and_globox_see_the_same_boxes(project, read) -> None:
    from globox import AnnotationSet
    from labelformat.formats import COCOObjectDetectionInput

    project.add("a.jpg", [box(0.1, 0.2, 0.4, 0.6), box(0, 0, 1, 1, "BUS")])
    project.add("b.jpg", [polygon(*SQUARE)], [])
    made = read()
    theirs = COCOObjectDetectionInput(input_file=made.folder / "labels.json")
    seen = [(one.image.filename, found.category.name, found.box.to_format) for one in theirs.get_labels()
            for found in one.objects]  # fmt: skip
    assert [(name, class_) for name, class_, _ in seen] == [
        ("data/a.jpg", "JOB_0/CAR"), ("data/a.jpg", "JOB_0/BUS"), ("data/b_label1.jpg", "JOB_0/CAR")
    ]  # fmt: skip
    both = AnnotationSet.from_coco(made.folder / "labels.json")
    assert {one.image_id: len(one.boxes) for one in both} == {
        "data/a.jpg": 2, "data/b_label1.jpg": 1, "data/b_label2.jpg": 0
    }  # fmt: skip
