"""Bad input, in every format of labels: each bad item has a line in errors.ndjson, or is said as it is.

It costs nothing but itself, fails a strict export, and never leaves a file that others can't read.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from audit.annotations import (
    Annotation,
    Answer,
    Box,
    Choice,
    Classification,
    Ellipse,
    Graph,
    Marker,
    Mask,
    Medium,
    Polygon,
    Polyline,
    Pose,
    PosePoint,
    Range,
    Ranking,
    Relation,
    TextSpan,
    Transcription,
)
from audit.ontology import Job, LabelClass
from exports.archive import BadItem
from exports.formats import FORMATS
from exports.formats.base import Format
from exports.formats.isahit.family import IsahitFamily
from exports.formats.labels.annotated import AnnotatedFormat
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.test_every_format_keeps_the_contract import FITTING, PICTURE, own
from tests.exports.formats.told import Project, registered

ALONE = ("isahit_lab", "isahit_mask")
"""Formats of one platform's own payloads."""
LABELS = {slug: one for slug, one in FORMATS.items() if isinstance(one, AnnotatedFormat) and slug not in ALONE}
CLASSES = (LabelClass("CAR", "Car", points=("NOSE",)), LabelClass("BUS", "Bus"))
JOBS = (
    Job("JOB_0", "Job", "objects", ("rectangle", "polygon"), CLASSES),
    Job("KIND", "Kind", "classification", ("radio",), CLASSES),
    Job("NOTE", "Note", "transcription", ("input",)),
    Job("NER", "Words", "entities", ("ner",), CLASSES),
)
CAR: dict[str, Any] = {"job": "JOB_0", "tool": "t", "classes": ("CAR",), "id": "bad", "object": "bad"}
NAN, INF = math.nan, math.inf

UNSAYABLE: dict[str, Annotation] = {
    "an outline of no point": Polygon(outline=(), **CAR),
    "an outline of one point": Polygon(outline=((0.1, 0.1),), **CAR),
    "an outline of two points": Polygon(outline=((0.1, 0.1), (0.5, 0.5)), **CAR),
    "an outline with NaN": Polygon(outline=((0.1, 0.1), (NAN, 0.5), (0.3, 0.3)), **CAR),
    "an outline without end": Polygon(outline=((0.1, 0.1), (INF, 0.5), (0.3, 0.3)), **CAR),
    "a hole with NaN": Polygon(
        outline=((0, 0), (1, 0), (1, 1), (0, 1)), holes=(((0.1, 0.1), (NAN, 0.5), (0.3, 0.3)),), **CAR
    ),
    "a box of NaN": Box(x=NAN, y=0.1, width=0.1, height=0.1, **CAR),
    "a box of NaN's width": Box(x=0.1, y=0.1, width=NAN, height=0.1, **CAR),
    "a box without end": Box(x=0.1, y=0.1, width=INF, height=0.1, **CAR),
    "a box beyond all pictures": Box(x=0.1, y=0.1, width=1e300, height=0.1, **CAR),
    "an outline beyond all pictures": Polygon(outline=((1e300, 0.1), (-1e300, 0.5), (0.3, 0.3)), **CAR),
    "a box turned by NaN": Box(x=0.1, y=0.1, width=0.1, height=0.1, angle=NAN, **CAR),
    "a point of NaN": Marker(point=(NAN, 0.1), **CAR),
    "a line of no point": Polyline(points=(), **CAR),
    "a line of NaN": Polyline(points=((0.1, 0.1), (NAN, NAN)), **CAR),
    "an ellipse of NaN": Ellipse(center=(0.1, NAN), radius_x=0.1, radius_y=0.1, **CAR),
    "an ellipse of an endless radius": Ellipse(center=(0.1, 0.1), radius_x=INF, radius_y=0.1, **CAR),
    "a graph of no point": Graph(points=(), edges=(), **CAR),
    "a graph of an edge to nowhere": Graph(points=((0.1, 0.1), (0.2, 0.2)), edges=((0, 7),), **CAR),
    "a graph of NaN": Graph(points=((0.1, NAN), (0.2, 0.2)), edges=((0, 1),), **CAR),
    "a pose of NaN": Pose(points=(PosePoint("NOSE", (NAN, 0.1)),), **CAR),
    "a mask of no pixels": Mask(width=4, height=3, counts=(), **CAR),
    "a mask of another size": Mask(width=4, height=3, counts=(2, 5), **CAR),
    "a mask without a size": Mask(counts=(2, 5), **CAR),
    "a mask whose file is missing": Mask(file="gone.png", **CAR),
    "words from nowhere": TextSpan(start=-3, end=2, **{**CAR, "job": "NER"}),
    "words of no length": TextSpan(start=2, end=2, **{**CAR, "job": "NER"}),
    "words that end before they begin": TextSpan(start=3, end=1, **{**CAR, "job": "NER"}),
    "a relation of an object that is not there": Relation(sources=("bad",), targets=("gone",), **{**CAR, "job": "REL"}),
    "a number that is none": Classification(answer=Answer("KIND", number=NAN), **{**CAR, "job": "KIND"}),
    "a frame that no video has": Box(x=0.1, y=0.1, width=0.1, height=0.1, frame=999_999_999, **CAR),
    "a frame before the first": Box(x=0.1, y=0.1, width=0.1, height=0.1, frame=-1, **CAR),
    "a stretch from NaN": Range(start=NAN, end=1, **CAR),
    "a stretch that ends before it begins": Range(start=2, end=1, **CAR),
}
"""What no format can say: each has a line, whatever the format."""

