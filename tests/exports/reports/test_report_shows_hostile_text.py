"""Names and texts are printed as they are: not as markup, not as a direction of writing, not as an address to fetch."""

import shutil
import subprocess
from dataclasses import replace

import pikepdf
import pytest

from exports.reports import page
from exports.reports.words import TEXT, line, lines
from tests.exports.reports.conftest import make_row

needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
MARKUP = '<img src="file:///etc/hostname"><link rel=attachment href="http://127.0.0.1:9/">&lt;b>'


def text_of(path) -> str:
    done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True)
    return done.stdout


@needs_pdftotext
def test_markup_in_a_name_is_printed_and_nothing_of_it_is_fetched(with_trail, printed):
    done = printed(with_trail(make_row(1, text=lines(MARKUP)), name=line(MARKUP)))
    text = "".join(text_of(done.path).split())
    assert '<imgsrc="file:///etc/hostname"><linkrel=attachmenthref="http://127.0.0.1:9/">&lt;b>' in text
    with pikepdf.open(done.path) as pdf:
        assert len(pdf.Root.AF) == 4


@needs_pdftotext
def test_marks_that_turn_or_hide_text_are_shown_as_code_points(with_trail, printed):
    done = printed(with_trail(make_row(1, who=line("user\u202egnp.exe"), text=lines("a\u0000b\u200bc\u001b[2J"))))
    text = text_of(done.path)
    assert "user‹U+202E›gn" in text
    assert "a‹U+0000›b‹U+2" in text
    assert not {"\u202e", "\u0000", "\u200b", "\u001b"} & set(text)


@needs_pdftotext
def test_right_to_left_names_are_printed_in_their_own_letters(with_trail, printed):
    done = printed(with_trail(make_row(1, who=line("ליאור כהן")), make_row(2, who=line("أحمد"))))
    text = text_of(done.path)
    assert "ליאור" in text or "רואיל" in text  # poppler may give visual order
    assert "U+05DC" not in text


def test_a_text_of_100_000_characters_is_cut_and_says_by_how_much(with_trail, printed):
    text = lines("x" * 100_000)
    assert text.endswith(f" … ({100_000 - TEXT:,} more characters)")
    done = printed(with_trail(make_row(1, text=text, who=line("y" * 100_000), stage=line("z" * 100_000))))
    assert done.pages < 20


def test_a_text_of_many_lines_is_cut_too():
    assert lines("a\n" * 1000).count("\n") == 11
    assert "more characters" in lines("a\n" * 1000)


def test_a_newline_in_a_name_does_not_break_the_line():
    assert line("a\nb\tc") == "a⟦U+000A⟧b⟦U+0009⟧c"


def test_every_text_of_the_facts_is_escaped(sample):
    facts_ = sample()
    hostile = "<script>alert(1)</script>"
    html, _ = page.write(
        replace(
            facts_,
            title=hostile,
            scope=replace(
                facts_.scope,
                project=hostile,
                task=hostile,
                task_id=hostile,
                project_id=hostile,
                source=hostile,
                zone=hostile,
            ),
            people=(replace(facts_.people[0], name=hostile, did=((hostile, 1),)),),
            process=replace(
                facts_.process,
                stages=(replace(facts_.process.stages[0], name=hostile), facts_.process.stages[1]),
                transitions=(replace(facts_.process.transitions[0], start=hostile, end=hostile),),
            ),
            time=replace(facts_.time, by_person=tuple(replace(item, label=hostile) for item in facts_.time.by_person)),
        )
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;") > 15


def test_a_template_that_names_what_is_not_there_is_an_error(sample, monkeypatch):
    context = page._context

    def without(facts_, found):
        values = context(facts_, found)
        del values["short_issued"]
        return values

    monkeypatch.setattr(page, "_context", without)
    with pytest.raises(page.TemplateError, match="short_issued"):
        page.write(sample())
