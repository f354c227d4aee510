"""`isahit_yolo`: label files of YOLO v8 as isahit lab's SDK writes them (isahitlab 0.17.0); of any source.

`labels/<task's name>.txt` with a line for each shape, and `data.yaml` with the classes. With media the pictures lie in
`images/` under the same names and a suffix, and `data.yaml` says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import ClassVar

import orjson

from audit.annotations import Annotation, Box, Ellipse, Graph, Mask, Medium, Polygon, Polyline, bounds
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
from exports.formats.isahit.family import IsahitFamily, meant_or_nothing, note
from exports.formats.isahit.pictures import KINDS, add_picture
from exports.formats.kili.family import BOX_TOOLS
from exports.formats.kili.yolo_lines import line_of
from exports.formats.labels.annotated import Asset, LabelItem, ontology_of
from exports.formats.labels.filenames import Names
from exports.formats.labels.made import Kept, told, written
from exports.formats.labels.media import WITH_ASSETS, media_files, unfit_media
from exports.formats.labels.shapes import Unwritable

_OF_PICTURES = "LabToYoloFormatter does not support sequences: YOLO's files are of pictures"
PLAIN = frozenset(" -_.()/+&")

_Picture = tuple[LabelledTask, Sequence[Medium], int | None]
"""A task with its media, and the index of the one that was drawn on."""


class IsahitYoloFormat(IsahitFamily):
    """A file of labels for each task."""

    slug: ClassVar[str] = "isahit_yolo"
    title: ClassVar[str] = "isahit lab, YOLO"
    holds: ClassVar[tuple[type[Annotation], ...]] = (Box, Polygon, Polyline, Graph, Ellipse, Mask)

    parameters: ClassVar[tuple[Parameter, ...]] = (WITH_ASSETS, *IsahitFamily.parameters)

    def refusal(self, project: ProjectInfo) -> str:
        """Videos, too."""
        return _OF_PICTURES if project.media_kinds == frozenset({"video"}) else super().refusal(project)

    def media(self, project: ProjectInfo, values: Mapping[str, Value]) -> MediaOf | None:
        """The pictures of all tasks: each has a file of labels."""
        return media_files(project, KINDS) if values["with_assets"] is True else None

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> list[Unfit]:
        """Sequences, too."""
        found = list(super().refuses(project, values))
        if not found and meant_or_nothing(project, values).sequence:
            found.append(Unfit("input_id", _OF_PICTURES))
        return [*found, *unfit_media(project, values)]

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """The files of labels, then the classes."""
        of, ontology = meant_or_nothing(snapshot.project, values), ontology_of(snapshot.project)
        places = {one.key: place for place, one in enumerate(of.job.classes)}
        # One kind for the whole data set: among outlines a reader takes a box for two corners of one.
        boxes = bool(of.job.tools) and {tool.lower() for tool in of.job.tools} <= BOX_TOOLS
        names, kept, count = Names(), Kept(), Counter[str]()
        with_assets = values["with_assets"] is True

        def make(task: LabelledTask) -> tuple[str, str, bytes, _Picture | None]:
            asset = self.asset(kept, snapshot, ontology, task, values)
            items = self.drawings(kept, snapshot, asset, of)
            picture = None
            if with_assets:
                index = next((one.medium for item_ in items for one in item_.said.annotations), None)
                picture = task, asset.media, index
            return task.task, task.name or task.task, _lines(kept, asset, items, places, boxes=boxes).encode(), picture

        with closing(told(archive, snapshot, make, kept, count, progress)) as found:
            for task, wish, lines, picture in found:
                name = names.take(wish)
                if name != wish:
                    said = f"its file is called {name!r}: {wish!r} is taken, or no name for a file everywhere"
                    archive.warn(Skipped(task, "renamed", said))
                if picture is not None:
                    add_picture(archive, snapshot, *picture, name)
                archive.whole(f"labels/{name}.txt", lines)
        if count["tasks"]:
            listed = ",".join(map(quoted, places))
            folders = "train: images\nval: images\n" if with_assets else ""
            archive.whole("data.yaml", f"{folders}nc: {len(places)}\nnames: [{listed}]\n".encode())
        return written(count)


def _lines(noting: Noting, asset: Asset, items: Sequence[LabelItem], places: Mapping[str, int], *, boxes: bool) -> str:
    lines: list[str] = []
    for item_ in items:
        for one in item_.said.annotations:
            try:
                line, cut = _line(one, asset, places, boxes=boxes)
            except Unwritable as error:
                note(noting, asset, item_, one, error)
                continue
            lines.append(line)
            if cut:
                note(noting, asset, item_, one, Unwritable("cut", "it was cut at the picture's edge"))
    return "".join(lines)


def _line(one: Annotation, asset: Asset, places: Mapping[str, int], *, boxes: bool) -> tuple[str, bool]:
    """The line of a shape, as a box where all are `boxes`. Raises Unwritable."""
    if not one.classes or one.classes[0] not in places:
        raise Unwritable(
            "no_class", "it has no class; the SDK writes -1, which is none that a model could be trained on"
        )
    if one.frame is not None:
        raise Unwritable("not_held", "it is in a frame of a video, and YOLO's files are of pictures")
    place = places[one.classes[0]]
    if isinstance(one, Graph):
        left, top, right, bottom = bounds(one.points)
        box = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
        return _numbers(place, *box, *(side for point in one.points for side in point)), False
    if isinstance(one, Polyline):
        return _numbers(place, *(side for point in one.points for side in point)), False
    medium = next((medium for medium in asset.media if medium.index == one.medium), None)
    if medium is None:
        raise Unwritable("no_media", "it is of a medium that the task has not")
    return line_of([one], place, medium, boxes=boxes)


def _numbers(place: int, *values: float) -> str:
    if not all(-0.01 <= value <= 1.01 for value in values):  # Nor is a NaN.
        raise Unwritable("outside", "a point lies outside of the picture, which YOLO's readers refuse")
    return f"{place} {' '.join(f'{value:.6f}' for value in values)}\n"


def quoted(name: str) -> str:
    """A class in YAML: as the SDK writes it, in double quotes where a single quote or a line end is in it."""
    if all(letter.isalnum() or letter in PLAIN for letter in name):
        return f"'{name}'"
    return orjson.dumps(name).decode()
