"""Frames of a video as pictures in an archive: cut out of its file, or the files that it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from exports.archive.build import Archive, Skipped
from exports.formats.base import NoMedium, Snapshot
from exports.formats.labels.filenames import suffix_of
from exports.formats.labels.media import copy
from exports.formats.labels.sheets import Sheet
from exports.video.frames import BadVideo, Cut, frames


def frame_name(sheet: Sheet, frame: int, *, own: bool = False) -> tuple[str, str]:
    """A frame's name without folder: stem and suffix. `own`: a frame that is a file of its own keeps that's suffix."""
    stem = f"{sheet.stem}_{frame + 1:0{len(str(sheet.frames))}}"
    suffix = suffix_of(urlsplit(sheet.medium.files[frame]).path) if own and _is_pictures(sheet, frame) else ""
    return stem, suffix or ".jpg"


def add_frames(archive: Archive, snapshot: Snapshot, sheet: Sheet, paths: Mapping[int, Sequence[str]]) -> bool:
    """Put frames of a video, from 0, where `paths` says, a picture each time. One that can't be had, or has not the
    frames that it should, has a line in errors.ndjson, and is False; then no picture of it is in the archive."""
    try:
        if len(sheet.medium.files) > 1:
            return _add_pictures(archive, snapshot, sheet, paths)
        if not sheet.medium.files:
            raise NoMedium(f"{sheet.medium.name!r} has no address that it could be fetched from")
        with (
            snapshot.medium(sheet.asset.task, sheet.medium.files[0]) as video,
            frames(video, paths) as cut,
        ):
            if problem := _difference(sheet, cut.count):
                return _warn(archive, sheet, "other_frames", problem)
            _write(archive, cut, paths)
    except NoMedium as error:
        return _warn(archive, sheet, "no_file", f"the frames of {sheet.medium.name!r} are not in the archive: {error}")
    except BadVideo as error:
        return _warn(archive, sheet, "unreadable", f"no frames are in the archive: the video {_name(sheet)} {error}")
    return True


def _is_pictures(sheet: Sheet, frame: int) -> bool:
    return 1 < len(sheet.medium.files) > frame


def _difference(sheet: Sheet, count: int) -> str:
    """What is wrong with the number of a video's frames; empty when nothing is."""
    name, told = _name(sheet), sheet.told
    if told is not None and told != count:
        return (
            f"the platform counts {told:,} frames in the video {name}, its file has {count:,}: which one a label means "
            "can't be told, so none is in the archive"
        )
    if count < sheet.frames:
        return (
            f"a label of the video {name} speaks of its frame {sheet.frames - 1:,} (from 0), its file has {count:,} "
            "frames: none is in the archive"
        )
    return ""


def _add_pictures(archive: Archive, snapshot: Snapshot, sheet: Sheet, paths: Mapping[int, Sequence[str]]) -> bool:
    """Frames that are files of their own."""
    if problem := _difference(sheet, len(sheet.medium.files)):
        return _warn(archive, sheet, "other_frames", problem)
    whole = True
    for frame, at in sorted(paths.items()):
        for path in at:
            try:
                with snapshot.medium(sheet.asset.task, sheet.medium.files[frame]) as source:
                    copy(archive, source, path)
            except NoMedium as error:
                whole = _warn(archive, sheet, "no_file", f"frame {frame} of {_name(sheet)}: {error}")
    return whole


def _write(archive: Archive, cut: Cut, paths: Mapping[int, Sequence[str]]) -> None:
    for frame, at in sorted(paths.items()):
        for path in at:
            with archive.file(path) as target:
                for block in cut.blocks(frame):
                    target.write(block)


def _warn(archive: Archive, sheet: Sheet, code: str, text: str) -> bool:
    archive.warn(Skipped(sheet.asset.task.task, code, text, sheet.item.row.external_id))
    return False


def _name(sheet: Sheet) -> str:
    return repr(sheet.medium.name)
