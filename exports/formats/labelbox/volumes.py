"""Masks of volumes as Labelbox has them: in one of its three views, a mask for each slice that has voxels of it.

https://docs.labelbox.com/reference/export-dicom-annotations. Slices are those of the volume itself, in its own order:
frame k + 1 has the voxels (i, j, k), i to the right and j down. The view is the one whose slices lie most nearly so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from audit.annotations import VolumeMask
from audit.sources.labelbox.media import PLANES
from exports.formats.labelbox.shapes import DICOM, masked
from exports.formats.labels.runs import spans_of_pixels
from exports.formats.labels.shapes import Unwritable
from exports.formats.redbrick.nifti import BadVolume, Matrix, Volume
from exports.formats.redbrick.volumes import Volumes

Row = dict[str, Any]

AXES = ("Sagittal", "Coronal", "Axial")
"""The view whose slices follow each other to the right, to the front, to the top."""


class Views:
    """The views of one volume: objects by frame, as they are drawn."""

    def __init__(self) -> None:
        self._frames: dict[str, dict[int, Row]] = {}
        self._shown: dict[str, dict[str, list[int]]] = {}

    def add(self, one: VolumeMask, volumes: Volumes, row: Row) -> None:
        """Draw a mask: `row` is the object without what it draws. Raises Unwritable, with nothing drawn."""
        volume = _volume(one, volumes)
        plane = plane_of(volume.affine)
        drawn = list(_slices(one, volume))
        if not drawn:
            raise Unwritable("bad_geometry", "no voxel of its volume belongs to it")
        id_ = row["feature_id"]
        for frame, _ in drawn:
            shown = self._frames.setdefault(plane, {}).setdefault(frame, {})
            if id_ in shown:
                raise Unwritable("not_held", f"object {id_} has several masks in frame {frame}, where one may be")
        for frame, said in drawn:
            self._frames[plane][frame][id_] = row | said
            self._shown.setdefault(id_, {}).setdefault(plane, []).append(frame)

    def annotations(self, answers: Sequence[Row]) -> Row:
        """All of it, with what was answered about the whole volume."""
        groups = {
            plane: {
                "name": plane,
                "classifications": [],
                "frames": {
                    f"{frame}": {"objects": shown, "classifications": []}
                    for frame, shown in sorted(self._frames[plane].items())
                },
            }
            for plane in PLANES
            if plane in self._frames
        }
        segments: Row = {plane: {} for plane in groups}
        keys: Row = {}
        for id_, planes in self._shown.items():
            for plane, frames in planes.items():
                segments[plane][id_] = stretches(frames)
                keys.setdefault(id_, {})[plane] = {f"{frame}": True for frame in sorted(frames)}
        return {"groups": groups, "segments": segments, "key_frame_feature_map": keys, "classifications": [*answers]}


def plane_of(affine: Matrix) -> str:
    """The view whose slices lie as those of a volume (along its third axis)."""
    return AXES[int(np.argmax(np.abs(affine[:3, 2])))]


def stretches(numbers: Sequence[int]) -> list[list[int]]:
    """Runs of frames without a gap, both ends in."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def _volume(one: VolumeMask, volumes: Volumes) -> Volume:
    try:
        return volumes.of(one.file, one.value)
    except FileNotFoundError:
        raise Unwritable("no_file", f"the file of its mask, {one.file!r}, was not kept") from None
    except BadVolume as error:
        raise Unwritable("unreadable", f"the file of its mask, {one.file!r}, can't be read: {error}") from None


def _slices(one: VolumeMask, volume: Volume) -> Iterator[tuple[int, Row]]:
    """Frame (from 1) and mask of each slice that has voxels of the instance, alone or shared with others."""
    width, height, depth = volume.shape
    voxels = volume.voxels.reshape(depth, height, width)
    for at in range(depth):
        covered = np.isin(voxels[at], (one.value, *one.group))
        if covered.any():
            yield at + 1, masked([(spans_of_pixels(covered), (width, height))], DICOM)[1]
