"""What takes time of a label: how a format says it, in the format's bytes. Made in any process, task by task.

Where it goes is for the writer, which knows what came before: names that are taken, numbers that go on counting.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol

import msgspec

from audit.annotations import Annotation, Medium
from exports.archive.build import Noting, Skipped
from exports.formats.labels.annotated import Asset, Drawing
from exports.formats.labels.sheets import Sheet


class Notes:
    """Keeps what an archive is to be warned of."""

    def __init__(self) -> None:
        self.found: list[Skipped] = []

    def warn(self, error: Skipped) -> None:
        """Note an item that can't be written, or not as it is."""
        self.found.append(error)


class Drawn(msgspec.Struct):
    """An asset as a format says it: of each label its drawings by the medium's index; or `whole`, for a format that
    knows no media. `notes` are of reading its labels."""

    labels: list[dict[int, Drawing]]
    notes: list[Skipped]
    whole: Any = None


class Drawer(Protocol):
    """Draws assets that have labels. It writes nothing and asks no database: it may be in a process of its own."""

    def draw(self, asset: Asset, notes: Notes) -> Drawn:
        """What is written of the asset; `notes` are those of reading its labels."""
        ...


class FrameDrawer:
    """Draws frame by frame, a picture as one frame, in media of some `kinds`; `sized`: of known width and height."""

    kinds: ClassVar[frozenset[str]] = frozenset({"image", "video"})
    sized: ClassVar[bool] = True

    def draw(self, asset: Asset, notes: Notes) -> Drawn:
        """Each label in each medium."""
        media = [medium for medium in asset.media if self._is_drawn(medium)]
        with_frames = any(medium.kind == "video" for medium in media)
        labels = []
        for item in asset.labels:
            frames: dict[int, list[Annotation]] = {}
            for one in item.said.annotations if with_frames else ():
                frames.setdefault(one.frame or 0, []).append(one)
            drawings = {}
            for medium in media:
                sheet, noted = Sheet(asset, item, medium, "", ""), Notes()
                found = frames if medium.kind == "video" else {0: item.said.annotations}
                drawn = {frame: self.frame(sheet, noted, found[frame]) for frame in sorted(found)}
                drawings[medium.index] = Drawing(drawn, noted.found)
            labels.append(drawings)
        return Drawn(labels, notes.found)

    def _is_drawn(self, medium: Medium) -> bool:
        return medium.kind in self.kinds and (not self.sized or bool(medium.width and medium.height))

    def frame(self, sheet: Sheet, notes: Notes, found: Iterable[Annotation]) -> Any:
        """One frame, of which the label says this; `sheet` is without names."""
        raise NotImplementedError


def note(archive: Noting, found: Iterable[Skipped]) -> None:
    """Warn the archive of all of these."""
    for error in found:
        archive.warn(error)
