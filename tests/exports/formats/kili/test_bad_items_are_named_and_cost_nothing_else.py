"""What people and platforms get wrong, in every format of Kili's family: a line each, and the rest is written."""

from __future__ import annotations

import copy
import json
import re
import unicodedata

import pytest

from audit.annotations import Medium, Problem
from audit.ontology import Ontology
from exports.archive.build import BadItem
from exports.formats import FORMATS
from exports.formats.base import Format
from exports.formats.kili.pixels import with_pixels
from tests.exports.formats import kili_cases
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import box, job, polygon

PIXELS = ("coco", "yolo_v4", "yolo_v5", "yolo_v7", "yolo_v8", "pascal_voc")
ALL = (*PIXELS, "geojson", "kili", "raw")
NAN = float("nan")

GOOD = box(0.1, 0.2, 0.4, 0.6, id="good")
BAD = {
    "no points": (polygon(id="bad"), "bad_geometry"),
    "two points": (polygon((0.1, 0.1), (0.2, 0.2), id="bad"), "bad_geometry"),
    "a line of points": (polygon((0.1, 0.1), (0.1, 0.2), (0.1, 0.3), id="bad"), "bad_geometry"),
    "no width": (box(0.1, 0.1, 0, 0.5, id="bad"), "bad_geometry"),
    "not a number": (box(0.1, NAN, 0.2, 0.5, id="bad"), "bad_number"),
    "infinite": (polygon((0.1, 0.1), (float("inf"), 0.2), (0.3, 0.3), id="bad"), "bad_number"),
    "outside": (box(1.1, 0.1, 0.2, 0.5, id="bad"), "outside"),
    "outside, an outline": (polygon((2, 2), (3, 2), (3, 3), id="bad"), "outside"),
    "no class": (box(0.1, 0.1, 0.2, 0.5, "", id="bad"), "no_class"),
    "an unknown class": (box(0.1, 0.1, 0.2, 0.5, "ZEBRA", id="bad"), "unknown_class"),
    "an unknown job": (box(0.1, 0.1, 0.2, 0.5, job="NOPE", id="bad"), None),
}


@pytest.fixture(params=PIXELS)
def format_(request) -> Format:
    return FORMATS[request.param]


@pytest.mark.parametrize("what", BAD)
def test_an_annotation_that_can_not_be_said_has_a_line_and_the_next_is_written(project, format_, what) -> None:
    bad, code = BAD[what]
    project.add("a.jpg", [bad, GOOD])
    made = write(format_, project.shot())
    (line,) = made.errors
    assert (line["asset"], line["label"], line["annotation"]) == ("T1", "L1.0", "bad")
    assert line["job"] == bad.job
    assert line["text"]
    assert line["code"] in ((code,) if code else ("not_held", "unknown_class"))
    clean = [path for path in made.files if "label" in path.lower() and not path.endswith("classes.txt")]
    assert clean
    project.assets.clear()
    project.add("a.jpg", [GOOD])
    alone = write(format_, project.shot())
    for path in clean:
        assert made.files[path] == alone.files[path]


@pytest.mark.parametrize("what", BAD)
def test_a_strict_export_fails_on_it_and_names_it(project, format_, what) -> None:
    project.add("a.jpg", [BAD[what][0], GOOD])
    with pytest.raises(BadItem, match=r"task 'T1', label 'L1\.0', job .*, annotation 'bad'"):
        write(format_, project.shot(), strict=True)


@pytest.mark.parametrize("slug", ALL[:-1])
def test_what_its_source_could_not_read_has_a_line(project, slug) -> None:
    problem = Problem("unreadable", "an annotation is null", job="JOB_0", id="m1")
    project.add("a.jpg", [box(0.1, 0.1, 0.2, 0.2)], problems=[problem], media=[_medium(slug)])
    (line,) = write(FORMATS[slug], project.shot()).errors
    assert (line["code"], line["annotation"], line["text"]) == ("unreadable", "m1", "an annotation is null")


def _medium(slug: str) -> Medium:
    url = "https://x.example/1.jpg"
    return Medium("geo" if slug == "geojson" else "image", "a.jpg", url, 100, 50, files=(url,))


@pytest.mark.parametrize("slug", ["coco", "pascal_voc"])
def test_a_picture_without_a_size_is_left_out_by_name(project, slug) -> None:
    project.add("a.jpg", [GOOD], size=(None, None))
    project.add("b.jpg", [GOOD])
    made = write(FORMATS[slug], project.shot())
    assert made.written == {"tasks": 1, "labels": 1}
    assert {(one["asset"], one["code"]) for one in made.errors} == {("T1", "no_size")}


