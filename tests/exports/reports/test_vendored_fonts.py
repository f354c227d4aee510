"""The fonts are the published files that their table names."""

import re
from hashlib import sha256

from exports.reports import unpacked
from exports.reports.glyphs import COVERING
from exports.reports.unpacked import FONTS, unpack_fonts


def test_each_font_has_the_hash_that_the_table_states():
    stated = dict(re.findall(r"\| `(\S+\.woff2)` \|.*\| `([0-9a-f]{64})` \|", (FONTS / "README.md").read_text()))
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in FONTS.glob("*.woff2")}
    assert stated == found


def test_the_licence_stands_beside_them():
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text().upper()


def test_the_stylesheet_names_every_font_and_no_other():
    sheet = (FONTS.parents[2] / "templates" / "reports" / "report.css").read_text()
    assert set(re.findall(r"url\(fonts/([^)]+)\)", sheet)) == {f"{path.stem}.ttf" for path in FONTS.glob("*.woff2")}
    assert set(COVERING) <= {path.name for path in FONTS.glob("*.woff2")}


def test_a_font_is_unpacked_once_and_kept_for_the_next_report(tmp_path, settings):
    settings.LABELTRAIL_HOME = tmp_path
    unpack_fonts(tmp_path / "first")
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "fonts").iterdir()}
    unpack_fonts(tmp_path / "second")
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "fonts").iterdir()} == kept
    names = {f"{path.stem}.ttf" for path in FONTS.glob("*.woff2")}
    for folder in ("first", "second"):
        assert {path.name for path in (tmp_path / folder).iterdir()} == names
    assert all((tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes() for name in names)


def test_what_another_tool_unpacked_is_not_used(tmp_path, settings, monkeypatch):
    settings.LABELTRAIL_HOME = tmp_path
    monkeypatch.setattr(unpacked, "_unpacked", lambda packed: b"of the first")
    unpack_fonts(tmp_path / "first")
    monkeypatch.setattr(unpacked, "version", "another")
    monkeypatch.setattr(unpacked, "_unpacked", lambda packed: b"of the second")
    unpack_fonts(tmp_path / "second")
    assert {path.read_bytes() for path in (tmp_path / "second").iterdir()} == {b"of the second"}
