"""Masks that came as DICOM segmentations or MetaImages, from an export that was loaded: written in any other way."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.exports.formats.redbrick.dicom_case import case, edited, hard
from tests.exports.formats.redbrick.recorded import ROOT, export, tasks_of
from tests.exports.formats.redbrick.volumes import loaded
from tests.exports.formats.snapshots import Made, Shot

FOLDER = f"{ROOT}/segmentations/CASE-0004"
VOXELS = hard()
VOXELS[15:17, 9:11, 0] = 3
"""Of both."""


def came_as(kind: str, place: str = "oblique") -> Shot:
    """A snapshot whose label has its mask in what an export wrote."""
    snapshot = edited(case(place, VOXELS)[0], groups=[3])
    made = export(snapshot, mask_format=kind, binary_mask="false")
    kept = {name.removeprefix(f"{FOLDER}/"): data for name, data in made.files.items() if name.startswith(FOLDER)}
    entries = json.loads(snapshot.kept["labels/case4/data.json"])
    for entry in entries:
        if number := (entry.get("dicom") or {}).get("instanceid"):
            drawn: dict[str, Any] = {"instanceid": number, "file": f"CT.{kind}".replace("dicom_seg", "dcm")}
            entry["dicom"] = drawn | {"value": number, "groupids": [3] if kind == "mhd" else None}
    data = json.dumps(entries).encode()
    return replace(snapshot, kept={**snapshot.kept, **kept, "labels/case4/data.json": data})


def instances(made: Made) -> dict[int, Any]:
    """The voxels of each instance in files of their own, in the order of the original."""
    said = tasks_of(made)[0]["series"][0]
    return {
        int(number): np.asarray(loaded(made.files[f"{ROOT}/{one['mask']}"]).dataobj)
        for number, one in said["segmentMap"].items()
    }


@pytest.mark.parametrize("kind", ["dicom_seg", "mhd"])
@pytest.mark.parametrize("own", ["automatic", "true"])
def test_each_instance_has_its_voxels(kind: str, own: str) -> None:
    found = instances(export(came_as(kind), binary_mask=own))
    assert {number: np.array_equal(flags, np.isin(VOXELS, (number, 3))) for number, flags in found.items()} == {
        1: True,
        2: True,
    }


@pytest.mark.parametrize("kind", ["dicom_seg", "mhd"])
def test_volumes_lie_where_they_lay(kind: str) -> None:
    _, affine = case("oblique", VOXELS)
    made = export(came_as(kind), binary_mask="true")
    assert np.allclose(loaded(made.files[f"{FOLDER}/CT/instance-1.nii.gz"]).affine, affine, atol=1e-3)


@pytest.mark.parametrize("kind", ["dicom_seg", "mhd"])
@pytest.mark.parametrize("again", ["dicom_seg", "rt_struct", "mhd", "nii"])
def test_they_are_written_in_any_kind_of_file(kind: str, again: str) -> None:
    made = export(came_as(kind), mask_format=again)
    assert made.errors == []
    assert tasks_of(made)[0]["series"][0]["segmentations"]


def test_a_segmentation_of_a_segmentation_is_the_same() -> None:
    name = f"{FOLDER}/CT.dcm"
    assert export(came_as("dicom_seg"), mask_format="dicom_seg").files[name] == came_as("dicom_seg").kept["CT.dcm"]


def test_classes_of_a_segmentation_have_files() -> None:
    made = export(came_as("dicom_seg"), semantic_mask=True)
    (found,) = instances(made).values()
    assert np.array_equal(found, VOXELS > 0)


def test_a_metaimage_is_one_nifti_file_again() -> None:
    made = export(came_as("mhd"), binary_mask="false")
    assert np.array_equal(np.asarray(loaded(made.files[f"{FOLDER}/CT.nii.gz"]).dataobj), VOXELS)


@pytest.mark.parametrize(
    ("kind", "name", "damage"),
    [
        ("dicom_seg", "CT.dcm", lambda data: data[:900]),
        ("dicom_seg", "CT.dcm", lambda data: case("axial", VOXELS)[0].kept["img/case4/0.dcm"]),
        (
            "dicom_seg",
            "CT.dcm",
            lambda data: data.replace(b"Segment_2", b"Segment_7").replace(b"\x02\0\x62", b"\x02\0\x61"),
        ),
        ("mhd", "CT.mhd", lambda data: data.replace(b"DimSize = 20", b"DimSize = x")),
        ("mhd", "CT.mhd", lambda data: data.replace(b"DimSize = 20", b"DimSize = 99")),
        ("mhd", "CT.mhd", lambda data: data.replace(b"MET_UCHAR", b"MET_FLOAT_ARRAY")),
        ("mhd", "CT.mhd", lambda data: data.replace(b"CT.zraw", b"../../secret")),
        ("mhd", "CT.zraw", lambda data: data[:10]),
        ("mhd", "CT.zraw", lambda data: b"no zlib"),
    ],
)
def test_a_damaged_one_skips_the_task_by_name(kind: str, name: str, damage: Any) -> None:
    snapshot = came_as(kind)
    made = export(replace(snapshot, kept={**snapshot.kept, name: damage(snapshot.kept[name])}), binary_mask="true")
    assert tasks_of(made) == []
    assert {one["code"] for one in made.errors} == {"unreadable"}
