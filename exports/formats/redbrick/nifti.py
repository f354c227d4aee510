"""Volumes of labels as NIfTI-1 files (https://nifti.nimh.nih.gov/nifti-1): read, and written anew with other values.

Voxels are one flat array with x the fastest, as they lie in the file: nothing is ever transposed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO, Final, Literal

import numpy as np
import numpy.typing as npt
from isal import igzip

Voxels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Flags = npt.NDArray[np.bool_]
Matrix = npt.NDArray[np.float64]

HEADER = 352
"""Bytes before the voxels: a header of 348, and four that say that no extensions follow."""
LARGEST = 1 << 31
"""Voxels of the largest volume that is taken apart; a whole body in half millimetres has less."""
MOST = (1 << 16) - 1
_ORDERS: Final[tuple[Literal["<", ">"], ...]] = ("<", ">")
_TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4"}


class BadVolume(ValueError):
    """A file is no volume of labels that we can read. The text says why."""


@dataclass(frozen=True, slots=True)
class Volume:
    """`shape` counts voxels along i, j and k; `affine` (4 x 4) leads from them to mm: to the right, front and top."""

    header: bytes
    shape: tuple[int, int, int]
    affine: Matrix
    voxels: Voxels


def opened(file: IO[bytes]) -> IO[bytes]:
    """The file's bytes without gzip around them, where they have it."""
    start = file.read(2)
    file.seek(0)
    return igzip.open(file, "rb") if start == b"\x1f\x8b" else file  # type: ignore[no-untyped-call]


def read(file: IO[bytes]) -> Volume:
    """The volume in a .nii or .nii.gz file. Raises BadVolume."""
    try:
        with opened(file) as plain:
            header = plain.read(HEADER)
            order = _order(header)
            shape, data_type, start = _layout(header, order)
            if start > HEADER:
                plain.read(start - HEADER)
            count = shape[0] * shape[1] * shape[2]
            data = plain.read(count * data_type.itemsize)
    except (OSError, EOFError) as error:
        raise BadVolume(f"its gzip is damaged: {error}") from None
    if len(data) < count * data_type.itemsize:
        raise BadVolume(f"it ends after {len(data):,} of {count * data_type.itemsize:,} bytes of voxels")
    return Volume(header, shape, _affine(header, order), labels(np.frombuffer(data, data_type)))


def written(volume: Volume, voxels: Voxels) -> bytes:
    """A .nii file in the same place with these voxels instead."""
    order = _order(volume.header)
    header = bytearray(volume.header)
    struct.pack_into(f"{order}8h", header, 40, 3, *volume.shape, 1, 1, 1, 1)
    struct.pack_into(f"{order}2h", header, 70, 2 if voxels.dtype == np.uint8 else 512, 8 * voxels.dtype.itemsize)
    struct.pack_into(f"{order}3f", header, 108, HEADER, 1.0, 0.0)
    header[348:HEADER] = bytes(4)
    return bytes(header) + voxels.astype(voxels.dtype.newbyteorder(order), copy=False).tobytes()


def header_of(shape: tuple[int, int, int], affine: Matrix) -> bytes:
    """The header of a volume that comes from no NIfTI file (nifti1.h): voxels of one byte, millimetres."""
    header = bytearray(HEADER)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    struct.pack_into("<i", header, 0, 348)
    header[38] = ord("r")
    struct.pack_into("<8h", header, 40, 3, *shape, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 2, 8)
    struct.pack_into("<8f", header, 76, 1.0, *spacing, 0.0, 0.0, 0.0, 0.0)
    struct.pack_into("<3f", header, 108, HEADER, 1.0, 0.0)
    header[123] = 2
    struct.pack_into("<2h", header, 252, 0, 1)
    struct.pack_into("<12f", header, 280, *affine[:3].ravel())
    header[344:348] = b"n+1\0"
    return bytes(header)


def zipped(data: bytes) -> bytes:
    """The bytes in gzip, with no time in it."""
    return bytes(igzip.compress(data, 1, mtime=0))


def fitting(voxels: Voxels) -> Voxels:
    """One byte each where that is enough, as RedBrick AI has it."""
    small = not voxels.size or int(voxels.max()) < 256
    return voxels.astype(np.uint8, copy=False) if small else voxels.astype(np.uint16, copy=False)


def _order(header: bytes) -> Literal["<", ">"]:
    if len(header) == HEADER and header[344:347] in (b"n+1", b"ni1"):
        for order in _ORDERS:
            if struct.unpack_from(f"{order}i", header)[0] == 348:
                if header[344:347] == b"ni1":
                    raise BadVolume("its voxels are in another file (.img)")
                return order
    raise BadVolume("it is no NIfTI-1 file")


def _layout(header: bytes, order: str) -> tuple[tuple[int, int, int], np.dtype[np.generic], int]:
    count, *sizes = struct.unpack_from(f"{order}8h", header, 40)
    (code,) = struct.unpack_from(f"{order}h", header, 70)
    start, slope, shift = struct.unpack_from(f"{order}3f", header, 108)
    if not 1 <= count <= 7 or any(size != 1 for size in sizes[3:count]) or any(size < 1 for size in sizes[:count]):
        raise BadVolume(f"its dimensions are {sizes[: max(count, 0)]}: it takes three")
    if code not in _TYPES:
        raise BadVolume(f"its voxels are of the type {code}, which are no labels")
    if slope not in (0.0, 1.0) or (slope == 1.0 and shift):
        raise BadVolume("its voxels are scaled, which labels are not")
    x, y, z = (*sizes[: min(count, 3)], 1, 1)[:3]
    if x * y * z > LARGEST:
        raise BadVolume(f"it has {x} x {y} x {z} voxels; the largest that can be taken apart has {LARGEST:,}")
    return (x, y, z), np.dtype(order + _TYPES[code]), max(int(start), HEADER)


def labels(found: npt.NDArray[np.generic]) -> Voxels:
    """The values as numbers of labels. Raises BadVolume for what is none."""
    if not found.size:
        return np.zeros(0, np.uint8)
    if found.dtype.kind == "f" and not np.array_equal(found, np.rint(found)):
        raise BadVolume("its voxels are fractions, which labels are not")
    if found.min() < 0 or found.max() > MOST:
        raise BadVolume(f"its voxels have values outside of 0 to {MOST:,}")
    return fitting(found.astype(np.uint16, copy=False))


def _affine(header: bytes, order: str) -> Matrix:
    """The sform, else the qform, else the spacing alone (nifti1.h, methods 3, 2 and 1)."""
    by_rotation, by_rows = struct.unpack_from(f"{order}2h", header, 252)
    spacing = struct.unpack_from(f"{order}8f", header, 76)
    found = np.eye(4)
    if by_rows > 0:
        found[:3] = np.array(struct.unpack_from(f"{order}12f", header, 280)).reshape(3, 4)
    elif by_rotation > 0:
        b, c, d, *offset = struct.unpack_from(f"{order}6f", header, 256)
        a = max(0.0, 1.0 - b * b - c * c - d * d) ** 0.5
        turned = np.array(
            [
                [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
                [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
                [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
            ]
        )
        last = -1.0 if spacing[0] < 0 else 1.0
        found[:3, :3] = turned * np.array([spacing[1], spacing[2], spacing[3] * last])
        found[:3, 3] = offset
    else:
        found[:3, :3] = np.diag(spacing[1:4])
    return found
