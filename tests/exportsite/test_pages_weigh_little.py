"""What a browser has to fetch besides the page itself."""

from __future__ import annotations

import gzip
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "exportsite" / "static"


def test_styles_and_scripts_are_under_60_kilobytes_compressed() -> None:
    files = [path for path in STATIC.rglob("*") if path.suffix in (".css", ".js")]
    assert {path.name for path in files} >= {"labeltrail.css", "labeltrail.js", "htmx.min.js"}
    assert sum(len(gzip.compress(path.read_bytes(), 6)) for path in files) < 60_000


def test_pages_bring_no_style_and_no_script_of_their_own() -> None:
    templates = STATIC.parents[1] / "templates"
    for path in templates.rglob("*.html"):
        if path.parent.name == "reports":
            continue  # Printed, never served.
        text = path.read_text(encoding="utf-8")
        assert "style=" not in text, path
        assert "<style" not in text, path
        assert "<script>" not in text, path
        assert " onclick=" not in text, path
