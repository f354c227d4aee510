"""Masks that are pictures of a label's: read, counted, outlined."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from pycocotools import mask

from audit.annotations import Mask
from audit.ontology import Ontology
from exports.formats import FORMATS
from exports.formats.labels.outlines import outlines_of
from exports.formats.labels.runs import spans_of, spans_of_pixels
from exports.formats.labels.shapes import is_simple
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import box, job

PICTURE = np.zeros((50, 100, 3), np.uint8)
PICTURE[10:20, 30:70] = (255, 0, 0)
PICTURE[20:30, 30:70] = (0, 0, 255)
PICTURE[22:24, 40:42] = (0, 0, 0)


def _png(pixels, mode=None) -> bytes:
    out = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(out, "PNG")
    return out.getvalue()


def _mask(class_="CAR", **more) -> Mask:
    return Mask(job="JOB_0", tool="mask", classes=(class_,), id=class_, **{"file": "m.png", **more})


def test_each_colour_of_a_picture_is_a_mask_of_its_own(project) -> None:
    project.kept["m.png"] = _png(PICTURE)
    project.add("a.jpg", [_mask(value=(255, 0, 0)), _mask("BUS", value=(0, 0, 255))])
    made = write(FORMATS["coco"], project.shot())
    found = json.loads(made.files["JOB_0/labels.json"])["annotations"]
    assert [(one["area"], one["bbox"]) for one in found] == [(400, [30, 10, 40, 10]), (396, [30, 20, 40, 10])]
    rle = mask.frPyObjects(found[1]["segmentation"], 50, 100)
    assert (mask.decode(rle) == (PICTURE == (0, 0, 255)).all(axis=2)).all()
    assert made.errors == []


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P"])
def test_pictures_of_any_kind_are_read(project, mode) -> None:
    pixels = np.zeros((50, 100), np.uint8)
    pixels[5:10, 5:15] = 255
    project.kept["m.png"] = _png(pixels, mode)
    project.add("a.jpg", [_mask()])
    (found,) = json.loads(write(FORMATS["coco"], project.shot()).files["JOB_0/labels.json"])["annotations"]
    assert found["area"] == 50


@pytest.mark.parametrize(("data", "code"), [(None, "no_file"), (b"no picture", "unreadable"), (b"", "unreadable")])
@pytest.mark.parametrize("slug", ["coco", "yolo_v8", "pascal_voc"])
def test_a_file_that_can_not_be_read_has_a_line(project, slug, data, code) -> None:
    if data is not None:
        project.kept["m.png"] = data
    project.add("a.jpg", [_mask(), box(0, 0, 1, 1)])
    made = write(FORMATS[slug], project.shot())
    (line,) = made.errors
    assert (line["code"], line["annotation"], line["label"]) == (code, "CAR", "L1.0")


def test_a_mask_of_another_size_than_its_picture_has_a_line(project) -> None:
    project.kept["m.png"] = _png(PICTURE[:10])
    project.add("a.jpg", [_mask()])
    (line,) = write(FORMATS["coco"], project.shot()).errors
    assert line["code"] == "bad_geometry"


def test_yolo_has_the_outline_of_a_mask(project) -> None:
    project.told.jobs = Ontology((job(tools=("mask",)),))
    project.kept["m.png"] = _png(PICTURE)
    project.add("a.jpg", [_mask(value=(255, 0, 0))])
    made = write(FORMATS["yolo_v8"], project.shot())
    values = [float(value) for value in made.files["JOB_0/labels/a.txt"].split()][1:]
    assert sorted(zip(values[::2], values[1::2], strict=True)) == [(0.3, 0.2), (0.3, 0.4), (0.7, 0.2), (0.7, 0.4)]


@settings(max_examples=80, deadline=None)
@given(arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_outlines_cover_the_very_pixels_they_are_of(pixels) -> None:
    height, width = pixels.shape
    spans = spans_of_pixels(pixels)
    parts = outlines_of(spans, height)
    assert (spans_of(parts, width, height) == spans).all()
    for outline, holes in parts:
        assert all(len(set(ring)) >= 4 for ring in (outline, *holes))
        assert is_simple(outline) or len(set(outline)) < len(outline)
