"""Masks of other platforms as RedBrick AI keeps its own: a flat volume of a picture, an instance for each object.

Polygons with holes are painted too: tasks.json's polygons have none. Where instances lie over one another, pixels have
a number that stands for all of them (`groupids`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from audit.annotations import Annotation, Mask, Medium, Polygon, rounded
from audit.ontology import Ontology
from audit.sources.values import Item
from exports.formats.labels.mask_files import MaskFiles
from exports.formats.labels.runs import Spans, spans_from, spans_of
from exports.formats.labels.shapes import Unwritable, polygon_shape
from exports.formats.redbrick.entries import Segment, common
from exports.formats.redbrick.names import class_numbers
from exports.formats.redbrick.nifti import MOST, Volume, fitting, header_of, written

PLACE = np.eye(4)
"""A picture lies nowhere: a pixel is a millimetre."""


def painted(annotations: Sequence[Annotation]) -> list[Annotation]:
    """Those that tasks.json can only have as masks: masks, and all parts of objects of which a polygon has holes."""
    holed = {_object(one) for one in annotations if isinstance(one, Polygon) and one.holes}
    return [
        one
        for one in annotations
        if isinstance(one, Mask) or (isinstance(one, Polygon) and (one.holes or _object(one) in holed - {None}))
    ]


class Canvas:
    """One picture's masks of one label. `read` gives the label's files."""

    def __init__(self, medium: Medium, ontology: Ontology, read: Callable[[str], bytes]) -> None:
        self._medium = medium
        self._numbers = class_numbers(ontology)
        self._files = MaskFiles(read)
        self._size: tuple[int, int] | None = None
        if medium.width and medium.height:
            self._size = rounded(medium.width), rounded(medium.height)
        self._spans: list[list[Spans]] = []
        self._said: list[tuple[Item, int | None]] = []
        self._objects: dict[object, int] = {}

    def add(self, one: Annotation, entry: Item) -> None:
        """Paint it, in the instance of its object; `entry` says what it is. Raises Unwritable."""
        if self._medium.kind != "image" or one.frame is not None or one.page is not None:
            raise Unwritable("not_held", "masks of RedBrick AI are of pictures and volumes, not of frames or pages")
        spans = self._covered(self._files.counted(one))
        place = self._objects.setdefault(_object(one) or id(one), len(self._spans))
        if place == len(self._spans):
            if place == MOST:
                raise Unwritable("not_held", f"a mask of RedBrick AI has {MOST:,} instances at most")
            self._spans.append([])
            number = self._numbers.get((one.job, one.classes[-1])) if one.classes else None
            self._said.append((entry, number))
        self._spans[place].append(spans)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was painted."""
        return not self._spans

    def finished(self, file: str) -> tuple[bytes, list[Segment], list[Item]]:
        """The volume (.nii), which is called so, its instances, and their entries in the words of the API."""
        assert self._size is not None, "something was painted"
        width, height = self._size
        pixels, groups = self._pixels(width * height)
        # Runs go down the columns, rows of a volume along x.
        voxels = fitting(np.ascontiguousarray(pixels.reshape(width, height).T).ravel())
        volume = Volume(header_of((width, height, 1), PLACE), (width, height, 1), PLACE, voxels)
        segments, entries = [], []
        for number, (entry, class_id) in enumerate(self._said, 1):
            shared = tuple(groups.get(number, ()))
            segments.append(Segment(number, file, number, shared, class_id, common(entry)))
            entries.append({**entry, "dicom": {"instanceid": number, "groupids": list(shared) or None}})
        return written(volume, voxels), segments, entries

    def _covered(self, one: Annotation) -> Spans:
        if isinstance(one, Polygon):
            if self._size is None:
                raise Unwritable("no_size", "the width and height of its picture are not known")
            return spans_of(polygon_shape((one,), *self._size).parts, *self._size)
        assert isinstance(one, Mask), "nothing else is painted"
        if not one.width or not one.height:
            raise Unwritable("no_size", "it does not say how wide and high it is")
        size = int(one.width), int(one.height)
        self._size = self._size or size
        if size != self._size:
            text = f"it has {size[0]} x {size[1]} pixels, its picture {self._size[0]} x {self._size[1]}"
            raise Unwritable("bad_geometry", text)
        spans = spans_from(one.counts)
        if len(spans) and (int(spans[-1, 1]) > size[0] * size[1] or int(spans.min()) < 0):
            raise Unwritable("bad_geometry", "its runs are longer than its picture")
        return spans

    def _pixels(self, count: int) -> tuple[npt.NDArray[np.uint16], dict[int, list[int]]]:
        """Each pixel's number, column by column; and by instance the numbers that it shares with others."""
        pixels = np.zeros(count, np.uint16)
        of_number: dict[int, frozenset[int]] = {0: frozenset()}
        of_set: dict[frozenset[int], int] = {}
        next_ = len(self._spans) + 1
        for instance, spans in enumerate(self._spans, 1):
            of_number[instance] = frozenset((instance,))
            flags = _flags(spans, count)
            for number in np.unique(pixels[flags]).tolist():
                together = of_number[number] | {instance}
                if number == 0:
                    found = instance
                elif together in of_set:
                    found = of_set[together]
                elif next_ > MOST:
                    raise Unwritable("not_held", "its masks overlap in more ways than a volume has numbers")
                else:
                    found = of_set[together] = next_
                    of_number[found] = together
                    next_ += 1
                pixels[flags & (pixels == number)] = found
        groups: dict[int, list[int]] = {}
        # What was painted over until nothing of it was left needs no number.
        for number in np.unique(pixels).tolist():
            for instance in of_number[number] if number > len(self._spans) else ():
                groups.setdefault(instance, []).append(number)
        return pixels, groups


def _flags(spans: Sequence[Spans], count: int) -> npt.NDArray[np.bool_]:
    edges = np.zeros(count + 1, np.int32)
    for one in spans:
        np.add.at(edges, one[:, 0], 1)
        np.add.at(edges, one[:, 1], -1)
    flags: npt.NDArray[np.bool_] = np.cumsum(edges[:-1]) > 0
    return flags


def _object(one: Annotation) -> tuple[object, ...] | None:
    return None if one.object is None else (one.object, one.job, one.classes, one.medium)
