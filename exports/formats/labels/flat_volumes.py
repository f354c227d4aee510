"""Masks of pictures that lie in volumes of one slice, as RedBrick AI keeps them: their pixels as run lengths."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

import numpy as np

from audit.annotations import Annotation, Mask, VolumeMask
from exports.formats.labels.runs import counts_of, spans_of_pixels
from exports.formats.labels.shapes import Unwritable
from exports.formats.redbrick.nifti import BadVolume, Volume
from exports.formats.redbrick.volumes import Volumes

_COMMON = Annotation.__struct_fields__


class FlatVolumes:
    """The volumes of one label, which `open_` opens."""

    def __init__(self, open_: Callable[[str], IO[bytes]]) -> None:
        self._volumes = Volumes(open_)

    def counted(self, one: VolumeMask) -> Mask:
        """The mask of a picture, and of what it shares with others. Raises Unwritable."""
        volume = self._of(one)
        width, height, depth = volume.shape
        if depth != 1:
            raise Unwritable("not_held", f"its mask is a volume of {depth} slices, and no picture's")
        covered = np.isin(volume.voxels, (one.value, *one.group)).reshape(height, width)
        counts = tuple(counts_of(spans_of_pixels(covered), width, height))
        common = {name: getattr(one, name) for name in _COMMON}
        return Mask(**common, width=width, height=height, counts=counts)

    def depth(self, one: VolumeMask) -> int:
        """How many slices the volume of a mask has. Raises Unwritable where it can't be read."""
        return self._of(one).shape[2]

    def _of(self, one: VolumeMask) -> Volume:
        try:
            return self._volumes.of(one.file, one.value)
        except FileNotFoundError:
            raise Unwritable("no_file", f"the file of its mask, {one.file!r}, was not kept") from None
        except BadVolume as error:
            raise Unwritable("unreadable", f"the file of its mask, {one.file!r}, can't be read: {error}") from None
