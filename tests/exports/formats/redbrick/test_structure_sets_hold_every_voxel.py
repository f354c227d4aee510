"""RT structure sets: read back, every voxel of a mask is inside of its outlines, and no other."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from exports.formats import FORMATS
from exports.formats.base import Parameter
from tests.exports.formats.redbrick.dicom_case import PATHS, PLACES, case, hard
from tests.exports.formats.redbrick.recorded import ROOT, export, exported, shot, tasks_of
from tests.exports.formats.redbrick.volumes import Matrix, inside, nifti
from tests.exports.formats.snapshots import Made


def read_back(made: Made, shape: tuple[int, ...], affine: Matrix) -> dict[str, NDArray[np.bool_]]:
    """Which voxels (i, j, k) lie in each region."""
    file = pydicom.dcmread(io.BytesIO(made.files[f"{ROOT}/segmentations/CASE-0004/CT.dcm"]))
    to_voxels = np.linalg.inv(np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine)
    found = {}
    for told, drawn in zip(file.StructureSetROISequence, file.ROIContourSequence, strict=True):
        flags = np.zeros(shape, bool)
        for contour in drawn.ContourSequence:
            points = np.array(contour.ContourData, float).reshape(-1, 3)
            assert len(points) == contour.NumberOfContourPoints
            voxels = (to_voxels @ np.column_stack([points, np.ones(len(points))]).T)[:3].T
            at = int(np.rint(voxels[0, 2]))
            assert np.abs(voxels[:, 2] - at).max() < 0.01
            assert contour.ContourImageSequence[0].ReferencedSOPInstanceUID == f"1.2.3.4.{at + 1}"
            flags[:, :, at] |= inside(voxels[:, :2], shape[0], shape[1]).T
        found[told.ROIName] = flags
    return found


@pytest.mark.parametrize("place", PLACES)
def test_every_voxel_is_inside_and_no_other(place: str) -> None:
    voxels = hard()
    snapshot, affine = case(place, voxels)
    made = export(snapshot, mask_format="rt_struct")
    assert made.errors == []
    found = read_back(made, voxels.shape, affine)
    assert list(found) == ["Segment_1", "Segment_2"]
    for name, flags in found.items():
        assert np.array_equal(flags, voxels == int(name[-1]))


def test_a_mask_whose_axes_are_turned_round_is_put_on_its_images() -> None:
    voxels = hard()
    snapshot, affine = case("axial", voxels)
    flipped = affine.copy()
    flipped[:3, 3] = affine[:3] @ [0, voxels.shape[1] - 1, 0, 1]
    flipped[:3, 1] = -affine[:3, 1]
    snapshot.kept["seg/case4-a"] = nifti(voxels[:, ::-1], flipped)
    found = read_back(export(snapshot, mask_format="rt_struct"), voxels.shape, affine)
    assert np.array_equal(found["Segment_1"], voxels == 1)


def test_it_says_what_the_sdk_says_and_no_decimal_is_too_long() -> None:
    made = export(case("oblique", hard())[0], mask_format="rt_struct")
    series = tasks_of(made)[0]["series"][0]
    assert series["segmentations"] == "segmentations/CASE-0004/CT.dcm"
    assert {key: set(one) for key, one in series["segmentMap"].items()} == {
        "Segment_1": {"id", "category", "attributes"},
        "Segment_2": {"id", "category"},
    }
    content = made.files[f"{ROOT}/segmentations/CASE-0004/CT.dcm"]
    file = pydicom.dcmread(io.BytesIO(content))
    assert [(one.ROIName, one.ROIDescription) for one in file.StructureSetROISequence] == [
        ("Segment_1", "0 - Lung/Nodule"),
        ("Segment_2", "0 - Lung/Nodule"),
    ]
    assert [list(one.ROIDisplayColor) for one in file.ROIContourSequence] == [[255, 0, 0], [255, 0, 0]]
    assert str(file.PatientName) == "Invented^Ida"
    data = [contour.get_item("ContourData").value for one in file.ROIContourSequence for contour in one.ContourSequence]
    assert max(len(value) for one in data for value in one.strip(b" ").split(b"\\")) <= 16
    assert (
        export(case("oblique", hard())[0], mask_format="rt_struct").files[f"{ROOT}/segmentations/CASE-0004/CT.dcm"]
        == content
    )


def test_classes_are_regions_in_a_semantic_one() -> None:
    made = export(case("axial", hard())[0], mask_format="rt_struct", semantic_mask=True)
    assert list(tasks_of(made)[0]["series"][0]["segmentMap"]) == ["Nodule"]


def test_a_mask_that_lies_elsewhere_stays_nifti_with_a_line() -> None:
    snapshot, affine = case("axial", hard())
    affine[0, 3] += 5
    snapshot.kept["seg/case4-a"] = nifti(hard(), affine)
    made = export(snapshot, mask_format="rt_struct")
    assert tasks_of(made)[0]["series"][0]["segmentations"] == "segmentations/CASE-0004/CT.nii.gz"
    assert [(one["code"], "lies elsewhere" in one["text"]) for one in made.errors] == [("other_kind", True)]


def test_images_that_were_not_kept_leave_nifti_with_a_line() -> None:
    snapshot, _ = case("axial", hard())
    del snapshot.kept[PATHS[1]]
    made = export(snapshot, mask_format="rt_struct")
    assert f"{ROOT}/segmentations/CASE-0004/CT.nii.gz" in made.files
    assert [(one["code"], "not kept" in one["text"]) for one in made.errors] == [("other_kind", True)]


@pytest.mark.parametrize("kind", ["rt_struct", "dicom_seg"])
def test_it_is_refused_before_it_is_queued_while_images_are_not_kept(kind: str) -> None:
    format_ = FORMATS["redbrick"]
    parameters: tuple[Parameter, ...] = format_.parameters
    values = {one.name: one.default_for(filtered=False) for one in parameters} | {"mask_format": kind}
    project = shot([exported("default")[0]["taskId"]]).project
    refused = list(format_.refuses(project, values))
    assert [(one.parameter, "not kept" in one.text) for one in refused] == [("mask_format", True)]
    assert list(format_.refuses(replace(project, media_kept=True), values)) == []
