"""COCO's annotations as neutral ones: fractions of the image, objects by id, and what can't be said, by name."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools.mask import encode as mask_of

from audit.annotations import Box, Labelled, Mask, Polygon, Pose
from audit.sources.coco.neutral import CocoNeutral
from audit.sources.coco.rle import BadCounts, runs, unpacked

NEUTRAL = CocoNeutral()
PROJECT = {
    "name": "P",
    "categories": [
        {"id": 1, "name": "person", "supercategory": "living", "keypoints": ["nose", "chin"]},
        {"id": 2, "name": "car"},
        {"id": 3, "name": "car"},
    ],
}
IMAGE = {"id": 9, "file_name": "a.jpg", "width": 200, "height": 100}


def said(annotation: Any, image: dict[str, Any] = IMAGE) -> Labelled:
    label = {"image_id": "9", "annotations": [annotation]}
    ontology = NEUTRAL.ontology(json.dumps(PROJECT).encode())
    return NEUTRAL.annotations(json.dumps(label).encode(), json.dumps(image).encode(), ontology)


def test_categories_are_classes_in_the_files_order_and_told_apart() -> None:
    (job,) = NEUTRAL.ontology(json.dumps(PROJECT).encode()).jobs
    assert [(one.key, one.id, one.parent) for one in job.classes] == [
        ("person", "1", "living"),
        ("car 2", "2", None),
        ("car 3", "3", None),
    ]
    assert job.classes[0].points == ("nose", "chin")


def test_a_box_is_in_fractions_of_the_image() -> None:
    (box,) = said({"id": 5, "category_id": 2, "bbox": [20, 10, 100, 50]}).annotations
    assert isinstance(box, Box)
    assert (box.x, box.y, box.width, box.height) == (0.1, 0.1, 0.5, 0.5)
    assert (box.classes, box.object) == (("car 2",), "5")


def test_an_outline_that_repeats_the_box_is_a_box() -> None:
    ring = [20, 60, 20, 10, 120, 10, 120, 60]
    (box,) = said({"id": 5, "category_id": 2, "bbox": [20, 10, 100, 50], "segmentation": [ring]}).annotations
    assert isinstance(box, Box)


def test_outlines_of_one_annotation_are_parts_of_one_object() -> None:
    rings = [[0, 0, 20, 0, 20, 10], [100, 50, 120, 50, 120, 60]]
    found = said({"id": 5, "category_id": 1, "segmentation": rings, "bbox": [0, 0, 120, 60]}).annotations
    assert [type(one) for one in found] == [Polygon, Polygon]
    assert {one.object for one in found} == {"5"}
    assert isinstance(found[0], Polygon)
    assert found[0].outline == ((0.0, 0.0), (0.1, 0.0), (0.1, 0.1))


def test_keypoints_are_named_and_those_not_set_have_no_place() -> None:
    (pose,) = said({"id": 5, "category_id": 1, "keypoints": [20, 10, 2, 0, 0, 0]}).annotations
    assert isinstance(pose, Pose)
    nose, chin = pose.points
    assert (nose.key, nose.point, nose.visible) == ("nose", (0.1, 0.1), True)
    assert (chin.key, chin.point, chin.visible) == ("chin", None, None)


def test_run_lengths_are_a_mask() -> None:
    (mask,) = said({"category_id": 1, "segmentation": {"size": [2, 3], "counts": [1, 2, 3]}}).annotations
    assert isinstance(mask, Mask)
    assert (mask.height, mask.width, mask.counts) == (2, 3, (1, 2, 3))


@pytest.mark.parametrize(
    ("annotation", "code"),
    [
        ("nothing", "unreadable"),
        ({"bbox": [0, 0, 1, 1]}, "no_class"),
        ({"category_id": 7, "bbox": [0, 0, 1, 1]}, "unknown_class"),
        ({"category_id": 1}, "no_geometry"),
        ({"category_id": 1, "bbox": [0, 0, 1]}, "bad_geometry"),
        ({"category_id": 1, "bbox": [0, 0, -1, 1]}, "bad_geometry"),
        ({"category_id": 1, "bbox": [0, 0, "1", 1]}, "bad_number"),
        ({"category_id": 1, "bbox": None, "segmentation": [[1, 2, 3, 4]]}, "bad_geometry"),
        ({"category_id": 1, "segmentation": {"size": [2, 2], "counts": [1]}}, "bad_geometry"),
        ({"category_id": 1, "segmentation": 5}, "unreadable"),
        ({"category_id": 1, "keypoints": [1, 2]}, "bad_geometry"),
    ],
)
def test_what_cannot_be_represented_is_named(annotation: Any, code: str) -> None:
    found = said(annotation)
    assert [problem.code for problem in found.problems] == [code]
    assert found.annotations == ()


def test_an_image_without_a_size_gives_no_fractions() -> None:
    found = said({"category_id": 1, "bbox": [0, 0, 1, 1]}, {"id": 9, "file_name": "a.jpg"})
    assert [problem.code for problem in found.problems] == ["no_size"]


@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=st.integers(0, 1)))
def test_packed_run_lengths_are_those_of_pycocotools(pixels: Any) -> None:
    packed = mask_of(np.asfortranarray(pixels))
    height, width, counts = runs({"size": [*map(int, packed["size"])], "counts": packed["counts"].decode()})
    values = np.repeat(np.arange(len(counts)) % 2, counts)
    assert (values.reshape((height, width), order="F") == pixels).all()


@pytest.mark.parametrize("text", ["\x20", "o", "6~"])
def test_packed_run_lengths_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadCounts):
        unpacked(text)
