"""Masks of a volume: NIfTI read and written beside nibabel, and as an RT structure set beside rt-utils.

    python -m bench.volumes [--side 512] [--slices 200] [--peers PYTHON]

The volume has three organs, a fifth of it. Both read a .nii.gz and write it again with other values; outlines go from
masks in memory to a finished file that lies on a series of as many slices. rt-utils is measured by an interpreter of a
throw-away environment that has it; without one it is left out.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.ground import ROOT, seconds, table

DATED = "2026-03-02T09:00:00.000000Z"
ORGANS = ((0.3, 0.3, 0.5, 0.35), (0.7, 0.35, 0.5, 0.3), (0.5, 0.7, 0.5, 0.4))
"""Middles and radii, as shares of the volume's sides."""
RT_UTILS = """
import sys, time
import numpy as np
from rt_utils import RTStructBuilder
folder, masks, out = sys.argv[1:]
flags = np.load(masks)
began = time.perf_counter()
built = RTStructBuilder.create_new(dicom_series_path=folder)
for value in (1, 2, 3):
    built.add_roi(mask=flags == value, name=f"Organ {value}")
built.save(out)
print(time.perf_counter() - began)
"""


def main() -> None:
    """Make the volume and its series, then measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--side", type=int, default=512)
    options.add_argument("--slices", type=int, default=200)
    options.add_argument("--peers", metavar="PYTHON")
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exportsite.settings")  # Formats name problems as the API does.
    voxels = _organs(given.side, given.slices)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        lines = [("NIfTI, read", *_shown(*_reading(folder, voxels)))]
        lines.append(("NIfTI, written", *_shown(*_writing(folder, voxels))))
        lines.append(("RT structure set", *_shown(*_outlines(folder, voxels, given.peers))))
    title = f"Masks of a volume of {given.side} x {given.side} x {given.slices} voxels"
    table(title, ("what", "s", "nibabel or rt-utils, s", "times as fast"), lines)


def _shown(ours: float, theirs: float | None) -> tuple[str, str, str]:
    return f"{ours:.2f}", "" if theirs is None else f"{theirs:.2f}", "" if theirs is None else f"{theirs / ours:.1f}"


def _organs(side: int, slices: int) -> NDArray[np.uint8]:
    """Ellipsoids with the values 1 to 3; axes i, j, k."""
    i, j, k = np.ogrid[0 : 1 : side * 1j, 0 : 1 : side * 1j, 0 : 1 : slices * 1j]
    found = np.zeros((side, side, slices), np.uint8)
    for value, (x, y, z, radius) in enumerate(ORGANS, 1):
        found[(i - x) ** 2 + (j - y) ** 2 + ((k - z) / 2) ** 2 < (radius / 2) ** 2] = value
    return found


def _reading(folder: Path, voxels: NDArray[np.uint8]) -> tuple[float, float]:
    import nibabel

    from exports.formats.redbrick.nifti import read

    path = folder / "organs.nii.gz"
    nibabel.save(nibabel.Nifti1Image(voxels, np.diag([0.7, 0.7, 2.5, 1.0])), path)

    def ours() -> None:
        with path.open("rb") as file:
            read(file)

    return seconds(ours), seconds(lambda: np.asarray(nibabel.load(path).dataobj))


def _writing(folder: Path, voxels: NDArray[np.uint8]) -> tuple[float, float]:
    import nibabel

    from exports.formats.redbrick.nifti import read, written, zipped

    with (folder / "organs.nii.gz").open("rb") as file:
        volume = read(file)
    numbers = np.array([0, 7, 8, 9], np.uint8)

    def ours() -> None:
        (folder / "ours.nii.gz").write_bytes(zipped(written(volume, numbers[volume.voxels])))

    def theirs() -> None:
        nibabel.save(nibabel.Nifti1Image(numbers[voxels], np.diag([0.7, 0.7, 2.5, 1.0])), folder / "theirs.nii.gz")

    return seconds(ours), seconds(theirs)


def _outlines(folder: Path, voxels: NDArray[np.uint8], python: str | None) -> tuple[float, float | None]:
    from exports.formats.redbrick.dicom_series import slices
    from exports.formats.redbrick.nifti import Volume, header_of
    from exports.formats.redbrick.regions import Region
    from exports.formats.redbrick.rtstruct import structure_set

    series = folder / "series"
    series.mkdir()
    for at in range(voxels.shape[2]):
        _slice(at, voxels.shape).save_as(series / f"{at}.dcm", enforce_file_format=True)
    affine = np.diag([-0.7, -0.7, 2.5, 1.0])
    flat = voxels.ravel(order="F")
    volume = Volume(header_of(voxels.shape, affine), voxels.shape, affine, flat)

    def ours() -> None:
        files = [io.BytesIO(path.read_bytes()) for path in sorted(series.iterdir())]
        regions = [
            Region(f"Organ {value}", value, "Organ", None, "", (255, 0, 0), volume, (flat == value).view(np.uint8))
            for value in (1, 2, 3)
        ]
        (folder / "ours.dcm").write_bytes(structure_set(slices(files), regions, key="bench", dated=DATED))

    mine = seconds(ours)
    if python is None:
        return mine, None
    np.save(folder / "masks.npy", voxels.transpose(1, 0, 2))  # Rows, columns, slices.
    arguments = [python, "-c", RT_UTILS, str(series), str(folder / "masks.npy"), str(folder / "theirs.dcm")]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True, cwd=ROOT)
    return mine, float(done.stdout.splitlines()[-1])


def _slice(at: int, shape: tuple[int, ...]) -> Any:
    """A CT slice of nothing."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = f"1.2.3.4.{at + 1}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    found.SOPClassUID, found.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    found.StudyInstanceUID, found.SeriesInstanceUID, found.FrameOfReferenceUID = "1.2.3.1", "1.2.3.2", "1.2.3.3"
    found.Modality, found.PatientName, found.PatientID, found.PatientBirthDate, found.PatientSex = "CT", "", "", "", ""
    found.StudyDate = found.StudyTime = found.StudyID = found.AccessionNumber = found.ReferringPhysicianName = ""
    found.Rows, found.Columns, found.PixelSpacing, found.InstanceNumber = shape[1], shape[0], [0.7, 0.7], at + 1
    found.ImageOrientationPatient, found.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 2.5 * at]
    found.SamplesPerPixel, found.PhotometricInterpretation = 1, "MONOCHROME2"
    found.BitsAllocated, found.BitsStored, found.HighBit, found.PixelRepresentation = 16, 16, 15, 0
    found.PixelData = bytes(2 * shape[0] * shape[1])
    return found


if __name__ == "__main__":
    main()
