from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_no_other_module_imports_it() -> None:
    importing = re.compile(r"^\s*(from|import) django_q\b", re.MULTILINE)
    found = {
        path.parent
        for app in ("exportsite", "audit", "exports")
        for path in (ROOT / app).rglob("*.py")
        if importing.search(path.read_text(encoding="utf-8"))
    }
    assert found == {ROOT / "exportsite" / "jobs"}
