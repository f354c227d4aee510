"""Boxes and words on pages of a PDF, in Label Studio's words, come back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace as changed

from audit.annotations import Annotation, Answer, Box, Choice, Classification, Medium, PageSpan, Polygon
from audit.ontology import Job, LabelClass
from exports.formats.labelstudio.labelstudio import LabelStudioFormat
from tests.exports.formats.labelstudio.loaded import loaded
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, registered

JOBS = (
    Job("MARK", "Mark", "objects", ("rectangle",), (LabelClass("TABLE", "Table"),)),
    Job("NER", "Words", "entities", ("ner",), (LabelClass("NAME", "Name"),)),
    Job("KIND", "Kind", "classification", ("radio",), (LabelClass("A", "A"),)),
)
PAGES = Medium("pdf", "a.pdf", "https://x.example/a.pdf", pages=((200, 100), (400, 400)))
MARK: dict[str, Any] = {"job": "MARK", "tool": "ocrlabels", "classes": ("TABLE",)}
ROW = ((0.125, 0.25), (0.5, 0.25), (0.5, 0.5), (0.125, 0.5))


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    return next(iter(registered(monkeypatch, *JOBS)))


def again(project: Project, tmp_path: Path, *said: Annotation) -> tuple[Made, list[Annotation]]:
    project.add("a.pdf", said, media=[PAGES])
    made = write(LabelStudioFormat(), project.shot())
    _, tasks = loaded(made.files["tasks.json"], tmp_path)
    (task,) = tasks.values()
    assert [medium.kind for medium in task.media] == ["pdf"]
    ((labelled),) = task.said.values()
    assert labelled.problems == ()
    return made, list(labelled.annotations)


def test_boxes_of_pages_come_back(project: Project, tmp_path: Path) -> None:
    plain = Box(x=0.1, y=0.2, width=0.3, height=0.4, page=2, object="a", id="a", **MARK)
    turned = Box(x=0.5, y=0.5, width=0.25, height=0.25, angle=30, page=1, object="b", id="b", **MARK)
    made, (first, second) = again(project, tmp_path, plain, turned)
    assert made.errors == []
    assert first == plain
    assert isinstance(second, Box)
    assert (second.x, second.y, second.angle, second.page) == (pytest.approx(0.5), pytest.approx(0.5), 30, 1)
    (pdf, marks, *_) = ET.fromstring(made.files["label_config.xml"])
    assert (pdf.tag, pdf.get("value"), marks.tag, marks.get("toName"), len(marks)) == (
        "Pdf", "$pdf", "OcrLabels", "pdf", 1,
    )  # fmt: skip
    (result, *_) = json.loads(made.files["tasks.json"])[0]["annotations"][0]["result"]
    assert result["value"] == {
        "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4, "rotation": 0, "pageIndex": 2, "ocrlabels": ["TABLE"],
    }  # fmt: skip


def test_words_of_a_page_come_back_box_by_box(project: Project, tmp_path: Path) -> None:
    lower = tuple((x, y + 0.25) for x, y in ROW)
    answers = (Answer("KIND", (Choice("A"),)),)
    words = PageSpan(job="NER", tool="ocrlabels", classes=("NAME",), boxes=(ROW, lower), quote="Marie Curie", page=2,
                     object="w", id="w", answers=answers)  # fmt: skip
    made, (first, second) = again(project, tmp_path, words)
    assert made.errors == []
    assert first == changed(words, boxes=(ROW,))
    assert isinstance(second, PageSpan)
    assert (second.boxes, second.quote, second.linked, second.page, second.answers) == ((lower,), None, "w", 2, ())


def test_what_a_page_can_not_hold_has_a_line(project: Project, tmp_path: Path) -> None:
    said = [
        Polygon(outline=((0, 0), (1, 0), (1, 1)), page=1, **MARK),
        PageSpan(boxes=(), quote="x", page=1, **{**MARK, "job": "NER", "classes": ("NAME",)}),
        Box(x=0, y=0, width=1, height=1, page=1, **{**MARK, "classes": ()}),
        Classification(job="KIND", tool="radio", answer=Answer("KIND", (Choice("A"),)), page=2),
        Box(x=0, y=0, width=0.5, height=0.5, page=1, **MARK),
    ]
    made, found = again(project, tmp_path, *said)
    assert len(found) == 1
    assert [line["code"] for line in made.errors] == ["not_held", "no_geometry", "no_class", "not_held"]
