from __future__ import annotations

import re
from pathlib import Path

from audit.sources.redbrick import walk as names
from audit.sources.redbrick.events import TYPES

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "sources.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table after a heading."""
    lines = PAGE.split(f"### {heading}\n", 1)[1].split("\n### ")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")][2:]


def test_every_type_of_the_audit_trail_stands_in_the_table_as_it_is_kept() -> None:
    told = {name: kept for cell, kept in rows("Events") for name in re.findall(r"`(\w+)`", cell)}
    assert told.keys() >= names.NAMES
    for name, type_ in TYPES.items():
        assert told[name].startswith(f"`{type_}`")


def test_each_field_beyond_the_sdks_stands_among_the_differences() -> None:
    told = " ".join(here for _, here in rows("Where answers differ from the SDK's"))
    assert {"eventId", "toStage", "cycle", "updatedBy", "createdAt"} <= set(re.findall(r"`(\w+)`", told))
