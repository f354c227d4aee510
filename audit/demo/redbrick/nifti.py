"""Masks as NIfTI-1 files: small volumes in which voxels are numbers of lesions."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Volume = NDArray[np.uint8]
Triple = tuple[float, float, float]


def ball(shape: tuple[int, int, int], center: Sequence[float], radii: Sequence[float]) -> NDArray[np.bool_]:
    """The voxels in an ellipsoid along the axes."""
    axes = np.ogrid[tuple(slice(0, size) for size in shape)]
    parts = (((axis - at) / radius) ** 2 for axis, at, radius in zip(axes, center, radii, strict=True))
    found: NDArray[np.bool_] = sum(parts) <= 1.0  # type: ignore[assignment]
    return found


def nifti(volume: Volume, spacing: Triple, origin: Triple) -> bytes:
    """The volume as a .nii.gz file, the same bytes every time (NIfTI-1: header of 348 bytes, data from byte 352).

    `origin` is DICOM's: to the left and to the back, where NIfTI counts to the right and to the front.
    """
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *volume.shape, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 2, 8)  # DT_UINT8, bits in a voxel.
    struct.pack_into("<8f", header, 76, 1.0, *spacing, 1.0, 1.0, 1.0, 1.0)
    struct.pack_into("<2f", header, 108, 352.0, 1.0)  # Where the data begin; their scale.
    header[123] = 2  # Millimetres.
    struct.pack_into("<2h", header, 252, 0, 2)  # No quaternion; the rows that follow are the affine.
    for row in range(3):
        turned = -1.0 if row < 2 else 1.0
        line = [0.0, 0.0, 0.0, turned * origin[row]]
        line[row] = turned * spacing[row]
        struct.pack_into("<4f", header, 280 + 16 * row, *line)
    header[344:348] = b"n+1\0"
    return gzip.compress(bytes(header) + volume.tobytes(order="F"), 6, mtime=0)