ODD: dict[str, Annotation] = {
    "a class that the project does not have": Box(x=0.1, y=0.1, width=0.1, height=0.1, **{**CAR, "classes": ("X",)}),
    "no class": Box(x=0.1, y=0.1, width=0.1, height=0.1, **{**CAR, "classes": ()}),
    "words of no class": TextSpan(start=0, end=4, **{**CAR, "job": "NER", "classes": ()}),
    "words behind the text's end": TextSpan(start=2, end=99, **{**CAR, "job": "NER"}),
    "a job that the project does not have": Box(x=0.1, y=0.1, width=0.1, height=0.1, **{**CAR, "job": "X"}),
    "a box without width": Box(x=0.1, y=0.1, width=0, height=0.1, **CAR),
    "a box from right to left": Box(x=0.5, y=0.5, width=-0.1, height=-0.1, **CAR),
    "a box over the edge": Box(x=-0.1, y=0.9, width=0.5, height=0.5, **CAR),
    "a box beside the picture": Box(x=2, y=2, width=0.5, height=0.5, **CAR),
    "a point beside the picture": Marker(point=(-3, 9), **CAR),
    "an outline over the edge": Polygon(outline=((-0.5, 0.1), (0.5, 0.1), (0.3, 1.7)), **CAR),
    "an outline that crosses itself": Polygon(outline=((0, 0), (1, 1), (1, 0), (0, 1)), **CAR),
    "an outline in one line": Polygon(outline=((0, 0), (0.5, 0.5), (1, 1)), **CAR),
    "an ellipse of no radius": Ellipse(center=(0.1, 0.1), radius_x=0, radius_y=0, **CAR),
    "a pose of no point": Pose(points=(PosePoint("NOSE", None),), **CAR),
    "a pose of an unknown point": Pose(points=(PosePoint("TAIL", (0.1, 0.1)),), **CAR),
    "a line of one point": Polyline(points=((0.1, 0.1),), **CAR),
    "a choice that the project does not have": Classification(
        answer=Answer("KIND", (Choice("X"),)), **{**CAR, "job": "KIND"}
    ),
    "no choice": Classification(answer=Answer("KIND"), **{**CAR, "job": "KIND"}),
    "an empty text": Transcription(text="", **{**CAR, "job": "NOTE"}),
    "a ranking of nothing": Ranking(order=(), **{**CAR, "job": "RANK"}),
    "another medium than there is": Box(x=0.1, y=0.1, width=0.1, height=0.1, medium=7, **CAR),
    "control characters in an answer": Box(
        x=0.1, y=0.1, width=0.1, height=0.1, answers=(Answer("NOTE", text="a\x00b\x1f"),), **CAR
    ),
}
"""What some formats can say and others not: it has a line, or the file is another one than without it."""


@pytest.fixture(params=LABELS.values(), ids=LABELS)
def format_(request: pytest.FixtureRequest) -> Format:
    return request.param


