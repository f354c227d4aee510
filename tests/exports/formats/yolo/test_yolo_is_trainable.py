"""YOLO data sets by ultralytics' own rules of what a label file may hold, and as globox and labelformat read them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import yaml
from globox import AnnotationSet
from labelformat.formats import YOLOv8ObjectDetectionInput
from PIL import Image

from audit.annotations import Mask, Medium
from audit.ontology import Ontology
from exports.formats import FORMATS
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import box, job, polygon

TRIANGLE = ((0.1, 0.1), (0.5, 0.1), (0.3, 0.8))
VERSIONS = ("yolo_v4", "yolo_v5", "yolo_v7", "yolo_v8")


@pytest.fixture(params=VERSIONS)
def slug(request) -> str:
    return str(request.param)


def _checked(made: Made, classes: int) -> dict[str, list[list[float]]]:
    """The label files, after ultralytics' verify_image_label (8.4, data/utils.py): see reference in docs/formats.md."""
    found = {}
    for path, data in made.files.items():
        if not path.startswith(("labels/", "JOB_0/labels/")):
            continue
        rows = [[float(value) for value in line.split()] for line in data.decode().splitlines()]
        lengths = {len(row) == 5 for row in rows}
        assert len(lengths) < 2, "boxes and outlines in one file: readers take the boxes for corners"
        for row in rows:
            assert row[0] == int(row[0])
            assert 0 <= row[0] < classes
            assert all(0 <= value <= 1 for value in row[1:])
            if len(row) == 5:
                assert min(row[3:]) > 0
            else:
                assert len(row) >= 7
                assert len(row) % 2 == 1
        found[path] = rows
    return found


def test_boxes_are_centre_and_size(project, slug) -> None:
    project.add("a.jpg", [box(0.1, 0.2, 0.4, 0.6, "BUS")], size=(None, None))
    rows = _checked(write(FORMATS[slug], project.shot(), layout="merged"), 2)
    assert rows == {"labels/a.txt": [[1, 0.3, 0.5, 0.4, 0.6]]}


def test_boxes_among_outlines_are_written_as_outlines(project, slug) -> None:
    project.told.jobs = Ontology((job(tools=("rectangle", "polygon")),))
    project.add("a.jpg", [box(0.1, 0.2, 0.4, 0.6), polygon(*TRIANGLE)])
    rows = _checked(write(FORMATS[slug], project.shot(), layout="merged"), 2)["labels/a.txt"]
    assert rows[0] == [0, 0.1, 0.8, 0.1, 0.2, 0.5, 0.2, 0.5, 0.8]
    assert rows[1] == [0, 0.1, 0.1, 0.5, 0.1, 0.3, 0.8]


def test_outlines_can_be_asked_for_as_boxes(project, slug) -> None:
    project.told.jobs = Ontology((job(tools=("rectangle", "polygon")),))
    mask = Mask(job="JOB_0", tool="semantic", classes=("CAR",), width=4, height=2, counts=(2, 4, 2))
    project.add("a.jpg", [box(0.1, 0.2, 0.4, 0.6), polygon(*TRIANGLE), mask], size=(4, 2))
    made = write(FORMATS[slug], project.shot(), layout="merged", shapes="boxes")
    rows = _checked(made, 2)["labels/a.txt"]
    assert rows[1] == pytest.approx([0, 0.3, 0.45, 0.4, 0.7])
    assert rows[2] == [0, 0.5, 0.5, 0.5, 1]
    assert made.errors == []


def test_holes_and_parts_are_joined_to_one_outline_that_covers_what_they_cover(project) -> None:
    project.told.jobs = Ontology((job(tools=("semantic",)),))
    hole = ((0.3, 0.3), (0.3, 0.6), (0.6, 0.6), (0.6, 0.3))
    square = ((0.1, 0.1), (0.7, 0.1), (0.7, 0.7), (0.1, 0.7))
    other = ((0.8, 0.8), (0.9, 0.8), (0.9, 0.9))
    parts = [polygon(*square, holes=(hole,), object="o"), polygon(*other, object="o")]
    project.add("a.jpg", parts)
    (row,) = _checked(write(FORMATS["yolo_v8"], project.shot()), 2)["JOB_0/labels/a.txt"]
    points = list(zip(row[1::2], row[2::2], strict=True))
    area = sum(x * v - u * y for (x, y), (u, v) in zip(points, [*points[1:], points[0]], strict=True)) / 2
    assert abs(area) == pytest.approx(0.36 - 0.09 + 0.005, abs=1e-5)


def test_a_picture_without_labels_has_an_empty_file(project, slug) -> None:
    project.add("a.jpg", [])
    assert _checked(write(FORMATS[slug], project.shot(), layout="merged"), 2) == {"labels/a.txt": []}


def test_names_of_classes_survive_quotes_colons_and_line_ends() -> None:
    names = ["A", "it's", 'say "b"', "c: d", "# e", "f\ng", "no", "1.5", "JOB/KEY", "ü", " g "]
    for slug in VERSIONS[1:]:
        read = yaml.safe_load(FORMATS[slug].class_files(names, [])["data.yaml"])
        found = list(read["names"].values()) if isinstance(read["names"], dict) else read["names"]
        assert found == names
        assert (read["path"], read["train"], read["val"]) == ("", "images", "images")
        assert read.get("nc", len(names)) == len(names)
    files = FORMATS["yolo_v4"].class_files(names, ["train", "val"])
    assert len(files["obj.names"].splitlines()) == len(names)
    assert "valid = val.txt\n" in files["obj.data"]


