"""What Kili's real SDK wrote, and what we write of the same project; docs/formats.md lists what differs, and why."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from lxml import etree

from exports.formats import FORMATS
from tests.exports.formats.kili_cases import shot_of, vendors
from tests.exports.formats.snapshots import Made, write

OURS = ("errors.ndjson", "files.ndjson", "manifest.json", "manifest.note", "README.txt")


def _write(name: str, slug: str, **asked: Any) -> Made:
    return write(FORMATS[slug], shot_of(name), **asked)


def _own(made: Made) -> dict[str, bytes]:
    return {path: data for path, data in made.files.items() if path not in OURS and not path.startswith("audit/")}


@pytest.mark.parametrize(
    ("name", "slug", "variant"),
    [
        ("01_bbox_single_job", "coco", "coco_split"),
        ("01_bbox_single_job", "coco", "coco_merged"),
        ("02_all_image_tools", "coco", "coco_split"),
        ("03_rotation", "coco", "coco_split"),
        ("06_two_annotators", "coco", "coco_split_latest_from_last_step"),
    ],
)
def test_coco_has_the_vendors_boxes(name, slug, variant) -> None:
    layout, export_type = variant.split("_")[1], variant.partition("latest")[1] + variant.partition("latest")[2]
    made = _write(name, slug, layout=layout, export_type=export_type or "latest")
    theirs = {path: json.loads(data) for path, data in vendors(name, variant).items() if path.endswith(".json")}
    assert theirs
    for path, expected in theirs.items():
        found = json.loads(made.files[path])
        assert [one["name"] for one in found["categories"]] == [one["name"] for one in expected["categories"]]
        assert [one["id"] for one in found["categories"]] == [one["id"] + 1 for one in expected["categories"]]
        keys = ("file_name", "height", "width", "date_captured")
        assert [[one[key] for key in keys] for one in found["images"]] == [
            [one[key] for key in keys] for one in expected["images"]
        ]
        # Theirs leaves out a box of less than half a pixel.
        seen = [one for one in found["annotations"] if isinstance(one["segmentation"], list) and one["area"] > 0.25]
        boxes = [_coco_box(one, found) for one in seen]
        wanted = [_coco_box(one, expected) for one in expected["annotations"]]
        if name == "02_all_image_tools" and path.startswith("JOB_SEG"):
            # Theirs has two objects for the parts of one, and its hole as a part: ours is one object, in run lengths.
            assert [one["area"] for one in found["annotations"]] == [pytest.approx(808704 + 10368, rel=1e-3), 20736]
            wanted, boxes = wanted[2:], boxes[-1:]
        assert len(boxes) == len(wanted)
        for one, other in zip(boxes, wanted, strict=True):
            assert one[:2] == other[:2]
            assert one[2] == pytest.approx(other[2], abs=1)
            assert sorted(one[3]) == pytest.approx(sorted(other[3]), abs=1e-3)
            assert one[4] == pytest.approx(other[4], abs=1)


def _coco_box(one: dict[str, Any], file: dict[str, Any]) -> tuple[str, str, list[float], list[float], float]:
    image = next(image for image in file["images"] if image["id"] == one["image_id"])
    class_ = next(found for found in file["categories"] if found["id"] == one["category_id"])
    flat = [value for ring in one["segmentation"] for value in ring]
    return image["file_name"], class_["name"], one["bbox"], flat, one["area"]


@pytest.mark.parametrize(
    ("name", "variant", "asked"),
    [
        ("01_bbox_single_job", "yolo_v4_split", {}),
        ("01_bbox_single_job", "yolo_v5_split", {}),
        ("01_bbox_single_job", "yolo_v5_merged", {"layout": "merged"}),
        ("01_bbox_single_job", "yolo_v7_merged", {"layout": "merged"}),
        ("01_bbox_single_job", "yolo_v8_split", {}),
        ("03_rotation", "yolo_v5_split", {}),
        ("06_two_annotators", "yolo_v5_split_latest_from_last_step", {"export_type": "latest_from_last_step"}),
        ("08_video_frames", "yolo_v5_split_no_assets", {}),
    ],
)
def test_yolo_has_the_vendors_lines_and_files(name, variant, asked) -> None:
    made = _write(name, variant[:7], **asked)
    theirs = vendors(name, variant)
    own = {path for path in _own(made) if not path.endswith(("obj.names", "obj.data", "train.txt"))}
    own -= {path for path in own if re.search(r"(^|/)images/.*\.txt$", path)}  # v4 has labels beside pictures, too.
    assert own == set(theirs)
    lines = 0
    for path, data in theirs.items():
        if "labels/" in path:
            found, wanted = ([line.split() for line in text.splitlines()] for text in (made.files[path], data))
            if name == "03_rotation":
                # Boxes and outlines stand in one file there: readers take it for outlines, and the box for a corner.
                assert [len(line) for line in found] == [9, 9]
                assert [float(one) for one in found[1]] == pytest.approx([float(one) for one in wanted[1]], abs=1e-6)
                continue
            assert [line[0] for line in found] == [line[0] for line in wanted]
            assert [float(one) for line in found for one in line] == pytest.approx(
                [float(one) for line in wanted for one in line], abs=1e-6
            )
            lines += len(found)
        elif path.endswith((".csv", "video_meta.json")):
            read = json.loads if path.endswith("json") else bytes
            assert read(made.files[path]) == read(data)
        elif path.endswith(".yaml"):
            # Ours says besides where images are.
            own_text = re.sub(r"^(path|train|val): .*\n", "", made.files[path].decode(), flags=re.MULTILINE)
            assert own_text.split() == data.decode().split()
        elif path.endswith("classes.txt"):
            # Theirs has numbers in front, which labelImg and darknet take for a part of the name.
            assert made.files[path].decode().split() == data.decode().split()[1::2]
    assert lines or name == "03_rotation"


@pytest.mark.parametrize(
    ("name", "variant", "asked"),
    [
        ("01_bbox_single_job", "pascal_voc_merged", {}),
        ("02_all_image_tools", "pascal_voc_merged", {}),
        (
            "06_two_annotators",
            "pascal_voc_merged_latest_from_last_step",
            {"export_type": "latest_from_last_step"},
        ),
        ("08_video_frames", "pascal_voc_with_assets", {}),
    ],
)
def test_voc_has_the_vendors_objects(name, variant, asked) -> None:
    made = _write(name, "pascal_voc", **asked)
    compared = 0
    for path, data in vendors(name, variant).items():
        # Theirs keeps a picture's suffix in the name (a.jpg.xml), where readers look for a.xml.
        ours = re.sub(r"\.(jpe?g|png)\.xml$", ".xml", path)
        if not path.endswith(".xml") or ours.startswith("labels/clip_2"):
            continue  # The size of clip_2 is not known without its frames.
        found, wanted = etree.fromstring(made.files[ours]), etree.fromstring(data)
        assert found.findtext("size/width") == wanted.findtext("size/width")
        objects = [_voc_object(one) for one in found.iter("object")]
        theirs = [_voc_object(one) for one in wanted.iter("object")]
        # Theirs leaves out jobs without a rectangle tool; ours has the bounds of their outlines.
        assert [one for one in objects if one[1] in {job for _, job, _ in theirs}] == theirs
        compared += len(theirs)
    assert compared


def _voc_object(one: Any) -> tuple[str, str, list[int]]:
    box = [int(one.findtext(f"bndbox/{edge}")) for edge in ("xmin", "xmax", "ymin", "ymax")]
    # Theirs has boxes without width or height, which readers refuse: ours are one pixel wide and high.
    box[1], box[3] = max(box[1], box[0] + 1), max(box[3], box[2] + 1)
    return one.findtext("name"), one.findtext("job_name"), box


@pytest.mark.parametrize(
    ("name", "variant", "asked"),
    [
        ("01_bbox_single_job", "kili_single_file", {"single_file": True}),
        ("01_bbox_single_job", "kili_per_asset", {}),
        ("02_all_image_tools", "kili_single_file", {"single_file": True}),
        ("03_rotation", "kili_single_file", {"single_file": True}),
        (
            "06_two_annotators",
            "kili_split_latest_from_last_step",
            {"export_type": "latest_from_last_step", "single_file": True},
        ),
        ("06_two_annotators", "kili_split_normal", {"export_type": "normal", "single_file": True}),
        ("08_video_frames", "kili_single_file_no_assets", {"single_file": True}),
        ("09_text_ner_relations", "kili_single_file", {"single_file": True}),
        ("10_pdf", "kili_single_file", {"single_file": True}),
        ("11_geospatial", "kili_single_file", {"single_file": True}),
    ],
)
def test_kili_is_what_the_vendor_wrote(name, variant, asked) -> None:
    made = _write(name, "kili", **asked)
    theirs = vendors(name, variant)
    assert set(_own(made)) == set(theirs)
    for path, data in theirs.items():
        if path.endswith(".json"):
            _same(_ours(json.loads(made.files[path])), _theirs(json.loads(data)), path, turned=name == "03_rotation")
    assert made.errors == []


def _ours(node: Any) -> Any:
    """Without the ids of labels, which theirs lacks."""
    rows = node if isinstance(node, list) else [node]
    for row in rows:
        for label in [row.get("latestLabel"), *row.get("latestLabels", ()), *row.get("labels", ())]:
            if label:
                assert label.pop("id")
    return node


def _theirs(node: Any) -> Any:
    """Without what only the server of the recording sent."""
    if isinstance(node, list):
        return [_theirs(one) for one in node]
    if isinstance(node, dict):
        return {key: _theirs(value) for key, value in node.items() if key not in ("jsonResponseUrl",)}
    return node


def _same(one: Any, other: Any, where: str, *, turned: bool) -> None:
    if isinstance(other, dict):
        assert isinstance(one, dict), where
        assert set(one) == set(other), where
        for key in other:
            if turned and key in ("point", "pointPixels"):
                continue  # Theirs leaves points of turned views turned.
            _same(one[key], other[key], f"{where}/{key}", turned=turned)
    elif isinstance(other, list):
        assert len(one) == len(other), where
        for place, (mine, its) in enumerate(zip(one, other, strict=True)):
            _same(mine, its, f"{where}/{place}", turned=turned)
    elif isinstance(other, float):
        assert one == pytest.approx(other), where
    else:
        assert one == other, where


def test_geojson_has_the_vendors_features() -> None:
    made = _write("11_geospatial", "geojson")
    theirs = vendors("11_geospatial", "geojson_merged")
    assert set(_own(made)) == set(theirs)
    for path, data in theirs.items():
        if not path.endswith(".geojson"):
            continue
        found, wanted = json.loads(made.files[path]), json.loads(data)
        assert [one["properties"] for one in found["features"]] == [one["properties"] for one in wanted["features"]]
        assert [one.get("id") for one in found["features"]] == [one.get("id") for one in wanted["features"]]
        for one, other in zip(found["features"], wanted["features"], strict=True):
            assert _kind(one) == _kind(other)
            assert _places(one["geometry"]) == _places(other["geometry"])
        about = found["properties"]["kili"]
        assert about.pop("labelId")
        assert about | {"exportDate": ""} == wanted["properties"]["kili"] | {"exportDate": ""}
    assert [one["job"] for one in made.errors] == ["LINE_ONLY_POSE"]


def _kind(feature: dict[str, Any]) -> str | None:
    return feature["geometry"] and feature["geometry"]["type"]


def _places(geometry: dict[str, Any] | None) -> set[tuple[float, ...]]:
    found: set[tuple[float, ...]] = set()
    left = [geometry["coordinates"]] if geometry else []
    while left:
        node = left.pop()
        if isinstance(node[0], list):
            left += node
        else:
            found.add(tuple(round(value, 9) for value in node))
    return found


@pytest.mark.parametrize(("slug", "variant"), [("coco", "coco_split"), ("yolo_v8", "yolo_v8_split")])
def test_the_readme_has_the_vendors_lines(slug, variant) -> None:
    made = _write("01_bbox_single_job", slug)
    theirs = vendors("01_bbox_single_job", variant)["README.kili.txt"].decode()
    dated = re.sub(r"\d{8}-\d{6}", "20261121-235403", theirs)
    assert made.files["README.kili.txt"].decode().rstrip("\n") == dated.rstrip("\n")
