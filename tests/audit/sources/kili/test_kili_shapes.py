"""What people draw in Kili becomes neutral shapes, kind by kind."""

from __future__ import annotations

import math
from typing import Any

import pytest

from audit.annotations import Box, Marker, Polygon, Polyline, Pose, Relation
from tests.audit.sources.kili.conftest import Said

JOB: dict[str, Any] = {
    "BOX": {
        "mlTask": "OBJECT_DETECTION",
        "tools": ["rectangle"],
        "content": {"categories": {"A": {"name": "A"}, "B": {"name": "B"}}, "input": "radio"},
    }
}


def drawn(corners: list[tuple[float, float]], **more: Any) -> dict[str, Any]:
    vertices = [{"x": x, "y": y} for x, y in corners]
    one = {
        "categories": [{"name": "A"}],
        "mid": "m",
        "type": "rectangle",
        "boundingPoly": [{"normalizedVertices": vertices}],
    }
    return {"BOX": {"annotations": [{**one, **more}]}}


def test_each_tool_has_its_shape(said: Said) -> None:
    found = said("02_all_image_tools", "full")
    assert found.problems == ()
    tools = {(one.job, type(one)) for one in found.annotations if one.job.startswith(("JOB", "REL"))}
    assert tools == {
        ("JOB_BOX", Box),
        ("JOB_POLY", Polygon),
        ("JOB_SEG", Polygon),
        ("JOB_MIX", Box),
        ("JOB_MIX", Polygon),
        ("JOB_LINE", Polyline),
        ("JOB_VECTOR", Polyline),
        ("JOB_POINT", Marker),
        ("JOB_POSE", Pose),
        ("REL", Relation),
    }


def test_a_box_begins_at_its_upper_left_corner(said: Said) -> None:
    (box, *_) = said("02_all_image_tools", "full").annotations
    assert isinstance(box, Box)
    assert (box.x, box.y, round(box.width, 9), round(box.height, 9), box.angle) == (0.1, 0.1, 0.3, 0.4, 0.0)
    assert [(answer.job, answer.text) for answer in box.answers] == [("COLOR", None), ("PLATE", "AB-123-CD")]


def test_parts_of_one_area_share_their_object_and_keep_their_holes(said: Said) -> None:
    found = said("02_all_image_tools", "full").annotations
    sky = [one for one in found if isinstance(one, Polygon) and one.classes == ("SKY",)]
    assert len({one.object for one in sky}) == 1
    assert [len(one.holes) for one in sky] == [1, 0]


def test_a_relation_names_objects(said: Said) -> None:
    found = said("02_all_image_tools", "full").annotations
    (relation,) = [one for one in found if isinstance(one, Relation)]
    objects = {one.object for one in found if one is not relation}
    assert {*relation.sources, *relation.targets} <= objects


@pytest.mark.parametrize(("asset", "first"), [("rot_0", (0.1, 0.1)), ("rot_180", (0.9, 0.9))])
def test_a_turned_view_is_turned_back(said: Said, asset: str, first: tuple[float, float]) -> None:
    found = said("03_rotation", asset).annotations
    outline = next(one for one in found if isinstance(one, Polygon)).outline
    assert outline[0] == pytest.approx(first)


def test_points_are_turned_back_as_well(said: Said) -> None:
    point = next(one for one in said("03_rotation", "rot_90").annotations if isinstance(one, Marker)).point
    assert point == pytest.approx((0.7, 0.8))


def test_a_turned_rectangle_has_an_angle_in_pixels(says: Said) -> None:
    centre, half, angle = (1000.0, 500.0), (200.0, 50.0), math.radians(30)
    corners = []
    for along, down in ((-1, 1), (-1, -1), (1, -1), (1, 1)):
        x = centre[0] + along * half[0] * math.cos(angle) - down * half[1] * math.sin(angle)
        y = centre[1] + along * half[0] * math.sin(angle) + down * half[1] * math.cos(angle)
        corners.append((x / 2000, y / 1000))
    (box,) = says(JOB, drawn(corners), resolution={"width": 2000, "height": 1000}).annotations
    assert isinstance(box, Box)
    assert (box.x, box.y, box.width, box.height) == pytest.approx((0.4, 0.45, 0.2, 0.1))
    assert box.angle == pytest.approx(30)


def test_a_turned_rectangle_without_a_size_is_a_problem(says: Said) -> None:
    (problem,) = says(JOB, drawn([(0.2, 0.5), (0.3, 0.1), (0.6, 0.2), (0.5, 0.6)])).problems
    assert problem.code == "no_size"


def test_four_corners_that_are_no_rectangle_keep_their_outline(says: Said) -> None:
    corners = [(0.1, 0.9), (0.2, 0.1), (0.6, 0.3), (0.9, 0.95)]
    (one,) = says(JOB, drawn(corners), resolution={"width": 100, "height": 100}).annotations
    assert isinstance(one, Polygon)
    assert one.outline == tuple(corners)
    assert one.tool == "rectangle"


def test_an_object_of_two_classes_is_said_twice(says: Said) -> None:
    response = drawn([(0, 1), (0, 0), (1, 0), (1, 1)], categories=[{"name": "A"}, {"name": "B", "confidence": 40}])
    found = says(JOB, response).annotations
    assert [(one.classes, one.confidence, one.object) for one in found] == [(("A",), None, "m"), (("B",), 0.4, "m")]


def test_parts_inside_of_one_geospatial_annotation_are_parts(says: Said) -> None:
    ring = {"normalizedVertices": [{"x": 1, "y": 1}, {"x": 2, "y": 1}, {"x": 2, "y": 2}]}
    response = drawn([], type="semantic", boundingPoly=[[ring, ring], [ring]])
    found = says(JOB, response).annotations
    assert [len(one.holes) for one in found if isinstance(one, Polygon)] == [1, 0]
