"""MetaImages (https://itk.org/Wiki/MetaIO/Documentation): a text header (.mhd) that names a file of voxels."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import IO

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

from exports.formats.redbrick.nifti import LARGEST, BadVolume, Volume, Voxels, header_of, labels

START = b"ObjectType"
MOST = 1 << 16
"""Bytes of a header."""
_TYPES = {
    "MET_UCHAR": "u1",
    "MET_CHAR": "i1",
    "MET_USHORT": "u2",
    "MET_SHORT": "i2",
    "MET_UINT": "u4",
    "MET_INT": "i4",
}


def read(header: bytes, open_: Callable[[str], IO[bytes]]) -> Volume:
    """The volume of a header; `open_` opens the file that it names. Raises BadVolume, and what `open_` raises."""
    lines = (one.partition("=") for one in header.decode("utf-8", "replace").splitlines())
    told = {name.strip(): value.strip() for name, _, value in lines}
    try:
        x, y, z = (int(one) for one in (*told["DimSize"].split(), "1")[:3])
        order = ">" if told.get("BinaryDataByteOrderMSB", "False") == "True" else "<"
        kind = np.dtype(order + _TYPES[told["ElementType"]])
        directions = np.array(_floats(told.get("TransformMatrix", "1 0 0 0 1 0 0 0 1"))).reshape(3, 3)
        spacing, offset = _floats(told["ElementSpacing"]), _floats(told.get("Offset", "0 0 0"))
        world = np.eye(4)
        world[:3] = np.column_stack([*(directions * np.array(spacing)[:, None]), offset])
        name = told["ElementDataFile"]
    except (KeyError, ValueError) as error:
        raise BadVolume(f"its MetaImage header is damaged: {error}") from None
    if min(x, y, z) < 1 or x * y * z > LARGEST or name == "LOCAL" or "/" in name or "\\" in name:
        raise BadVolume("its MetaImage header is none that can be read")
    with open_(name) as file:
        size = x * y * z * kind.itemsize
        data = file.read(size + 1) if told.get("CompressedData") != "True" else _inflated(file.read(), size)
    if len(data) != size:
        raise BadVolume(f"it has {len(data):,} of {size:,} bytes of voxels")
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ world
    return Volume(header_of((x, y, z), affine), (x, y, z), affine, labels(np.frombuffer(data, kind)))


def _inflated(data: bytes, size: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, size + 1)
    except zlib.error as error:
        raise BadVolume(f"its voxels are damaged: {error}") from None


def _floats(text: str) -> list[float]:
    return [float(one) for one in text.split()]


def written(volume: Volume, voxels: Voxels, data_file: str) -> tuple[bytes, bytes]:
    """A MetaImage's header (.mhd), which names `data_file`, and that file's bytes (.zraw, zlib).

    MetaImage counts to the left and back where NIfTI counts to the right and front: x and y change their signs.
    """
    world = np.diag([-1.0, -1.0, 1.0, 1.0]) @ volume.affine
    spacing = np.linalg.norm(world[:3, :3], axis=0)
    spacing[spacing == 0] = 1.0
    directions = (world[:3, :3] / spacing).T  # One axis after the other.
    data = bytes(isal_zlib.compress(voxels.astype(voxels.dtype.newbyteorder("<"), copy=False).tobytes(), 1))
    fields = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "True",
        "CompressedDataSize": str(len(data)),
        "TransformMatrix": _numbers(directions.ravel()),
        "Offset": _numbers(world[:3, 3]),
        "CenterOfRotation": "0 0 0",
        "ElementSpacing": _numbers(spacing),
        "DimSize": " ".join(map(str, volume.shape)),
        "ElementType": "MET_UCHAR" if voxels.dtype == np.uint8 else "MET_USHORT",
        "ElementDataFile": data_file,
    }
    return "".join(f"{name} = {value}\n" for name, value in fields.items()).encode(), data


def _numbers(values: npt.NDArray[np.float64]) -> str:
    return " ".join(f"{value + 0.0:.9g}" for value in values)
