"""DICOM segmentations: read by pydicom frame by frame, every voxel of a mask is in its segment, and in no other."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from tests.exports.formats.redbrick.dicom_case import PATHS, PLACES, case, edited, hard
from tests.exports.formats.redbrick.recorded import ROOT, export, shot, tasks_of
from tests.exports.formats.redbrick.volumes import Matrix, nifti
from tests.exports.formats.snapshots import Made

FILE = f"{ROOT}/segmentations/CASE-0004/CT.dcm"


def read(made: Made, name: str = FILE) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(made.files[name]))


def read_back(file: pydicom.Dataset, shape: tuple[int, ...], affine: Matrix) -> dict[int, NDArray[np.bool_]]:
    """Which voxels (i, j, k) lie in each segment, by where its frames lie and not by what they refer to."""
    to_voxels = np.linalg.inv(np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine)
    pixels = file.pixel_array.reshape(-1, file.Rows, file.Columns)
    found = {int(one.SegmentNumber): np.zeros(shape, bool) for one in file.SegmentSequence}
    for frame, flags in zip(file.PerFrameFunctionalGroupsSequence, pixels, strict=True):
        place = np.array(frame.PlanePositionSequence[0].ImagePositionPatient, float)
        i, j, k = (to_voxels @ [*place, 1.0])[:3]
        assert np.allclose([i, j, k], [0, 0, round(k)], atol=1e-3)
        source = frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        assert source == f"1.2.3.4.{round(k) + 1}"
        found[segment_of(frame, file)][:, :, round(k)] = flags.T
    return found


def segment_of(frame: pydicom.Dataset, file: pydicom.Dataset) -> int:
    """What a frame does not say for itself, all frames share."""
    told = frame if "SegmentIdentificationSequence" in frame else file.SharedFunctionalGroupsSequence[0]
    return int(told.SegmentIdentificationSequence[0].ReferencedSegmentNumber)


@pytest.mark.parametrize("place", PLACES)
def test_every_voxel_is_in_its_segment_and_no_other(place: str) -> None:
    voxels = hard()
    snapshot, affine = case(place, voxels)
    made = export(snapshot, mask_format="dicom_seg")
    assert made.errors == []
    found = read_back(read(made), voxels.shape, affine)
    assert {number: np.array_equal(flags, voxels == number) for number, flags in found.items()} == {1: True, 2: True}


def test_frames_follow_one_another_along_the_normal() -> None:
    file = read(export(case("backwards", hard())[0], mask_format="dicom_seg"))
    at: dict[int, list[float]] = {}
    for frame in file.PerFrameFunctionalGroupsSequence:
        at.setdefault(segment_of(frame, file), []).append(float(frame.PlanePositionSequence[0].ImagePositionPatient[2]))
    # highdicom begins at the head, whatever the numbers of the images.
    assert all(places == sorted(places, reverse=True) for places in at.values())


def test_it_says_whose_images_it_is_of_and_invents_nothing() -> None:
    made = export(case("oblique", hard())[0], mask_format="dicom_seg")
    file = read(made)
    assert (file.SOPClassUID.name, file.Modality, file.SegmentationType) == ("Segmentation Storage", "SEG", "BINARY")
    assert (file.StudyInstanceUID, file.FrameOfReferenceUID) == ("1.2.3", "1.2.3.9")
    (series,) = file.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == "1.2.3.4"
    assert [one.ReferencedSOPInstanceUID for one in series.ReferencedInstanceSequence] == [
        "1.2.3.4.1",
        "1.2.3.4.2",
        "1.2.3.4.3",
    ]
    # The images do not say when, nor how old or of which sex the patient is.
    assert (str(file.PatientName), file.PatientID) == ("Invented^Ida", "P1")
    assert [str(file[name].value or "") for name in ("PatientBirthDate", "PatientSex", "StudyDate", "StudyID")] == [
        ""
    ] * 4
    assert (str(file.ContentDate), str(file.ContentTime)) == ("20260302", "090000")
    first = file.SegmentSequence[0]
    assert (first.SegmentLabel, first.SegmentDescription, first.TrackingID) == (
        "Nodule",
        "0 - Lung/Nodule",
        "Segment_1",
    )
    assert first.SegmentedPropertyCategoryCodeSequence[0].CodeMeaning == "Not applicable"
    kind = first.SegmentedPropertyTypeCodeSequence[0]
    assert (kind.CodeValue, kind.CodingSchemeDesignator, kind.CodeMeaning) == ("0", "99TAXONOMY", "Nodule")
    assert all(str(one.TrackingUID).startswith("2.25.") for one in file.SegmentSequence)
    series_said = tasks_of(made)[0]["series"][0]
    assert series_said["segmentations"] == "segmentations/CASE-0004/CT.dcm"
    assert {one["mask"] for one in series_said["segmentMap"].values()} == {"segmentations/CASE-0004/CT.dcm"}
    assert f"{ROOT}/segmentations/CASE-0004/CT.nii.gz" in made.files


@pytest.mark.parametrize("own", ["automatic", "true"])
def test_two_exports_are_byte_identical(own: str) -> None:
    first, second = (export(case("axial", hard())[0], mask_format="dicom_seg", binary_mask=own).files for _ in range(2))
    assert [name for name in first if name.endswith(".dcm") and first[name] != second[name]] == []


def test_instances_that_overlap_share_voxels_of_one_file() -> None:
    voxels = hard()
    voxels[15:17, 9:11, 0] = 3
    snapshot, affine = case("axial", voxels)
    made = export(edited(snapshot, groups=[3]), mask_format="dicom_seg")
    assert made.errors == []
    file = read(made)
    assert file.SegmentsOverlap == "YES"
    found = read_back(file, voxels.shape, affine)
    for number, flags in found.items():
        assert np.array_equal(flags, np.isin(voxels, (number, 3)))
    assert tasks_of(made)[0]["series"][0]["binaryMask"] is False


def test_each_instance_may_have_a_file_and_keeps_its_number() -> None:
    voxels = hard()
    snapshot, affine = case("axial", voxels)
    made = export(snapshot, mask_format="dicom_seg", binary_mask="true")
    said = tasks_of(made)[0]["series"][0]
    names = [f"segmentations/CASE-0004/CT/instance-{number}.dcm" for number in (1, 2)]
    assert (said["segmentations"], said["binaryMask"]) == (names, True)
    files = [read(made, f"{ROOT}/{name}") for name in names]
    assert len({file.SOPInstanceUID for file in files}) == 2
    for number, file in enumerate(files, 1):
        assert file.SegmentSequence[0].TrackingID == f"Segment_{number}"
        assert np.array_equal(read_back(file, voxels.shape, affine)[1], voxels == number)


def test_classes_are_segments_in_a_semantic_one() -> None:
    voxels = hard()
    snapshot, affine = case("axial", voxels)
    file = read(export(snapshot, mask_format="dicom_seg", semantic_mask=True))
    assert [(one.SegmentLabel, one.TrackingID) for one in file.SegmentSequence] == [("Nodule", "Segment_1")]
    assert np.array_equal(read_back(file, voxels.shape, affine)[1], voxels > 0)


@pytest.mark.parametrize("title", ["\u75c5\u5909", "a\\b\nc", "x" * 200, "L\u00e4sion"])
@pytest.mark.parametrize("kind", ["dicom_seg", "rt_struct"])
def test_classes_may_be_called_as_people_like(kind: str, title: str) -> None:
    snapshot = edited(case("axial", hard())[0], title=title)
    file = read(export(snapshot, mask_format=kind, semantic_mask=True))
    told = file.SegmentSequence[0].SegmentLabel if kind == "dicom_seg" else file.StructureSetROISequence[0].ROIName
    assert told == title.replace("\\", "/").replace("\n", " ")[:64]
    assert file.SpecificCharacterSet == "ISO_IR 192"


def test_instances_without_a_voxel_are_segments_all_the_same() -> None:
    voxels = np.zeros_like(hard())
    made = export(case("axial", voxels)[0], mask_format="dicom_seg")
    assert made.errors == []
    assert len(read(made).SegmentSequence) == 2
    assert not read(made).pixel_array.any()


def test_a_mask_that_lies_elsewhere_stays_nifti_with_a_line() -> None:
    snapshot, affine = case("axial", hard())
    affine[2, 3] += 40
    snapshot.kept["seg/case4-a"] = nifti(hard(), affine)
    made = export(snapshot, mask_format="dicom_seg")
    assert FILE not in made.files
    assert tasks_of(made)[0]["series"][0]["segmentations"] == "segmentations/CASE-0004/CT.nii.gz"
    assert [(one["code"], "lies elsewhere" in one["text"]) for one in made.errors] == [("other_kind", True)]


@pytest.mark.parametrize("damage", [b"", b"no DICOM", None])
def test_images_that_are_none_or_missing_leave_nifti_with_a_line(damage: bytes | None) -> None:
    snapshot, _ = case("axial", hard())
    kept = {name: data for name, data in snapshot.kept.items() if name != PATHS[1]}
    made = export(
        replace(snapshot, kept=kept | ({} if damage is None else {PATHS[1]: damage})), mask_format="dicom_seg"
    )
    assert f"{ROOT}/segmentations/CASE-0004/CT.nii.gz" in made.files
    assert [one["code"] for one in made.errors] == ["other_kind"]


def test_images_that_are_nifti_themselves_leave_nifti_with_a_line() -> None:
    made = export(shot(["70000000-0000-4000-8000-000000000001"]), mask_format="dicom_seg")
    assert {(one["code"], one["text"].partition(": ")[2]) for one in made.errors} == {
        ("other_kind", "its images are no DICOM files (ct/case1_a.nii.gz)"),
        ("other_kind", "its images are no DICOM files (ct/case1_b.nii.gz)"),
    }


def test_no_warning_names_the_patient() -> None:
    snapshot, _ = case("axial", hard())
    kept = {name: data.replace(b"Invented^Ida", b"InventedIda ") for name, data in snapshot.kept.items()}
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        made = export(replace(snapshot, kept=kept), mask_format="dicom_seg")
    assert str(read(made).PatientName) == "InventedIda"
    assert [str(one.message) for one in found if "Ida" in str(one.message)] == []
