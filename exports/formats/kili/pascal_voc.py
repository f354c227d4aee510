"""`pascal_voc`: an XML file a picture with the bounding boxes of what is in it, as Kili's SDK writes it.

http://host.robots.ox.ac.uk/pascal/VOC/voc2012/devkit_doc.pdf. Edges are whole pixels within the picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import floor
from types import TracebackType
from typing import ClassVar
from xml.sax.saxutils import escape

from audit.annotations import Annotation, Box, Ellipse, Mask, Polygon
from audit.ontology import Ontology
from exports.archive.build import Archive, Noting, Skipped
from exports.formats.base import Parameter, ProjectInfo, Snapshot, Unfit, Value, helped
from exports.formats.kili.coco_parts import objects_of, unknown
from exports.formats.kili.family import MERGED, KiliFamily, fitting
from exports.formats.labels.annotated import Asset
from exports.formats.labels.classes import Classes, drawn_jobs
from exports.formats.labels.drawing import FrameDrawer, Notes, note
from exports.formats.labels.filenames import Names
from exports.formats.labels.frames import add_frames, frame_name
from exports.formats.labels.noted import trouble
from exports.formats.labels.runs import bounds_of, spans_from
from exports.formats.labels.shapes import Unwritable, edges_within, polygon_shape, shape_of
from exports.formats.labels.sheets import Sheet, add_medium, has_pictures, has_size, sheets

BASE = Parameter(
    "base",
    ("0", "1"),
    "0",
    "0: edges count from 0, as Kili and most tools have it; 1: pixels count from 1, as in PASCAL's own files",
)

Edges = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<annotation>
   <folder/>
   <filename>{name}</filename>
   <path/>
   <source>
      <database>{database}</database>
   </source>
   <size>
      <width>{width}</width>
      <height>{height}</height>
      <depth>3</depth>
   </size>
   <segmented/>
"""


class PascalVocFormat(KiliFamily):
    """Bounding boxes of images and of videos' frames."""

    slug: ClassVar[str] = "pascal_voc"
    title: ClassVar[str] = "Pascal VOC"
    called: ClassVar[str] = "Pascal VOC"
    counts_pixels: ClassVar[bool] = True
    holds: ClassVar[tuple[type[Annotation], ...]] = (Box, Polygon, Mask, Ellipse)
    of_media: ClassVar[frozenset[str]] = frozenset({"image", "video"})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        MERGED,
        *helped(
            KiliFamily.parameters[1:],
            single_file="Pascal VOC has a file for each picture (false)",
            normalized_coordinates="Pascal VOC counts in pixels (default, false)",
        ),
        BASE,
    )

    def unfit(self, ontology: Ontology) -> str:
        """Kili's own words; unlike Kili's, this one takes jobs of outlines, by their bounds."""
        if fitting(ontology):
            return ""
        return "Project needs at least one OBJECT_DETECTION task with bounding boxes."

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> Iterable[Unfit]:
        """Kili's rules."""
        yield from super().refuses(project, values)
        if values["layout"] == "split":
            yield Unfit("layout", "The current implementation only supports merged annotations.")
        if values["single_file"] is True:
            yield Unfit("single_file", "The Pascal VOC annotation format cannot be exported into a single file.")
        if values["normalized_coordinates"] == "true":
            text = "The Pascal VOC annotation format does not support normalized coordinates."
            yield Unfit("normalized_coordinates", text)

    def drawer(self, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]) -> VocDrawer:
        """Draws the objects' elements."""
        return VocDrawer(ontology, values)

    def writer(
        self, archive: Archive, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]
    ) -> VocWriter:
        """Writes an asset's files as it comes."""
        return VocWriter(archive, snapshot, values)


class VocDrawer(FrameDrawer):
    """A frame's objects as XML."""

    def __init__(self, ontology: Ontology, values: Mapping[str, Value]) -> None:
        self._base = int(str(values["base"]))
        self._classes = Classes(drawn_jobs(ontology), prefixed=False)
        self._plain = {
            one.place: (escape(one.known.key), escape(one.job.key))
            for one in self._classes.all
            if not _NO_XML.search(one.job.key + one.known.key)
        }
        """Names as XML has them, by the places of classes that XML can name."""

    def frame(self, sheet: Sheet, notes: Notes, found: Iterable[Annotation]) -> str:
        """One picture's objects."""
        width, height = _size(sheet)
        groups = objects_of(found, sheet.medium.index)
        return "".join([self._object(sheet, notes, group, width, height) for group in groups])

    def _object(self, sheet: Sheet, notes: Notes, group: list[Annotation], width: int, height: int) -> str:
        """An object's element; empty where it can't be written, which is noted."""
        one = group[0]
        try:
            if (known := self._classes.of(one)) is None:
                raise unknown(one)
            (left, top, right, bottom), cut = edges_of(group, width, height)
        except Unwritable as error:
            notes.warn(trouble(sheet, one, error.code, str(error)))
            return ""
        if cut:
            notes.warn(trouble(sheet, one, "cut", "it was cut off at the picture's edge"))
        name, job = self._plain.get(known.place) or (
            _text(notes, sheet, known.known.key),
            _text(notes, sheet, known.job.key),
        )
        return f"""\
   <object>
      <name>{name}</name>
      <job_name>{job}</job_name>
      <pose>Unspecified</pose>
      <truncated>{"1" if cut else "0"}</truncated>
      <difficult>0</difficult>
      <occluded>0</occluded>
      <bndbox>
         <xmin>{left + self._base}</xmin>
         <xmax>{right}</xmax>
         <ymin>{top + self._base}</ymin>
         <ymax>{bottom}</ymax>
      </bndbox>
   </object>
"""


