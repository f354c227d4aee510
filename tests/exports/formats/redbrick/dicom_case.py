"""A task of RedBrick AI on a DICOM series, whose mask is hard to outline."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tests.exports.formats.redbrick.recorded import shot
from tests.exports.formats.redbrick.volumes import Matrix, nifti, slices
from tests.exports.formats.snapshots import Shot

CASE = "70000000-0000-4000-8000-000000000004"
PATHS = ("img/case4/0.dcm", "img/case4/1.dcm", "img/case4/2.dcm")
TURNED = (0.6, 0.8, 0.0, 0.0, 0.0, -1.0)
PLACES = {
    "axial": ((1.0, 0.0, 0.0, 0.0, 1.0, 0.0), (0.8, 0.7), 2.5),
    "backwards": ((1.0, 0.0, 0.0, 0.0, 1.0, 0.0), (0.9, 0.9), -3.0),
    "oblique": (TURNED, (0.5, 1.1), 1.7),
}


def hard() -> NDArray[np.uint8]:
    """A ring with an island, a single voxel, a line, voxels that touch at corners, a comb at the edge."""
    found = np.zeros((20, 14, 3), np.uint8)
    found[2:9, 2:9, 0] = 1
    found[3:8, 3:8, 0] = 0
    found[5, 5, 0] = 1
    found[12, 12, 0] = 1
    found[10:18, 1, 1] = 1
    for at in range(4):
        found[3 + at, 5 + at, 1] = 1
    found[::2, 0:5, 2] = 1
    found[:, 5, 2] = 1
    found[14:18, 8:12, 0] = 2
    found[0:20, 9:14, 2] = 2
    return found


def case(place: str, voxels: NDArray[np.uint8]) -> tuple[Shot, Matrix]:
    orientation, spacing, step = PLACES[place]
    files, affine = slices(voxels.shape, orientation, spacing, step)  # type: ignore[arg-type]
    snapshot = shot([CASE])
    kept = {**snapshot.kept, "seg/case4-a": nifti(voxels, affine), **dict(zip(PATHS, files, strict=True))}
    return replace(snapshot, kept=kept, project=replace(snapshot.project, media_kept=True)), affine


def edited(snapshot: Shot, *, groups: list[int] | None = None, title: str | None = None) -> Shot:
    """The snapshot with instances that share voxels of these values, or whose class is called so."""
    entries = json.loads(snapshot.kept["labels/case4/data.json"])
    for entry in entries:
        if entry.get("dicom") and groups is not None:
            entry["dicom"]["groupids"] = groups
        if entry.get("dicom") and title is not None:
            entry.update(category=title, classid=0)
    kept = {**snapshot.kept, "labels/case4/data.json": json.dumps(entries).encode()}
    return replace(snapshot, kept=kept)
