"""A picture of unknown size is drawn by that of its file, where that comes along; and called by what it is."""

from __future__ import annotations

import io
import json
import struct

import pytest
from lxml import etree
from PIL import Image

from audit.annotations import Medium
from exports.formats import FORMATS
from exports.formats.labels.picture_size import picture_size
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, box

KINDS = {
    "PNG": {},
    "JPEG": {"progressive": True},
    "GIF": {},
    "BMP": {},
    "WEBP lossy": {"quality": 80},
    "WEBP lossless": {"lossless": True},
    "WEBP with a profile": {"icc_profile": b"x" * 10},
}


def picture(kind: str = "PNG", **more: object) -> bytes:
    """A picture of 40 by 30 pixels."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (1, 2, 3)).save(out, kind.split()[0], **more)
    return out.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_picture_tells_its_size(kind: str) -> None:
    assert picture_size(io.BytesIO(picture(kind, **KINDS[kind]))) == (40, 30)


@pytest.mark.parametrize(
    ("data", "suffix"),
    [(picture(kind, **KINDS[kind]), f".{kind.split()[0].lower().replace('jpeg', 'jpg')}") for kind in KINDS]
    + [(picture("TIFF"), ".tif"), (b"%PDF-1.7", ".pdf"), (b"", ""), (b"<html>", ""), (b"RIFF1234WAVE", "")],
)
@pytest.mark.parametrize("slug", ["coco", "yolo_v8", "pascal_voc", "kili"])
def test_a_file_that_nobody_gave_a_suffix_has_that_of_its_kind(project, slug, data, suffix) -> None:
    address = "https://x.example/files?id=1"
    project.kept[address] = data
    project.add("car_1", [box(0.1, 0.2, 0.5, 0.4)], media=[Medium("image", "car_1", address, 40, 30, files=(address,))])
    made = write(FORMATS[slug], project.shot(), with_assets=True)
    assert [path.rpartition("/")[2] for path, held in made.files.items() if held == data and "/car_1" in path] == [
        f"car_1{suffix}"
    ]
    if slug == "coco":
        (image,) = json.loads(made.files["JOB_0/labels.json"])["images"]
        assert image["file_name"] == f"data/car_1{suffix}"


@pytest.mark.parametrize(("orientation", "size"), [(1, (40, 30)), (3, (40, 30)), (6, (30, 40)), (8, (30, 40))])
def test_a_picture_on_its_side_has_the_size_that_people_see(orientation: int, size: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert picture_size(io.BytesIO(picture("JPEG", exif=exif))) == size


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xe1\x00\x08Exif\0\0\xff\xd9",
        picture("PNG")[:18],
        picture("WEBP")[:20],
        b"BM" + bytes(30),
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 0, 5),
        b"%PDF-1.7",
    ],
)
def test_what_is_no_whole_picture_tells_none(data: bytes) -> None:
    assert picture_size(io.BytesIO(data)) is None


def made(project: Project, slug: str, kept: bytes) -> Made:
    project.kept["https://x.example/1.jpg"] = kept
    project.add("a.png", [box(0.1, 0.2, 0.5, 0.4)], size=(None, None))
    return write(FORMATS[slug], project.shot(), with_assets=True)


def test_coco_counts_in_its_pixels(project: Project) -> None:
    found = made(project, "coco", picture())
    file = json.loads(found.files["JOB_0/labels.json"])
    assert [(one["width"], one["height"]) for one in file["images"]] == [(40, 30)]
    assert file["annotations"][0]["bbox"] == pytest.approx([4, 6, 20, 12])
    assert found.errors == []


def test_pascal_voc_counts_in_its_pixels(project: Project) -> None:
    found = made(project, "pascal_voc", picture("JPEG"))
    tree = etree.fromstring(found.files["labels/a.xml"])
    assert [tree.findtext(f"object/bndbox/{edge}") for edge in ("xmin", "ymin", "xmax", "ymax")] == [
        "4", "6", "24", "18"
    ]  # fmt: skip


def test_one_that_tells_none_is_left_out_by_name(project: Project) -> None:
    found = made(project, "coco", b"no picture")
    assert {one["code"] for one in found.errors} == {"no_size"}
    assert found.written == {"tasks": 0, "labels": 0}
