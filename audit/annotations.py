"""What a label says, whatever platform it comes from: plain dataclasses between sources and formats.

Coordinates are fractions of the medium's width and height, 0..1 from its upper left corner, y down; the medium's size
is beside them (`Medium`). They are as the source has them: outside of 0..1 where somebody drew outside. Pixels come
about in one place, `pixels`. A map (kind "geo") of 360 by 180 begins at 180 degrees west, 90 north; what is said of one
without a size is longitude and latitude. Volumes count voxels (i, j, k). Offsets in text count Unicode code points,
ends exclusive.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

Point = tuple[float, float]
Ring = tuple[Point, ...]
Voxel = tuple[float, float, float]

MediumKind = Literal[
    "image", "video", "volume", "text", "pdf", "audio", "conversation", "html", "geo", "point cloud", "other"
]


LONGEST_SIDE = 2**31
"""Pixels: more than any kind of picture counts."""
FRAMES = 2_000_000
"""Frames that a video may have: 18 hours of 30 a second. Formats that name each would write what somebody mistyped."""
LARGEST = 1e15
"""No coordinate lies beyond, be it in fractions of a picture, pixels, degrees or metres. What is less stays a number
when it is multiplied by the longest side."""


class Medium(msgspec.Struct, frozen=True, gc=False):
    """A file that a task is about. `width` and `height` in pixels (of a volume: voxels i and j), None where unknown.

    `frames` counts those of a video or the slices of a volume; `pages` has each page's (width, height). `url` is
    without a signature; `name` is what people call the file. `spacing` (mm) belongs to volumes. `index` is its place in
    the task, from 0. `files` are the files it lies in, by the names that the payload has for them (`FileRef`): one,
    or one for each frame or slice, in their order; none where it has no file that could be had.
    """

    kind: MediumKind
    name: str
    url: str | None = None
    width: float | None = None
    height: float | None = None
    frames: int | None = None
    frame_rate: float | None = None
    pages: tuple[tuple[float, float], ...] = ()
    spacing: tuple[float, float, float] | None = None
    text: str | None = None
    index: int = 0
    files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """A size that is no number, or none that a picture could have, is not known; neither are more frames than there
        may be."""
        for name, size in (("width", self.width), ("height", self.height)):
            if size is not None and not -LONGEST_SIDE < size < LONGEST_SIDE:
                msgspec.structs.force_setattr(self, name, None)
        if self.frames is not None and not 0 <= self.frames <= FRAMES:
            msgspec.structs.force_setattr(self, "frames", None)


@dataclass(frozen=True, slots=True)
class Choice:
    """A class that somebody chose: its key in the ontology, and what was asked because of it."""

    key: str
    answers: tuple[Answer, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to a question (`job` in the ontology): classes, or what somebody wrote, or a number."""

    job: str
    choices: tuple[Choice, ...] = ()
    text: str | None = None
    number: float | None = None


class Annotation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What all kinds have. Exports make millions of them, so they are Structs: made eight times as fast.

    `job` and `classes` are keys of the ontology; `classes` is the path from the main class inwards, empty where no
    class was chosen. `tool` is the platform's own name for the tool. `object` is shared by all parts and frames of one
    object. `frame` counts from 0, `page` from 1; `key_frame` is false where the platform filled in between two frames.
    `medium` is the index of the task's medium. `id` is the platform's id of this very annotation. `linked` is shared by
    objects that people put together. `ends` is true where an object's stretch of frames ends, `locked` where people may
    not change it. `figures` are what the platform worked out of the drawing: average, area (mm²), volume (mm³).
    """

    job: str
    tool: str
    classes: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    object: str | None = None
    id: str | None = None
    frame: int | None = None
    key_frame: bool = True
    page: int | None = None
    medium: int = 0
    confidence: float | None = None
    linked: str | None = None
    ends: bool = False
    locked: bool = False
    figures: tuple[tuple[str, float | str], ...] = ()


class Classification(Annotation, frozen=True, kw_only=True, gc=False):
    """Of the whole medium, a frame or a page; the answer's choices are nested. `multiple`: more than one may be.

    With `of_task` it is of the task with all its media.
    """

    answer: Answer
    multiple: bool = False
    of_task: bool = False


class Transcription(Annotation, frozen=True, kw_only=True, gc=False):
    """What somebody wrote about the whole medium, or with `of_task` about the task with all its media."""

    text: str
    of_task: bool = False


class Box(Annotation, frozen=True, kw_only=True, gc=False):
    """A rectangle: upper left corner, width and height, turned by `angle` degrees clockwise about its centre."""

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0


class Polygon(Annotation, frozen=True, kw_only=True, gc=False):
    """An outline without its closing point, and outlines of holes."""

    outline: Ring
    holes: tuple[Ring, ...] = ()


class Polyline(Annotation, frozen=True, kw_only=True, gc=False):
    """An open line."""

    points: Ring


class Marker(Annotation, frozen=True, kw_only=True, gc=False):
    """A point."""

    point: Point


@dataclass(frozen=True, slots=True)
class PosePoint:
    """A named point of a pose; `point` is None where it was not set. `visible` is None where nobody said."""

    key: str
    point: Point | None
    visible: bool | None = None


class Pose(Annotation, frozen=True, kw_only=True, gc=False):
    """Named points of one body."""

    points: tuple[PosePoint, ...]


class Ellipse(Annotation, frozen=True, kw_only=True, gc=False):
    """Centre and half-axes (of the width, of the height), turned by `angle` degrees clockwise."""

    center: Point
    radius_x: float
    radius_y: float
    angle: float = 0.0


class Graph(Annotation, frozen=True, kw_only=True, gc=False):
    """Points and edges between them (indices of points)."""

    points: Ring
    edges: tuple[tuple[int, int], ...]


class Cuboid(Annotation, frozen=True, kw_only=True, gc=False):
    """Two corresponding faces drawn in the picture, or a box in space.

    `front` and `rear` are fractions; `center`, `size` and `rotation` (radians, x-y-z) are in the space's own units.
    """

    front: Ring = ()
    rear: Ring = ()
    center: Voxel | None = None
    size: Voxel | None = None
    rotation: Voxel | None = None


class Mask(Annotation, frozen=True, kw_only=True, gc=False):
    """A set of pixels: a file's pixels of `value`, or run lengths.

    `counts` are COCO's uncompressed run lengths (columns first, beginning with the zeros) of `height` x `width` pixels;
    `file` is a name among the label's files, of which `value` (a grey value, or red, green, blue) is this mask.
    """

    width: int | None = None
    height: int | None = None
    counts: tuple[int, ...] = ()
    file: str | None = None
    value: int | tuple[int, int, int] | None = None


class VolumeMask(Annotation, frozen=True, kw_only=True, gc=False):
    """The voxels of `value` in a volume of the label's (NIfTI, MetaImage), or that instance's segment in a DICOM
    segmentation. `group` has the values that stand for several instances at once."""

    file: str
    value: int
    group: tuple[int, ...] = ()


class Measurement(Annotation, frozen=True, kw_only=True, gc=False):
    """A length in mm (two points) or an angle in degrees (point, vertex, point), measured in a volume or a picture."""

    measure: Literal["length", "angle"]
    value: float
    points: tuple[Voxel, ...] = ()
    world: tuple[Voxel, ...] = ()
    """The same points in mm, in the patient's space."""
    normal: Voxel | None = None
    """Of the plane in which it was measured."""


