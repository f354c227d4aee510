"""A COCO file becomes a project of tasks and labels; loaded again it adds what is new in it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.log.verify import verify
from audit.models import Event, LabelVersion, Project, Task

COCO = {
    "info": {"year": 2026},
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 4]},
        {"id": 2, "image_id": 8, "category_id": 1, "bbox": [1, 2, 3, 4]},
        {"id": 3, "image_id": 7, "category_id": 1, "bbox": [5, 5, 3, 4]},
    ],
    "categories": [{"id": 1, "name": "cell"}],
    "images": [
        {"id": 7, "file_name": "a.png", "width": 10, "height": 10},
        {"id": 8, "file_name": "b.png", "width": 10, "height": 10},
        {"id": 9, "file_name": "c.png", "width": 10, "height": 10},
    ],
}


def load(tmp_path: Path, content: Any, *more: str) -> str:
    path = tmp_path / "labels.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    out = StringIO()
    call_command("load", str(path), "--project", "Cells", *more, stdout=out, stderr=out)
    return out.getvalue()


def test_images_are_tasks_and_their_annotations_one_label(db: None, tmp_path: Path) -> None:
    assert "Read as a COCO file (--kind coco)." in load(tmp_path, COCO)
    project = Project.objects.get()
    assert project.source.kind == "coco-file"
    names = Task.objects.order_by("number").values_list("external_id", "name")
    assert list(names) == [("7", "a.png"), ("8", "b.png"), ("9", "c.png")]
    labels = LabelVersion.objects.order_by("event_id").values_list("task__external_id", "external_id", "number")
    assert list(labels) == [("7", "annotations", 1), ("8", "annotations", 1)]
    assert verify(project.log).holds


def test_the_same_file_adds_nothing(db: None, tmp_path: Path) -> None:
    load(tmp_path, COCO)
    before = Event.objects.count()
    assert " 0 added" in load(tmp_path, COCO)
    assert Event.objects.count() == before


def test_a_changed_annotation_is_a_version_more(db: None, tmp_path: Path) -> None:
    load(tmp_path, COCO)
    changed = json.loads(json.dumps(COCO))
    changed["annotations"][1]["bbox"] = [0, 0, 1, 1]
    changed["images"] = changed["images"][1:]
    changed["annotations"] = changed["annotations"][1:2]
    load(tmp_path, changed)
    held = LabelVersion.objects.filter(task__external_id="8", to_index=None).get()
    assert held.number == 2
    there = LabelVersion.objects.filter(task__external_id="7", to_index=None)
    assert there.exists(), "what an export does not have may still be there"
    assert verify(Project.objects.get().log).holds


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"images": COCO["images"][:1]}, "annotations are of the image 8, which the file does not have"),
        ({"images": [*COCO["images"], COCO["images"][0]]}, "two images with the id 7"),  # type: ignore[index,list-item]
        ({"images": [{"file_name": "x", "height": 1}]}, "an image in the file is none"),
        ({"images": [{"id": 7, "file_name": 5}]}, r"an image in the file is none: .*`str \| null`"),
        ({"annotations": [{"id": 1, "category_id": 1}]}, "an annotation in the file is none"),
        ({"images": [], "annotations": []}, "there is no task in it"),
    ],
)
def test_a_file_that_does_not_fit_together_adds_nothing(db: None, tmp_path: Path, change: Any, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        load(tmp_path, {**COCO, **change}, "--kind", "coco")
    assert not Project.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('"info": {broken}', '"info" in the file is no JSON'),
        ('"annotations": [{"image_id": 7, "area": 1e999}]', "an annotation in the file is none"),
        ('"images": [{"id": 7, "x": {broken}}]', "an image in the file is none"),
    ],
)
def test_what_is_no_json_is_said(db: None, tmp_path: Path, wrong: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        load(tmp_path, f'{{"licenses": [], {wrong}}}', "--kind", "coco")


def test_a_file_with_a_name_of_its_own_and_half_characters_is_loaded(db: None, tmp_path: Path) -> None:
    content = json.dumps({**COCO, "name": 5}).replace('"a.png"', '"\\ud800.png"')
    load(tmp_path, content)
    assert Project.objects.get().name == "Cells"
    assert Task.objects.filter(name="\ufffd.png").exists()


@pytest.mark.parametrize("cut", [20, 200, 400])
def test_a_file_that_is_cut_off_adds_nothing(db: None, tmp_path: Path, cut: int) -> None:
    with pytest.raises(CommandError, match=r"cut off|expected|none"):
        load(tmp_path, json.dumps(COCO)[:cut], "--kind", "coco")
    assert not Project.objects.exists()


def test_another_kind_of_project_is_left_alone(db: None, tmp_path: Path) -> None:
    log = tmp_path / "events.ndjson"
    log.write_text('{"task":"1","type":"task.created","time":"2026-01-01T00:00:00Z"}\n')
    call_command("load", str(log), "--project", "Cells", stdout=StringIO(), stderr=StringIO())
    with pytest.raises(CommandError, match=r"is a project of another kind \(Event log\)"):
        load(tmp_path, COCO)
