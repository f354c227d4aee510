"""Outlines of flat masks for DICOM: every voxel's centre is inside of its outline, and none lies on one.

They run a third of a voxel outside of the outermost centres. Outlines through centres lose half a voxel all around and
make a point of a single voxel; outlines at half a voxel lie on the lines along which readers scan. Holes are joined to
what is around them by a bridge without width: some readers fill a hole that is an outline of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
_FINER = 3


def outlines(flags: Flags) -> Iterator[Points]:
    """The outlines (n x 2: column, row; centres of voxels are whole numbers) of a mask of rows and columns."""
    rows, columns = np.flatnonzero(flags.any(axis=1)), np.flatnonzero(flags.any(axis=0))
    if not len(rows):
        return
    top, left = int(rows[0]), int(columns[0])
    box = flags[top : rows[-1] + 1, left : columns[-1] + 1]
    finer = np.ascontiguousarray(box.repeat(_FINER, axis=0).repeat(_FINER, axis=1))
    found, levels = cv2.findContours(finer, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    corners = [contour[:, 0, :].astype(np.float64) for contour in found]
    for place, contour in enumerate(corners):
        if levels[0][place][3] < 0:  # It is in no other one; holes name what they are in.
            holes = [one for at, one in enumerate(corners) if levels[0][at][3] == place]
            yield (_joined(contour, holes) - 1.0) / _FINER + (left, top)


def _joined(outer: Points, holes: Sequence[Points]) -> Points:
    """One outline that goes to each hole, around it, and back the same way."""
    for hole in sorted(holes, key=lambda one: float(one[:, 0].min())):
        start = int(hole[:, 0].argmin())
        distances = ((outer - hole[start]) ** 2).sum(axis=1)
        at = int(distances.argmin())
        around = np.roll(hole, -start, axis=0)
        outer = np.concatenate([outer[: at + 1], around, around[:1], outer[at:]])
    return outer