class Landmark(Annotation, frozen=True, kw_only=True, gc=False):
    """A point in a volume; `world` is the same in mm, in the patient's space."""

    voxel: Voxel
    world: Voxel | None = None


class Cuboid3D(Annotation, frozen=True, kw_only=True, gc=False):
    """A box or ellipsoid along the axes of a volume, by two opposite voxels."""

    shape: Literal["box", "ellipsoid"]
    first: Voxel
    last: Voxel
    world: tuple[Voxel, ...] = ()
    """The same two points in mm, in the patient's space."""


class TextSpan(Annotation, frozen=True, kw_only=True, gc=False):
    """Code points `start` to `end` (exclusive) of a text, or of one `message`; `quote` is what is there."""

    start: int
    end: int
    quote: str | None = None
    message: str | None = None


class PageSpan(Annotation, frozen=True, kw_only=True, gc=False):
    """Words on a page, as boxes around them; `quote` is what they say."""

    boxes: tuple[Ring, ...]
    quote: str | None = None


class Relation(Annotation, frozen=True, kw_only=True, gc=False):
    """From some objects to others, by their object ids."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    directed: bool = True


class Ranking(Annotation, frozen=True, kw_only=True, gc=False):
    """Things in the order in which somebody put them, best first; those of one place stand together.

    Of two that were compared (tool COMPARISON) `classes` say how much better the first one is.
    """

    order: tuple[tuple[str, ...], ...]


COMPARISON = "comparison"
"""The tool of a ranking that compares two things."""


class Range(Annotation, frozen=True, kw_only=True, gc=False):
    """A stretch of time (seconds), or of frames (both included) where `unit` says so."""

    start: float
    end: float
    unit: Literal["seconds", "frames"] = "seconds"


ProblemCode = Literal[
    "no_class",
    "unknown_class",
    "unknown_job",
    "no_geometry",
    "bad_geometry",
    "bad_number",
    "no_size",
    "no_media",
    "no_file",
    "unknown_tool",
    "unreadable",
]


class Problem(msgspec.Struct, frozen=True, gc=False):
    """An item of a label that can't be represented: nothing of it is among the annotations. `text` is for people."""

    code: ProblemCode
    text: str
    job: str | None = None
    id: str | None = None
    frame: int | None = None


class Labelled(msgspec.Struct, frozen=True, gc=False):
    """All that a label says: what can be represented, in the source's order, and what can't.

    `sound`: its reader saw already that it has nothing of what no format can say (exports/formats/labels/sound.py).
    """

    annotations: tuple[Annotation, ...]
    problems: tuple[Problem, ...] = ()
    sound: bool = False


def pixels(points: Iterable[Point], width: float, height: float) -> tuple[Point, ...]:
    """The points in pixels, not rounded: x times width, y times height."""
    return tuple([(x * width, y * height) for x, y in points])  # A list first: twice as fast as a generator.


def rounded(value: float) -> int:
    """To the nearest whole pixel, halves up: neighbours that share an edge still share it."""
    return math.floor(value + 0.5)


def finite(values: Sequence[float]) -> bool:
    """Whether each is a number that can be drawn; whole ones may be larger than any fraction."""
    try:
        return all(math.isfinite(value) for value in values)
    except OverflowError:
        return False


def bounds(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of at least one point."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
