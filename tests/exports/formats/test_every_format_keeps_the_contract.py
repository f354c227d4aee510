"""What every format has to do, whatever it writes."""

from __future__ import annotations

import re

import pytest

from audit.annotations import Medium
from exports.formats import FORMATS
from exports.formats.annotated import AnnotatedFormat
from exports.formats.base import AUDIT, Format, split
from tests.exports.formats.snapshots import Shot, event, write
from tests.exports.formats.told import box

EVENTS = [
    event(0, "task.created"),
    event(1, "comment.added", text="Ünusual \U0001f9e0"),
    event(2, occurred_at=None, instant=None),
]
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


def test_it_counts_the_labels_that_it_went_through(format_, project) -> None:
    if not isinstance(format_, AnnotatedFormat):
        pytest.skip("it holds no labels")
    medium = Medium("geo" if format_.slug == "geojson" else "image", "a.jpg", None, 100, 50)
    project.add("a.jpg", [box(0, 0, 1, 1)], media=[medium])
    project.add("b.jpg", media=[medium])
    made = write(format_, project.shot())
    assert made.written == {"tasks": 2, "labels": 1}
    assert made.errors == []
    again = write(format_, project.shot())
    own = list(made.files)[: list(made.files).index("errors.ndjson")]
    assert own
    assert [made.files[name] for name in own] == [again.files[name] for name in own]


def test_it_writes_the_same_bytes_again(format_) -> None:
    first, second = (write(format_, Shot([("T1", EVENTS)])).files for _ in range(2))
    own = list(first)[: list(first).index("errors.ndjson")] or [name for name in first if name.startswith("log.")]
    assert own
    assert {name: first[name] for name in own} == {name: second[name] for name in own}


def test_an_empty_project_is_written(format_) -> None:
    made = write(format_, Shot([]))
    assert set(made.written.values()) == {0}
    assert made.errors == []
