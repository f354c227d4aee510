"""What can't be represented is a problem that names it; everything beside it stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.audit.sources.kili.conftest import Said
from tests.audit.sources.kili.test_kili_shapes import JOB, drawn

SQUARE = [(0.0, 1.0), (0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]


@pytest.mark.parametrize(
    ("case", "asset", "codes", "left"),
    [
        ("04_degenerate_geometry", "two_points", ["bad_geometry"], 1),
        ("04_degenerate_geometry", "zero_box", ["bad_geometry", "bad_geometry"], 0),
        ("04_degenerate_geometry", "out_of_range", [], 1),
        ("04_degenerate_geometry", "unordered_corners", [], 1),
        ("05a_unknown_category", "bad", ["unknown_class"], 1),
        ("05b_no_categories", "bad", ["no_class"], 1),
        ("05e_null_annotation", "bad", ["unreadable"], 1),
        ("11_geospatial", "tile_empty", [], 0),
    ],
)
def test_one_bad_annotation_is_left_out_alone(said: Said, case: str, asset: str, codes: list[str], left: int) -> None:
    found = said(case, asset)
    assert ([problem.code for problem in found.problems], len(found.annotations)) == (codes, left)


@pytest.mark.parametrize(
    ("response", "code"),
    [
        ({"OTHER": {"annotations": []}}, "unknown_job"),
        ({"BOX": []}, "unreadable"),
        ({"BOX": {"annotations": {"mid": "m"}}}, "unreadable"),
        ([], "unreadable"),
        ("no JSON", "unreadable"),
        ({"BOX": {"fileId": "f", "fileName": "a.txt"}}, "no_file"),
        ({"BOX": {"choice": {"code": "A_1"}}}, "unknown_tool"),
        (drawn(SQUARE, type="range"), "unknown_tool"),
        (drawn(SQUARE, boundingPoly=[]), "no_geometry"),
        (drawn(SQUARE, boundingPoly=None), "no_geometry"),
        (drawn(SQUARE[:3]), "bad_geometry"),
        (drawn(SQUARE, boundingPoly=[{"normalizedVertices": [{"x": "1", "y": 0}] * 4}]), "bad_geometry"),
        (drawn(SQUARE, children={"NONE": {"text": "x"}}), "unknown_job"),
        (drawn(SQUARE) | {"ROTATION_JOB": {"rotation": 45}}, "bad_geometry"),
    ],
)
def test_each_trouble_has_a_code_and_a_text(says: Said, response: Any, code: str) -> None:
    found = says(JOB, response)
    assert [problem.code for problem in found.problems] == [code]
    assert found.problems[0].text


def test_a_problem_names_the_object_and_its_job(said: Said) -> None:
    (problem,) = said("05a_unknown_category", "bad").problems
    assert (problem.job, problem.id) == ("BOX", "20240101000000046-10046")
    assert "ZZZ" in problem.text


def test_a_child_that_is_not_asked_leaves_its_object(says: Said) -> None:
    found = says(JOB, drawn(SQUARE, children={"NONE": {"text": "x"}}))
    assert len(found.annotations) == 1


def test_an_empty_label_says_nothing_and_has_no_problem(says: Said) -> None:
    for response in ({}, None, {"BOX": {}}, {"BOX": None}, {"BOX": {"annotations": []}}):
        assert says(JOB, response).annotations == says(JOB, response).problems == ()
