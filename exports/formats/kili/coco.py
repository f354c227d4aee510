"""`coco`: one labels.json for each job or for all of them, as Kili's SDK lays it out, in COCO's own terms.

https://cocodataset.org/#format-data. Ids count from 1. What one object covers is one annotation: polygons where they
say it, else run lengths (holes, masks); `iscrowd` is 0, for it is one object. docs/formats.md has the differences from
Kili's files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, Any, ClassVar

import orjson

from audit.annotations import Annotation, Box, Ellipse, Mask, Polygon, Pose
from audit.ontology import Ontology
from exports.archive.build import Archive, Target
from exports.formats.base import Parameter, ProjectInfo, Snapshot, Unfit, Value, helped
from exports.formats.kili.coco_parts import covered_by, objects_of
from exports.formats.kili.family import KiliFamily, fitting
from exports.formats.labels.annotated import Asset, not_held
from exports.formats.labels.classes import Classes, drawn_jobs
from exports.formats.labels.drawing import FrameDrawer, Notes, note
from exports.formats.labels.filenames import Names
from exports.formats.labels.frames import add_frames, frame_name
from exports.formats.labels.noted import trouble
from exports.formats.labels.shapes import Unwritable
from exports.formats.labels.sheets import Sheet, add_medium, has_pictures, has_size, sheets

UNFIT = frozenset({"marker", "point", "polyline", "line", "vector", "range"})
BLOCK = 1 << 18


class CocoFormat(KiliFamily):
    """Boxes, polygons, masks and poses of images and of videos' frames."""

    slug: ClassVar[str] = "coco"
    title: ClassVar[str] = "COCO"
    called: ClassVar[str] = "COCO"
    counts_pixels: ClassVar[bool] = True
    holds: ClassVar[tuple[type[Annotation], ...]] = (Box, Polygon, Mask, Pose, Ellipse)
    of_media: ClassVar[frozenset[str]] = frozenset({"image", "video"})
    parameters: ClassVar[tuple[Parameter, ...]] = helped(
        KiliFamily.parameters,
        single_file="no matter here: COCO is one file for each folder anyway",
        normalized_coordinates="COCO counts in pixels (default, false)",
    )

    def unfit(self, ontology: Ontology) -> str:
        """Kili's own words; unlike Kili's, this COCO takes jobs of polygons or poses only."""
        if fitting(ontology, UNFIT):
            return ""
        return "Project needs at least one OBJECT_DETECTION task with bounding boxes or segmentations."

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> Iterable[Unfit]:
        """COCO counts in pixels."""
        yield from super().refuses(project, values)
        if values["normalized_coordinates"] == "true":
            yield Unfit("normalized_coordinates", "The COCO annotation format does not support normalized coordinates.")

    def drawer(self, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]) -> CocoDrawer:
        """Draws annotations as JSON, each for its file."""
        return CocoDrawer(ontology, values)

    def writer(
        self, archive: Archive, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]
    ) -> CocoWriter:
        """Writes labels.json of each folder when all assets have come."""
        return CocoWriter(archive, snapshot, ontology, values)


class CocoDrawer(FrameDrawer):
    """A frame's annotations by the place of their file: their JSON but for the ids, which come first."""

    def __init__(self, ontology: Ontology, values: Mapping[str, Value]) -> None:
        self._files, self._places = _files(ontology, values)

    def frame(self, sheet: Sheet, notes: Notes, found: Iterable[Annotation]) -> dict[int, list[bytes]]:
        """One image's annotations."""
        rows: dict[int, list[bytes]] = {}
        for group in objects_of(found, sheet.medium.index):
            place = self._places.get(group[0].job)
            if place is None:
                notes.warn(not_held(sheet.asset.task.task, sheet.item.row, group[0], "coco"))
                continue
            try:
                covered = covered_by(group, sheet.medium, self._files[place].classes)
            except Unwritable as error:
                notes.warn(trouble(sheet, group[0], error.code, str(error)))
                continue
            if covered.cut:
                notes.warn(trouble(sheet, group[0], "cut", "it was cut off at the picture's edge"))
            rows.setdefault(place, []).append(orjson.dumps(covered.fields)[1:])
        return rows


@dataclass(frozen=True, slots=True)
class _File:
    """One labels.json, and the classes that it knows."""

    path: str
    classes: Classes


def _files(ontology: Ontology, values: Mapping[str, Value]) -> tuple[list[_File], dict[str, int]]:
    """The files that there will be, and in which of them each job's annotations are."""
    jobs = drawn_jobs(ontology)
    if values["layout"] == "merged":
        return [_File("labels.json", Classes(jobs, prefixed=True))] if jobs else [], {job.key: 0 for job in jobs}
    folders, jobs = Names(), fitting(ontology, UNFIT)
    files = [
        _File(f"{folders.take(job.key.replace('/', '_'))}/labels.json", Classes((job,), prefixed=False)) for job in jobs
    ]
    return files, {job.key: place for place, job in enumerate(jobs)}


