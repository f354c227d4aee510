"""docs/sources.md says of Labelbox what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.sources.labelbox import details, labels
from audit.sources.labelbox.versions import TYPES

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "sources.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## Labelbox\n")[1].split("\n## ")[0]


@pytest.mark.parametrize(("action", "type_"), TYPES.items())
def test_each_action_of_a_version_is_described(action: str, type_: str) -> None:
    assert f"| `{action}` | a version | `{type_}` |" in SECTION


@pytest.mark.parametrize("name", [*labels.VOLATILE, *details.VOLATILE])
def test_each_volatile_field_is_named(name: str) -> None:
    assert f"`{name}`" in SECTION
