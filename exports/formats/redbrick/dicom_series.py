"""The slices of a DICOM series: where they lie, and how a mask's voxels come to lie on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.errors import InvalidDicomError

from exports.formats.redbrick.nifti import Matrix, Volume

TAGS = (
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "PositionReferenceIndicator",
    "SliceThickness",
    "SpacingBetweenSlices",
    "Rows",
    "Columns",
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "StudyDescription",
    "AccessionNumber",
    "ReferringPhysicianName",
    "SpecificCharacterSet",
    "NumberOfFrames",
)
_NEAR = 0.25
"""Of a voxel: how far a mask's may lie from the image's and still be the same."""


class BadSeries(ValueError):
    """Files are no series on whose slices a mask could lie. The text says why."""


@dataclass(frozen=True, slots=True)
class Slices:
    """A series from its first slice to its last along their normal. `matrix` (4 x 4) leads from column, row and slice
    to mm (to the left, back and top, as in DICOM)."""

    headers: tuple[Any, ...]
    rows: int
    columns: int
    across: npt.NDArray[np.float64]
    down: npt.NDArray[np.float64]
    positions: npt.NDArray[np.float64]
    matrix: Matrix

    def world(self, at: int, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Points (column, row) of a slice in mm: from its own position, since slices may be missing or tilted."""
        found: npt.NDArray[np.float64] = (
            self.positions[at] + points[:, :1] * self.across[None, :] + points[:, 1:] * self.down[None, :]
        )
        return found


def slices(files: Iterable[IO[bytes]]) -> Slices:
    """The series that is in these files, whatever their order and their numbers. Raises BadSeries."""
    headers = [_header(file) for file in files]
    if not headers:
        raise BadSeries("it has no files")
    first = headers[0]
    for name in ("SeriesInstanceUID", "FrameOfReferenceUID", "Rows", "Columns"):
        if any(getattr(one, name, None) != getattr(first, name, None) for one in headers):
            raise BadSeries(f"its files differ in {name}")
    try:
        orientation = np.array([[float(value) for value in one.ImageOrientationPatient] for one in headers])
        positions = np.array([[float(value) for value in one.ImagePositionPatient] for one in headers])
        row_mm, column_mm = (float(value) for value in first.PixelSpacing)
        rows, columns = int(first.Rows), int(first.Columns)
        _ = first.FrameOfReferenceUID, first.StudyInstanceUID, first.SOPInstanceUID
    except (AttributeError, TypeError, ValueError) as error:
        raise BadSeries(f"a file does not say where it lies: {error}") from None
    if np.abs(orientation - orientation[0]).max() > 1e-3:
        raise BadSeries("its slices are not parallel")
    across, down = orientation[0][:3] * column_mm, orientation[0][3:] * row_mm
    normal = np.cross(orientation[0][:3], orientation[0][3:])
    order = np.argsort(positions @ normal, kind="stable")
    positions = positions[order]
    if len(order) > 1 and np.diff(positions @ normal).min() < 1e-3:
        raise BadSeries("two of its slices lie at one place")
    step = (positions[-1] - positions[0]) / (len(order) - 1) if len(order) > 1 else normal
    matrix = np.eye(4)
    matrix[:3] = np.column_stack([across, down, step, positions[0]])
    return Slices(tuple(headers[at] for at in order), rows, columns, across, down, positions, matrix)


def _header(file: IO[bytes]) -> Any:
    try:
        found = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=list(TAGS))
    except (InvalidDicomError, OSError, EOFError, ValueError) as error:
        raise BadSeries(f"a file is no DICOM file: {error}") from None
    if int(getattr(found, "NumberOfFrames", 1) or 1) > 1:
        raise BadSeries("its files have several frames each")
    return found


def turn(series: Slices, volume: Volume) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
    """How an array (k, j, i) of the mask becomes one of slices, rows and columns: the order of its axes, and which of
    them are then turned round. Raises BadSeries for a mask that lies elsewhere."""
    counts = np.array([series.columns, series.rows, len(series.headers)])
    corners = np.array(list(np.ndindex(2, 2, 2))) * (counts - 1)
    mine = np.linalg.inv(np.diag([-1.0, -1.0, 1.0, 1.0]) @ volume.affine) if _solvable(volume.affine) else None
    if mine is None:
        raise BadSeries("the mask does not say where it lies")
    placed = (mine @ series.matrix @ np.column_stack([corners, np.ones(8)]).T)[:3].T
    steps = np.rint((placed[[4, 2, 1]] - placed[0]) / np.maximum(counts - 1, 1)[:, None]).astype(int)
    single = counts == 1
    axes = [int(np.abs(step).argmax()) if not one else -1 for step, one in zip(steps, single, strict=True)]
    left = [axis for axis in range(3) if axis not in axes]
    axes = [left.pop() if axis < 0 and left else axis for axis in axes]
    if sorted(axes) != [0, 1, 2] or [volume.shape[axis] for axis in axes] != counts.tolist():
        raise BadSeries(f"the mask has {volume.shape} voxels, the images have {tuple(counts.tolist())}")
    back = [bool(steps[at][axis] < 0) for at, axis in enumerate(axes)]
    meant = np.empty((8, 3))
    for at, axis in enumerate(axes):
        meant[:, axis] = (counts[at] - 1 - corners[:, at]) if back[at] else corners[:, at]
    if np.abs(meant - placed).max() > _NEAR:
        raise BadSeries("the mask lies elsewhere than the images")
    # Arrays of NIfTI are k, j, i; those of DICOM slice, row, column: both the other way round.
    order = (2 - axes[2], 2 - axes[1], 2 - axes[0])
    return order, (back[2], back[1], back[0])


def _solvable(affine: Matrix) -> bool:
    return bool(np.isfinite(affine).all()) and abs(float(np.linalg.det(affine[:3, :3]))) > 1e-9
