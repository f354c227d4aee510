"""Masks and DICOM series for tests: where voxels lie is said in both, each in its own way."""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence

import nibabel
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

Matrix = NDArray[np.float64]


def nifti(voxels: NDArray[np.generic], affine: Matrix | None = None) -> bytes:
    """A .nii.gz file of voxels by i, j, k."""
    image = nibabel.Nifti1Image(voxels, np.eye(4) if affine is None else affine)
    image.set_qform(image.affine, code=1)
    return gzip.compress(image.to_bytes(), mtime=0)


def loaded(file: bytes) -> nibabel.Nifti1Image:
    """What nibabel reads of a .nii or .nii.gz file."""
    plain = gzip.decompress(file) if file[:2] == b"\x1f\x8b" else file
    return nibabel.Nifti1Image.from_bytes(plain)


def slices(
    shape: tuple[int, int, int], orientation: Sequence[float], spacing: tuple[float, float], step: float
) -> tuple[list[bytes], Matrix]:
    """DICOM files of a series (columns, rows, slices), and the NIfTI affine of the same place.

    `spacing` is between columns, then between rows; `step` between slices, against the normal where it is negative.
    """
    across, down = np.array(orientation[:3]), np.array(orientation[3:])
    normal = np.cross(across, down)
    start = np.array([-40.0, 25.5, 7.25])
    files = [_slice(at, start + at * step * normal, shape, orientation, spacing) for at in range(shape[2])]
    lps = np.eye(4)
    lps[:3] = np.column_stack([across * spacing[0], down * spacing[1], normal * step, start])
    return files, np.diag([-1.0, -1.0, 1.0, 1.0]) @ lps


def _slice(
    at: int, position: Matrix, shape: tuple[int, int, int], orientation: Sequence[float], spacing: tuple[float, float]
) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = f"1.2.3.4.{at + 1}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found = FileDataset("", Dataset(), file_meta=meta, preamble=bytes(128))
    found.SOPClassUID, found.SOPInstanceUID = CTImageStorage, f"1.2.3.4.{at + 1}"
    found.StudyInstanceUID, found.SeriesInstanceUID, found.FrameOfReferenceUID = "1.2.3", "1.2.3.4", "1.2.3.9"
    found.Modality, found.PatientName, found.PatientID = "CT", "Invented^Ida", "P1"
    found.Columns, found.Rows = shape[0], shape[1]
    found.PixelSpacing = [spacing[1], spacing[0]]  # Between rows first.
    found.ImageOrientationPatient = [f"{value:.9g}" for value in orientation]
    found.ImagePositionPatient = [f"{value:.9g}" for value in position]
    found.InstanceNumber = 99 - at
    out = io.BytesIO()
    found.save_as(out, enforce_file_format=True)
    return out.getvalue()


def inside(points: Matrix, columns: int, rows: int) -> NDArray[np.bool_]:
    """Which voxel centres (row, column) lie in an outline of columns and rows, by the even-odd rule."""
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    found = np.zeros((rows, columns), bool)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        crosses = (y0 > y) != (y1 > y)
        if y0 != y1:
            found ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return found
