"""Any sound project of Kili's: what kili-formats makes of our Kili JSON is what our COCO, YOLO and Pascal VOC say.

Views are turned by right angles, coordinates have every digit that a float has.
"""

from __future__ import annotations

import copy
import json
import math
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kili_formats import (
    convert_from_kili_to_coco_format,
    convert_from_kili_to_voc_format,
    convert_from_kili_to_yolo_format,
)
from kili_formats.types import JobCategory

from exports.formats import FORMATS
from tests.exports.formats import kili_cases
from tests.exports.formats.snapshots import write

JOBS = {"BOXES": "rectangle", "AREAS": "semantic"}
CLASSES = ("A", "B", "C")
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Corner = tuple[float, float]


def interface() -> dict[str, Any]:
    categories = {key: {"name": key.title(), "children": []} for key in CLASSES}
    return {
        key: {"mlTask": "OBJECT_DETECTION", "tools": [tool], "instruction": key, "isChild": False,
              "content": {"categories": categories, "input": "radio"}}
        for key, tool in JOBS.items()
    }  # fmt: skip


def box(x: float, y: float, width: float, height: float) -> list[Corner]:
    left, top = x * (1 - width), y * (1 - height)
    return [(left, top + height), (left, top), (left + width, top), (left + width, top + height)]


def area(x: float, y: float, size: float, corners: int) -> list[Corner]:
    steps = [2 * math.pi * step / corners for step in range(corners)]
    return [(0.5 + (x - 0.5) / 2 + size * math.cos(t), 0.5 + (y - 0.5) / 2 + size * math.sin(t)) for t in steps]


FRACTION = st.floats(0, 1)
SIDE = st.floats(0.1, 0.9)
DRAWN = {
    "BOXES": st.builds(box, FRACTION, FRACTION, SIDE, SIDE),
    "AREAS": st.builds(area, FRACTION, FRACTION, st.floats(0.1, 0.24), st.integers(3, 12)),
}


def said(job: str) -> st.SearchStrategy[dict[str, Any]]:
    one = st.tuples(DRAWN[job], st.sampled_from(CLASSES)).map(
        lambda found: {
            "type": JOBS[job],
            "categories": [{"name": found[1]}],
            "children": {},
            "boundingPoly": [{"normalizedVertices": [{"x": x, "y": y} for x, y in found[0]]}],
        }
    )
    return st.lists(one, max_size=3).map(
        lambda many: {"annotations": [{**one, "mid": f"{job}-{place}"} for place, one in enumerate(many)]}
    )


RESPONSE = st.builds(
    lambda turned, **jobs: {**jobs, "ROTATION_JOB": {"rotation": turned}},
    st.sampled_from([0, 90, 180, 270]),
    **{job: said(job) for job in JOBS},
)
ASSETS = st.lists(st.tuples(RESPONSE, st.sampled_from([(640, 480), (100, 77), (33, 1000)])), min_size=1, max_size=3)


def case(assets: list[tuple[Any, tuple[int, int]]]) -> dict[str, Any]:
    """A project as Kili's server sends it."""
    rows = []
    for place, (response, (width, height)) in enumerate(assets):
        label = {
            "id": f"l{place}", "author": {"id": "u", "email": "e@example.org"}, "createdAt": "2024-01-01T00:00:00.000Z",
            "labelType": "DEFAULT", "jsonResponse": response, "isLastForStep": True, "isLatestLabelForUser": True,
        }  # fmt: skip
        rows.append({
            "id": f"a{place}", "externalId": f"{place}.jpg", "content": f"https://x.example/{place}.jpg",
            "resolution": {"width": width, "height": height}, "labels": [label], "latestLabel": label,
        })  # fmt: skip
    return {"project": {"id": "p", "title": "P", "inputType": "IMAGE", "jsonInterface": {"jobs": interface()}},
            "assets": rows}  # fmt: skip


