"""`isahit_yolo` beside what isahit lab's SDK made of the same tasks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audit.ontology import Ontology
from exports.formats.isahit.yolo import IsahitYoloFormat, quoted
from tests.exports.formats.isahit.conftest import made_by_the_sdk, shot
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import box, job, polygon

MINUS = "-1 "
"""How a line of the SDK begins whose shape has no class."""
WITH_HOLES = ("labels/s.jpg.txt", "labels/minus.jpg.txt")


def lines(files: dict[str, str]) -> dict[str, list[list[float]]]:
    """Numbers of each line, by file."""
    return {
        name: [[float(number) for number in line.split()] for line in text.splitlines() if not line.startswith(MINUS)]
        for name, text in files.items()
        if name.startswith("labels/")
    }


def own(made: Made) -> dict[str, str]:
    return {name: data.decode() for name, data in made.files.items() if name.startswith("labels/")}


@pytest.mark.parametrize(
    ("case", "key", "asked"),
    [
        ("rectangle", "yolo", ""),
        ("polygon", "yolo", ""),
        ("graph", "yolo", ""),
        ("segmentation", "yolo", ""),
        ("form_one_input", "yolo", ""),
        ("form_two_inputs", "yolo_input_segs", "segs"),
    ],
)
def test_lines_are_those_of_the_sdk(case, key, asked) -> None:
    made = write(IsahitYoloFormat(), shot(case), input_id=asked)
    theirs = made_by_the_sdk(case, key)["zip"]
    assert made.files["data.yaml"].decode() == theirs["data.yaml"]
    ours, expected = lines(own(made)), lines(theirs)
    assert ours.keys() == expected.keys()
    for name in expected:
        assert len(ours[name]) == len(expected[name])
        for our, their in zip(ours[name], expected[name], strict=True):
            if len(our) == len(their):
                assert our == pytest.approx(their, abs=1e-6)
            else:  # The SDK leaves holes out; ours go around them.
                assert len(our) > len(their)
                assert case in ("segmentation", "form_two_inputs")


def test_shapes_without_a_class_are_named_instead_of_being_of_class_minus_one() -> None:
    made = write(IsahitYoloFormat(), shot("rectangle"))
    assert [error["code"] for error in made.errors] == ["no_class"]
    assert made.files["labels/no_labels.jpg.txt"] == b""


def test_a_class_that_the_project_has_not_costs_only_itself() -> None:
    made = write(IsahitYoloFormat(), shot("rectangle_label_not_in_config"))
    assert [error["code"] for error in made.errors] == ["unknown_class"]
    assert "not in list" in made_by_the_sdk("rectangle_label_not_in_config", "yolo")["error_message"]


def test_sequences_are_refused() -> None:
    (unfit,) = IsahitYoloFormat().refuses(shot("rectangle_sequence").project, {"input_id": ""})
    words = made_by_the_sdk("rectangle_sequence", "yolo")["error_message"]
    assert unfit.text.startswith(words)
    videos = replace(shot("rectangle_sequence").project, media_kinds=frozenset({"video"}))
    assert IsahitYoloFormat().refusal(videos).startswith(words)


@pytest.mark.parametrize(("tools", "corners"), [(("rectangle",), {2}), (("rectangle", "polygon"), {3, 4})])
def test_boxes_and_outlines_are_never_in_one_data_set(project, tools, corners) -> None:
    project.told.jobs = Ontology((job(tools=tools),))
    turned = box(0.2, 0.2, 0.4, 0.2, angle=30)
    triangle = [polygon((0.1, 0.1), (0.5, 0.1), (0.3, 0.8))] if "polygon" in tools else []
    project.add("a.jpg", [box(0.1, 0.2, 0.4, 0.6), turned, *triangle])
    rows = lines(own(write(IsahitYoloFormat(), project.shot())))["labels/a.jpg.txt"]
    assert len(rows) == 2 + len(triangle)
    assert {len(row) // 2 for row in rows} == corners


@pytest.mark.parametrize(("name", "written"), [("car", "'car'"), ("it's", '"it\'s"'), ("a\nb", '"a\\nb"')])
def test_names_of_classes_are_safe_in_yaml(name, written) -> None:
    assert quoted(name) == written
