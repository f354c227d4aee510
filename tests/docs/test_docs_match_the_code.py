"""The documentation's tables say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audit.eventtypes import TYPES
from audit.log.envelope import Envelope

ROOT = Path(__file__).resolve().parents[2]


def table_rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table after a heading of a page in docs/."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").split(f"## {heading}", 1)[1]
    lines = [line for line in text.split("\n## ")[0].splitlines() if line.startswith("| ")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[1:] if "---" not in line]


def test_every_event_type_stands_in_the_log_page_as_it_is() -> None:
    expected = [[kind.name, kind.group, kind.status or "–", "no" if kind.final else "yes"] for kind in TYPES.values()]
    assert table_rows("log.md", "Event types") == expected


def test_every_setting_stands_in_the_operators_page() -> None:
    read = set(re.findall(r'_env\.read\(\s*"([A-Z_]+)"', (ROOT / "exportsite/settings.py").read_text(encoding="utf-8")))
    told = {name for row in table_rows("operate.md", "Settings") for name in re.findall(r"[A-Z_]{6,}", row[0])}
    assert read <= told


def test_the_envelopes_keys_stand_in_the_contracts() -> None:
    rows = table_rows("contracts.md", "1. Envelope, version 1")
    told = {name.strip("` ") for row in rows for name in row[0].split(",")}
    assert told == set(Envelope.__struct_fields__)


PAGES = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    source = ROOT / page
    for target, anchor in re.findall(r"\]\(([^)#:\s]*)(#[^)\s]*)?\)", source.read_text(encoding="utf-8")):
        file = source if not target else (source.parent / target)
        assert file.exists(), f"{page} links to {target}, which does not exist"
        if anchor and file.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor[1:] in slugs, f"{page} links to {target}{anchor}, which does not exist"