def test_a_text_is_left_out_by_name(project, format_) -> None:
    project.add("a.txt", [], media=[Medium("text", "a.txt", text="words")])
    made = write(format_, project.shot())
    assert made.written == {"tasks": 0, "labels": 0}
    assert {one["code"] for one in made.errors} == {"no_media"}


HOSTILE = [
    "../x", "/etc/passwd", "a/b", "a-b", "A-B", "same", "same.jpg", "same.png", "same", "..", ".", "", "dot.", "C:\\x",
    "a\x00b\nc", "x" * 300, "é.jpg", unicodedata.normalize("NFD", "é.jpg"), "con", "a//b", " ", "back\\slash", "\u202e",
]  # fmt: skip


@pytest.mark.parametrize("slug", ALL)
def test_hostile_and_equal_names_each_have_a_file_of_their_own(project, slug) -> None:
    for name in HOSTILE:
        project.add(name, [box(0.1, 0.1, 0.2, 0.2)], media=[_medium(slug)])
    made = write(FORMATS[slug], project.shot())
    assert made.written == {"tasks": len(HOSTILE), "labels": len(HOSTILE)}
    if slug == "coco":
        found = [one["file_name"] for one in json.loads(made.files["JOB_0/labels.json"])["images"]]
    else:
        found = [path for path in made.files if re.search(r"(^|/)labels/", path)]
    assert len(found) == len(HOSTILE)
    assert len({unicodedata.normalize("NFC", path.casefold()) for path in found}) == len(HOSTILE)
    for path in found:
        parts = path.split("/")
        assert not {"", ".", ".."} & set(parts)
        assert not re.search(r'[\x00-\x1f\\:*?"<>|]', path)
        assert all(len(part.encode()) < 256 for part in parts)
    renamed = [one for one in made.errors if one["code"] == "renamed"]
    assert "T1" in {one["asset"] for one in renamed}
    assert len(renamed) == len(made.errors)


def test_names_of_classes_may_be_anything(project, format_) -> None:
    strange = ('say "a"', "b: c", "d\ne", "f/g", "../h", "<i>")
    project.told.jobs = Ontology((job(classes=strange),))
    project.add("a.jpg", [box(0.1, 0.1, 0.2, 0.2, name) for name in strange])
    made = write(format_, project.shot(), layout="merged")
    assert made.errors == []


@pytest.mark.parametrize("slug", ALL)
def test_media_that_were_not_kept_have_a_line(project, slug) -> None:
    project.add("a.jpg", [box(0.1, 0.1, 0.2, 0.2)], media=[_medium(slug)])
    made = write(FORMATS[slug], project.shot(), with_assets=True)
    assert [one["code"] for one in made.errors] == ["no_file"]


@pytest.mark.parametrize("slug", ALL)
def test_media_that_were_kept_lie_where_the_labels_say(project, slug) -> None:
    project.kept["https://x.example/1.jpg"] = b"picture"
    project.add("dir/img c.jpg", [box(0.1, 0.1, 0.2, 0.2)], media=[_medium(slug)])
    made = write(FORMATS[slug], project.shot(), with_assets=True)
    (path,) = [path for path, data in made.files.items() if data == b"picture"]
    assert path.endswith("dir/img c.jpg")
    if slug == "coco":
        assert json.loads(made.files["JOB_0/labels.json"])["images"][0]["file_name"] == path
    if slug in ("kili", "raw"):
        assert json.loads(made.files["labels/dir/img_c.jpg.json"])["content"] == path
    assert made.errors == []


@pytest.mark.parametrize("slug", ["kili", "raw"])
def test_a_file_that_answers_a_job_is_named_where_media_come_along(slug, monkeypatch) -> None:
    found = copy.deepcopy(kili_cases.case("01_bbox_single_job"))
    found["assets"][0]["labels"][0]["jsonResponse"]["RENDER"] = {"fileId": "f-1", "fileName": "render.glb"}
    monkeypatch.setattr(kili_cases, "case", lambda name: found)
    shot = kili_cases.shot_of("01_bbox_single_job")
    lines = [one for one in write(FORMATS[slug], shot, with_assets=True).errors if one["job"] == "RENDER"]
    assert [(one["asset"], one["label"], one["code"]) for one in lines] == [("asset-0001", "label-0001", "no_file")]
    assert "render.glb" in lines[0]["text"]
    assert write(FORMATS[slug], shot).errors == []


def test_there_are_no_pixels_of_what_lies_beyond_all_pictures() -> None:
    ring = {"normalizedVertices": [{"x": 0.5, "y": 0.5}, {"x": 1e308, "y": 0}]}
    said = {"JOB": {"annotations": [{"boundingPoly": [ring], "point": {"x": 0.5, "y": 10**400}}]}}
    assert with_pixels(said, (100, 50), []) == said
