"""Exports read back."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.models import Project
from exports.models import Export
from exports.run import make_export


@pytest.fixture
def exported(tmp_path: Path) -> Callable[..., tuple[Export, list[dict[str, Any]]]]:
    """Export as `trail`; the row, and the tasks of trail.json."""

    def export(project: Project, **options: Any) -> tuple[Export, list[dict[str, Any]]]:
        made = make_export(project, "trail", output=tmp_path / "trail.zip", force=True, **options)
        with zipfile.ZipFile(made.files[0]["path"]) as archive:
            return made, json.loads(archive.read("trail.json"))

    return export
