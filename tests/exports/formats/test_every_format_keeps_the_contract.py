"""What every format has to do, whatever it writes."""

from __future__ import annotations

import re

import pytest

from audit.annotations import Annotation, Answer, Choice, Classification, Medium, TextSpan
from audit.ontology import Job, LabelClass
from exports.formats import FORMATS
from exports.formats.base import AUDIT, Format, split
from exports.formats.labels.annotated import AnnotatedFormat
from tests.exports.formats.snapshots import Made, Shot, event, write
from tests.exports.formats.told import box, registered

EVENTS = [
    event(0, "task.created"),
    event(1, "comment.added", text="Ünusual \U0001f9e0"),
    event(2, occurred_at=None, instant=None),
]
OTHERS = {"errors.ndjson", "README.txt", "files.ndjson", "manifest.json", "manifest.note"}
Fit = tuple[tuple[Job, ...], Medium, Annotation]
PICTURE: Fit = ((), Medium("image", "a.jpg", None, 100, 50), box(0, 0, 1, 1))
_CLASS = LabelClass("A", "A")
_TEXT: Fit = (
    (Job("NER", "NER", "entities", ("ner",), (_CLASS,)),),
    Medium("text", "a.txt", text="word"),
    TextSpan(job="NER", tool="ner", classes=("A",), start=0, end=4),
)
FITTING: dict[str, Fit] = {
    "geojson": ((), Medium("geo", "a.jpg", None, 100, 50), box(0, 0, 1, 1)),
    "mot": ((), Medium("video", "a.mp4", None, 100, 50), box(0, 0, 1, 1, frame=0)),
    "conll": _TEXT,
    "spacy": _TEXT,
    "classification_csv": (
        (Job("KIND", "Kind", "classification", ("radio",), (_CLASS,)),),
        PICTURE[1],
        Classification(job="KIND", tool="radio", answer=Answer("KIND", (Choice("A"),))),
    ),
}
"""What a format that holds no boxes in pictures can hold: jobs, a medium, and something said of it."""
SHOT = Shot([("T1", EVENTS), ("T2", [])])


@pytest.fixture(params=FORMATS.values(), ids=FORMATS)
def format_(request: pytest.FixtureRequest) -> Format:
    return request.param


def test_it_declares_itself(format_) -> None:
    assert re.fullmatch("[a-z][a-z0-9_]*", format_.slug)
    assert FORMATS[format_.slug] is format_
    assert format_.title
    assert (AUDIT in format_.parameters) != isinstance(format_, AnnotatedFormat)
    for parameter in format_.parameters:
        assert not parameter.choices or set(split(parameter.default)) <= set(parameter.choices)
        assert parameter.help
        assert not parameter.filtered_default or parameter.filtered_default in parameter.choices


def test_it_counts_what_it_declares(format_) -> None:
    values = {parameter.name: parameter.default_for(filtered=False) for parameter in format_.parameters}
    made = write(format_, SHOT)
    assert set(made.written) == set(format_.reads(values).kinds)
    assert made.written.get("tasks") == (0 if isinstance(format_, AnnotatedFormat) else 2)
    assert made.written.get("events", 3) == 3


def test_it_counts_the_labels_that_it_went_through(format_, monkeypatch) -> None:
    if not isinstance(format_, AnnotatedFormat):
        pytest.skip("it holds no labels")
    jobs, medium, said = FITTING.get(format_.slug, PICTURE)
    project = next(iter(registered(monkeypatch, *jobs)))
    project.add("a.jpg", [said], media=[medium])
    project.add("b.jpg", media=[medium])
    if format_.refusal(project.shot().project):
        pytest.skip("it holds labels of one platform alone")
    made = write(format_, project.shot())
    assert made.written == {"tasks": 2, "labels": 1}
    assert made.errors == []
    again = write(format_, project.shot())
    assert own(made) == own(again) != {}


def test_it_writes_the_same_bytes_again(format_) -> None:
    first, second = (own(write(format_, Shot([("T1", EVENTS)]))) for _ in range(2))
    assert first == second
    assert first or isinstance(format_, AnnotatedFormat)


def own(made: Made) -> dict[str, bytes]:
    """The format's own files."""
    return {name: data for name, data in made.files.items() if name not in OTHERS and not name.startswith("audit/")}


def test_an_empty_project_is_written(format_) -> None:
    made = write(format_, Shot([]))
    assert set(made.written.values()) == {0}
    assert made.errors == []
