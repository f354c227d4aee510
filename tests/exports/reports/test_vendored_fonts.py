"""The fonts are the published files that their table names."""

import re
from hashlib import sha256

from exports.reports.glyphs import COVERING, FONTS


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
