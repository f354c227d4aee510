"""Recorded projects of isahit lab as COCO, YOLO, Pascal VOC and Kili's JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exports.formats import FORMATS
from exports.formats.base import LabelledTask, LabelRow, ProjectInfo
from tests.audit.sources.isahit.conftest import Case, content
from tests.exports.formats.snapshots import Shot, write

GOLDEN = Path(__file__).parents[3] / "golden" / "isahit"


def _shot(name: str) -> Shot:
    found = json.loads((GOLDEN / f"{name}.json").read_text())
    case = Case(found["project_configuration"], found["tasks"])
    assets = []
    for number, task in enumerate(case.tasks, start=1):
        history = case.history(task)
        if not any(event.type == "label.updated" for event in history.events):
            continue
        label = LabelRow(
            f"L{number}", 1, "DEFAULT", None, None, None, "", False, False, number, content(history, "label.updated")
        )
        details = content(history, "task.updated")
        assets.append(LabelledTask(history.task, number, task, "", "", details, (), (label,)))
    project = ProjectInfo("isahit", "p", "Isahit", "test.example/i/l", case.settings, "2026-03-02T09:00:00.000000Z")
    return Shot(project=project, assets=assets)


@pytest.mark.parametrize("name", ["rectangle", "polygon", "segmentation", "form_one_input", "rectangle_sequence"])
@pytest.mark.parametrize("slug", ["coco", "yolo_v5", "pascal_voc", "kili"])
def test_what_isahit_lab_drew_is_there_or_named(name, slug) -> None:
    shot = _shot(name)
    format_ = FORMATS[slug]
    assert format_.refusal(shot.project) == ""
    made = write(format_, shot, layout="merged")
    objects = {
        "coco": lambda: len(json.loads(made.files["labels.json"])["annotations"]),
        "yolo_v5": lambda: sum(len(data.splitlines()) for path, data in made.files.items() if "labels/" in path),
        "pascal_voc": lambda: sum(data.count(b"<object>") for data in made.files.values()),
        "kili": lambda: sum(data.count(b'"boundingPoly"') for path, data in made.files.items() if "labels/" in path),
    }[slug]()
    assert objects > 0
    assert {one["code"] for one in made.errors} <= {
        "not_held", "no_size", "bad_geometry", "no_class", "unknown_class", "no_file", "no_media", "cut", "outside",
        "renamed", "no_geometry",
    }  # fmt: skip
