"""Lines of a label file are boxes or outlines by how many numbers they have; one that can't be read is a problem."""

from __future__ import annotations

import pytest

from audit.annotations import Box, Polygon
from tests.audit.sources.yolo.conftest import Load


def test_outlines_boxes_and_what_a_model_is_sure_of_are_told_apart(load: Load) -> None:
    lines = (
        "\ufeff0 0.5 0.5 1 1\r\n\r\n0 .1 .1 5e-1 .1 .3 .6\n0 0.5 0.5 1 1 0.25\n0 0 0 1 0 1 1 0 1 0.75\n0.0 2 2 0 1\n"
    )
    found = load({"classes.txt": "cat", "labels/a.txt": lines}).said["a"]
    assert found.problems == ()
    kinds = [(type(one), one.confidence, one.id) for one in found.annotations]
    boxes = [(Box, None, "1"), (Box, 0.25, "4"), (Box, None, "6")]
    assert kinds == [boxes[0], (Polygon, None, "3"), boxes[1], (Polygon, 0.75, "5"), boxes[2]]
    outline = found.annotations[1]
    assert isinstance(outline, Polygon)
    assert outline.outline == ((0.1, 0.1), (0.5, 0.1), (0.3, 0.6))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("7 0.5 0.5 1 1", "unknown_class"),
        ("-1 0.5 0.5 1 1", "unknown_class"),
        ("0.5 0.5 0.5 1 1", "unknown_class"),
        ("cat 0.5 0.5 1 1", "bad_number"),
        ("0 0.5 0.5 nan 1", "bad_number"),
        ("0 0.5 0.5 inf 1", "bad_number"),
        ("0 1e300 0.5 1 1", "bad_number"),
        ("0 0,5 0.5 1 1", "bad_number"),
        ("0 1_0 0.5 1 1", "bad_number"),
        ("0 ٣ 0.5 1 1", "bad_number"),
        ("0 0.5 0.5 -1 1", "bad_geometry"),
        ("0", "no_geometry"),
        ("0 0.5 0.5 1", "no_geometry"),
    ],
)
def test_a_line_that_can_not_be_read_is_a_problem_and_costs_nothing_else(line: str, code: str, load: Load) -> None:
    found = load({"data.yaml": "names: [cat]\n", "labels/a.txt": f"{line}\n0 0.5 0.5 1 1\n"}).said["a"]
    assert [(one.code, one.id) for one in found.problems] == [(code, "1")]
    assert found.problems[0].text.startswith("line 1: ")
    assert [one.id for one in found.annotations] == ["2"]


def test_line_ends_are_those_of_any_system(load: Load) -> None:
    found = load({"classes.txt": "cat\rdog\r", "labels/a.txt": "0 0.5 0.5 1 1\r1 0.5 0.5 1 1\r\n1 0.5 0.5 1 1\n"}).said[
        "a"
    ]
    assert [(one.id, one.classes) for one in found.annotations] == [("1", ("cat",)), ("2", ("dog",)), ("3", ("dog",))]
