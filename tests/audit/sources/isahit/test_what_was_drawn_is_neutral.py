"""What was drawn in isahit lab, in neutral words, from recorded cases of its SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from audit.annotations import Answer, Box, Choice, Graph, Mask, Polygon, Polyline
from tests.audit.sources.isahit.conftest import Case
from tests.fakes.isahit_story import MASK, box, configuration, data, task

Golden = Callable[[str], Case]
NAME = "img1.jpg"


def drawn(case: Callable[..., Case], *annotations: Any, type_: str = "iat-rectangle", **more: Any) -> Any:
    """What a task with these annotations says."""
    fields = {"data": data("2026-01-01T00:00:00Z", None, *annotations, **more.pop("body", {})), **more}
    return case(configuration(type_, sequence=more.get("sequence", False)), [task(1, **fields)]).labelled(NAME)


def geometry(kind: str, *vertices: Any, **more: Any) -> dict[str, Any]:
    """An object of one shape."""
    return {"uid": "o", "polygons": [{"geometry": {"type": kind, "vertices": list(vertices), **more}}]}


def test_rectangles_have_their_upper_left_corner(golden: Golden) -> None:
    first, second = golden("rectangle").labelled("img1.jpg").annotations
    assert isinstance(first, Box)
    assert isinstance(second, Box)
    assert (first.x, first.y, round(first.width, 6), round(first.height, 6)) == (0.1, 0.2, 0.4, 0.4)
    assert (second.x, second.y, round(second.width, 6), round(second.height, 6)) == (0.6, 0.1, 0.1, 0.7)
    assert (first.classes, second.classes) == (("car",), ("bus",))
    assert first.object != second.object, "two objects, although the platform gave both one uid"


def test_sub_labels_are_answers(golden: Golden) -> None:
    (found,) = golden("rectangle").labelled("two_labels_multi_children.jpg").annotations
    assert found.classes == ("car",)
    shade = Answer("shade", (Choice("dark"),))
    color = Answer("color", (Choice("red", (shade,)), Choice("blue")))
    assert found.answers == (Answer("vehicles", (Choice("bus"),)), color)


def test_an_object_without_labels_has_no_class(golden: Golden) -> None:
    (found,) = golden("rectangle").labelled("no_labels.jpg").annotations
    assert found.classes == ()


def test_a_class_that_the_project_does_not_have_is_a_problem(golden: Golden) -> None:
    found = golden("rectangle_label_not_in_config").labelled("e.jpg")
    assert found.annotations == ()
    assert [problem.code for problem in found.problems] == ["unknown_class"]
    assert "truck" in found.problems[0].text


def test_polygons_and_all_their_parts(golden: Golden) -> None:
    found = golden("polygon").labelled("p.jpg").annotations
    assert [type(one) for one in found] == [Polygon, Polygon, Polygon]
    assert found[1].object == found[2].object != found[0].object


def test_graphs_have_edges(golden: Golden) -> None:
    (found,) = golden("graph").labelled("g.jpg").annotations
    assert isinstance(found, Graph)
    assert (len(found.points), found.edges) == (3, ((0, 1), (1, 2)))


def test_lines_are_open(case: Callable[..., Case]) -> None:
    (found,) = drawn(case, geometry("polygon", 0, 0, 1, 1), type_="iat-polyline").annotations
    assert isinstance(found, Polyline)
    assert found.points == ((0, 0), (1, 1))


def test_outlines_of_segments_are_fractions_with_their_holes(golden: Golden) -> None:
    first, second = golden("segmentation").labelled("s.jpg").annotations
    assert isinstance(first, Polygon)
    assert first.outline == ((0.1, 0.2), (0.4, 0.2), (0.4, 0.6))
    assert first.holes == (((0.15, 0.24), (0.2, 0.24), (0.2, 0.28)),)
    assert first.object == second.object


def test_holes_of_older_data_belong_to_the_first_outline(golden: Golden) -> None:
    first, *others = golden("segmentation").labelled("minus.jpg").annotations
    assert isinstance(first, Polygon)
    assert len(first.holes) == 1
    assert all(isinstance(other, Polygon) and not other.holes for other in others)


def test_a_segment_without_outlines_is_its_colour_in_the_mask(golden: Golden, case: Callable[..., Case]) -> None:
    assert [one.code for one in golden("segmentation").labelled("no_approx.jpg").problems] == ["no_file"]
    segment = {"uid": "s", "polygons": [2, 0, 10]}
    (found,) = drawn(case, segment, type_="iat-segmentation", body={"mask": MASK}).annotations
    assert isinstance(found, Mask)
    assert (found.file, found.value, found.width, found.height) == ("mask-1", (2, 0, 10), 1000, 500)


def test_segments_without_a_size_are_a_problem(case: Callable[..., Case]) -> None:
    shape = {"geometry": {"type": "polygon", "vertices": [1, 1, 2, 2, 3, 1]}}
    segment = {"uid": "s", "polygons": [2, 0, 10], "approximation": {"polygons": [shape]}}
    found = drawn(case, segment, type_="iat-segmentation", body={"image": None})
    assert [problem.code for problem in found.problems] == ["no_size"]


def test_a_sequence_is_a_video_of_its_files(golden: Golden) -> None:
    found = golden("rectangle_sequence")
    (medium,) = found.media("seq")
    assert (medium.kind, medium.frames, medium.name) == ("video", 3, "seq")
    assert [one.frame for one in found.labelled("seq").annotations] == [0, 2]


def test_a_frame_beyond_the_files_is_a_problem(golden: Golden) -> None:
    found = golden("rectangle_sequence")
    found.tasks["seq"]["resources"] = ["f1.jpg"]
    labelled = found.labelled("seq")
    assert len(labelled.annotations) == 1
    assert [problem.code for problem in labelled.problems] == ["bad_number"]


ODD: dict[str, tuple[Any, str]] = {
    "no points": (geometry("rectangle"), "no_geometry"),
    "three corners": (geometry("rectangle", 0, 0, 1, 1, 1, 0), "bad_geometry"),
    "an odd number": (geometry("polygon", 0, 0, 1), "bad_geometry"),
    "two points": (geometry("polygon", 0, 0, 1, 1), "bad_geometry"),
    "a closed line": (geometry("polygon", 0, 0, 1, 1, 0, 0), "bad_geometry"),
    "words": (geometry("polygon", 0, 0, "1", 1, 0, 1), "bad_number"),
    "an edge to nowhere": (geometry("graph", 0, 0, 1, 1, edges=[[0, 9]]), "bad_geometry"),
    "half an edge": (geometry("graph", 0, 0, 1, 1, edges=[[0]]), "bad_geometry"),
    "a star": (geometry("star", 0, 0, 1, 1), "unknown_tool"),
    "no shape": ({"uid": "o", "polygons": []}, "no_geometry"),
    "a shape that is a word": ({"uid": "o", "polygons": ["x"]}, "bad_geometry"),
    "half a colour": ({"uid": "o", "polygons": [1, 2]}, "no_geometry"),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_can_not_be_represented_is_a_problem_and_the_rest_stays(case: Callable[..., Case], odd: str) -> None:
    shape, code = ODD[odd]
    found = drawn(case, shape, box(0.1, 0.1))
    assert [problem.code for problem in found.problems] == [code]
    assert [type(one) for one in found.annotations] == [Box]


def test_shapes_outside_of_the_picture_stay_as_they_are(case: Callable[..., Case]) -> None:
    (found,) = drawn(case, geometry("rectangle", -0.5, 0.5, 1.5, 2)).annotations
    assert isinstance(found, Box)
    assert (found.x, found.y, found.width, found.height) == (-0.5, 0.5, 2.0, 1.5)


def test_the_ontology_has_the_classes_of_the_main_lists_in_their_order(golden: Golden) -> None:
    job, sub = golden("rectangle").ontology().jobs
    assert (job.key, job.kind, job.tools) == ("OBJECT_DETECTION_JOB", "objects", ("iat-rectangle",))
    assert [(one.key, one.title, one.color) for one in job.classes] == [
        ("car", "Car", "#FF0000"),
        ("bus", "Bus", "#00FF00"),
    ]
    assert (sub.key, sub.nested, [(one.key, one.color) for one in sub.classes]) == (
        "list2",
        True,
        [("red", "#FF0000"), ("blue", "#0000FF")],
    )


def test_media_have_names_sizes_and_addresses_without_signatures(case: Callable[..., Case]) -> None:
    files = ["https://files.example.org/a/b%20c.jpg?X-Amz-Signature=abc", {"id": "f1", "name": "two.mp4"}, "three.pdf"]
    found = case(configuration(), [task(1, resources=files, data=data("2026-01-01T00:00:00Z", None))]).media(NAME)
    assert [(one.index, one.kind, one.name, one.url) for one in found] == [
        (0, "image", "b c.jpg", "https://files.example.org/a/b%20c.jpg"),
        (1, "video", "two.mp4", None),
        (2, "pdf", "three.pdf", None),
    ]
    assert (found[0].width, found[0].height) == (1000, 500)


def test_a_project_without_a_configuration_has_no_ontology(golden: Golden) -> None:
    with pytest.raises(ValueError, match="configuration"):
        golden("rectangle").neutral.ontology(b'{"project":{}}')