class _Labels:
    """One labels.json: its annotations wait in a temporary file until all images are known."""

    def __init__(self, file: _File, spool: IO[bytes]) -> None:
        self.path = file.path
        self.classes = file.classes
        self.spool = spool
        self.count = 0

    def add(self, image: int, found: list[bytes]) -> None:
        """Add the annotations of an image, of which there are some."""
        rows = [b'{"id":%d,"image_id":%d,%b' % (id_, image, row) for id_, row in enumerate(found, self.count + 1)]
        self.spool.write((b"," if self.count else b"") + b",".join(rows))
        self.count += len(rows)


class CocoWriter:
    """Takes assets one by one; images are the same in every folder, so they wait in one temporary file."""

    def __init__(self, archive: Archive, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]) -> None:
        self._archive = archive
        self._snapshot = snapshot
        self._with_assets = values["with_assets"] is True
        self._names = Names()
        self._stack = ExitStack()
        self._images = self._spool()
        self._image = 0
        self._labels = [_Labels(file, self._spool()) for file in _files(ontology, values)[0]]

    def _spool(self) -> IO[bytes]:
        return self._stack.enter_context(tempfile.SpooledTemporaryFile(1 << 20))

    def __enter__(self) -> CocoWriter:
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        with self._stack:
            if failed is None:
                self._finish()

    def add(self, asset: Asset) -> bool:
        """Its images and their annotations. Without width and height there are no pixels to count."""
        if not has_pictures(self._archive, asset, sized=True):
            return False
        project, kinds = self._snapshot.project, frozenset({"image", "video"})
        for sheet in sheets(self._archive, project, asset, self._names, kinds, with_assets=self._with_assets):
            if not has_size(self._archive, sheet):
                continue
            if sheet.medium.kind == "video":
                self._add_video(sheet)
            else:
                if self._with_assets:
                    add_medium(self._archive, self._snapshot, sheet, "data")
                note(self._archive, sheet.drawing.notes)
                self._add_image(sheet, f"data/{sheet.stem}{sheet.suffix}", 0, {})
        return True

    def _add_video(self, sheet: Sheet) -> None:
        paths = {
            frame: "data/{}{}".format(*frame_name(sheet, frame, own=self._with_assets)) for frame in range(sheet.frames)
        }
        if self._with_assets:
            add_frames(self._archive, self._snapshot, sheet, {frame: [path] for frame, path in paths.items()})
        note(self._archive, sheet.drawing.notes)
        for frame, path in paths.items():
            self._add_image(sheet, path, frame, {"video": sheet.stem, "frame": frame})

    def _add_image(self, sheet: Sheet, name: str, frame: int, more: dict[str, Any]) -> None:
        self._image += 1
        medium = sheet.medium
        row = {
            "id": self._image,
            "file_name": name,
            "height": _plain(medium.height or 0),
            "width": _plain(medium.width or 0),
            "date_captured": None,
            "asset": sheet.asset.task.task,
            "label": sheet.item.row.external_id,
            **more,
        }
        self._images.write(b"," + orjson.dumps(row) if self._image > 1 else orjson.dumps(row))
        for place, rows in sheet.drawing.frames.get(frame, {}).items():
            self._labels[place].add(self._image, rows)

    def _finish(self) -> None:
        project = self._snapshot.project
        info = {
            "year": project.dated[:4],
            "version": "1.0",
            "description": f"{project.name} - Exported from Labeltrail",
            "contributor": project.source,
            "url": "",
            "date_created": project.dated,
        }
        for labels in self._labels:
            with self._archive.file(labels.path) as target:
                target.write(b'{"info":' + orjson.dumps(info) + b',"licenses":[],"categories":')
                target.write(
                    orjson.dumps([_category(labels.classes, place) for place in range(len(labels.classes.all))])
                )
                target.write(b',"images":[')
                _copy(self._images, target)
                target.write(b'],"annotations":[')
                _copy(labels.spool, target)
                target.write(b"]}\n")


def _category(classes: Classes, place: int) -> dict[str, Any]:
    found = classes.all[place]
    row: dict[str, Any] = {"id": place + 1, "name": classes.name(found), "supercategory": found.job.key}
    if found.known.points:
        row |= {"keypoints": list(found.known.points), "skeleton": []}
    return row


def _plain(side: float) -> int | float:
    """A width or height as an integer, which it nearly always is."""
    return int(side) if side == int(side) else side


def _copy(spool: IO[bytes], target: Target) -> None:
    spool.seek(0)
    while block := spool.read(BLOCK):
        target.write(block)
