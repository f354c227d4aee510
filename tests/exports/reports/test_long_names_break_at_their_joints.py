"""A name that is too long for its column ends a line where people would end it, not in the middle of a word."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from exports.reports import listing
from exports.reports.rows import Change
from exports.reports.tags import change, jointed
from exports.reports.words import pieces
from tests.exports.reports.conftest import make_row

ID = "a0000000-0000-4000-8000-000000000030"


def test_long_names_are_in_pieces_that_give_the_name_again():
    assert pieces("TASK_ENTERED_STAGE") == ["TASK_", "ENTERED_", "STAGE"]
    assert pieces(f"by {ID}") == ["by a0000000", "-0000", "-4000", "-8000", "-000000000030"]
    assert pieces("person.05@example.org") == ["person.", "05@", "example.", "org"]
    for text in ("", "a", "x" * 50, "__________________", f"{ID} and {ID}"):
        assert "".join(pieces(text)) == text


def test_short_names_and_sentences_stay_in_one_piece():
    assert pieces("review.late") == ["review.late"]
    assert pieces("Lesion 2 is missing, see slice 41.") == ["Lesion 2 is missing, see slice 41."]


def test_what_others_wrote_is_still_escaped():
    assert jointed("<b>&_<script>_alert") == "<bdi>&lt;b&gt;&amp;_&lt;script&gt;_\u200balert</bdi>"
    assert "<script" not in change(Change("<script>label.<script>", "<script>old_<script>", "<script>new-<script>"))


def test_a_volume_breaks_longer_pieces_too():
    assert listing._cell("TASK_ENTERED_STAGE", 10) == "TASK_\u200bENTERED_\u200bSTAGE"
    assert listing._cell("x" * 25, 10) == "\u200b".join(["x" * 10, "x" * 10, "x" * 5])


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_a_report_ends_the_line_there(with_trail, printed):
    path = printed(with_trail(make_row(1, event="TASK_STATE_COMPLETED", who=ID))).path
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"^TASK_STATE_$", text, re.MULTILINE)
    assert re.search(r"^-4000-8000$", text, re.MULTILINE)
