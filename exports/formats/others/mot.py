"""`mot`: tracks of boxes in videos as MOTChallenge has them (https://motchallenge.net), a folder a video.

`gt/gt.txt` has frame, track, left, top, width, height, 1, class, visibility (-1: nobody said) a line; frames, tracks
and pixels count from 1, the upper left one is (1, 1). `gt/labels.txt` names the classes by their numbers, from 1;
`seqinfo.ini` says how long and large the video is. With media, `img1/000001.jpg` and so on are its frames.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from audit.annotations import Annotation, Box, Medium, finite
from audit.ontology import Ontology
from exports.archive.build import Archive, Noting, Skipped
from exports.formats.base import (
    LabelledTask,
    MediaOf,
    Parameter,
    Progress,
    ProjectInfo,
    Snapshot,
    Unfit,
    Value,
    Written,
)
from exports.formats.kili.family import BOX_TOOLS
from exports.formats.labels.annotated import LABELS, AnnotatedFormat, Asset, chosen, titled_ontology
from exports.formats.labels.classes import Classes, drawn_jobs
from exports.formats.labels.filenames import Names
from exports.formats.labels.frames import add_frames
from exports.formats.labels.made import Kept, told, written
from exports.formats.labels.media import WITH_ASSETS, media_files, unfit_media
from exports.formats.labels.noted import trouble
from exports.formats.labels.sheets import Sheet, renamed, sheets, skip_asset


class MotFormat(AnnotatedFormat):
    """Tracks of boxes."""

    slug: ClassVar[str] = "mot"
    title: ClassVar[str] = "MOTChallenge (tracks in videos)"
    holds: ClassVar[tuple[type[Annotation], ...]] = (Box,)
    parameters: ClassVar[tuple[Parameter, ...]] = (WITH_ASSETS, *LABELS)
    of_media: ClassVar[frozenset[str]] = frozenset({"video"})

    def unfit(self, ontology: Ontology) -> str:
        """It holds boxes."""
        jobs = [job for job in ontology.jobs if job.kind == "objects"]
        fit = any(not job.tools or BOX_TOOLS & {tool.lower() for tool in job.tools} for job in jobs)
        return "" if fit else "the project has no job in which boxes are drawn"

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> Iterable[Unfit]:
        """Media of a project that has none."""
        return unfit_media(project, values)

    def media(self, project: ProjectInfo, values: Mapping[str, Value]) -> MediaOf | None:
        """Videos with a label that is meant."""
        if values["with_assets"] is not True:
            return None
        return media_files(project, {"video"}, lambda task: bool(chosen(task, values)))

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """A folder for each label of each video."""
        ontology, with_assets = titled_ontology(snapshot.project), values["with_assets"] is True
        classes = Classes(drawn_jobs(ontology), prefixed=True)
        names, kept, count = Names(), Kept(), Counter[str]()

        def make(task: LabelledTask) -> list[_Video] | None:
            asset = self.asset(kept, snapshot, ontology, task, values)
            return _videos(kept, snapshot, asset, classes, with_assets=with_assets) if asset.labels else []

        with closing(told(archive, snapshot, make, kept, count, progress)) as found:
            for videos in found:
                for video in videos:
                    _write(archive, snapshot, video, names, classes)
        return written(count)


class _Video(msgspec.Struct):
    """One label's tracks in one video; `stem` is what its folder is to be called. With media it has its sheet."""

    task: str
    label: str
    stem: str
    medium: Medium
    frames: int
    rows: bytes
    sheet: Sheet | None


class _Wishes(Names):
    """Gives every name that is wished for: names are given where the videos come together."""

    def take(self, path: str, digits: int = 0) -> str:
        return path


def _videos(
    kept: Kept, snapshot: Snapshot, asset: Asset, classes: Classes, *, with_assets: bool
) -> list[_Video] | None:
    videos = [medium for medium in asset.media if medium.kind == "video"]
    if not videos:
        skip_asset(kept, asset, "no_media", "it has no video")
        return None
    known = {medium.index for medium in videos}
    if not all(medium.width and medium.height for medium in videos):
        skip_asset(kept, asset, "no_size", "the width and height of its video are not known")
        return None
    elsewhere = [(item, one) for item in asset.labels for one in item.said.annotations if one.medium not in known]
    for item, one in elsewhere:
        text, id_ = "it is in no video of the task", one.id or one.object
        kept.warn(Skipped(asset.task.task, "no_media", text, item.row.external_id, one.job, id_))
    found = []
    for sheet in sheets(kept, snapshot.project, asset, _Wishes(), frozenset({"video"})):
        rows = "".join(_rows(kept, sheet, classes)).encode()
        of = (asset.task.task, sheet.item.row.external_id, sheet.stem, sheet.medium, sheet.frames)
        found.append(_Video(*of, rows, sheet if with_assets else None))
    return found


def _write(archive: Archive, snapshot: Snapshot, video: _Video, names: Names, classes: Classes) -> None:
    stem = names.take(video.stem, len(str(video.frames)))
    if stem != video.stem:
        archive.warn(renamed(video.task, video.label, video.stem, stem))
    with archive.file(f"{stem}/gt/gt.txt") as target:
        target.write(video.rows)
    with archive.file(f"{stem}/gt/labels.txt") as target:
        target.write("".join(f"{name}\n" for name in map(_one_line, classes.names)).encode())
    with archive.file(f"{stem}/seqinfo.ini") as target:
        target.write(_info(stem, video).encode())
    if video.sheet is not None:
        paths = {frame: [f"{stem}/img1/{frame + 1:06}.jpg"] for frame in range(video.frames)}
        add_frames(archive, snapshot, replace(video.sheet, stem=stem), paths)


def _rows(archive: Noting, sheet: Sheet, classes: Classes) -> list[str]:
    """The lines, by frame, then track."""
    width, height = sheet.medium.width or 0, sheet.medium.height or 0
    tracks: dict[str, int] = {}
    found: list[tuple[int, int, str]] = []
    for place, one in enumerate(sheet.item.said.annotations):
        if not isinstance(one, Box) or one.medium != sheet.medium.index:
            continue
        known = classes.of(one)
        if known is None:
            archive.warn(trouble(sheet, one, "unknown_class", "it has no class, or one that the project does not have"))
            continue
        if not finite((one.x, one.y, one.width, one.height)) or one.width <= 0 or one.height <= 0:
            archive.warn(trouble(sheet, one, "bad_geometry", "it is no box"))
            continue
        if one.angle:
            archive.warn(trouble(sheet, one, "turned", "it is turned, which is not written"))
        track = tracks.setdefault(one.object or f"\0{place}", len(tracks) + 1)
        frame = (one.frame or 0) + 1
        # All of it counts from 1, also pixels (https://motchallenge.net/instructions/).
        sides = (one.x * width + 1, one.y * height + 1, one.width * width, one.height * height)
        numbers = ",".join(f"{side:.2f}" for side in sides)
        found.append((frame, track, f"{frame},{track},{numbers},1,{known.place + 1},-1\n"))
    return [line for _, _, line in sorted(found)]


def _info(stem: str, video: _Video) -> str:
    medium = video.medium
    rate = f"{medium.frame_rate:g}" if medium.frame_rate else "-1"
    return (
        f"[Sequence]\nname={_one_line(stem)}\nimDir=img1\nframeRate={rate}\nseqLength={video.frames}\n"
        f"imWidth={medium.width or 0:g}\nimHeight={medium.height or 0:g}\nimExt=.jpg\n"
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