@pytest.mark.parametrize("slug", VERSIONS[1:])
def test_the_path_is_that_of_data_yaml_wherever_one_starts(slug) -> None:
    """As ultralytics resolves it (8.4, data/utils.py, check_det_dataset): a path that is said counts from there."""
    data = yaml.safe_load(FORMATS[slug].class_files(["A"], [])["data.yaml"])
    assert isinstance(data["path"], str)
    assert Path(data["path"] or Path("/some/where/data.yaml").parent) / data["train"] == Path("/some/where/images")


@pytest.mark.parametrize("name", ["a.jpg", "images/a.jpg", "set/images/images/a.jpg", "myimages/images.jpg"])
def test_readers_find_the_labels_of_every_picture(project, slug, name) -> None:
    project.kept["https://x.example/1.jpg"] = b"picture"
    project.add(name, [box(0.1, 0.2, 0.4, 0.6)])
    made = write(FORMATS[slug], project.shot(), with_assets=True)
    (picture,) = [path for path, data in made.files.items() if data == b"picture"]
    stem = picture.rpartition(".")[0]
    # As ultralytics does, and all that come from YOLO v5: the last folder `images` is `labels`.
    assert made.files["/labels/".join(f"/{stem}".rsplit("/images/", 1))[1:] + ".txt"]
    # Darknet, CVAT and datumaro look beside the picture.
    assert (f"{stem}.txt" in made.files) == (slug == "yolo_v4")
    assert [one["code"] for one in made.errors] == (["renamed"] if "/images/" in f"/{name}" else [])
    if slug == "yolo_v4":
        assert made.files["JOB_0/train.txt"].decode().split() == [picture.removeprefix("JOB_0/")]


@pytest.mark.parametrize("name", ["a.txt", "a.TXT"])
def test_a_picture_that_is_called_as_its_labels_are_does_not_end_the_export(project, slug, name) -> None:
    project.kept["https://x.example/1.jpg"] = b"picture"
    project.add(name, [box(0.1, 0.2, 0.4, 0.6)])
    made = write(FORMATS[slug], project.shot(), with_assets=True)
    assert made.files[f"JOB_0/images/{name}"] == b"picture"
    assert made.files["JOB_0/labels/a.txt"].startswith(b"0 ")


def test_a_split_puts_each_asset_where_it_stays(project, slug) -> None:
    for number in range(200):
        project.add(f"{number}.jpg", [box(0, 0, 1, 1)])
    made = write(FORMATS[slug], project.shot(), layout="merged", split="70/20/10")
    folders = [path.split("/")[1] for path in made.files if path.startswith("labels/")]
    assert len(folders) == 200
    shares = [folders.count(name) for name in ("train", "val", "test")]
    assert shares == pytest.approx([140, 40, 20], abs=20)
    if slug == "yolo_v4":
        lists = {name: made.files[f"{name}.txt"].decode().splitlines() for name in ("train", "val", "test")}
        assert [len(rows) for rows in lists.values()] == shares
        assert all(row.startswith("images/val/") for row in lists["val"])
    else:
        read = yaml.safe_load(made.files["data.yaml"])
        assert [read[name] for name in ("train", "val", "test")] == ["images/train", "images/val", "images/test"]
    first = {path for path in made.files if path.startswith("labels/")}
    project.assets.pop(0)
    again = set(write(FORMATS[slug], project.shot(), layout="merged", split="70/20/10").files)
    assert len(first - again) == 1


@pytest.mark.parametrize("split", ["80", "80/30", "a/b", "50/50/0/0", "100/0", "0/100", "80/0/20"])
def test_a_split_that_does_not_add_up_is_refused(project, split) -> None:
    format_ = FORMATS["yolo_v5"]
    values = {one.name: one.default_for(filtered=False) for one in format_.parameters} | {"split": split}
    (unfit,) = format_.refuses(project.shot().project, values)
    assert unfit.parameter == "split"


def test_a_frame_of_a_video_has_a_file_when_it_has_a_label(project, slug) -> None:
    film = Medium("video", "clip.mp4", "https://x.example/clip.mp4", 64, 36, frames=120)
    project.add("clip.mp4", [box(0, 0, 0.5, 0.5, frame=7), box(0, 0, 0.5, 0.5, "BUS", frame=99)], media=[film])
    made = write(FORMATS[slug], project.shot(), layout="merged")
    assert set(_checked(made, 2)) == {"labels/clip_008.txt", "labels/clip_100.txt"}
    assert json.loads(made.files["video_meta.json"]) == {"clip": ["clip_008", "clip_100"]}


def test_others_read_the_same_boxes(project, tmp_path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (100, 50)).save(picture, "PNG")
    project.kept = {f"https://x.example/{number}.jpg": picture.getvalue() for number in (1, 2)}
    project.add("a.png", [box(0.1, 0.2, 0.4, 0.6), box(0, 0, 1, 1, "BUS")])
    project.add("deep/b.png", [box(0.5, 0.5, 0.5, 0.5)])
    made = write(FORMATS["yolo_v8"], project.shot(), layout="merged", with_assets=True)
    for path, data in made.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    labels = YOLOv8ObjectDetectionInput(input_file=tmp_path / "data.yaml", input_split="train").get_labels()
    seen = {one.image.filename: [(found.category.name, found.box.xmin, found.box.ymax) for found in one.objects]
            for one in labels}  # fmt: skip
    assert seen["a.png"] == [("JOB_0/CAR", pytest.approx(10), pytest.approx(40)), ("JOB_0/BUS", 0, 50)]
    folders = {"folder": tmp_path / "labels", "image_folder": tmp_path / "images"}
    theirs = AnnotationSet.from_yolo_v5(**folders, image_extension=".png")
    assert len(theirs["a.png"].boxes) == 2
    assert made.errors == []
