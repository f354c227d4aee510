"""A stage has a shape and a hue; ground truth always has the fourth, the green diamond."""

from __future__ import annotations

from audit.stages import hue, mark

STAGES = ["Label", "Review_1", "Review_2", "Ground truth"]


def test_stages_take_the_marks_in_their_order() -> None:
    assert [hue(stage, STAGES) for stage in STAGES] == ["s1", "s2", "s3", "s4"]


def test_ground_truth_has_the_fourth_wherever_it_stands() -> None:
    for stages in (["Ground truth", "Label"], ["Label", "GROUND_TRUTH"]):
        found = {stage: hue(stage, stages) for stage in stages}
        assert found.pop("Label") == "s1"
        assert list(found.values()) == ["s4"]


def test_the_first_eight_stages_all_look_different() -> None:
    stages = [f"S{n}" for n in range(8)]
    assert len({mark(stage, stages) for stage in stages}) == 8
    assert hue("S4", stages) == "s1"


def test_seven_stages_and_ground_truth_all_look_different() -> None:
    stages = [*(f"S{n}" for n in range(7)), "Ground truth"]
    assert len({mark(stage, stages) for stage in stages}) == 8


def test_a_stage_that_is_not_known_is_a_dash() -> None:
    assert hue("other", STAGES) == "s0"


def test_a_mark_holds_nothing_of_the_stages_name() -> None:
    assert "script" not in mark("<script>", ["<script>"])
