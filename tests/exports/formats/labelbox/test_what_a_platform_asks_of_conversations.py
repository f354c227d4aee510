"""Rankings and comparisons of answers of models as Labelbox's message rankings; answers about parts of a medium."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.annotations import COMPARISON, Annotation, Answer, Choice, Classification, Medium, Ranking, Transcription
from audit.ontology import Job, LabelClass
from audit.sources.labelbox.learned import Learned
from audit.sources.labelbox.neutral import LabelboxNeutral
from exports.formats.labelbox.labelbox import LabelboxFormat
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, registered

HOW = (LabelClass("BETTER", "Is better"), LabelClass("TIE", "Tie", tie=True))
JOBS = (Job("BEST", "Best answer", "ranking", ()), Job("PICK", "Pick", "ranking", (COMPARISON,), HOW))
CHAT = Medium("conversation", "a.json", "https://x.example/a.json")
KIND = Classification(job="KIND", tool="radio", answer=Answer("KIND", (Choice("A"),)))


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    return next(iter(registered(monkeypatch, *JOBS)))


def written(project: Project, medium: Medium, *said: Annotation) -> tuple[Made, list[dict[str, Any]]]:
    project.add("a", said, media=[medium])
    made = write(LabelboxFormat(), project.shot())
    (row,) = map(json.loads, made.files["data_rows.ndjson"].splitlines())
    found: list[dict[str, Any]] = row["projects"]["P-1"]["labels"]
    return made, found


def test_a_ranking_without_a_class_is_its_jobs_feature(project: Project) -> None:
    said = [Ranking(job="BEST", tool="ranking", order=(("m2",), ("m1", "m3")))]
    made, (label,) = written(project, CHAT, *said)
    assert made.errors == []
    (one,) = label["annotations"]["objects"]
    assert (one["name"], one["annotation_kind"], one["classifications"]) == ("Best answer", "MessageRanking", [])
    assert orders_of(label) == [(("m2",), ("m1", "m3"))]


@pytest.mark.parametrize(
    ("key", "title", "order"), [("BETTER", "Is better", (("b",), ("a",))), ("TIE", "Tie", (("b", "a"),))]
)
def test_how_much_better_one_is_is_asked_about_it(project: Project, key: str, title: str, order: Any) -> None:
    made, (label,) = written(project, CHAT, Ranking(job="PICK", tool=COMPARISON, classes=(key,), order=order))
    assert made.errors == []
    (one,) = label["annotations"]["objects"]
    assert one["name"] == "Pick"
    assert one["classifications"][0]["radio_answer"]["name"] == title
    assert orders_of(label) == [order]


def orders_of(label: dict[str, Any]) -> list[Any]:
    """What Labelbox's own reader says."""
    learned = Learned()
    learned.add(label)
    neutral = LabelboxNeutral()
    ontology = neutral.ontology(json.dumps({"ontology": {"normalized": learned.normalized()}}).encode())
    row = json.dumps({"media_attributes": {"asset_type": "conversational"}}).encode()
    said = neutral.annotations(json.dumps(label).encode(), row, ontology)
    assert said.problems == ()
    return [one.order for one in said.annotations if isinstance(one, Ranking)]


@pytest.mark.parametrize(
    ("medium", "where"),
    [
        (Medium("pdf", "a.pdf", pages=((6, 8),)), {"page": 1}),
        (Medium("volume", "a", width=4, height=4, frames=9), {"frame": 2}),
    ],
)
def test_an_answer_about_a_part_is_never_said_of_the_whole(project: Project, medium: Medium, where: Any) -> None:
    note = Transcription(job="NOTE", tool="text", text="x", **where)
    kind = Classification(job="KIND", tool="radio", answer=KIND.answer, **where)
    made, (label,) = written(project, medium, note, kind, KIND)
    assert [line["code"] for line in made.errors] == ["not_held", "not_held"]
    assert len(label["annotations"]["classifications"]) == 1
