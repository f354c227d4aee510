"""What people look at in the invented projects: where it is, and small grey images and volumes. See also `ct`."""

from __future__ import annotations

import re
import struct
import zlib

import numpy as np

from audit.demo.redbrick.body import ORIGIN, SHAPE, SPACING
from audit.demo.redbrick.nifti import Volume, ball, nifti
from audit.demo.redbrick.story import TaskStory

ITEM = re.compile(r"ct/[^/]+/\w+\.(?P<kind>nii\.gz|png)")
SLICE = re.compile(r"ct/CT_ABD_(?P<number>\d+)_\w+/(?P<series>\w+)/IM(?P<slice>\d{4})\.dcm")
"""Paths of items, and of the slices of DICOM series, which count from 1."""
TOPOGRAM = "topogram"
_PNG = (64, 64)


def items_of(story: TaskStory, series: str) -> tuple[str, list[str]]:
    """RedBrick's type of a series, and its items. Of CTs on which there are labels they are DICOM files."""
    path = f"ct/{story.name}/{series}"
    if story.images:
        return "web", [f"{path}.png"]
    if story.labelled and series != TOPOGRAM:
        return "dicom", [f"{path}/IM{number:04d}.dcm" for number in range(1, SHAPE[2] + 1)]
    return "nifti", [f"{path}.nii.gz"]


def picture(path: str) -> bytes | None:
    """The file of an item that is no slice of a CT; None for what is none."""
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
