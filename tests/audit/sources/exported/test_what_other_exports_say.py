from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.sources.files.errors import BadFile

GOLDEN = Path(__file__).parents[3] / "golden"
Read = Callable[[Path], Any]


def kinds(found: Any) -> Counter[str]:
    """How many annotations of each kind."""
    return Counter(type(one).__name__ for label in found.labels.values() for one in label)


def test_assets_of_kili_say_what_was_drawn_and_chosen(told: Read) -> None:
    found = told(GOLDEN / "kili_export")
    assert (found.kind, found.problems) == ("kili", [])
    assert kinds(found) == {
        "Classification": 2,
        "Transcription": 1,
        "Box": 3,
        "Polyline": 2,
        "Polygon": 8,
        "Marker": 1,
        "Pose": 1,
        "Relation": 1,
    }
    assert set(found.labels) == {"2024-03-01T10:00:00.000Z/DEFAULT"}  # Of each asset one.
    job = found.ontology.job("JOB_POSE")
    assert [point for known in job.classes for point in known.points]
    nested = {job.key for job in found.ontology.jobs if job.nested}
    assert {"WEATHER", "COLOR", "PLATE"} <= nested


def test_pixels_beside_fractions_are_left_out_of_labels_of_kili(told: Read) -> None:
    found = told(GOLDEN / "kili_export")
    labels = [event.content for event in found.events if event.type == "label.updated"]
    assert labels
    assert not any(b'"vertices"' in content or b"Pixels" in content for content in labels)


def test_one_file_of_kili_says_the_same_as_a_file_for_each_asset(told: Read, tmp_path: Path) -> None:
    assets = [json.loads(path.read_text()) for path in sorted((GOLDEN / "kili_export" / "labels").glob("*.json"))]
    whole = tmp_path / "data.json"
    whole.write_text(json.dumps(assets))

    def states(found: Any) -> list[tuple[str, str]]:
        return [(event.task, event.version.state) for event in found.events if event.type == "label.updated"]

    assert states(told(whole)) == states(told(GOLDEN / "kili_export"))


def test_labels_of_kili_at_one_moment_are_told_apart(told: Read, tmp_path: Path) -> None:
    asset = json.loads((GOLDEN / "kili_export" / "labels" / "full.json").read_text())
    label = asset.pop("latestLabel")
    path = tmp_path / "data.json"
    path.write_text(json.dumps([{**asset, "labels": [label, {**label, "labelType": "REVIEW"}, label]}]))
    first = "2024-03-01T10:00:00.000Z"
    assert set(told(path).labels) == {f"{first}/DEFAULT", f"{first}/REVIEW", f"{first}/DEFAULT/2"}


def test_files_of_diffgram_stand_for_tasks(told: Read) -> None:
    found = told(GOLDEN / "diffgram" / "export.json")
    assert found.kind == "diffgram"
    assert {event.task for event in found.events if event.task} == {"3001", "3002", "3003", "3004", "3005", "3006"}
    assert kinds(found)["Box"] == 7
    assert [known.title for known in found.ontology.job("objects").classes] == ["Car", "Lane"]
    assert all(event.files == () for event in found.events)


def test_tasks_of_isahit_have_their_form_back(told: Read) -> None:
    found = told(GOLDEN / "isahit" / "lab.json")
    assert (found.kind, found.problems) == ("isahit", [])
    assert kinds(found) == {"Box": 1, "Transcription": 2}
    assert [job.key for job in found.ontology.jobs] == ["boxes", "color", "title"]
    (box,) = (one for label in found.labels.values() for one in label if type(one).__name__ == "Box")
    assert (box.classes, box.answers[0].choices[0].key) == (("car",), "red")


def test_tasks_of_two_projects_of_isahit_are_refused(told: Read, tmp_path: Path) -> None:
    tasks = json.loads((GOLDEN / "isahit" / "lab.json").read_text())
    tasks[0]["projectId"] = "another"
    path = tmp_path / "lab.json"
    path.write_text(json.dumps(tasks))
    with pytest.raises(BadFile, match="its tasks are of 2 projects"):
        told(path)
