"""What Diffgram's instances say in neutral words: every type that its exports write."""

from __future__ import annotations

import math
from typing import Any

import pytest

from audit.annotations import (
    Answer,
    Box,
    Choice,
    Classification,
    Cuboid,
    Ellipse,
    Marker,
    Mask,
    Polygon,
    Polyline,
    Pose,
    Relation,
    TextSpan,
    Transcription,
)
from audit.sources.diffgram.neutral import DiffgramNeutral
from tests.audit.sources.diffgram.conftest import labelled, media, ontology
from tests.fakes.diffgram_story import box, exported, picture

EXPORT = exported()


def of(type_: str, **fields: Any) -> Any:
    """What an instance of a picture of 100 by 50 pixels says."""
    return labelled(picture(1, {"id": 1, "type": type_, "attribute_groups": None, "label_file_id": 501, **fields}))


def test_a_picture_has_every_drawn_type() -> None:
    found = labelled(EXPORT["3001"])
    assert found.problems == ()
    types = [Box, Polygon, Polyline, Marker, Cuboid, Ellipse, Polyline, Pose, Ellipse, Classification]
    assert [type(one) for one in found.annotations] == types
    first = found.annotations[0]
    assert isinstance(first, Box)
    assert (first.x * 1280, first.y * 720, first.width * 1280, first.height * 720) == (10, 20, 100, 200)
    assert (first.classes, first.id) == (("501",), "9001")
    assert first.answers == (
        Answer("17", (Choice("88"),)),
        Answer("18", text="free text value"),
        Answer("19", (Choice("91"), Choice("92"))),
    )


def test_a_tag_is_of_the_whole_picture() -> None:
    tag = labelled(EXPORT["3001"]).annotations[-1]
    assert isinstance(tag, Classification)
    assert (tag.job, tag.answer) == ("tags", Answer("tags", (Choice("502", (Answer("17", (Choice("88"),)),)),)))


def test_axes_of_ellipses_are_halves_and_angles_become_degrees() -> None:
    (found,) = of("ellipse", center_x=50, center_y=25, width=10, height=5, angle=math.pi / 2).annotations
    assert isinstance(found, Ellipse)
    assert (found.center, found.radius_x, found.radius_y, found.angle) == ((0.5, 0.5), 0.1, 0.1, 90.0)


def test_curves_become_lines_through_their_ends() -> None:
    (found,) = of("curve", p1={"x": 0, "y": 0}, p2={"x": 100, "y": 0}, cp={"x": 50, "y": 50}).annotations
    assert isinstance(found, Polyline)
    assert (found.points[0], found.points[-1]) == ((0, 0), (1, 0))
    assert found.points[16] == (0.5, 0.5), "half of the control point's height"


def test_frames_of_videos_belong_to_their_sequence() -> None:
    found = labelled(EXPORT["3002"])
    first, *boxes = found.annotations
    assert isinstance(first, Transcription)
    assert (first.job, first.text) == ("18", "rainy")
    assert [one.frame for one in boxes] == [0, 5, 6, 9]
    assert [one.key_frame for one in boxes] == [True, True, False, True]
    assert {one.object for one in boxes} == {"sequence-61"}
    (medium,) = media(EXPORT["3002"])
    assert (medium.kind, medium.frames, medium.frame_rate, medium.width) == ("video", 100, 10, 1280)


def test_words_and_relations_between_them() -> None:
    found = labelled(EXPORT["3003"])
    span, relation = found.annotations
    assert isinstance(span, TextSpan)
    assert isinstance(relation, Relation)
    assert (span.job, span.start, span.end) == ("entities", 6, 11)
    assert "Naïve Bayes"[span.start : span.end] == "Bayes"
    assert (relation.sources, relation.targets, relation.classes) == (("9201",), ("9202",), ("502",))
    assert [(problem.code, problem.id) for problem in found.problems] == [("no_geometry", "9201")]


def test_maps_are_fractions_of_the_earth() -> None:
    found = labelled(EXPORT["3004"])
    (area,) = found.annotations
    assert isinstance(area, Box)
    assert area.x * 360 - 180 == pytest.approx(-93.7)
    assert 90 - area.y * 180 == pytest.approx(38.8)
    assert area.width * 360 == pytest.approx(0.1)
    assert [problem.code for problem in found.problems] == ["bad_geometry"], "a circle's radius is in unknown units"


