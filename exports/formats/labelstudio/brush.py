"""Masks as Label Studio's brushes have them: thi.ng's rle-pack of an RGBA picture, row by row.

The layout is that which `audit.sources.labelstudio.brush` reads: here every block is a run of one value.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from exports.formats.labels.shapes import Unwritable

WORD = 8
SIZES = (4, 8, 12, 16)
"""Bits of the four sizes that a run's length may have."""
LONGEST = 1 << SIZES[-1]
CHANNELS = 4
_HEAD = f"{WORD - 1:05b}" + "".join(f"{size - 1:04b}" for size in SIZES)


def rle_of(counts: Sequence[int], width: int, height: int) -> list[int]:
    """The bytes of a mask of COCO's uncompressed run lengths. Raises Unwritable when they are not of that size."""
    if width <= 0 or height <= 0 or sum(counts) != width * height or min(counts) < 0:
        raise Unwritable("no_geometry", "its run lengths do not make up the picture")
    values = np.arange(len(counts)) % 2
    by_columns = np.repeat(values, counts).astype(np.uint8)
    rows = by_columns.reshape(width, height).T.ravel()
    edges = np.concatenate(([0], np.flatnonzero(np.diff(rows)) + 1, [len(rows)])).tolist()
    bits = [f"{len(rows) * CHANNELS:032b}", _HEAD]
    for first, end in pairwise(edges):
        bits += _runs((end - first) * CHANNELS, 255 if rows[first] else 0)
    packed = "".join(bits)
    packed += "0" * (-len(packed) % 8)
    return list(int(packed, 2).to_bytes(len(packed) // 8, "big"))


def _runs(length: int, value: int) -> list[str]:
    found = []
    while length:
        run = min(length, LONGEST)
        size = next(place for place, bits in enumerate(SIZES) if run <= 1 << bits)
        found.append(f"1{size:02b}{run - 1:0{SIZES[size]}b}{value:0{WORD}b}")
        length -= run
    return found