def medium_of(format_: Format) -> Medium:
    return FITTING.get(format_.slug, PICTURE)[1]


def good(format_: Format) -> Annotation:
    """Something that the format can say."""
    if format_.slug in ("conll", "spacy"):
        return TextSpan(job="NER", tool="t", classes=("BUS",), start=0, end=4, object="good")
    if format_.slug == "classification_csv":
        return Classification(job="KIND", tool="t", answer=Answer("KIND", (Choice("BUS"),)))
    frame = 0 if format_.slug == "mot" else None
    return Box(job="JOB_0", tool="t", classes=("BUS",), x=0.2, y=0.2, width=0.2, height=0.2, object="good", frame=frame)


def made_of(monkeypatch: pytest.MonkeyPatch, format_: Format, said: list[Annotation], **more: Any) -> Made:
    """What the format writes of a project of one asset with one label. The files have to be readable."""
    with monkeypatch.context() as patch:
        project = next(iter(registered(patch, *JOBS)))
        project.add("a.jpg", said, media=[medium_of(format_)])
        made = write(format_, project.shot(), **more)
    check_readable(made)
    return made


def refuse(text: str) -> None:
    raise AssertionError(f"{text} is no JSON")


def check_readable(made: Made) -> None:
    """Files are what their names say, without numbers that are none."""
    for name, data in own(made).items():
        kind = name.rpartition(".")[2]
        if kind in ("json", "geojson"):
            json.loads(data, parse_constant=refuse)
        elif kind in ("jsonl", "ndjson"):
            for line in data.splitlines():
                json.loads(line, parse_constant=refuse)
        elif kind == "xml":
            ET.fromstring(data)
        elif kind == "yaml":
            yaml.safe_load(data)
        elif kind == "csv":
            list(csv.reader(io.StringIO(data.decode())))
        elif kind == "txt":
            assert not {"nan", "inf", "-inf"} & set(data.decode().replace(",", " ").split())


