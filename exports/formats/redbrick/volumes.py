"""The volumes in which a label's masks lie, one in memory at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, TYPE_CHECKING, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from exports.formats.labels.shapes import Unwritable
from exports.formats.redbrick import metaimage
from exports.formats.redbrick.mode import Group
from exports.formats.redbrick.nifti import Volume, read

if TYPE_CHECKING:
    from exports.formats.redbrick.segmentation_read import Segments

DICOM, META = b"DICM", metaimage.START
Open = Callable[[str], IO[bytes]]


class Volumes:
    """Reads the files of one label, which `open_` opens: NIfTI, MetaImage, DICOM segmentations.

    `newest` is the volume that was asked for last.
    """

    def __init__(self, open_: Open) -> None:
        self.open = open_
        self._loaded: tuple[str, int, Volume] | None = None
        self._starts: dict[str, bytes] = {}
        self._segments: tuple[str, Segments] | None = None

    @property
    def newest(self) -> Volume:
        """The volume that was asked for last."""
        assert self._loaded is not None, "a volume was asked for"
        return self._loaded[2]

    def is_nifti(self, file: str) -> bool:
        """Whether it is neither of the others, by how it begins."""
        return self._start(file) not in (DICOM, META)

    def has_parts(self, file: str) -> bool:
        """Whether each instance is asked for on its own: in a segmentation they may lie over one another."""
        return self._start(file) == DICOM

    def of(self, file: str, value: int = 0) -> Volume:
        """The volume in a file; of a segmentation, that of one instance. Raises BadVolume, FileNotFoundError."""
        parts = self.has_parts(file)
        if self._loaded is None or self._loaded[0] != file or (parts and self._loaded[1] != value):
            self._loaded = None  # Before the next one comes: there is never more than one in memory.
            self._loaded = (file, value, self._part(file, value) if parts else self._whole(file))
        return self._loaded[2]

    def _start(self, file: str) -> bytes:
        if file not in self._starts:
            with self.open(file) as source:
                start = source.read(132)
            self._starts[file] = start[128:] if start[128:] == DICOM else start[: len(META)]
        return self._starts[file]

    def _whole(self, file: str) -> Volume:
        with self.open(file) as source:
            if self.is_nifti(file):
                return read(source)
            folder = "".join(file.rpartition("/")[:2])
            return metaimage.read(source.read(metaimage.MOST), lambda name: self.open(folder + name))

    def _part(self, file: str, value: int) -> Volume:
        if self._segments is None or self._segments[0] != file:
            from exports.formats.redbrick.segmentation_read import Segments  # It takes a second to load.

            with self.open(file) as source:
                self._segments = (file, Segments(cast("BinaryIO", source)))
        return self._segments[1].volume(value)

    def flags(self, group: Group) -> NDArray[np.uint8]:
        """One for each voxel of an instance, or of all of a class. Raises Unwritable where their files differ."""
        flags: NDArray[np.uint8] | None = None
        for one in group.segments:
            volume = self.of(one.file, one.value)
            chosen = np.zeros(int(volume.voxels.max(initial=0)) + 1, np.uint8)
            chosen[[value for value in (one.value, *one.groups) if 0 <= value < len(chosen)]] = 1
            ones = np.take(chosen, volume.voxels)
            if flags is not None and len(flags) != len(ones):
                raise Unwritable("bad_geometry", "the masks of one class have different sizes")
            flags = ones if flags is None else flags | ones
        assert flags is not None, "a group has a segment"
        return flags
