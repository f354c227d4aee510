"""A character that the fonts lack is printed in a font of the machine, or as its code point; the report says which."""

import shutil
from pathlib import Path

import pikepdf
import pytest

from exports.reports import glyphs, page
from tests.exports.reports.conftest import make_row

THAI = "สวัสดี"


def test_the_vendored_fonts_cover_latin_greek_cyrillic_arabic_and_hebrew():
    text = "Nguyễn Thị Hồng, Δημήτρης, Олена, Łódź, أحمد, ליאור, → … “” – × ≤ µ €"
    assert glyphs.coverage(text) == glyphs.Coverage((), ())


def test_without_a_font_a_character_is_its_code_point_and_the_report_says_so(with_trail, monkeypatch):
    monkeypatch.setattr(glyphs, "FALLBACKS", ())
    html, found = page.write(with_trail(make_row(1, who="中 👍")))
    assert found.unprintable == ("中", "👍")
    assert "‹U+4E2D› ‹U+1F44D›" in html
    assert "中" not in html
    assert "2 characters that no font here has are shown as code points, such as ‹U+4E2D›" in html


def test_a_fallback_font_is_used_and_named_with_its_hash(with_trail, printed, tmp_path, monkeypatch):
    # Any font that the vendored ones do not contain does: here one that stands in for Noto.
    source = next((path for path in glyphs.FALLBACKS if "Thai" in path.name and path.exists()), None)
    if source is None:
        pytest.skip("fonts-noto-core is not installed")
    font = tmp_path / "NotoSansThai-Regular.ttf"
    shutil.copyfile(source, font)
    monkeypatch.setattr(glyphs, "FALLBACKS", (font,))
    facts_ = with_trail(make_row(1, who=THAI))
    html, found = page.write(facts_)
    assert [item.name for item in found.fallbacks] == ["Noto Sans Thai"]
    assert found.unprintable == ()
    assert f"sha256 {found.fallbacks[0].sha256[:16]}" in html
    with pikepdf.open(printed(facts_).path) as pdf:
        names = {
            str(item.FontName) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/FontName" in item
        }
    assert [name for name in names if name.endswith("+RestA")]
    assert not [name for name in names if "Noto" in name], "a font was pulled from the machine unasked"


def test_a_picture_is_asked_for_in_its_text_form():
    found = glyphs.Coverage((), ())
    assert glyphs.spelled("\U0001f44d", found) == "\U0001f44d\ufe0e"
    assert glyphs.spelled("\U0001f44d\ufe0f!", found) == "\U0001f44d\ufe0e!"


def test_ordinary_text_needs_no_font_of_the_machine(with_trail, monkeypatch):
    monkeypatch.setattr(glyphs, "FALLBACKS", (Path("/nonexistent.ttf"),))
    html, found = page.write(with_trail(make_row(1, who="Ana Lúcia")))
    assert found == glyphs.Coverage((), ())
    assert "Fonts of the machine" not in html
