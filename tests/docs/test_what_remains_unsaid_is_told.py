"""docs/formats.md tells of every format of labels what it can't say of other platforms' labels."""

from __future__ import annotations

import re
from pathlib import Path

from exports.formats import FORMATS
from exports.formats.labels.annotated import AnnotatedFormat

ALONE = ("isahit_lab", "isahit_mask")
"""Formats of one platform's own payloads."""


def test_every_format_of_labels_has_a_row_in_the_table() -> None:
    text = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()
    table = text.partition("**What remains unsaid**")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z0-9_*]+)`", row)}
    meant = {slug for slug, one in FORMATS.items() if isinstance(one, AnnotatedFormat)} - set(ALONE)
    assert {
        slug for slug in meant if slug not in named and not (slug.startswith("yolo_") and "yolo_*" in named)
    } == set()
    assert {name for name in named if name not in meant and name != "yolo_*"} == set()