@FEW
@given(assets=ASSETS)
def test_coco_yolo_and_pascal_voc_say_the_same(assets: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kili_cases, "case", lambda name: case(assets))
        shot = kili_cases.shot_of("any")
    made = {slug: write(FORMATS[slug], shot) for slug in ("coco", "yolo_v5", "pascal_voc")}
    assert all(one.errors == [] for one in made.values())
    rows = json.loads(write(FORMATS["kili"], shot, single_file=True).files["data.json"])
    for job in JOBS:
        coco = json.loads(made["coco"].files[f"{job}/labels.json"])
        theirs = convert_from_kili_to_coco_format(
            {job: interface()[job]}, copy.deepcopy(rows), "P", "IMAGE", None, False
        )
        for ours, other in zip(coco["annotations"], theirs["annotations"], strict=True):
            assert (ours["image_id"], ours["category_id"]) == (other["image_id"] + 1, other["category_id"] + 1)
            assert ours["bbox"] == pytest.approx(other["bbox"], abs=1.01)
            assert ours["area"] == pytest.approx(other["area"], abs=2, rel=0.04)
    for row in rows:
        name, said_, size = (
            row["externalId"].removesuffix(".jpg"),
            row["latestLabel"]["jsonResponse"],
            row["resolution"],
        )
        voc = convert_from_kili_to_voc_format(
            copy.deepcopy(said_), size["width"], size["height"], {"filename": "", "folder": "", "path": ""}, ["BOXES"]
        )
        boxes = [one for one in edges(made["pascal_voc"].files[f"labels/{name}.xml"]) if one[0] == "BOXES"]
        for (_, class_, at), (_, other, its) in zip(boxes, edges(voc), strict=True):
            assert class_ == other
            assert at == pytest.approx(its, abs=1)  # Theirs rounds halves to even numbers.
        for job in JOBS:
            numbers = {f"{job}__{key}": JobCategory(key, place, job) for place, key in enumerate(CLASSES)}
            theirs = convert_from_kili_to_yolo_format(job, {"jsonResponse": copy.deepcopy(said_)}, numbers)
            lines = made["yolo_v5"].files[f"{job}/labels/{name}.txt"].decode().splitlines()
            for line, other in zip(lines, theirs, strict=True):
                assert [float(one) for one in line.split()] == pytest.approx(list(other), abs=1.1e-6)


def edges(xml: bytes | str) -> list[tuple[str | None, str | None, list[int]]]:
    """Job, class and edges of each object."""
    names = ("xmin", "ymin", "xmax", "ymax")
    return [
        (one.findtext("job_name"), one.findtext("name"), [int(one.findtext(f"bndbox/{edge}", "")) for edge in names])
        for one in ET.fromstring(xml).iterfind("object")
    ]


@pytest.mark.parametrize("slug", ["coco", "yolo_v8", "pascal_voc"])
def test_an_object_of_several_classes_is_there_for_each(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = [{"x": x, "y": y} for x, y in box(0.1, 0.1, 0.2, 0.2)]
    one = {"type": "rectangle", "categories": [{"name": "B"}, {"name": "C"}], "mid": "m", "children": {},
           "boundingPoly": [{"normalizedVertices": ring}]}  # fmt: skip
    monkeypatch.setattr(kili_cases, "case", lambda name: case([({"BOXES": {"annotations": [one]}}, (640, 480))]))
    made = write(FORMATS[slug], kili_cases.shot_of("any"))
    assert made.errors == []
    if slug == "coco":
        file = json.loads(made.files["BOXES/labels.json"])
        assert [(found["category_id"], found["object"]) for found in file["annotations"]] == [(2, "m"), (3, "m")]
    elif slug == "yolo_v8":
        assert [line[0] for line in made.files["BOXES/labels/0.txt"].decode().splitlines()] == ["1", "2"]
    else:
        assert [found[1] for found in edges(made.files["labels/0.xml"])] == ["B", "C"]
