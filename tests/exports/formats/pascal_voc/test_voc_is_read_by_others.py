"""Pascal VOC files as labelformat and globox read them."""

from __future__ import annotations

import pytest
from globox import AnnotationSet
from labelformat.formats import PascalVOCObjectDetectionInput
from lxml import etree

from audit.annotations import Mask
from audit.ontology import Ontology
from exports.formats.kili.pascal_voc import PascalVocFormat
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import box, job, polygon


@pytest.fixture
def read(project, tmp_path):
    def made(**asked):
        found = write(PascalVocFormat(), project.shot(), **asked)
        for path, data in found.files.items():
            if path.startswith("labels/"):
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / path).write_bytes(data)
        found.folder = tmp_path / "labels"
        return found

    return made


def _edges(made, path="labels/a.xml") -> list[list[int]]:
    tree = etree.fromstring(made.files[path])
    return [
        [int(one.findtext(f"bndbox/{edge}")) for edge in ("xmin", "ymin", "xmax", "ymax")]
        for one in tree.iter("object")
    ]


def test_others_read_the_same_boxes(project, read) -> None:
    project.add("a.jpg", [box(0.1, 0.2, 0.4, 0.6), box(0, 0, 1, 1, "BUS")])
    project.add("b.jpg", [polygon((0.1, 0.1), (0.5, 0.1), (0.3, 0.8))])
    made = read()
    theirs = PascalVOCObjectDetectionInput(input_folder=made.folder, category_names="CAR,BUS")
    seen = {
        one.image.filename: [(found.category.name, found.box.xmin, found.box.ymin, found.box.xmax, found.box.ymax)
                             for found in one.objects]
        for one in theirs.get_labels()
    }  # fmt: skip
    assert seen == {
        "a.jpg": [("CAR", 10, 10, 50, 40), ("BUS", 0, 0, 100, 50)],
        "b.jpg": [("CAR", 10, 5, 50, 40)],
    }
    both = AnnotationSet.from_pascal_voc(made.folder)
    assert {one.image_id: len(one.boxes) for one in both} == {"a.jpg": 2, "b.jpg": 1}


def test_edges_lie_within_the_picture_and_say_when_they_were_cut(project, read) -> None:
    project.add("a.jpg", [box(-0.1, 0.5, 0.3, 0.9)])
    made = read()
    assert _edges(made) == [[0, 25, 20, 50]]
    assert b"<truncated>1</truncated>" in made.files["labels/a.xml"]
    assert [one["code"] for one in made.errors] == ["cut"]


def test_pixels_count_from_one_where_asked(project, read) -> None:
    project.add("a.jpg", [box(0, 0, 1, 1), box(0.1, 0.2, 0.4, 0.6)])
    assert _edges(read(base="1")) == [[1, 1, 100, 50], [11, 11, 50, 40]]


def test_a_box_thinner_than_a_pixel_is_the_pixel_around_it(project, read) -> None:
    project.add("a.jpg", [box(0.101, 0.2, 0.001, 0.6), box(0.9999, 0.2, 0.0001, 0.6)])
    assert _edges(read()) == [[10, 10, 11, 40], [99, 10, 100, 40]]


def test_a_mask_is_its_bounds(project, read) -> None:
    project.add("a.jpg", [Mask(job="JOB_0", tool="semantic", classes=("CAR",), width=100, height=50,
                               counts=(510, 20, 4470))])  # fmt: skip
    assert _edges(read()) == [[10, 10, 11, 30]]


def test_names_are_escaped_and_what_xml_can_not_hold_is_noted(project, read) -> None:
    project.told.jobs = Ontology((job(classes=('<a href="x">&amp;', "bell\x07")),))
    project.add("a.jpg", [box(0, 0, 1, 1, '<a href="x">&amp;'), box(0, 0, 1, 1, "bell\x07")])
    made = read()
    tree = etree.fromstring(made.files["labels/a.xml"])
    assert [one.text for one in tree.iter("name")] == ['<a href="x">&amp;', "bell\ufffd"]
    assert [one["code"] for one in made.errors] == ["character"]
