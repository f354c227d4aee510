"""With `old_format` tasks.json has entries in the words of the API, as redbrick-sdk 2.35.4 exported them.

On purpose different: paths begin beside tasks.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.annotations import Box, Mask, VolumeMask
from audit.sources import neutral
from audit.sources.exported.container import Container
from audit.sources.redbrick.exported import RedBrickExport
from exports.formats import FORMATS
from tests.exports.formats.redbrick.recorded import GOLDEN, ROOT, export, exported, shot, tasks_of
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import Project, box

FIRST, OVERLAP, IN_FILE = (f"70000000-0000-4000-8000-{number:012d}" for number in (1, 2, 4))
SHARED = "70000000-0000-4000-8000-000000000011"


def comparable(said: Any) -> Any:
    if isinstance(said, list):
        return [comparable(one) for one in said]
    if isinstance(said, dict):
        return {key: comparable(value) for key, value in said.items()}
    return said.removeprefix("old_format/") if isinstance(said, str) else said


def test_it_is_the_file_of_the_sdk() -> None:
    made = export(shot([FIRST]), old_format=True)
    assert tasks_of(made) == comparable(json.loads((GOLDEN / "old_format.json").read_bytes()))
    assert list(tasks_of(made)[0]) == list(json.loads((GOLDEN / "old_format.json").read_bytes())[0])
    assert {f"{ROOT}/segmentations/CASE-0001/{name}.nii.gz" for name in ("B", "CT axial")} <= set(made.files)


def test_labels_that_were_in_a_file_are_in_it() -> None:
    (task,) = tasks_of(export(shot([IN_FILE]), old_format=True))
    assert task["labelsDataPath"] is None
    assert {one["category"] for one in task["labels"]} == {"Nodule"}


def test_each_person_of_a_consensus_has_their_labels() -> None:
    (task,) = tasks_of(export(shot([SHARED], "consensus_project"), old_format=True))
    (new,) = exported("consensus")[:1]
    assert [one["assignee"] for one in task["consensusTasks"]] == [one["updatedBy"] for one in new["consensusTasks"]]
    names = [one["labelsMap"][0]["labelName"] for one in task["consensusTasks"]]
    assert names == [f"segmentations/CON-0001/CT_{place}.nii.gz" for place in (1, 2)]
    assert task["labelsMap"][0]["labelName"] == "segmentations/CON-0001/CT.nii.gz"


def test_labels_of_other_platforms_are_entries_too(project: Project) -> None:
    mask = Mask(width=2, height=1, counts=(1, 1), job="JOB_0", tool="x", classes=("CAR",), id="m")
    project.add("a.jpg", [box(0, 0, 0.5, 1, id="b"), mask], size=(2, 1))
    made = write(FORMATS["redbrick"], project.shot(), old_format=True)
    (task,) = json.loads(made.files["P-1/tasks.json"])
    assert [one["labelid"] for one in task["labels"]] == ["b", "m"]
    assert task["labels"][0]["bbox2d"] == {"xnorm": 0, "ynorm": 0, "wnorm": 0.5, "hnorm": 1}
    assert task["labels"][1]["dicom"] == {"instanceid": 1, "groupids": None}
    assert task["labelsMap"][0]["labelName"] == "segmentations/a.jpg/a.jpg.nii.gz"


MODES: dict[str, tuple[dict[str, str | bool], list[tuple[str, int, tuple[int, ...]]]]] = {
    "one file": ({"binary_mask": "false"}, [("CT axial.nii.gz", 1, (3,)), ("CT axial.nii.gz", 2, (3,))]),
    "a file each": ({}, [("CT axial/instance-1.nii.gz", 1, ()), ("CT axial/instance-2.nii.gz", 1, ())]),
    "classes": (
        {"semantic_mask": True},
        [("CT axial/category-1.nii.gz", 1, ()), ("CT axial/category-2.nii.gz", 1, ())],
    ),
    "MetaImage": ({"mask_format": "mhd"}, [("CT axial/instance-1.mhd", 1, ()), ("CT axial/instance-2.mhd", 1, ())]),
}


@pytest.mark.parametrize("mode", MODES)
def test_it_loads_again(mode: str, tmp_path: Path) -> None:
    told = neutral("redbrick")
    made = export(shot([FIRST, OVERLAP]), old_format=True, **MODES[mode][0])
    for name, data in made.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    with Container(str(tmp_path)) as container:
        source = RedBrickExport(container, "again")
        ontology = told.ontology([event.content for event in source.project_events()][-1] or b"")
        found = {}
        for page in source.task_pages():
            for history in page.histories:
                details = next(event for event in history.events if event.type == "task.updated")
                label = next(event for event in history.events if event.version and "label/" in event.version.thing)
                said = told.annotations(label.content or b"", details.content or b"", ontology)
                assert said.problems == ()
                found[history.task] = said.annotations
    masks = [one for one in found[OVERLAP] if isinstance(one, VolumeMask)]
    folder = "segmentations/site 02-CASE-0002/"
    assert [(one.file.removeprefix(folder), one.value, one.group) for one in masks] == MODES[mode][1]
    (lesion,) = [one for one in found[FIRST] if isinstance(one, Box)]
    titles = {known.key: known.title for job in ontology.jobs for known in job.classes}
    # Numbers of classes are those of a taxonomy that is not in the export: names count.
    assert titles[lesion.classes[-1]] == "Lesion box"
