"""Missing and damaged files, hostile names: the task is skipped by name or written safely, and never a part of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from exports.archive.build import BadItem
from exports.formats.base import LabelledTask
from tests.exports.formats.redbrick.recorded import ROOT, export, raw, shot, tasks_of, without
from tests.exports.formats.redbrick.volumes import nifti
from tests.exports.formats.snapshots import Shot

CT, OVERLAP, FLAT, IN_FILE = (f"70000000-0000-4000-8000-{number:012d}" for number in (1, 2, 3, 4))


def edited(snapshot: Shot, at: int, change: Any) -> Shot:
    """The snapshot with another label at one task: `change` is given the entries."""
    task = snapshot.assets[at]
    row = task.labels[-1]
    content = json.loads(row.content)
    entries = json.loads(content["taskData"]["labelsData"])
    change(entries)
    content["taskData"]["labelsData"] = json.dumps(entries)
    snapshot.assets[at] = structs.replace(task, labels=(*task.labels[:-1], structs.replace(row, content=raw(content))))
    return snapshot


def test_a_task_with_a_missing_mask_is_skipped_whole() -> None:
    made = export(without(shot([CT, FLAT]), "seg/case1-b"))
    assert [task["taskId"] for task in tasks_of(made)] == [FLAT]
    assert [(one["asset"], one["code"], one["label"] is None) for one in made.errors] == [
        (CT, "no_file", True),
        (CT, "no_file", False),
    ]
    assert "seg/case1-b" in made.errors[0]["text"]
    assert not [name for name in made.files if "CASE-0001" in name]
    assert made.written == {"tasks": 1, "labels": 1}


def test_a_missing_mask_fails_a_strict_export() -> None:
    with pytest.raises(BadItem, match="seg/case1-b"):
        export(without(shot([CT]), "seg/case1-b"), strict=True)


def test_a_mask_that_nobody_named_is_missing_too() -> None:
    snapshot = edited(shot([CT]), 0, lambda entries: entries[0].update(volumeindex=5))
    made = export(snapshot)
    assert {one["code"] for one in made.errors} == {"no_file"}
    assert tasks_of(made) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: None,
        lambda entries: entries[0].update(volumeindex=None),
        lambda entries: entries[0]["dicom"].update(file="https://x.example/mask"),
    ],
)
def test_without_masks_nothing_is_missing(change: Any) -> None:
    snapshot = edited(shot([CT]), 0, change)
    made = export(without(snapshot, "seg/case1-b"), mask_format="none")
    assert made.errors == []
    assert "segmentations" not in tasks_of(made)[0]["series"][0]
    assert list(tasks_of(made)[0]["series"][0]["segmentMap"]) == ["1", "2", "3"]


def test_labels_that_were_in_a_file_are_missing_when_it_is() -> None:
    made = export(without(shot([IN_FILE]), "labels/case4/data.json"))
    assert {one["code"] for one in made.errors} == {"no_file"}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"not a volume", "no NIfTI-1 file"),
        (b"\x1f\x8bnot gzip", "damaged"),
        (nifti(np.full((2, 2, 2), 0.5, np.float32)), "fractions"),
        (nifti(np.full((2, 2, 2), -1, np.int16)), "outside of 0"),
        (nifti(np.zeros((8, 8, 4), np.uint8))[:60], "damaged"),
    ],
)
def test_a_mask_that_is_none_is_told(content: bytes, word: str) -> None:
    snapshot = shot([CT, FLAT])
    snapshot.kept["seg/case1-a"] = content
    made = export(snapshot, semantic_mask=True)
    assert [task["taskId"] for task in tasks_of(made)] == [FLAT]
    assert made.errors[0]["code"] == "unreadable"
    assert word in made.errors[0]["text"]


def test_a_class_without_a_number_can_not_be_semantic() -> None:
    def change(entries: list[dict[str, Any]]) -> None:
        entries[0].update(category="Stranger", classid=None)

    made = export(edited(shot([CT]), 0, change), semantic_mask=True)
    assert [one["code"] for one in made.errors] == ["unknown_class"] * 2
    whole = export(edited(shot([CT]), 0, change))
    assert tasks_of(whole)[0]["series"][0]["segmentMap"]["1"]["category"] == "Stranger"


def test_an_entry_without_anything_drawn_has_a_line_and_costs_nothing_else() -> None:
    made = export(edited(shot([CT]), 0, lambda entries: entries.append({"labelid": "empty", "category": "Nodule"})))
    assert [(one["code"], one["annotation"]) for one in made.errors] == [("no_geometry", "empty")]
    assert len(tasks_of(made)) == 1


NAMES = ("../../x", "a/b", "a-b", "A-B", "con", "..", "", "n\nl", "x.nii.gz", "long" * 90, "\u202edcm")


def test_names_of_tasks_never_meet_and_never_leave_the_folder() -> None:
    one = shot([FLAT]).assets[0]

    def named(number: int, name: str) -> LabelledTask:
        return structs.replace(one, task=f"T{number}", number=number, name=name)

    snapshot = shot([FLAT])
    snapshot.assets[:] = [named(number, name) for number, name in enumerate(NAMES, 1)]
    made = export(snapshot)
    paths = [task["series"][0]["segmentations"] for task in tasks_of(made)]
    assert len({path.casefold() for path in paths}) == len(NAMES)
    for path in paths:
        assert made.files[f"{ROOT}/{path}"] == snapshot.kept["seg/case3-a"]
        assert path.startswith("segmentations/")
        assert ".." not in path.split("/")
        assert len(path.split("/")) == 3
        assert max(len(part.encode()) for part in path.split("/")) < 255
    assert [task["name"] for task in tasks_of(made)] == list(NAMES)


def test_the_projects_id_is_one_folder() -> None:
    snapshot = shot([FLAT])
    made = export(replace(snapshot, project=replace(snapshot.project, external_id="../org/project")))
    assert [name for name in made.files if name.endswith("tasks.json")] == ["..-org-project/tasks.json"]
