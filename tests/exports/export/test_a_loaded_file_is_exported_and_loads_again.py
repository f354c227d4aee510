"""Maps and marked texts: loaded into a record, exported from it, and loaded into another one, as the archive is."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from audit.models import LabelVersion, Project, Task
from exports.run import make_export

pytestmark = pytest.mark.django_db
MAPS = Path(__file__).parents[2] / "golden" / "kili" / "exports" / "11_geospatial" / "geojson_merged"
LINES = [
    {"text": "In Vienna.", "spans": [{"start": 3, "end": 9, "label": "PLACE"}]},
    {"text": "Amara left.", "entities": [[0, 5, "PER"]], "id": "T7"},
]


def loaded(path: Path, name: str) -> Project:
    call_command("load", str(path), "--project", name, stdout=io.StringIO(), stderr=io.StringIO())
    return Project.objects.get(name=name)


def written(project: Project, slug: str, path: Path) -> dict[str, Any]:
    made = make_export(project, slug, parameters={}, output=path)
    assert made.counts["skipped"] == {}
    written: dict[str, Any] = made.counts["written"]
    return written


def held(project: Project) -> list[tuple[str, str, str]]:
    found = LabelVersion.objects.filter(project=project).order_by("task__external_id")
    return list(found.values_list("task__external_id", "external_id", "task__name"))


@pytest.mark.parametrize("slug", ["geojson", "spacy"])
def test_the_second_export_says_what_the_first_one_says(slug: str, tmp_path: Path) -> None:
    source, suffix = MAPS, "zip"
    if slug == "spacy":
        source, suffix = tmp_path / "lines.jsonl", "jsonl"
        source.write_text("\n".join(map(json.dumps, LINES)))
    first = loaded(source, "First")
    one, other = tmp_path / f"one.{suffix}", tmp_path / f"other.{suffix}"
    assert written(first, slug, one) == {"tasks": 2, "labels": 2}
    second = loaded(one, "Second")
    assert Task.objects.filter(project=second).count() == 2
    assert held(first) == held(second)
    written(second, slug, other)
    if slug == "spacy":
        assert one.read_bytes() == other.read_bytes()
    else:
        loaded(other, "Second")
        assert LabelVersion.objects.filter(project=second).count() == 2, "but for the day of export nothing changed"
