"""What an archive, a screen reader and an inspector need of the file itself."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest


@pytest.fixture(scope="module")
def pdf(sample_pdf: Path) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(sample_pdf) as opened:
        yield opened


def elements(pdf: pikepdf.Pdf, kind: str) -> list[Any]:
    return [
        item
        for item in pdf.objects
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/StructElem" and item.get("/S") == kind
    ]


def test_it_says_that_it_is_pdf_a_3a_and_carries_its_colour_profile(pdf):
    with pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
    assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"


def test_it_has_a_language_and_shows_its_title(pdf):
    assert str(pdf.Root.Lang) == "en"
    assert str(pdf.docinfo["/Title"]) == "Task dossier: CT 1"
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle) is True


def test_its_dates_are_those_of_the_last_event(pdf):
    assert str(pdf.docinfo["/CreationDate"]).startswith("D:20260814220006")


def test_it_is_tagged(pdf):
    assert bool(pdf.Root.MarkInfo.Marked) is True
    assert elements(pdf, "/Table")
    assert elements(pdf, "/H1")
    assert elements(pdf, "/H2")


def test_every_header_cell_says_what_it_heads(pdf):
    cells = elements(pdf, "/TH")
    scopes = {str(cell.A.get("/Scope")) for cell in cells}
    assert len(cells) > 50
    assert scopes == {"/Column", "/Row"}


def test_every_figure_has_an_alternative_text(pdf):
    figures = elements(pdf, "/Figure")
    assert figures
    assert all(len(str(figure.get("/Alt", ""))) > 20 for figure in figures)


def test_each_attached_file_is_listed_once_with_its_relationship(pdf):
    listed = [str(item.UF) for item in pdf.Root.AF]
    assert sorted(listed) == ["checkpoint.note", "definition.json", "entries.jsonl", "verify.py"]
    assert {str(item.AFRelationship) for item in pdf.Root.AF} == {"/Data", "/Supplement"}
    types = {str(item.UF): str(item.EF.F.Subtype) for item in pdf.Root.AF}
    assert types["entries.jsonl"] == "/application/x-ndjson"


def test_all_fonts_are_embedded_and_none_is_a_slanted_or_foreign_one(pdf):
    fonts = [
        item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
    ]
    assert fonts
    for font in fonts:
        assert "/FontFile3" in font or "/FontFile2" in font
        assert "Plex" in str(font.FontName)
        assert "Oblique" not in str(font.FontName)


def test_it_has_bookmarks_and_nothing_that_acts(pdf):
    with pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert "10 Integrity, and how to verify" in titles
    assert not pdf.is_encrypted
    text = b"".join(item.unparse() for item in pdf.objects if isinstance(item, pikepdf.Dictionary))
    assert b"/JavaScript" not in text
    assert b"/Launch" not in text


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_no_fault(sample_pdf):
    done = subprocess.run(["qpdf", "--check", str(sample_pdf)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
