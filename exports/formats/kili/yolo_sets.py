"""Data sets of YOLO: their folders and classes, and the lines that pictures have in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from audit.annotations import Annotation
from audit.ontology import Job, Ontology
from exports.formats.base import Value
from exports.formats.kili.coco_parts import objects_of, unknown
from exports.formats.kili.family import BOX_TOOLS, POINT_TOOLS, fitting
from exports.formats.kili.yolo_lines import line_of
from exports.formats.labels.annotated import not_held
from exports.formats.labels.classes import Classes, drawn_jobs
from exports.formats.labels.drawing import FrameDrawer, Notes
from exports.formats.labels.filenames import Names
from exports.formats.labels.noted import trouble
from exports.formats.labels.shapes import Unwritable
from exports.formats.labels.sheets import Sheet


class DataSet:
    """One data set: its folder, classes, and whether it is of boxes."""

    def __init__(self, folder: str, jobs: tuple[Job, ...], shapes: str, *, prefixed: bool) -> None:
        self.folder = folder
        self.classes = Classes(jobs, prefixed=prefixed)
        tools = {tool.lower() for job in jobs for tool in job.tools} - POINT_TOOLS
        self.boxes = shapes == "boxes" or (shapes == "auto" and bool(tools) and tools <= BOX_TOOLS)
        self.films = 0


def data_sets(ontology: Ontology, values: Mapping[str, Value]) -> tuple[list[DataSet], dict[str, int]]:
    """The data sets that there will be, and in which of them each job's annotations are."""
    shapes, jobs = str(values["shapes"]), drawn_jobs(ontology)
    if values["layout"] == "merged":
        return [DataSet("", jobs, shapes, prefixed=True)] if jobs else [], {job.key: 0 for job in jobs}
    folders, jobs = Names(), fitting(ontology)
    roots = [DataSet(f"{folders.take(job.key.replace('/', '_'))}/", (job,), shapes, prefixed=False) for job in jobs]
    return roots, {job.key: place for place, job in enumerate(jobs)}


class YoloDrawer(FrameDrawer):
    """A frame's lines by the place of their data set."""

    sized: ClassVar[bool] = False

    def __init__(self, slug: str, ontology: Ontology, values: Mapping[str, Value]) -> None:
        self._slug = slug
        self._roots, self._places = data_sets(ontology, values)

    def frame(self, sheet: Sheet, notes: Notes, found: Iterable[Annotation]) -> dict[int, str]:
        """One picture's lines."""
        lines: dict[int, list[str]] = {}
        for group in objects_of(found, sheet.medium.index):
            one = group[0]
            if (place := self._places.get(one.job)) is None:
                notes.warn(not_held(sheet.asset.task.task, sheet.item.row, one, self._slug))
                continue
            root = self._roots[place]
            try:
                if (known := root.classes.of(one)) is None:
                    raise unknown(one)
                line, cut = line_of(group, known.place, sheet.medium, boxes=root.boxes)
            except Unwritable as error:
                notes.warn(trouble(sheet, one, error.code, str(error)))
                continue
            if cut:
                notes.warn(trouble(sheet, one, "cut", "it was cut off at the picture's edge"))
            lines.setdefault(place, []).append(line)
        return {place: "".join(own) for place, own in lines.items()}