def _size(sheet: Sheet) -> tuple[int, int]:
    return int(sheet.medium.width or 0), int(sheet.medium.height or 0)


class VocWriter:
    """Takes assets one by one."""

    def __init__(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value]) -> None:
        self._archive = archive
        self._snapshot = snapshot
        self._with_assets = values["with_assets"] is True
        self._names = Names()

    def __enter__(self) -> VocWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """All is written already."""

    def add(self, asset: Asset) -> bool:
        """A file for each picture; of a video for each frame."""
        if not has_pictures(self._archive, asset, sized=True):
            return False
        project, kinds = self._snapshot.project, frozenset({"image", "video"})
        for sheet in sheets(self._archive, project, asset, self._names, kinds, with_assets=self._with_assets):
            if not has_size(self._archive, sheet):
                continue
            if sheet.medium.kind == "image":
                if self._with_assets:
                    add_medium(self._archive, self._snapshot, sheet, "images")
                note(self._archive, sheet.drawing.notes)
                self._write(sheet, sheet.stem, sheet.suffix, 0)
                continue
            names = [frame_name(sheet, frame, own=self._with_assets) for frame in range(sheet.frames)]
            if self._with_assets:
                paths = {frame: ["images/{}{}".format(*name)] for frame, name in enumerate(names)}
                add_frames(self._archive, self._snapshot, sheet, paths)
            note(self._archive, sheet.drawing.notes)
            for frame, (stem, suffix) in enumerate(names):
                self._write(sheet, stem, suffix, frame)
        return True

    def _write(self, sheet: Sheet, stem: str, suffix: str, frame: int) -> None:
        width, height = _size(sheet)
        head = _HEAD.format(
            name=_text(self._archive, sheet, f"{stem}{suffix}"),
            database="Kili Technology" if self._snapshot.project.source == "kili" else "Labeltrail",
            width=width,
            height=height,
        )
        objects = sheet.drawing.frames.get(frame, "")
        self._archive.whole(f"labels/{stem}.xml", f"{head}{objects}</annotation>\n".encode())


def _text(archive: Noting, sheet: Sheet, text: str) -> str:
    if found := _NO_XML.search(text):
        said = f"{text!r} has the character {found[0]!r}, which XML can't hold: it is U+FFFD there"
        archive.warn(Skipped(sheet.asset.task.task, "character", said, sheet.item.row.external_id))
        text = _NO_XML.sub("\ufffd", text)
    return escape(text)


def edges_of(group: list[Annotation], width: int, height: int) -> tuple[Edges, bool]:
    """The bounding box in whole pixels, at least one wide and high, and whether it was cut. Raises Unwritable."""
    if (edges := edges_within(group, width, height)) is not None:
        return _whole(edges, width, height), False
    one = group[0]
    if isinstance(one, Mask):
        if not one.counts or (one.width, one.height) != (width, height) or sum(one.counts) != width * height:
            raise Unwritable("no_geometry", "its mask has no pixels of this picture")
        spans = spans_from(one.counts)
        if not len(spans):
            raise Unwritable("bad_geometry", "its mask is empty")
        return bounds_of(spans, height), False
    polygons = [part for part in group if isinstance(part, Polygon)]
    shape = polygon_shape(polygons, width, height) if polygons else shape_of(one, width, height)
    return _whole((shape.left, shape.top, shape.right, shape.bottom), width, height), shape.cut


def _whole(edges: tuple[float, float, float, float], width: int, height: int) -> Edges:
    """All of them rounded as `rounded` does it; of two that would be one, the whole pixel that lies around them."""
    x0, y0, x1, y1 = edges
    left, top, right, bottom = floor(x0 + 0.5), floor(y0 + 0.5), floor(x1 + 0.5), floor(y1 + 0.5)
    if left == right:
        left, right = _around(x0, width)
    if top == bottom:
        top, bottom = _around(y0, height)
    return left, top, right, bottom


def _around(place: float, limit: int) -> tuple[int, int]:
    """The edges of the pixel in which a place lies."""
    first = min(floor(place), limit - 1)
    return first, first + 1
