"""What forms of isahit lab were filled in with, in neutral words; and which input an export means."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from audit.annotations import Box, Classification, Transcription
from audit.sources.isahit.inputs import BadInput, chosen
from tests.audit.sources.isahit.conftest import GOLDEN, Case
from tests.fakes.isahit_story import LABELS, box, configuration, task

Golden = Callable[[str], Case]
TOOL = {"id": "boxes", "type": "tool-iat-rectangle", "config": {"metadata": {"labelOptions": LABELS}}}
COLORS = {"options": [{"value": "r", "label": "Red"}, {"value": "b", "label": "Blue"}], "label": "Which colour?"}


def form(case: Callable[..., Case], inputs: list[Any], body: Any, **more: Any) -> Case:
    """A form with these inputs, filled in so."""
    said = {"createdAt": "2026-01-01T00:00:00Z", "type": "default", "user": None, "body": body, **more}
    return case(configuration("form", layout=[[[one] for one in inputs]]), [task(1, data=said)])


def test_tools_in_forms_are_drawn_in(golden: Golden) -> None:
    found = golden("form_one_input")
    written, drawn = found.labelled("form1").annotations
    assert isinstance(written, Transcription)
    assert (written.job, written.text) == ("title", "hello")
    assert isinstance(drawn, Box)
    assert (drawn.job, drawn.classes, drawn.medium) == ("boxes", ("car",), 0)
    assert [(one.name, one.width) for one in found.media("form1")] == [("formimg.jpg", 1000), ("img.jpg", None)]


def test_each_tool_has_its_own_medium(golden: Golden) -> None:
    found = golden("form_two_inputs").labelled("form2")
    assert {one.job: one.medium for one in found.annotations if one.job != "title"} == {"boxes": 0, "segs": 1}


def test_an_input_that_was_not_filled_in_says_nothing(golden: Golden) -> None:
    found = golden("form_one_input").labelled("form_input_missing")
    assert [one.job for one in found.annotations] == ["title"]
    assert found.problems == ()


def test_choices_numbers_and_texts_are_answers(case: Callable[..., Case]) -> None:
    inputs = [
        {"id": "color", "type": "radio", "config": COLORS},
        {"id": "more", "type": "checkbox", "config": COLORS},
        {"id": "count", "type": "number"},
        {"id": "when", "type": "date"},
        {"id": "raw", "type": "json-editor"},
        {"id": "shown", "type": "display-text"},
        {"id": "empty", "type": "text"},
    ]
    body = {"color": "r", "more": ["r", "b"], "count": "3.5", "when": "2026-01-01", "raw": {"b": 1}, "shown": "x"}
    found = form(case, inputs, {**body, "empty": ""})
    color, more, count, when, raw = found.labelled("img1.jpg").annotations
    assert isinstance(color, Classification)
    assert isinstance(more, Classification)
    assert isinstance(count, Classification)
    assert isinstance(when, Transcription)
    assert isinstance(raw, Transcription)
    assert [choice.key for choice in color.answer.choices] == ["r"]
    assert ([choice.key for choice in more.answer.choices], more.multiple) == (["r", "b"], True)
    assert (count.answer.number, when.text, raw.text) == (3.5, "2026-01-01", '{"b":1}')
    kinds = [(job.key, job.kind) for job in found.ontology().jobs]
    assert kinds[:3] == [("color", "classification"), ("more", "classification"), ("count", "classification")]
    assert found.ontology().jobs[0].title == "Which colour?"


@pytest.mark.parametrize(
    ("input_", "value", "code"),
    [
        ({"id": "color", "type": "radio", "config": COLORS}, "green", "unknown_class"),
        ({"id": "count", "type": "number"}, "many", "bad_number"),
        ({"id": "group", "type": "form-group"}, [{"a": 1}], "unknown_tool"),
        ({"id": "other", "type": "text"}, None, None),
    ],
)
def test_what_can_not_be_represented_is_a_problem(
    case: Callable[..., Case], input_: Any, value: Any, code: str | None
) -> None:
    found = form(case, [input_], {input_["id"]: value}).labelled("img1.jpg")
    assert found.annotations == ()
    assert [problem.code for problem in found.problems] == ([code] if code else [])


def test_an_input_that_the_form_no_longer_has_is_a_problem(case: Callable[..., Case]) -> None:
    found = form(case, [TOOL], {"gone": "x", "boxes": {"annotations": [box(0.1, 0.1)]}}).labelled("img1.jpg")
    assert [problem.code for problem in found.problems] == ["unknown_job"]
    assert len(found.annotations) == 1


def test_metadata_adds_what_the_data_does_not_say(case: Callable[..., Case]) -> None:
    given = {"boxes": {"image": {"width": 10, "height": 20}, "annotations": []}}
    found = form(case, [TOOL], {"boxes": {"annotations": [box(0.1, 0.1)]}}, metadata={"body": given})
    assert [(one.width, one.height) for one in found.media("img1.jpg")] == [(10, 20)]
    assert len(found.labelled("img1.jpg").annotations) == 1


def configured(name: str) -> Any:
    """A recorded configuration."""
    return json.loads((GOLDEN / f"{name}.json").read_bytes())["project_configuration"]


def test_an_export_means_the_only_tool_of_a_form() -> None:
    assert chosen(configured("form_one_input"), None).input == "boxes"
    assert chosen(configured("rectangle"), "anything").input is None


def test_an_export_of_a_form_with_two_tools_has_to_say_which() -> None:
    form_ = configured("form_two_inputs")
    with pytest.raises(BadInput, match="input_id option is required to select the form input: one of boxes, segs"):
        chosen(form_, None)
    assert chosen(form_, "segs").type == "tool-iat-segmentation"
    with pytest.raises(BadInput, match="No compatible input found for input_id nope"):
        chosen(form_, "nope")
    with pytest.raises(BadInput, match="No compatible input found for input_id title"):
        chosen(form_, "title")


def test_an_export_of_a_form_without_a_tool_is_refused() -> None:
    with pytest.raises(BadInput, match=r"No compatible input found \(compatible inputs: tool-iat-rectangle"):
        chosen(configured("form_no_input"), None)


def test_a_tool_of_another_kind_is_not_meant() -> None:
    with pytest.raises(BadInput, match="No compatible input found"):
        chosen(configured("form_one_input"), None, ["tool-iat-segmentation"])
    with pytest.raises(BadInput, match="input_id boxes"):
        chosen(configured("form_one_input"), "boxes", ["tool-iat-segmentation"])
