"""Pictures of flat masks: PNG."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

from exports.formats.redbrick.nifti import Voxels

Colors = npt.NDArray[np.uint8]


def png(voxels: Voxels, width: int, height: int, colors: Colors) -> bytes:
    """A PNG (W3C PNG, second edition): the colour (n x 3) of each value, rows from the top, no filter.

    Without a filter and at the fastest level it takes a tenth of an imaging library's time; masks need no more.
    """
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = np.take(colors, voxels, axis=0).reshape(height, 3 * width)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", isal_zlib.compress(rows.tobytes(), 1)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", isal_zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
