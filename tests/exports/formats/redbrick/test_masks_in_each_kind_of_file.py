"""Masks by class, by instance, as pictures and as MetaImage: other people's readers find the voxels of each."""

from __future__ import annotations

import io
import json
import zlib
from typing import Any

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.exports.formats.redbrick.recorded import ROOT, export, shot, tasks_of
from tests.exports.formats.redbrick.volumes import loaded
from tests.exports.formats.snapshots import Made, Shot

CT, OVERLAP, FLAT = (f"70000000-0000-4000-8000-{number:012d}" for number in (1, 2, 3))
AXIAL = "segmentations/CASE-0001/CT axial"


@pytest.fixture
def snapshot() -> Shot:
    return shot([CT, OVERLAP, FLAT])


def voxels(file: bytes) -> NDArray[Any]:
    return np.asarray(loaded(file).dataobj)


def series(made: Made, task: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = tasks_of(made)[task]["series"][0]
    return found


def test_voxels_of_a_semantic_mask_are_numbers_of_classes(snapshot: Shot) -> None:
    made = export(snapshot, semantic_mask=True)
    before = voxels(snapshot.kept["seg/case1-a"])
    found = voxels(made.files[f"{ROOT}/{AXIAL}.nii.gz"])
    assert np.array_equal(found, np.array([0, 1, 1, 2])[before])
    assert series(made)["segmentations"] == [f"{AXIAL}.nii.gz"]
    # A class tells what its first instance does.
    assert series(made)["segmentMap"]["1"]["attributes"] == {"Texture": "Solid"}
    assert (series(made)["semanticMask"], series(made)["binaryMask"]) == (True, False)


def test_classes_that_overlap_have_a_file_each(snapshot: Shot) -> None:
    said = series(made := export(snapshot, semantic_mask=True), 1)
    assert sorted(said["segmentMap"]) == ["1", "2"]
    for one in said["segmentMap"].values():
        assert voxels(made.files[f"{ROOT}/{one['mask']}"]).sum() == 18


def test_an_instance_is_its_voxels_and_those_that_it_shares(snapshot: Shot) -> None:
    made = export(snapshot)
    before = voxels(snapshot.kept["seg/case2-a"])
    for number, one in series(made, 1)["segmentMap"].items():
        found = loaded(made.files[f"{ROOT}/{one['mask']}"])
        assert np.array_equal(np.asarray(found.dataobj), np.isin(before, (int(number), 3)))
        assert np.array_equal(found.affine, loaded(snapshot.kept["seg/case2-a"]).affine)


def test_one_mask_for_labels_that_overlap_says_which_values_they_share(snapshot: Shot) -> None:
    said = series(export(snapshot, binary_mask="false"), 1)
    assert [one["overlappingGroups"] for one in said["segmentMap"].values()] == [[3], [3]]
    assert said["segmentations"] == "segmentations/site 02-CASE-0002/CT axial.nii.gz"


def test_each_instance_may_have_a_file(snapshot: Shot) -> None:
    said = series(made := export(snapshot, binary_mask="true"))
    assert said["segmentations"] == [f"{AXIAL}/instance-{number}.nii.gz" for number in (1, 2, 3)]
    before = voxels(snapshot.kept["seg/case1-a"])
    for number, one in said["segmentMap"].items():
        assert np.array_equal(voxels(made.files[f"{ROOT}/{one['mask']}"]), before == int(number))


def test_plain_nifti_is_the_same_file_without_gzip(snapshot: Shot) -> None:
    made = export(snapshot, mask_format="nii")
    assert made.files[f"{ROOT}/{AXIAL}.nii"] == zlib.decompress(snapshot.kept["seg/case1-a"], 31)
    assert series(made)["segmentations"] == f"{AXIAL}.nii"


def test_a_flat_mask_is_a_picture_in_the_colours_of_the_taxonomy(snapshot: Shot) -> None:
    made = export(snapshot, mask_format="png")
    said = series(made, 2)
    assert said["segmentations"] == ["segmentations/CASE-0003/A/A.png"]
    assert said["pngMask"] is True
    picture = Image.open(io.BytesIO(made.files[f"{ROOT}/segmentations/CASE-0003/A/A.png"]))
    assert (picture.mode, picture.size) == ("RGB", (8, 6))
    before = voxels(snapshot.kept["seg/case3-a"])[:, :, 0].T
    assert np.array_equal(np.asarray(picture), np.array([(0, 0, 0), (255, 0, 0), (0, 255, 0)], np.uint8)[before])
    assert json.loads(made.files[f"{ROOT}/class_map.json"]) == {"Nodule": [255, 0, 0], "Effusion": [0, 255, 0]}


def test_pictures_of_instances_are_white_on_black(snapshot: Shot) -> None:
    made = export(snapshot, mask_format="png", binary_mask="true")
    picture = Image.open(io.BytesIO(made.files[f"{ROOT}/segmentations/CASE-0003/A/mask-2.png"]))
    before = voxels(snapshot.kept["seg/case3-a"])[:, :, 0].T
    assert np.array_equal(np.asarray(picture)[:, :, 1], 255 * (before == 2))
    assert f"{ROOT}/class_map.json" not in made.files


def test_a_volume_is_no_picture_and_stays_nifti_with_a_line(snapshot: Shot) -> None:
    made = export(snapshot, mask_format="png")
    assert series(made)["segmentations"] == f"{AXIAL}.nii.gz"
    assert {(one["code"], one["text"].rpartition(": ")[2]) for one in made.errors} == {("other_kind", "it is not flat")}


def test_metaimage_has_the_voxels_where_they_are(snapshot: Shot) -> None:
    affine = np.array([[0, -2, 0, 5.5], [1.5, 0, 0, -7], [0, 0, 3, 11], [0, 0, 0, 1]])
    image = nibabel.Nifti1Image(voxels(snapshot.kept["seg/case1-a"]), affine)
    snapshot.kept["seg/case1-a"] = image.to_bytes()
    made = export(snapshot, mask_format="mhd")
    assert series(made)["segmentations"] == [f"{AXIAL}.mhd", f"{AXIAL}.zraw"]
    header = dict(line.split(" = ") for line in made.files[f"{ROOT}/{AXIAL}.mhd"].decode().splitlines())
    # To the left and back, where NIfTI counts to the right and front; directions one axis after the other.
    assert (header["Offset"], header["ElementSpacing"]) == ("-5.5 7 11", "1.5 2 3")
    assert header["TransformMatrix"] == "0 -1 0 1 0 0 0 0 1"
    assert (header["DimSize"], header["ElementType"]) == ("8 8 4", "MET_UCHAR")
    assert header["ElementDataFile"] == "CT axial.zraw"
    data = np.frombuffer(zlib.decompress(made.files[f"{ROOT}/{AXIAL}.zraw"]), np.uint8)
    assert np.array_equal(data.reshape(8, 8, 4, order="F"), image.dataobj)
