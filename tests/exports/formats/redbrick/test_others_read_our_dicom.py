"""Other people's programs on our RT structure sets and segmentations: no errors, and every voxel where it was.

dciodvfy and plastimatch are Debian packages (dicom3tools, plastimatch); dcmrtstruct2nii, pydicom-seg and SimpleITK are
in an environment of their own (`make judge`).
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from tests.exports.formats.redbrick.dicom_case import PATHS, PLACES, case, edited, hard
from tests.exports.formats.redbrick.recorded import ROOT, export
from tests.exports.formats.redbrick.volumes import Matrix

FILE = f"{ROOT}/segmentations/CASE-0004/CT.dcm"
LPS = np.diag([-1.0, -1.0, 1.0, 1.0])

_STRUCTURES = """
import sys
from dcmrtstruct2nii import dcmrtstruct2nii
file, images, out = sys.argv[1:]
dcmrtstruct2nii(file, images, out, convert_original_dicom=False, mask_foreground_value=1)
"""
_SEGMENTS = """
import sys, pydicom, pydicom_seg, SimpleITK
file, out = sys.argv[1:]
read = pydicom_seg.SegmentReader().read(pydicom.dcmread(file))
for number in read.available_segments:
    name = read.segment_infos[number].TrackingID
    SimpleITK.WriteImage(read.segment_image(number), out + "/mask_" + name + ".nii.gz")
"""
_VOLUMES = """
import json, sys, SimpleITK
image = SimpleITK.ReadImage(sys.argv[1])
print(json.dumps({
    "voxels": SimpleITK.GetArrayFromImage(image).tolist(), "origin": image.GetOrigin(),
    "spacing": image.GetSpacing(), "direction": image.GetDirection(),
}))
"""


def program(name: str) -> str:
    """The path of a program; skips where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: dicom3tools for dciodvfy, plastimatch)")
    return found


def in_its_environment(code: str, *arguments: Path) -> str:
    """What the judge's Python prints; skips where there is none."""
    python = Path(os.environ.get("LABELTRAIL_JUDGES", "/nowhere")) / "dicom" / "bin" / "python"
    if not python.exists():
        pytest.skip("LABELTRAIL_JUDGES names no directory with an environment dicom, with dcmrtstruct2nii and others")
    return ran(str(python), "-c", code, *map(str, arguments))


def ran(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def written(folder: Path, place: str, voxels: NDArray[np.uint8], **asked: str | bool) -> tuple[Path, Path, Matrix]:
    """Our file, the folder of the images that it is of, and where voxels lie."""
    snapshot, affine = case(place, voxels)
    if (voxels == 3).any():
        snapshot = edited(snapshot, groups=[3])
    made = export(snapshot, **asked)
    assert made.errors == []
    file, images = folder / "made.dcm", folder / "images"
    file.write_bytes(made.files[FILE])
    images.mkdir()
    for at, path in enumerate(PATHS):
        image = pydicom.dcmread(io.BytesIO(snapshot.kept[path]))
        image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
        image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 1
        image.RescaleSlope, image.RescaleIntercept = 1, 0
        image.add_new("PixelData", "OW", bytes(2 * image.Rows * image.Columns))
        image.save_as(images / f"{9 - at}.dcm")
    return file, images, affine


def found_at(file: Path, shape: tuple[int, ...], affine: Matrix) -> NDArray[np.bool_]:
    """The voxels (i, j, k of our volume) that a NIfTI file of a judge has, wherever its own first voxel is."""
    image = nibabel.load(file)
    set_ = np.argwhere(np.asarray(image.dataobj) != 0)
    ours = np.linalg.inv(affine) @ image.affine @ np.column_stack([set_, np.ones(len(set_))]).T
    at = np.rint(ours[:3]).astype(int)
    assert np.abs(ours[:3] - at).max(initial=0) < 0.05
    flags = np.zeros(shape, bool)
    flags[tuple(at)] = True
    return flags


def with_overlap() -> NDArray[np.uint8]:
    voxels = hard()
    voxels[15:17, 9:11, 0] = 3
    return voxels


@pytest.mark.parametrize("kind", ["rt_struct", "dicom_seg"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("semantic", [False, True])
def test_dciodvfy_finds_no_error(kind: str, place: str, semantic: bool, tmp_path: Path) -> None:
    name = program("dciodvfy")
    file, _, _ = written(tmp_path, place, with_overlap(), mask_format=kind, semantic_mask=semantic)
    done = subprocess.run([name, file], capture_output=True, text=True, timeout=60, check=False)
    said = done.stdout + done.stderr
    assert {"rt_struct": "RTStructureSet", "dicom_seg": "Segmentation"}[kind] in said
    assert [line for line in said.splitlines() if line.startswith("Error")] == []


@pytest.mark.parametrize("place", PLACES)
def test_plastimatch_finds_every_voxel_of_structure_sets(place: str, tmp_path: Path) -> None:
    name = program("plastimatch")
    voxels = hard()
    file, images, affine = written(tmp_path, place, voxels, mask_format="rt_struct")
    options = ["--input", file, "--referenced-ct", images, "--output-prefix", tmp_path / "out"]
    ran(name, "convert", *map(str, options), "--prefix-format", "nii.gz")
    for number in (1, 2):
        found = found_at(tmp_path / "out" / f"Segment_{number}.nii.gz", voxels.shape, affine)
        assert np.array_equal(found, voxels == number)


@pytest.mark.judge
@pytest.mark.parametrize("place", PLACES)
def test_dcmrtstruct2nii_finds_every_voxel_of_structure_sets(place: str, tmp_path: Path) -> None:
    voxels = hard()
    file, images, affine = written(tmp_path, place, voxels, mask_format="rt_struct")
    (tmp_path / "out").mkdir()
    in_its_environment(_STRUCTURES, file, images, tmp_path / "out")
    for number in (1, 2):
        found = found_at(tmp_path / "out" / f"mask_Segment_{number}.nii.gz", voxels.shape, affine)
        assert np.array_equal(found, voxels == number)


@pytest.mark.judge
@pytest.mark.parametrize("place", PLACES)
def test_pydicom_seg_finds_every_voxel_of_segmentations(place: str, tmp_path: Path) -> None:
    voxels = with_overlap()
    file, _, affine = written(tmp_path, place, voxels, mask_format="dicom_seg")
    in_its_environment(_SEGMENTS, file, tmp_path)
    for number in (1, 2):
        found = found_at(tmp_path / f"mask_Segment_{number}.nii.gz", voxels.shape, affine)
        assert np.array_equal(found, np.isin(voxels, (number, 3)))


@pytest.mark.judge
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["nii.gz", "nii", "mhd"])
def test_simpleitk_finds_volumes_where_they_were(place: str, kind: str, tmp_path: Path) -> None:
    voxels = hard()
    snapshot, affine = case(place, voxels)
    made = export(snapshot, mask_format=kind)
    for name, data in made.files.items():
        if "/segmentations/" in name:
            (tmp_path / Path(name).name).write_bytes(data)
    said: dict[str, Any] = json.loads(in_its_environment(_VOLUMES, tmp_path / f"CT.{kind}"))
    assert np.array_equal(np.array(said["voxels"]).transpose(2, 1, 0), voxels)
    world = np.eye(4)
    world[:3] = np.column_stack([np.array(said["direction"]).reshape(3, 3) * said["spacing"], said["origin"]])
    assert np.allclose(world, LPS @ affine, atol=1e-4)
