"""Formats of labels stream: of each asset they keep hashes of its names, and nothing else."""

from __future__ import annotations

import io
import math
import tracemalloc
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from exports.archive import Archive, zipwriter
from exports.formats import FORMATS
from exports.formats.base import LabelledTask
from tests.exports.formats.snapshots import Shot
from tests.exports.formats.told import polygon


class _Many(Shot):
    """The first asset, over and over under new names."""

    many = 0

    def labelled(self) -> Iterator[LabelledTask]:
        for number in range(self.many):
            yield replace(self.assets[0], task=f"T{number}", number=number, name=f"image_{number:06d}.jpg")


class _Nowhere(io.RawIOBase):
    """A seekable file that keeps nothing."""

    at = 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset if whence == 0 else self.at + offset
        return self.at

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.at += len(data)
        return len(data)


OUTLINE = [(0.5 + 0.4 * math.cos(turn / 80), 0.5 + 0.4 * math.sin(turn / 80)) for turn in range(500)]


@pytest.mark.parametrize(
    # What is written in all is more than twice as much; up to 1 MiB of what waits in each temporary file is in memory.
    ("slug", "asked", "most"),
    [("coco", {}, 2_600_000), ("yolo_v8", {"shapes": "polygons"}, 600_000), ("kili", {"single_file": True}, 1_800_000)],
)
def test_what_was_written_is_let_go(project, slug, asked, most, monkeypatch) -> None:
    monkeypatch.setattr(
        zipwriter, "PIECE", 1 << 16
    )  # What is compressed at a time is a few of them, however much comes.
    project.add("a.jpg", [polygon(*OUTLINE)])
    format_ = FORMATS[slug]
    values = {one.name: one.default_for(filtered=False) for one in format_.parameters} | {"layout": "merged", **asked}
    shot = _Many(**{name: getattr(project.shot(), name) for name in Shot.__dataclass_fields__})
    grown = []
    for many in (10, 300):
        shot.many = many
        tracemalloc.start()
        with Archive(_Nowhere()) as archive:  # type: ignore[arg-type]
            format_.write(archive, shot, values, lambda done: None)
        grown.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert grown[1] - grown[0] < most
