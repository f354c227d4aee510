"""What formats of pictures write an asset from: each label's view of each medium, names of files, the media."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from urllib.parse import urlsplit

import msgspec

from audit.annotations import FRAMES, Medium
from audit.sources.values import counted, part, readable
from exports.archive.build import Archive, Leaving, Noting, Skipped
from exports.formats.base import ProjectInfo, Snapshot
from exports.formats.labels.annotated import Asset, Drawing, Frames, LabelItem
from exports.formats.labels.filenames import Names, suffix_of
from exports.formats.labels.left_out import leave_out
from exports.formats.labels.media import BLOCK, add_file

_NO_PICTURE = "it has no image and no video"
_NO_SIZE = (
    "the width and height of its picture are not known: its platform does not say them, and no file of it comes along "
    "(with_assets) that tells them"
)


def skip_asset(archive: Leaving, asset: Asset, code: str, text: str) -> bool:
    """Note that nothing of an asset was written: one line for it, one for each of its labels. False, for `add`."""
    leave_out(archive, asset.task, code, text)
    return False


def has_pictures(archive: Archive, asset: Asset, *, sized: bool) -> bool:
    """Whether the asset has an image or a video, of known width and height where `sized`; it is skipped if not."""
    pictures = [medium for medium in asset.media if medium.kind in ("image", "video")]
    if not pictures:
        placed = any(medium.kind == "geo" for medium in asset.media)
        text = "it is drawn in longitude and latitude, not in a picture: take geojson" if placed else _NO_PICTURE
        return skip_asset(archive, asset, "no_media", text)
    if sized and not any(medium.width and medium.height for medium in pictures):
        return skip_asset(archive, asset, "no_size", _NO_SIZE)
    return True


class Sheet(msgspec.Struct, gc=False):
    """One label's view of one medium: what one picture (or all frames of a video) of the export is.

    `stem` is the path of its files without folder and suffix, `suffix` that of the medium's file; `frames` counts
    those of a video, of which its platform says that it has `told`.
    """

    asset: Asset
    item: LabelItem
    medium: Medium
    stem: str
    suffix: str
    frames: int = 0
    told: int | None = None

    @property
    def drawing(self) -> Drawing:
        """What the label is in this medium, where it was drawn."""
        return self.item.drawn[self.medium.index]


def sheets(
    archive: Noting,
    project: ProjectInfo,
    asset: Asset,
    names: Names,
    kinds: frozenset[str],
    *,
    with_assets: bool = False,
) -> Iterator[Sheet]:
    """Each label's view of each medium of these kinds; files are named as Kili names them.

    Media of an asset that has several are numbered; several labels of an asset have `_label1`, `_label2`. A name
    without a suffix gets that of the medium's address or own name, when the file itself comes along (`with_assets`).
    """
    for medium in asset.media:
        if medium.kind not in kinds:
            continue
        name = asset.task.name if len(asset.media) == 1 else f"{asset.task.name}_{medium.index + 1}"
        stem, suffix = parted(name, medium, with_assets=with_assets)
        for place, item in enumerate(asset.labels, start=1):
            wish = stem if len(asset.labels) == 1 else f"{stem}_label{place}"
            frames, told = item.frames.get(medium.index) or frames_of(project, item, medium)
            taken = names.take(wish, len(str(frames)) if medium.kind == "video" else 0)
            if taken != wish:
                archive.warn(renamed(asset.task.task, item.row.external_id, wish, taken))
            yield Sheet(asset, item, medium, taken, suffix, frames, told)


def renamed(task: str, label: str, wish: str, taken: str) -> Skipped:
    """The line about files that are called otherwise than the medium."""
    text = f"its files are called {taken!r}: {wish!r} is taken, or no name for a file everywhere"
    return Skipped(task, "renamed", text, label)


def parted(name: str, medium: Medium, *, with_assets: bool) -> tuple[str, str]:
    """A medium's name without its suffix, and that; with files, that of its address where the name has none, or of
    what the medium itself is called."""
    suffix = suffix_of(name)
    if suffix:
        return name[: len(name) - len(suffix)], suffix
    return name, (suffix_of(urlsplit(medium.url or "").path) or suffix_of(medium.name)) if with_assets else ""


def has_size(archive: Noting, sheet: Sheet) -> bool:
    """Whether the medium's width and height are known; one of several in an asset for which not has a line."""
    if sheet.medium.width and sheet.medium.height:
        return True
    text = f"the width and height of {sheet.medium.name!r} are not known: nothing of it was written"
    archive.warn(Skipped(sheet.asset.task.task, "no_size", text, sheet.item.row.external_id))
    return False


def frames_of(project: ProjectInfo, item: LabelItem, medium: Medium) -> Frames:
    """The frames that a label has of a medium: none where that is no video."""
    if medium.kind != "video":
        return 0, None
    told = medium.frames
    # What names no frame is drawn in the first.
    last = max((one.frame or 0 for one in item.said.annotations if one.medium == medium.index), default=-1)
    if project.source == "kili" and medium.frames is None:
        # Kili's labels have an entry for every frame, also for those without an annotation.
        said = part(part(readable(item.row.content), "label"), "jsonResponse")
        numbers = map(counted, said)
        frames = {frame for frame in numbers if frame is not None and frame < FRAMES}
        if frames:
            last = max(last, *frames)
            told = len(frames) if len(frames) == max(frames) + 1 else None
    return max(medium.frames or 0, last + 1), told


def add_medium(archive: Archive, snapshot: Snapshot, sheet: Sheet, folder: str) -> bool:
    """Put a medium's file into the archive. One that is not to be had has a line in errors.ndjson, and is False."""
    return add_file(archive, snapshot, sheet.asset.task, sheet.medium, f"{folder}/{sheet.stem}{sheet.suffix}")


def copied(archive: Archive, path: str, spool: IO[bytes], before: bytes = b"") -> None:
    """Put a temporary file into the archive."""
    with archive.file(path) as target:
        target.write(before)
        spool.seek(0)
        while block := spool.read(BLOCK):
            target.write(block)
