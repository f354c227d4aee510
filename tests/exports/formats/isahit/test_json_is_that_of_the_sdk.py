"""`isahit_kili` and `isahit_lab` beside what isahit lab's SDK made of the same tasks."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from msgspec.structs import replace
from PIL import Image

from exports.archive.build import BadItem
from exports.formats.base import ProjectInfo
from exports.formats.isahit.kili import IsahitKiliFormat
from exports.formats.isahit.lab import IsahitLabFormat
from tests.exports.formats.isahit.conftest import GOLDEN, made_by_the_sdk, shot, shot_of
from tests.exports.formats.snapshots import Made, write

JOB = "OBJECT_DETECTION_JOB"
DRAWN = ("rectangle", "polygon", "rectangle_sequence", "segmentation")


def tasks_of(made: Made) -> Any:
    return json.loads(made.files["tasks.json"])


def kili(case: str, **asked: Any) -> Any:
    return tasks_of(write(IsahitKiliFormat(), shot(case), **asked))


def response(task: Any) -> Any:
    return task["latestLabel"]["jsonResponse"]


def masked(value: Any) -> Any:
    """Without mids, which the SDK draws at random; corners of rectangles in one order, which the SDK leaves mirrored
    where somebody drew from the lower right corner."""
    if isinstance(value, list):
        return [masked(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: masked(inner) for key, inner in value.items() if key != "mid"}
    if value.get("type") == "rectangle":
        for ring in found["boundingPoly"]:
            for corners in ring.values():
                corners.sort(key=lambda corner: (corner["x"], corner["y"]))
    return found


# The SDK drops, without a word, what is drawn where the size is not known, and what has a mask and no outlines.
DIFFERENT = {"no_image_size.jpg", "no_approx.jpg"}


@pytest.mark.parametrize("case", DRAWN)
def test_with_legacy_nesting_assets_are_those_of_the_sdk(case) -> None:
    ours = kili(case, legacy_nesting=True)
    theirs = made_by_the_sdk(case, "kili")["json"]
    assert len(ours) == len(theirs)
    compared = 0
    for our, their in zip(ours, theirs, strict=True):
        if our["externalId"] not in DIFFERENT:
            assert masked(our) == masked(their)
            compared += 1
    assert compared


@pytest.mark.parametrize("case", DRAWN)
def test_without_it_jobs_are_nested_once_and_shapes_have_mids(case) -> None:
    for task in kili(case):
        if task["latestLabel"] is None:
            continue
        said = response(task)
        frames = list(said.values()) if case == "rectangle_sequence" else [said]
        for frame in frames:
            for entry in frame.get(JOB, {"annotations": []})["annotations"]:
                assert len(entry["mid"]) == 15
                assert entry["categories"] or task["externalId"] == "no_labels.jpg"
                assert entry["boundingPoly"]
        assert all(set(frame) <= {JOB} for frame in frames)


def test_mids_are_the_same_in_every_export() -> None:
    assert kili("segmentation") == kili("segmentation")


def test_holes_are_outlines_behind_the_first() -> None:
    (entry, other) = response(kili("segmentation")[0])[JOB]["annotations"]
    assert [len(outline["normalizedVertices"]) for outline in entry["boundingPoly"]] == [3, 3]
    assert len(other["boundingPoly"]) == 1
    assert entry["mid"] == other["mid"]
    assert entry["type"] == "semantic"


def test_polygons_of_one_object_are_entries_of_one_mid() -> None:
    entries = response(kili("polygon")[0])[JOB]["annotations"]
    assert [len(entry["boundingPoly"]) for entry in entries] == [1, 1, 1]
    assert entries[0]["mid"] != entries[1]["mid"] == entries[2]["mid"]


def test_graphs_are_lines_along_their_edges() -> None:
    (entry,) = response(kili("graph")[0])[JOB]["annotations"]
    assert entry["type"] == "polyline"
    assert entry["polyline"] == [{"x": 0.1, "y": 0.1}, {"x": 0.5, "y": 0.1}, {"x": 0.3, "y": 0.4}]


def test_drawings_of_forms_are_there_with_what_was_asked_of_them() -> None:
    first, second = kili("form_one_input")
    (entry,) = response(first)[JOB]["annotations"]
    assert entry["children"] == {"color": {"categories": [{"name": "red"}]}}
    assert (first["content"], first["resolution"]) == ("formimg.jpg", {"width": 1000, "height": 500})
    assert response(second) == {JOB: {"annotations": []}}
    (of_boxes,) = kili("form_two_inputs", input_id="boxes")
    (of_segments,) = kili("form_two_inputs", input_id="segs")
    assert (of_boxes["content"], of_segments["content"]) == ("a.jpg", "b.jpg")
    assert [one["type"] for one in response(of_segments)[JOB]["annotations"]] == ["semantic", "semantic"]


@pytest.mark.parametrize(
    ("case", "input_id", "said"),
    [
        ("form_two_inputs", "", "input_id option is required to select the form input: one of boxes, segs"),
        ("form_two_inputs", "title", "No compatible input found for input_id title"),
        ("form_two_inputs", "unknown", "No compatible input found for input_id unknown"),
        ("form_no_input", "", "No compatible input found"),
    ],
)
def test_forms_without_one_input_to_choose_are_refused(case, input_id, said) -> None:
    (unfit,) = IsahitKiliFormat().refuses(shot(case).project, {"input_id": input_id})
    assert unfit.parameter == "input_id"
    assert unfit.text.startswith(said)


def test_a_class_that_the_project_has_not_is_named() -> None:
    made = write(IsahitKiliFormat(), shot("rectangle_label_not_in_config"))
    assert [error["code"] for error in made.errors] == ["unknown_class"]
    with pytest.raises(BadItem):
        write(IsahitKiliFormat(), shot("rectangle_label_not_in_config"), strict=True)


@pytest.mark.parametrize("case", [*DRAWN, "graph", "form_one_input", "form_two_inputs", "rectangle_data_null"])
def test_lab_tasks_are_those_of_the_sdk(case) -> None:
    made = write(IsahitLabFormat(), shot(case))
    assert tasks_of(made) == made_by_the_sdk(case, "lab")["json"]
    assert made.errors == []


def test_lab_tells_the_newest_status_and_puts_masks_back() -> None:
    picture = io.BytesIO()
    Image.new("RGB", (4, 2), (2, 0, 10)).save(picture, "PNG")
    uri = "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()
    found = json.loads((GOLDEN / "isahit" / "segmentation.json").read_text())
    task = found["tasks"][2]
    task["data"]["body"] |= {"mask": uri, "image": {"width": 4, "height": 2}}
    snapshot = shot_of(found["project_configuration"], [task])
    (asset,) = snapshot.assets
    snapshot.assets = [replace(asset, told=(*asset.told, ("STATUS_to-review", b"")))]
    (row,) = tasks_of(write(IsahitLabFormat(), snapshot))
    assert row["status"] == "to-review"
    assert row["data"]["mask"] == uri
    (entry,) = response(tasks_of(write(IsahitKiliFormat(), snapshot))[0])[JOB]["annotations"]
    corners = {(point["x"], point["y"]) for point in entry["boundingPoly"][0]["normalizedVertices"]}
    assert corners == {(0, 0), (1, 0), (0, 1), (1, 1)}
    snapshot.kept.clear()
    made = write(IsahitLabFormat(), snapshot)
    assert [error["code"] for error in made.errors] == ["no_file"]


def test_lab_refuses_other_platforms() -> None:
    assert "isahit lab" in IsahitLabFormat().refusal(ProjectInfo("kili", "P", "P", "o"))
    assert IsahitLabFormat().refusal(shot("rectangle").project) == ""
