"""`classification_csv`: a row for each choice, nested ones under their path; no cell is a formula."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from audit.annotations import Answer, Choice, Classification, Transcription
from audit.ontology import Job, LabelClass
from exports.formats.others.classes_csv import ClassificationCsvFormat
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, box, registered

JOBS = (
    Job("KIND", "Kind", "classification", ("radio",), (LabelClass("CT", "Computed tomography"),)),
    Job("PART", "Part", "classification", ("checkbox",), (LabelClass("LUNG", "Lung"),), nested=True),
    Job("NOTE", "Note", "transcription", ("input",)),
)


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Any:
    yield from registered(monkeypatch, *JOBS)


def rows(made: Made) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made.files["classifications.csv"].decode(), newline="")))


def test_nested_choices_are_rows_with_their_path(project: Project) -> None:
    inner = Answer("PART", (Choice("LUNG", confidence=0.5),))
    answer = Answer("KIND", (Choice("CT", (inner,)),))
    project.add("a.png", [Classification(job="KIND", tool="radio", answer=answer)])
    first, second = rows(write(ClassificationCsvFormat(), project.shot()))
    assert (first["job"], first["path"], first["class"], first["title"]) == (
        "KIND",
        "KIND",
        "CT",
        "Computed tomography",
    )
    assert (second["path"], second["class"], second["confidence"]) == ("KIND / CT / PART", "LUNG", "0.5")
    assert (first["task"], first["name"], first["label"]) == ("T1", "a.png", "L1.0")


def test_what_somebody_wrote_is_a_row_and_no_formula(project: Project) -> None:
    project.add("a.png", [Transcription(job="NOTE", tool="input", text="=cmd()")])
    (row,) = rows(write(ClassificationCsvFormat(), project.shot()))
    assert row["text"] == "'=cmd()"


def test_an_asset_without_answers_still_has_a_row(project: Project) -> None:
    project.add("a.png", [])
    (row,) = rows(write(ClassificationCsvFormat(), project.shot()))
    assert (row["name"], row["job"]) == ("a.png", "")


def test_what_is_drawn_is_noted(project: Project) -> None:
    project.add("a.png", [box(0, 0, 1, 1)])
    made = write(ClassificationCsvFormat(), project.shot())
    assert [error["code"] for error in made.errors] == ["not_held"]
