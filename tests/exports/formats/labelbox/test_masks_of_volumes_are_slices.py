"""Masks of volumes as Labelbox's DICOM rows have them: a mask for each slice, every voxel where it was."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from audit.annotations import Answer, Choice, Classification, Mask, Medium, VolumeMask
from audit.files import Files
from audit.ontology import Job, LabelClass
from exports.formats.labelbox.labelbox import LabelboxFormat
from tests.exports.formats.loaded import loaded, said_in
from tests.exports.formats.redbrick.volumes import nifti
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, registered

SHAPE = (5, 4, 6)
CT = Medium("volume", "ct", width=5, height=4, frames=6)
JOBS = (
    Job("SEG", "Segments", "objects", ("SEGMENTATION",), (LabelClass("LIVER", "Liver"), LabelClass("CYST", "Cyst"))),
    Job("KIND", "Kind", "classification", ("radio",), (LabelClass("A", "A"),)),
)
AXIAL = np.diag([-1.0, -1.0, 2.5, 1.0])


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    return next(iter(registered(monkeypatch, *JOBS)))


def voxels() -> NDArray[np.uint8]:
    """Instance 1 in slices 1, 2 and 4; instance 2 in slice 4; 3 is what both share."""
    found = np.zeros(SHAPE, np.uint8)
    found[1:4, 0:2, 1] = 1
    found[2, 3, 2] = 1
    found[0, 0, 4], found[1, 1, 4], found[4, 3, 4] = 1, 2, 3
    return found


def instance(value: int, **more: Any) -> VolumeMask:
    fields: dict[str, Any] = {"file": "ct.nii.gz", "job": "SEG", "tool": "s", "classes": ("LIVER",), "group": (3,)}
    return VolumeMask(value=value, **(fields | {"object": f"o{value}"} | more))


def rows_of(made: Made) -> list[dict[str, Any]]:
    return [json.loads(line) for line in made.files["data_rows.ndjson"].splitlines()]


def told_of(made: Made) -> dict[str, Any]:
    (row,) = rows_of(made)
    found: dict[str, Any] = row["projects"]["P-1"]["labels"][0]["annotations"]
    return found


def test_every_voxel_comes_back(project: Project, tmp_path: Path) -> None:
    project.kept["ct.nii.gz"] = nifti(voxels(), AXIAL)
    whole = Classification(job="KIND", tool="radio", answer=Answer("KIND", (Choice("A"),)))
    project.add("case", [instance(1), instance(2, classes=("CYST",)), whole], media=[CT])
    made = write(LabelboxFormat(), project.shot())
    assert made.errors == []
    shot = loaded("labelbox", tmp_path / "again.ndjson", made.files["data_rows.ndjson"])
    ((media, (labelled,)),) = said_in(shot).values()
    assert [medium.name for medium in media] == ["case (Axial)", "case (Sagittal)", "case (Coronal)"]
    assert labelled.problems == ()
    found = {"o1": np.zeros(SHAPE, bool), "o2": np.zeros(SHAPE, bool)}
    for one in labelled.annotations:
        if isinstance(one, Mask):
            assert (one.medium, one.value, one.key_frame) == (0, (255, 255, 255), True)
            image = np.asarray(Image.open(io.BytesIO(Files(()).read(one.file or ""))).convert("L"))
            found[one.object or ""][:, :, one.frame or 0] = image.T == 255
    for value in (1, 2):
        assert np.array_equal(found[f"o{value}"], np.isin(voxels(), (value, 3)))
    (kind,) = [one for one in labelled.annotations if isinstance(one, Classification)]
    assert kind.frame is None


def test_rows_have_the_shape_of_dicom_rows(project: Project) -> None:
    project.kept["ct.nii.gz"] = nifti(voxels(), AXIAL)
    project.add("case", [instance(1)], media=[CT])
    made = write(LabelboxFormat(), project.shot())
    (row,) = rows_of(made)
    assert row["media_attributes"] == {"height": 4, "width": 5, "asset_type": "dicom", "frame_count": 6}
    told = told_of(made)
    assert list(told["groups"]) == ["Axial"]
    assert list(told["groups"]["Axial"]["frames"]) == ["2", "3", "5"]
    assert told["segments"] == {"Axial": {"o1": [[2, 3], [5, 5]]}}
    assert told["key_frame_feature_map"] == {"o1": {"Axial": {"2": True, "3": True, "5": True}}}
    drawn = told["groups"]["Axial"]["frames"]["2"]["objects"]["o1"]
    assert (drawn["annotation_kind"], drawn["name"], drawn["composite_mask"]["color_rgb"]) == (
        "DICOMSegmentationMask", "Liver", [255] * 3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("third", "plane"), [((0.1, 0.2, -2.0), "Axial"), ((3.0, 0.1, 0.5), "Sagittal"), ((0.1, -1.0, 0.9), "Coronal")]
)
def test_the_view_is_that_in_which_slices_lie(project: Project, third: tuple[float, float, float], plane: str) -> None:
    affine = np.eye(4)
    affine[:3, :3] = np.linalg.qr(np.column_stack([third, (1, 0, 0), (0, 1, 0)]))[0][:, [1, 2, 0]]
    project.kept["ct.nii.gz"] = nifti(voxels(), affine)
    project.add("case", [instance(1)], media=[CT])
    assert list(told_of(write(LabelboxFormat(), project.shot()))["groups"]) == [plane]


def test_what_can_not_be_drawn_has_a_line(project: Project) -> None:
    project.kept["ct.nii.gz"] = nifti(voxels(), AXIAL)
    said = [
        instance(9, group=()),
        instance(1, classes=()),
        instance(2, object="o1"),
        instance(1, file="gone.nii.gz", object="gone"),
        instance(1),
        instance(2, object="o1"),
    ]
    project.add("case", said, media=[CT])
    project.add("clip", [instance(1)], media=[Medium("video", "v", width=5, height=4)])
    made = write(LabelboxFormat(), project.shot())
    assert [(line["asset"], line["code"]) for line in made.errors] == [
        ("T1", "no_file"), ("T1", "bad_geometry"), ("T1", "no_class"), ("T1", "not_held"), ("T1", "not_held"),
        ("T2", "not_held"),
    ]  # fmt: skip
