"""Masks that lie in files of a label: their pixels as run lengths, for formats that count pixels."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from msgspec import structs
from msgspec.structs import replace
from PIL import Image, UnidentifiedImageError

from audit.annotations import Annotation, Mask
from exports.archive.build import Noting, Skipped
from exports.formats.base import LabelledTask, Snapshot
from exports.formats.labels.annotated import LabelItem
from exports.formats.labels.runs import counts_of, spans_of_pixels
from exports.formats.labels.shapes import Unwritable

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.int32]
UNREADABLE = (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError)
"""What Pillow raises for what is no picture, or one that would fill the memory."""


def has_files(item: LabelItem) -> bool:
    """Whether any of the label's masks lies in a file."""
    return any(type(one) is Mask and one.file is not None for one in item.said.annotations)


def counted(archive: Noting, snapshot: Snapshot, task: LabelledTask, item: LabelItem) -> LabelItem:
    """The label with its masks as run lengths; those whose file can't be read have a line each."""
    if not has_files(item):
        return item
    found = []

    def read(name: str) -> bytes:
        with snapshot.file(item.row.content, name) as file:
            return file.read()

    files = MaskFiles(read)
    for one in item.said.annotations:
        try:
            found.append(files.counted(one))
        except Unwritable as error:
            archive.warn(
                Skipped(task.task, error.code, str(error), item.row.external_id, one.job, one.id or one.object)
            )
    return replace(item, said=replace(item.said, annotations=tuple(found)))


class MaskFiles:
    """The pictures of one label's masks. Several masks are often values of one picture: the last one is kept."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._name: str | None = None
        self._pixels: Pixels | None = None

    def counted(self, one: Annotation) -> Annotation:
        """The mask with its run lengths; anything else as it is. Raises Unwritable."""
        if not isinstance(one, Mask) or one.counts or one.file is None:
            return one
        pixels = self._picture(one.file)
        height, width = pixels.shape[:2]
        spans = spans_of_pixels(_of_value(pixels, one.value))
        return structs.replace(one, width=width, height=height, counts=tuple(counts_of(spans, width, height)))

    def _picture(self, name: str) -> Pixels:
        if name != self._name or self._pixels is None:
            try:
                with Image.open(io.BytesIO(self._read(name))) as image:
                    self._pixels = _plain(image)
            except FileNotFoundError:
                raise Unwritable("no_file", f"the file of its mask, {name!r}, was not kept") from None
            except UNREADABLE as error:
                raise Unwritable("unreadable", f"the file of its mask, {name!r}, is no picture: {error}") from None
            self._name = name
        return self._pixels


def _plain(image: Image.Image) -> Pixels:
    """Grey values or palette indices (height, width), else red, green, blue (height, width, 3)."""
    if image.mode == "1":
        return np.asarray(image.convert("L"))
    if image.mode in ("L", "P", "I", "I;16"):
        return np.asarray(image)
    return np.asarray(image.convert("RGB"))


def _of_value(pixels: Pixels, value: int | tuple[int, int, int] | None) -> npt.NDArray[np.bool_]:
    """Which pixels have the value; without one, those that are not black."""
    if pixels.ndim == 2:
        wanted = value[0] if isinstance(value, tuple) else value
        grey: npt.NDArray[np.bool_] = pixels != 0 if wanted is None else pixels == wanted
        return grey
    same: npt.NDArray[np.bool_] = (
        np.any(pixels, axis=2) if value is None else np.all(pixels == np.asarray(value), axis=2)
    )
    return same