def test_boxes_in_space_keep_its_units() -> None:
    (found,) = labelled(EXPORT["3005"]).annotations
    assert isinstance(found, Cuboid)
    assert (found.center, found.size, found.rotation) == ((0.46, 0.82, 0.6), (0.27, 0.3, 0.27), (0, 0, 0.5))


def test_files_in_compound_ones_are_media_of_their_own() -> None:
    (found,) = labelled(EXPORT["3006"]).annotations
    assert isinstance(found, Box)
    assert (found.x * 640, found.medium) == (1, 0)
    assert [one.name for one in media(EXPORT["3006"])] == ["left.jpg"]


def test_masks_are_files_of_the_label() -> None:
    (found,) = of("mask", mask="https://storage.example.com/m.png?X-Amz-Signature=abc").annotations
    assert isinstance(found, Mask)
    assert found.file == "https://storage.example.com/m.png"


def test_a_corner_that_an_export_leaves_out_is_zero() -> None:
    (found,) = of("box", x_max=10, y_max=5).annotations
    assert isinstance(found, Box)
    assert (found.x, found.y, found.width, found.height) == (0, 0, 0.1, 0.1)


def test_lists_in_texts_are_read_as_in_rows_of_the_database() -> None:
    (found,) = of("polygon", points='{"points": [{"x":0,"y":0},{"x":100,"y":0},{"x":0,"y":50}]}').annotations
    assert isinstance(found, Polygon)
    assert found.outline == ((0, 0), (1, 0), (0, 1))


@pytest.mark.parametrize(
    ("type_", "fields", "code"),
    [
        ("box", {}, "no_geometry"),
        ("box", {"x_min": 9, "y_min": 9, "x_max": 1, "y_max": 10}, "bad_geometry"),
        ("polygon", {"points": []}, "no_geometry"),
        ("polygon", {"points": [{"x": 1, "y": 1}]}, "bad_geometry"),
        ("polygon", {"points": [{"x": 1}, {"x": 1, "y": 2}, {"x": 3, "y": 3}]}, "bad_number"),
        ("line", {}, "no_geometry"),
        ("curve", {"p1": None}, "bad_number"),
        ("ellipse", {"center_x": 1}, "no_geometry"),
        ("keypoints", {"nodes": {"nodes": []}}, "no_geometry"),
        ("cuboid", {"front_face": None}, "no_geometry"),
        ("cuboid_3d", {}, "no_geometry"),
        ("text_token", {"start_char": 9, "end_char": 3}, "bad_geometry"),
        ("relation", {"from_instance_id": 1}, "no_geometry"),
        ("mask", {}, "no_file"),
        ("geo_box", {"bounds_lonlat": None}, "no_geometry"),
        ("hexagon", {}, "unknown_tool"),
        ("box", {"label_file_id": 999, "x_max": 1}, "unknown_class"),
        ("global", {"label_file_id": None}, "no_class"),
    ],
)
def test_what_can_not_be_represented_is_a_problem_and_the_rest_stays(
    type_: str, fields: dict[str, Any], code: str
) -> None:
    odd = {"id": 1, "type": type_, "attribute_groups": None, "label_file_id": 501, **fields}
    found = labelled(picture(1, odd, box(2, 5)))
    assert [(problem.code, problem.id) for problem in found.problems] == [(code, "1")]
    assert [one.id for one in found.annotations] == ["2"]


def test_pixels_without_a_size_are_a_problem() -> None:
    packet = picture(1, box(1, 5))
    packet["image"] |= {"width": None}
    assert [problem.code for problem in labelled(packet).problems] == ["no_size"]


def test_the_ontology_has_labels_and_questions() -> None:
    found = ontology()
    objects = found.job("objects")
    assert objects is not None
    assert [(one.key, one.title, one.color, one.jobs) for one in objects.classes] == [
        ("501", "Car", "#194D33", ("17",)),
        ("502", "Lane", "#e27300", ()),
    ]
    question = found.job("17")
    assert question is not None
    assert (question.title, question.kind, question.nested) == ("Occluded?", "classification", True)
    assert [(one.key, one.title) for one in question.classes] == [("88", "Occluded")]


def test_a_project_without_labels_has_no_ontology() -> None:
    with pytest.raises(ValueError, match="no labels"):
        DiffgramNeutral().ontology(b"{}")
