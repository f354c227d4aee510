"""What people look at in the invented projects: small grey volumes and images, the same bytes every time."""

from __future__ import annotations

import re
import struct
import zlib

import numpy as np

from audit.demo.redbrick.drawings import ORIGIN, SHAPE, SPACING
from audit.demo.redbrick.nifti import Volume, ball, nifti

ITEM = re.compile(r"ct/[^/]+/\w+\.(?P<kind>nii\.gz|png)")
"""Paths of items."""
_PNG = (64, 64)


def picture(path: str) -> bytes | None:
    """The file of an item; None for what is none."""
    found = ITEM.fullmatch(path)
    if found is None:
        return None
    seed = zlib.crc32(path.encode())
    if found["kind"] == "png":
        return _png(_body((*_PNG, 1), seed)[:, :, 0])
    return nifti(_body(SHAPE, seed), SPACING, ORIGIN)


def _body(shape: tuple[int, int, int], seed: int) -> Volume:
    """Something round, a little brighter on one side, with noise."""
    center = [(size - 1) / 2 for size in shape]
    inside = ball(shape, center, [size * 0.45 for size in shape])
    noise = np.random.default_rng(seed).integers(0, 24, shape, np.uint8)
    found: Volume = np.where(inside, noise + np.uint8(120 + seed % 60), noise // 4).astype(np.uint8)
    return found


def _png(rows: Volume) -> bytes:
    """A PNG of grey values (W3C PNG, colour type 0)."""
    width, height = rows.shape
    lines = b"".join(b"\0" + rows[:, row].tobytes() for row in range(height))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines, 6)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
