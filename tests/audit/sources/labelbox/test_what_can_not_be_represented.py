"""What can't be represented is a problem for each item, in words; the rest of the label is still said."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from audit.annotations import Labelled
from tests.audit.sources.labelbox.conftest import ROWS
from tests.fakes.labelbox_story import PROJECT

Say = Callable[..., Labelled]
BOX, POLYGON, LINE, POINT, MASK = range(5)


def with_object(place: int, **changes: Any) -> Any:
    """The golden image whose object at `place` is changed; None takes a field away."""
    row = copy.deepcopy(ROWS["image"])
    drawn = row["projects"][PROJECT]["labels"][0]["annotations"]["objects"][place]
    for name, value in changes.items():
        drawn.pop(name, None) if value is None else drawn.update({name: value})
    return row


ODD: dict[str, tuple[int, dict[str, Any], str]] = {
    "a class that the ontology lost": (BOX, {"feature_schema_id": "gone"}, "unknown_class"),
    "an object without a class": (BOX, {"feature_schema_id": None}, "unknown_class"),
    "a kind that nobody knows": (BOX, {"annotation_kind": "ImageCube"}, "unknown_tool"),
    "a box without a side": (BOX, {"bounding_box": {"top": 1, "left": 2, "height": 3}}, "no_geometry"),
    "a box of a negative width": (
        BOX,
        {"bounding_box": {"top": 1, "left": 2, "height": 3, "width": -4}},
        "bad_geometry",
    ),
    "a polygon of two points": (POLYGON, {"polygon": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}, "bad_geometry"),
    "a polygon that is none": (POLYGON, {"polygon": "here"}, "no_geometry"),
    "a point of words": (POLYGON, {"polygon": [{"x": "1", "y": 2}] * 3}, "bad_geometry"),
    "a line of one point": (LINE, {"line": [{"x": 1, "y": 2}]}, "bad_geometry"),
    "a point that is nowhere": (POINT, {"point": None}, "no_geometry"),
    "a mask without a file": (MASK, {"composite_mask": {"color_rgb": [1, 2, 3]}}, "no_file"),
    "a mask without a color": (MASK, {"composite_mask": {"url": "https://example.com/m"}}, "bad_geometry"),
    "a shape of no earth": (BOX, {"geojson": {"type": "GeometryCollection"}}, "bad_geometry"),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_object_is_a_problem_and_all_others_are_said(say: Say, odd: str) -> None:
    place, changes, code = ODD[odd]
    whole = say(ROWS["image"])
    said = say(with_object(place, **changes))
    (problem,) = said.problems
    assert problem.code == code
    assert problem.id == whole.annotations[place].id
    assert problem.text
    assert said.annotations == tuple(one for one in whole.annotations if one != whole.annotations[place])


def test_a_medium_of_unknown_size_can_not_be_drawn_on(say: Say) -> None:
    row = copy.deepcopy(ROWS["image"])
    row["media_attributes"] = {"asset_type": "image"}
    assert [problem.code for problem in say(row).problems] == ["no_size"] * 4, "a mask has a size of its own"


def test_answers_that_the_ontology_lost_are_problems(say: Say) -> None:
    row = copy.deepcopy(ROWS["image"])
    radio, checklist, written = row["projects"][PROJECT]["labels"][0]["annotations"]["classifications"]
    radio["feature_schema_id"] = "gone"
    checklist["checklist_answers"][0]["feature_schema_id"] = "gone"
    written["text_answer"] = None
    said = say(row)
    assert [problem.code for problem in said.problems] == ["unknown_job", "unknown_class", "no_class"]


def test_a_part_of_a_label_that_nobody_knows_is_named(say: Say) -> None:
    row = copy.deepcopy(ROWS["image"])
    row["projects"][PROJECT]["labels"][0]["annotations"]["holograms"] = [1]
    (problem,) = say(row).problems
    assert (problem.code, "holograms" in problem.text) == ("unreadable", True)


def test_a_relationship_between_nothing_is_a_problem(say: Say) -> None:
    row = copy.deepcopy(ROWS["image"])
    first, second = row["projects"][PROJECT]["labels"][0]["annotations"]["relationships"]
    del first["unidirectional_relationship"]
    second["feature_schema_id"] = "gone"
    assert [problem.code for problem in say(row).problems] == ["no_geometry", "unknown_class"]


def test_frames_that_were_not_exported_are_named(say: Say) -> None:
    row = copy.deepcopy(ROWS["video"])
    said = row["projects"][PROJECT]["labels"][0]["annotations"]
    del said["frames"]["14"]
    said["frames"]["last"] = {}
    codes = {(problem.code, "14" in problem.text) for problem in say(row).problems}
    assert codes == {("unreadable", False), ("no_geometry", True)}


def test_a_stretch_of_sound_without_answer_or_bounds_is_a_problem(say: Say) -> None:
    row = copy.deepcopy(ROWS["audio"])
    segments = row["projects"][PROJECT]["labels"][0]["annotations"]["segments"]
    next(iter(segments.values())).append([9, 1])
    segments["nobody"] = [[1, 2]]
    assert [problem.code for problem in say(row).problems] == ["bad_geometry", "no_class"]


def test_a_label_without_annotations_says_nothing(say: Say) -> None:
    row = copy.deepcopy(ROWS["image"])
    row["projects"][PROJECT]["labels"][0]["annotations"] = {}
    assert say(row) == Labelled(())
