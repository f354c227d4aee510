"""Marked words of lines as spans in code points, and what is no span of its text, by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.annotations import Labelled
from audit.sources.spacy.neutral import SpacyNeutral
from audit.sources.spacy.reading import SpacyReading

NEUTRAL = SpacyNeutral()
TEXT = "\U0001f600 Amara left Łódź."
CLASSES = ["PER", "PLACE"]
JOBS = [{"key": key, "classes": CLASSES} for key in ("NER", "entities", "spans", "sc")]


def said(line: Any) -> Labelled:
    label = json.dumps({"label": "L", "line": {"text": TEXT, **line}}).encode()
    return NEUTRAL.annotations(label, b"{}", NEUTRAL.ontology(json.dumps({"jobs": JOBS}).encode()))


@pytest.mark.parametrize(
    ("line", "job"),
    [
        ({"spans": {"NER": [[2, 7, "PER"]]}, "entities": [[2, 7, "PER"]], "meta": {"task": "T", "label": "L"}}, "NER"),
        ({"entities": [[2, 7, "PER"]]}, "entities"),
        ({"spans": [{"start": 2, "end": 7, "label": "PER", "token_start": 1, "token_end": 1}]}, "spans"),
        ({"ents": [{"start": 2, "end": 7, "label": "PER"}], "tokens": []}, "entities"),
        ({"spans": {"sc": [{"start": 2, "end": 7, "label": "PER", "kb_id": ""}]}, "ents": []}, "sc"),
    ],
    ids=["ours", "entities", "Prodigy", "a document's entities", "a document's spans"],
)
def test_spans_of_every_form_are_read(line: Any, job: str) -> None:
    found = said(line)
    assert found.problems == ()
    (span,) = found.annotations
    assert (span.job, span.classes, span.start, span.end, span.quote) == (job, ("PER",), 2, 7, "Amara")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("span", "code"),
    [
        ([2, 200, "PER"], "bad_geometry"),
        ([-1, 3, "PER"], "bad_geometry"),
        ([7, 7, "PER"], "bad_geometry"),
        ([7, 2, "PER"], "bad_geometry"),
        ([2.5, 7, "PER"], "bad_number"),
        (["2", 7, "PER"], "bad_number"),
        ([True, 7, "PER"], "bad_number"),
        ({"label": "PER"}, "bad_number"),
        ([2, 7, "NOBODY"], "unknown_class"),
        ([2], "unreadable"),
        ("Amara", "unreadable"),
    ],
)
def test_what_is_no_span_of_the_text_costs_only_itself(span: Any, code: str) -> None:
    found = said({"entities": [span, [2, 7, "PER"]]})
    assert [problem.code for problem in found.problems] == [code]
    assert len(found.annotations) == 1


def test_a_span_without_a_class_is_marked_without_one() -> None:
    (span,) = said({"spans": [{"start": 2, "end": 7}]}).annotations
    assert span.classes == ()


def test_entities_that_contradict_our_spans_are_a_problem() -> None:
    ours = {"spans": {"NER": [[2, 7, "PER"]]}, "meta": {"task": "T", "label": "L"}}
    found = said({**ours, "entities": [[2, 7, "PER"], [2, 7, "PLACE"]]})
    assert [problem.code for problem in found.problems] == ["unknown_job"]
    assert len(found.annotations) == 1


def test_what_is_said_of_the_whole_text_is_named() -> None:
    (problem,) = said({"entities": [], "cats": {"POSITIVE": 1.0}}).problems
    assert problem.code == "unknown_tool"
    assert '"cats"' in problem.text


@pytest.mark.parametrize(
    ("answer", "kind"), [("accept", "DEFAULT"), ("reject", "REJECTED"), ("ignore", "IGNORED"), (7, "DEFAULT")]
)
def test_what_was_not_accepted_is_another_kind_of_label(answer: Any, kind: str) -> None:
    line = {"text": TEXT, "spans": [], "answer": answer, "_timestamp": 1712132931}
    details = SpacyReading().label_details(json.dumps({"label": "ines", "line": line}).encode())
    assert (details.external_id, details.kind) == ("ines", kind)
    assert details.created_at is not None
    assert details.created_at.isoformat() == "2024-04-03T08:28:51+00:00"


@pytest.mark.parametrize("time", [10**18, "soon", None, True])
def test_a_time_that_is_none_is_left_out(time: Any) -> None:
    line = {"text": TEXT, "spans": [], "_timestamp": time}
    assert SpacyReading().label_details(json.dumps({"label": "L", "line": line}).encode()).created_at is None
