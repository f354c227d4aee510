"""A project of Kili, from its record to the finished archive."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from audit.models import Project
from exports.models import Export
from exports.run import make_export
from exports.verify import __file__ as verifier
from exportsite.problems import WrongRequest
from tests.exports.kili_recorded import recorded

pytestmark = pytest.mark.django_db


def _export(project: Project, slug: str, path: Path, **parameters: Any) -> Export:
    return make_export(project, slug, parameters=parameters, output=path)


def _files(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as found:
        return {name: found.read(name) for name in found.namelist()}


@pytest.mark.parametrize("slug", ["coco", "yolo_v4", "yolo_v5", "yolo_v8", "pascal_voc", "kili", "raw"])
def test_an_archive_counts_verifies_and_comes_out_the_same_twice(tmp_path, slug) -> None:
    project = recorded("01_bbox_single_job")
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    made = _export(project, slug, first)
    _export(project, slug, second)
    assert first.read_bytes() == second.read_bytes()
    files = _files(first)
    assert files["errors.ndjson"] == b""
    manifest = json.loads(files["manifest.json"])
    assert manifest["counts"]["written"] == manifest["counts"]["expected"] == {"labels": 6, "tasks": 7}
    assert manifest["parameters"]["label_type_in"] == ["DEFAULT", "REVIEW"]
    assert made.counts["written"] == {"labels": 6, "tasks": 7}
    checked = subprocess.run([sys.executable, "-I", verifier, str(first)], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_pseudonyms_take_the_place_of_people(tmp_path) -> None:
    project = recorded("01_bbox_single_job")
    _export(project, "kili", tmp_path / "n.zip", single_file="true")
    _export(project, "kili", tmp_path / "p.zip", single_file="true", people="pseudonyms")
    named, hidden = _files(tmp_path / "n.zip")["data.json"], _files(tmp_path / "p.zip")["data.json"]
    author = json.loads(named)[0]["latestLabel"]["author"]
    assert author == {
        "email": "jane.doe@example.com",
        "firstname": "Jane",
        "id": "user-1",
        "lastname": "Doe",
        "name": "Jane Doe",
    }
    assert b"jane" not in hidden.lower()
    assert json.loads(hidden)[0]["latestLabel"]["author"]["email"].startswith("@p:")


def test_what_kili_refuses_is_refused_before_anything_isrecorded(tmp_path) -> None:
    project = recorded("01_bbox_single_job")
    with pytest.raises(WrongRequest, match="can not be exported into a single file"):
        _export(project, "yolo_v5", tmp_path / "x.zip", single_file="true")
    with pytest.raises(WrongRequest, match="input type 'TEXT' not compatible with COCO export format"):
        _export(recorded("09_text_ner_relations"), "coco", tmp_path / "x.zip")
    assert not Export.objects.exists()
    assert not list(tmp_path.iterdir())


def test_a_project_without_assets_is_exported(tmp_path) -> None:
    _export(recorded("15_empty_project"), "coco", tmp_path / "x.zip", layout="merged")
    found = json.loads(_files(tmp_path / "x.zip")["labels.json"])
    assert (found["images"], found["annotations"]) == ([], [])
    assert len(found["categories"]) == 2