@pytest.mark.parametrize("case", UNSAYABLE)
def test_what_can_not_be_said_has_a_line(format_: Format, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = made_of(monkeypatch, format_, [good(format_), UNSAYABLE[case]])
    (line,) = made.errors
    assert (line["asset"], line["label"]) == ("T1", "L1.0")
    assert line["code"]
    assert line["annotation"] == "bad" or "medium" in line["text"]
    alone = made_of(monkeypatch, format_, [good(format_)])
    assert alone.errors == []
    assert own(made) == own(alone)
    with pytest.raises(BadItem):
        made_of(monkeypatch, format_, [good(format_), UNSAYABLE[case]], strict=True)


@pytest.mark.parametrize("case", ODD)
def test_what_is_odd_is_said_or_has_a_line(format_: Format, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if case == "a job that the project does not have" and isinstance(format_, IsahitFamily):
        pytest.skip("it writes the drawings of one job, which is chosen")
    made = made_of(monkeypatch, format_, [good(format_), ODD[case]])
    alone = made_of(monkeypatch, format_, [good(format_)])
    assert made.written == alone.written
    assert made.errors or own(made) != own(alone)
    if made.errors:
        with pytest.raises(BadItem):
            made_of(monkeypatch, format_, [good(format_), ODD[case]], strict=True)
    else:
        assert own(made_of(monkeypatch, format_, [good(format_), ODD[case]], strict=True)) == own(made)


HOSTILE = (
    *("../x", "../../etc/passwd", "/abs", "a/b", "a-b", "A/B", "a\\b", "C:\\x", ".", "..", "...", "", " ", "con"),
    *("NUL.txt", "x" * 300, "a\nb", "a\rb", "a\tb", "a\x1bb", "a\u202eb", "\u00e9", "e\u0301", "a.jpg", "A.JPG"),
    *("a.jpg", "dup", "dup", 'q"uote', "a:b", "a*b?c|d<e>", "-rf", "~", "\U0001f9e0", "a" + "\u0301" * 100),
    *("manifest.json", "data.json"),
)
"""Names of assets, some of them twice, or the same to some systems."""


def test_hostile_and_equal_names_of_assets_are_kept_apart(format_: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    project = next(iter(registered(monkeypatch, *JOBS)))
    for name in HOSTILE:
        project.add(name, [good(format_)], media=[medium_of(format_)])
    made = write(format_, project.shot())
    check_readable(made)
    assert made.written == {"tasks": len(HOSTILE), "labels": len(HOSTILE)}
    folded = [name.casefold() for name in made.files]
    assert len(set(folded)) == len(folded)
    for name in made.files:
        assert not name.startswith("/")
        assert not {"..", "."} & set(name.split("/"))
        assert name.isprintable()
        assert max(len(part.encode()) for part in name.split("/")) <= 255
    assert {line["code"] for line in made.errors} <= {"renamed", "character"}


NAMES = (
    *(
        'q"uote',
        "col:on",
        "new\nline",
        "com,ma",
        "it's",
        "<tag>&amp;",
        "a\x01b",
        "a\x00b",
        "",
        " ",
        "#yaml",
        "- x",
        "{a}",
    ),
    *("null", "1", "x" * 300, "a/b", "a\u202eb", "=1+1", "\U0001f9e0"),
)


def test_hostile_names_of_classes_leave_readable_files(format_: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    classes = tuple(LabelClass(name, name) for name in NAMES)
    jobs = (Job("JOB_0", 'J"o\nb', "objects", ("rectangle",), classes), Job("KIND", "K", "classification", (), classes),
            Job("NER", "N", "entities", ("ner",), classes))  # fmt: skip
    project = next(iter(registered(monkeypatch, *jobs)))
    for name in NAMES:
        project.add("a.jpg", [_called(format_, name)], media=[medium_of(format_)])
    made = write(format_, project.shot())
    check_readable(made)
    assert made.written == {"tasks": len(NAMES), "labels": len(NAMES)}
    assert {line["code"] for line in made.errors} <= {"renamed", "character", "unknown_class"}


def _called(format_: Format, name: str) -> Annotation:
    if format_.slug in ("conll", "spacy"):
        return TextSpan(job="NER", tool="t", classes=(name,), start=0, end=4)
    if format_.slug == "classification_csv":
        return Classification(job="KIND", tool="t", answer=Answer("KIND", (Choice(name),)))
    return Box(job="JOB_0", tool="t", classes=(name,), x=0.1, y=0.1, width=0.1, height=0.1, object="o",
               frame=0 if format_.slug == "mot" else None)  # fmt: skip


Assets = Callable[[Format], tuple[Medium, ...]]
MEDIA: dict[str, Assets] = {
    "no medium": lambda format_: (),
    "a medium without a size": lambda format_: (Medium(medium_of(format_).kind, "a", None),),
    "a medium of no size": lambda format_: (Medium(medium_of(format_).kind, "a", None, 0, 0),),
    "a medium of a size beyond all pictures": lambda format_: (
        Medium(medium_of(format_).kind, "a", None, 1e308, 1e308),
    ),
    "a video of more frames than there are": lambda format_: (Medium("video", "a", None, 100, 50, frames=10**12),),
    "a medium of an endless size": lambda format_: (Medium(medium_of(format_).kind, "a", None, INF, NAN),),
    "a medium of an unknown kind": lambda format_: (Medium("other", "a", None, 100, 50),),
}


@pytest.mark.parametrize("case", MEDIA)
def test_an_asset_without_what_a_format_needs_is_named(
    format_: Format, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = next(iter(registered(monkeypatch, *JOBS)))
    project.add("bad", [good(format_)], media=MEDIA[case](format_))
    shot = project.shot()
    made = write(format_, shot)
    check_readable(made)
    assert made.written["labels"] + made.skipped.get("labels", 0) == 1
    empty = project_of_nothing(monkeypatch, format_, case)
    assert made.errors or own(made) != own(empty)
    if made.errors:
        assert {line["asset"] for line in made.errors} == {"T1"}
        with pytest.raises(BadItem):
            write(format_, shot, strict=True)


def project_of_nothing(monkeypatch: pytest.MonkeyPatch, format_: Format, case: str) -> Made:
    """The same asset, of which nothing is said."""
    with monkeypatch.context() as patch:
        project: Project = next(iter(registered(patch, *JOBS)))
        project.add("bad", [], media=MEDIA[case](format_))
        return write(format_, project.shot())
