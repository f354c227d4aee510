"""An export that is loaded as a source says the same of everything that was drawn, in whichever way masks lie in it."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audit.annotations import Annotation, VolumeMask
from audit.ontology import Ontology
from audit.sources import neutral
from audit.sources.exported.container import Container
from audit.sources.redbrick.exported import RedBrickExport
from exports.formats.redbrick.volumes import Volumes
from tests.audit.sources.redbrick.exported import as_exported
from tests.exports.formats.redbrick.dicom_case import case, edited, hard
from tests.exports.formats.redbrick.recorded import export, exported, shot
from tests.exports.formats.snapshots import Shot

NEUTRAL = neutral("redbrick")
MODES: dict[str, dict[str, str]] = {
    "as they came": {"binary_mask": "false"},
    "own files where labels overlap": {},
    "a file each": {"binary_mask": "true"},
    "plain": {"mask_format": "nii"},
    "MetaImage": {"mask_format": "mhd"},
    "MetaImage, a file each": {"mask_format": "mhd", "binary_mask": "true"},
    "MetaImage, one file": {"mask_format": "mhd", "binary_mask": "false"},
    "segmentation": {"mask_format": "dicom_seg"},
    "segmentation, a file each": {"mask_format": "dicom_seg", "binary_mask": "true"},
}
VOXELS = hard() + np.pad(np.full((2, 2, 1), 1, np.uint8), ((15, 3), (9, 3), (0, 2)))
"""Two instances, and a square of both where the second one was."""
Told = dict[str, tuple[Any, Any]]


@pytest.mark.parametrize("mode", MODES)
def test_it_says_the_same(mode: str, tmp_path: Path) -> None:
    snapshot = with_images(shot([task["taskId"] for task in exported("default")]))
    assert snapshot.project.details is not None
    ontology = NEUTRAL.ontology(snapshot.project.details)
    before: Told = {}
    for task in snapshot.assets:
        assert task.details is not None
        said = NEUTRAL.annotations(
            task.labels[-1].content, task.details, ontology, lambda name: snapshot.file(b"", name).read()
        )
        before[task.task] = told(said.annotations, ontology, lambda name: io.BytesIO(snapshot.kept[name]))

    made = export(snapshot, **MODES[mode])
    if MODES[mode].get("mask_format") == "dicom_seg":
        assert [
            name for name in made.files if name.startswith("P-1/segmentations/CASE-0004/CT") and name.endswith("dcm")
        ]
    for name, data in made.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    after: Told = {}
    with Container(str(tmp_path)) as container:
        source = RedBrickExport(container, "again")
        ontology = NEUTRAL.ontology([event.content for event in source.project_events()][-1] or b"")
        for page in source.task_pages():
            for history in page.histories:
                details = next(event for event in history.events if event.type == "task.updated")
                label = next(event for event in history.events if event.version and "label/" in event.version.thing)
                said = NEUTRAL.annotations(label.content or b"", details.content or b"", ontology)
                assert said.problems == ()
                read = lambda name: (tmp_path / "P-1" / name).open("rb")  # noqa: E731
                after[history.task] = told(said.annotations, ontology, read)
    assert after == before
    assert any(masks for masks, _ in before.values())


def with_images(snapshot: Shot) -> Shot:
    """The snapshot with the images of one task, and a mask on them whose instances overlap."""
    on_images, _ = case("oblique", VOXELS)
    return replace(snapshot, kept={**snapshot.kept, **edited(on_images, groups=[3]).kept}, project=on_images.project)


def told(annotations: tuple[Annotation, ...], ontology: Ontology, read: Any) -> tuple[Any, Any]:
    """Class and voxels of each instance, and everything else in the words of tasks.json."""
    masks, others = {}, []
    for one in annotations:
        if isinstance(one, VolumeMask):
            flags = np.isin(Volumes(read).of(one.file, one.value).voxels, (one.value, *one.group))
            voxels = np.flatnonzero(flags).tolist()
            title = as_exported((one,), ontology, one.medium + 1)["series"][one.medium]["segmentMap"][str(one.value)]
            masks[one.id] = ({**title, "overlappingGroups": None}, voxels)
        else:
            others.append(one)
    words = as_exported(tuple(others), ontology, 2)
    for series in words["series"]:
        for one in series.get("instanceClassifications", ()):
            one["fileIndex"] = one["fileIndex"] or 0  # Where a series has one file, either means that one.
    return masks, words
