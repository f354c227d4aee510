"""What RT structure sets and DICOM segmentations have in common: their regions, identifiers and texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import numpy.typing as npt

from exports.formats.redbrick.dicom_series import Slices, turn
from exports.formats.redbrick.nifti import Volume

UTF_8 = "ISO_IR 192"
"""What DICOM calls it (PS3.3 C.12.1.1.2): classes are called as people want, in any script."""

_NEVER = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Region:
    """One instance, or all of a class: which voxels of `volume` are its own (`flags`, flat, x the fastest).

    `name` is unique in its file, `value` its number in tasks.json, `title` that of its class, `class_id` its class's
    number from 0 where the taxonomy has it.
    """

    name: str
    value: int
    title: str
    class_id: int | None
    description: str
    color: tuple[int, int, int]
    volume: Volume
    flags: npt.NDArray[np.uint8]

    def laid(self, series: Slices) -> npt.NDArray[np.uint8]:
        """Its voxels as the series has them: slices, rows, columns. Raises BadSeries."""
        order, back = turn(series, self.volume)
        shaped = self.flags.reshape(self.volume.shape[::-1]).transpose(order)
        return shaped[tuple(slice(None, None, -1 if one else 1) for one in back)]


def uid(key: str) -> str:
    """An identifier that the same key always gets (PS3.5 B.2)."""
    return f"2.25.{uuid5(NAMESPACE_URL, key).int}"


def line(text: str, most: int) -> str:
    """The text as one value of DICOM takes it: a backslash would begin the next one."""
    return _NEVER.sub(" ", text).replace("\\", "/").strip()[:most].rstrip()
