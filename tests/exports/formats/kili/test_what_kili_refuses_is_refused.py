"""353 calls of Kili's SDK with what came of them: options, kinds of projects, kinds of jobs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exports.formats import FORMATS
from exports.options import resolve_parameters
from exportsite.problems import WrongRequest
from tests.exports.formats.kili_cases import GOLDEN, info_of

CALLS: list[dict[str, Any]] = json.loads((GOLDEN / "compatibility.json").read_text())
COORDINATES = {None: "default", True: "true", False: "false"}


def _project(input_type: str = "IMAGE", tools: tuple[str, ...] = ("rectangle",), task: str = "OBJECT_DETECTION") -> Any:
    category = {"name": "A", "children": []}
    job = {"mlTask": task, "tools": list(tools), "instruction": "", "content": {"categories": {"A": category}}}
    interface = {"jobs": {"JOB_0": job}}
    return info_of({"id": "p", "title": "P", "inputType": input_type, "jsonInterface": interface})


def _refused(slug: str, project: Any, **asked: Any) -> list[str]:
    format_ = FORMATS[slug]
    if reason := format_.refusal(project):
        return [reason]
    values = {parameter.name: parameter.default_for(filtered=False) for parameter in format_.parameters} | asked
    return [unfit.text for unfit in format_.refuses(project, values)]


@pytest.mark.parametrize("call", [call for call in CALLS if call["axis"] == "options"], ids=str)
def test_options_are_refused_in_kilis_words(call) -> None:
    asked = {
        "layout": call["layout"],
        "single_file": call["single_file"],
        "normalized_coordinates": COORDINATES[call["normalized_coordinates"]],
    }
    found = _refused(call["fmt"], _project(call["input_type"]), **asked)
    if call["outcome"] == "archive" and not (call["fmt"] == "raw" and call["normalized_coordinates"] is False):
        assert found == []
    elif call["outcome"] == "error":
        assert call["error_message"] in found
    else:
        # Theirs puts pixels into raw as well; ours is what was sent.
        assert "choose the format kili" in found[0]


@pytest.mark.parametrize("call", [call for call in CALLS if call["axis"] == "input_type"], ids=str)
def test_kinds_of_projects_are_refused_in_kilis_words(call) -> None:
    found = _refused(call["fmt"], _project(call["input_type"]))
    assert found == ([call["error_message"]] if call["outcome"] == "error" else [])


WIDER = {
    # What theirs refuses or writes nothing of, and ours holds.
    "coco": {"polygon", "pose"},
    "pascal_voc": {"polygon", "semantic"},
    "yolo_v4": {"rectangle", "polygon", "semantic"},
    "yolo_v5": {"rectangle", "polygon", "semantic"},
    "yolo_v7": {"rectangle", "polygon", "semantic"},
    "yolo_v8": {"rectangle", "polygon", "semantic"},
}


@pytest.mark.parametrize("call", [call for call in CALLS if call["axis"] == "job"], ids=str)
def test_jobs_that_can_not_be_said_are_refused(call) -> None:
    found = _refused(call["fmt"], _project(call["input_type"], tuple(call["tools"] or ()), call["ml_task"]))
    held = call["ml_task"] in ("OBJECT_DETECTION", "POSE_ESTIMATION") and WIDER.get(call["fmt"], set()) & set(
        call["tools"] or ()
    )
    assert (found == []) == (call["outcome"] == "archive" or bool(held)), call


def test_media_of_projects_with_data_connections_are_refused() -> None:
    found = _refused("coco", info_of(_with_connections()), with_assets=True)
    assert "data connections" in found[0]
    assert _refused("coco", info_of(_with_connections())) == []


def _with_connections() -> dict[str, Any]:
    job = {"mlTask": "OBJECT_DETECTION", "tools": ["rectangle"], "content": {"categories": {"A": {"name": "A"}}}}
    return {
        "id": "p",
        "title": "P",
        "inputType": "IMAGE",
        "dataConnections": [{"id": "d"}],
        "jsonInterface": {"jobs": {"J": job}},
    }


def test_maps_in_pixels_are_no_geojson() -> None:
    project = info_of(
        _with_connections() | {"inputType": "GEOSPATIAL", "geospatialSettings": {"labelingCRSCode": "PIXEL"}}
    )
    assert "PIXEL" in _refused("geojson", project)[0]


@pytest.mark.parametrize("asked", [None, "None", "default"])
def test_coordinates_may_be_none_as_kilis_words_say(asked) -> None:
    values = resolve_parameters(FORMATS["geojson"], {"normalized_coordinates": asked}, filtered=False)
    assert values["normalized_coordinates"] == "default"
    with pytest.raises(WrongRequest):
        resolve_parameters(FORMATS["geojson"], {"layout": asked}, filtered=False)
