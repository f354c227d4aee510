"""Masks out of DICOM segmentations: the voxels of one segment, where they lie."""

from __future__ import annotations

from typing import Any, BinaryIO

import highdicom as hd
import numpy as np
from pydicom.errors import InvalidDicomError

from exports.formats.redbrick.nifti import BadVolume, Volume, header_of
from exports.formats.redbrick.segmentation import TRACKED


class Segments:
    """The segments of one file. Raises BadVolume for what is none that says on which images it lies."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._found = hd.seg.segread(file)
            self._images = [image for _, _, image in self._found.get_source_image_uids()]
            self._matrix = self._where()
        except (InvalidDicomError, AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise BadVolume(f"it is no DICOM segmentation of images that it names: {error}") from None

    def volume(self, value: int) -> Volume:
        """All slices of the series: `value` where the segment of that instance is. Raises BadVolume."""
        number = self._number(value)
        shape = (int(self._found.Columns), int(self._found.Rows), len(self._images))
        try:
            pixels = self._found.get_pixels_by_source_instance(
                self._images, segment_numbers=[number], assert_missing_frames_are_empty=True, skip_overlap_checks=True
            )
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise BadVolume(f"its segment {number} can't be read: {error}") from None
        voxels = (pixels[..., 0] != 0).ravel() * np.uint16(value)
        return Volume(header_of(shape, self._matrix), shape, self._matrix, voxels)

    def _number(self, value: int) -> int:
        """By what tracks it, as we write it; else instances and segments have the same numbers."""
        for one in self._found.SegmentSequence:
            if getattr(one, "TrackingID", None) == f"{TRACKED}{value}":
                return int(one.SegmentNumber)
        if value in self._found.segment_numbers:
            return value
        raise BadVolume(f"it has no segment for instance {value}")

    def _where(self) -> Any:
        """From voxels to mm, to the right, front and top: from where the first and the last frame lie."""
        shared = self._found.SharedFunctionalGroupsSequence[0]
        along = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float)
        measures = shared.PixelMeasuresSequence[0]
        row_mm, column_mm = (float(one) for one in measures.PixelSpacing)
        normal = np.cross(along[:3], along[3:])
        places: dict[int, Any] = {}
        at = {image: place for place, image in enumerate(self._images)}
        for frame in self._found.PerFrameFunctionalGroupsSequence:
            image = frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
            places[at[image]] = np.array(frame.PlanePositionSequence[0].ImagePositionPatient, float)
        first, last = min(places), max(places)
        if first == last:
            step = normal * float(getattr(measures, "SpacingBetweenSlices", 0) or measures.SliceThickness or 1.0)
        else:
            step = (places[last] - places[first]) / (last - first)
        found = np.eye(4)
        found[:3] = np.column_stack([along[:3] * column_mm, along[3:] * row_mm, step, places[first] - first * step])
        return np.diag([-1.0, -1.0, 1.0, 1.0]) @ found
