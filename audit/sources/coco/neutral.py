"""What COCO's annotations say: boxes, outlines, masks and keypoints, in pixels there, in fractions here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from audit.annotations import (
    Annotation,
    Box,
    Labelled,
    Mask,
    Medium,
    MediumKind,
    Polygon,
    Pose,
    PosePoint,
    Problem,
    ProblemCode,
    finite,
)
from audit.ontology import LabelClass, Ontology
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.coco.films import frames_of, written_by_us
from audit.sources.coco.jobs import JOB, jobs_of, may_have_videos
from audit.sources.coco.rle import BadCounts, runs
from audit.sources.values import Item, an_object, item, number, parts, text


class CocoNeutral(Neutral):
    """Jobs and classes are told apart in `jobs`."""

    def ontology(self, project: bytes) -> Ontology:
        """A job for each question that the files tell apart, with its categories in their order."""
        return Ontology(jobs_of(item(project)))

    def kinds(self, project: bytes) -> frozenset[MediumKind] | None:
        """COCO is about images; some may be frames of videos."""
        return None if may_have_videos(item(project)) else frozenset({"image"})

    def media(self, task: bytes) -> tuple[Medium, ...]:
        """The image, or the video whose frames the images are."""
        return (_shown(item(task)).medium,)

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        """What each annotation says: keypoints where it has them, its outline or mask, else its box."""
        shown, said = _shown(item(task)), an_object(label)
        found: list[Annotation] = []
        problems: list[Problem] = []
        for group in _groups(said, ontology):
            if not isinstance(group.items, list):
                problems.append(Problem("unreadable", "it has no list of annotations"))
                continue
            for one in group.items:
                id_ = f"{group.prefix}{_key(one.get('id'))}" if isinstance(one, dict) and "id" in one else None
                try:
                    found += list(_said(one, id_, shown, group))
                except _Cannot as problem:
                    problems.append(Problem(problem.code, problem.text, group.job, id_))
        return Labelled(tuple(found), tuple(problems))


@dataclass(frozen=True, slots=True)
class _Group:
    """Annotations of one file: what stands before their ids (each file counts anew), the classes that they may name by
    a category's id, each with its job, and the job that is meant where they name none."""

    items: object
    prefix: str
    job: str
    classes: Mapping[str, tuple[str, LabelClass]]


def _groups(label: Item, ontology: Ontology) -> Iterator[_Group]:
    """The label's annotations, those of one file together."""
    jobs = label.get("jobs")
    if not isinstance(jobs, list):
        classes = {one.id or one.key: (job.key, one) for job in ontology.jobs for one in job.classes}
        yield _Group(label.get("annotations"), "", ontology.jobs[0].key if ontology.jobs else JOB, classes)
        return
    for one in parts(label, "jobs"):
        key = str(one.get("job"))
        job = ontology.job(key)
        own = {known.id or known.key: (key, known) for known in job.classes} if job else {}
        yield _Group(one.get("annotations"), f"{key}/", key, own)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What people look at: an image, or a video with the numbers of its frames by their images' ids. `ours`: Labeltrail
    wrote the file, and `object` of an annotation is the id that the object had before."""

    medium: Medium
    frames: Mapping[str, int]
    ours: bool


def _shown(task: Item) -> _Shown:
    frames = frames_of(task)
    if not frames:
        return _Shown(_picture(task), frames, written_by_us(task))
    first = _picture(parts(task, "images")[0])
    name, count = text(task, "video") or "", max(frames.values()) + 1
    return _Shown(Medium("video", name, None, first.width, first.height, frames=count), frames, ours=True)


def _picture(image: Item) -> Medium:
    name = str(image.get("file_name") or image.get("id"))
    url = next((image[key] for key in ("coco_url", "flickr_url") if isinstance(image.get(key), str)), None)
    return Medium("image", name, url, _positive(image.get("width")), _positive(image.get("height")))


class _Cannot(Exception):
    """An annotation that can't be represented."""

    def __init__(self, code: ProblemCode, text: str) -> None:
        super().__init__(code, text)
        self.code: ProblemCode = code
        self.text = text


def _said(one: object, id_: str | None, shown: _Shown, group: _Group) -> Iterator[Annotation]:
    """What an annotation says. Raises _Cannot."""
    medium = shown.medium
    if not isinstance(one, dict):
        raise _Cannot("unreadable", "an annotation is no object")
    category = _key(one.get("category_id"))
    if one.get("category_id") is None:
        raise _Cannot("no_class", "the annotation has no category")
    if category not in group.classes:
        raise _Cannot("unknown_class", f"the file has no category {category[:60]}")
    if medium.width is None or medium.height is None:
        raise _Cannot("no_size", "the image has no width and height")
    job, class_ = group.classes[category]
    object_ = one["object"] if shown.ours and isinstance(one.get("object"), str) else id_
    own: Item = {"job": job, "classes": (class_.key,), "object": object_, "id": id_}
    if shown.frames:
        own["frame"] = shown.frames.get(_key(one.get("image_id")))
    if (score := number(one.get("score"))) is not None:
        own["confidence"] = score
    size = (medium.width, medium.height)
    posed = list(_pose(one, own, class_, size))
    drawn = [] if _repeats_box(one) else list(_drawn(one, own, size))
    drawn = drawn or ([] if posed else [_box(one, own, size)])
    yield from posed
    yield from drawn


def _pose(one: Item, own: Item, class_: LabelClass, size: tuple[float, float]) -> Iterator[Annotation]:
    flat = one.get("keypoints")
    if not isinstance(flat, list) or not flat:
        return
    numbers = _numbers(flat, "keypoints")
    if len(numbers) % 3:
        raise _Cannot("bad_geometry", "keypoints come in threes: x, y and whether they can be seen")
    points, own_names = [], one.get("keypoint_names")
    names = class_.points or tuple(map(str, own_names if isinstance(own_names, list) else ()))
    for place in range(len(numbers) // 3):
        x, y, seen = numbers[3 * place : 3 * place + 3]
        name = names[place] if place < len(names) else str(place + 1)
        set_ = seen > 0 or x != 0 or y != 0
        points.append(PosePoint(name, (x / size[0], y / size[1]) if set_ else None, seen == 2 if set_ else None))
    yield Pose(tool="keypoints", points=tuple(points), **own)


def _drawn(one: Item, own: Item, size: tuple[float, float]) -> Iterator[Annotation]:
    drawn = one.get("segmentation")
    if isinstance(drawn, dict):
        try:
            height, width, counts = runs(drawn)
        except BadCounts as problem:
            raise _Cannot("bad_geometry", str(problem)) from None
        yield Mask(tool="mask", width=width, height=height, counts=counts, **own)
    elif isinstance(drawn, list):
        for ring in drawn:
            numbers = _numbers(ring, "segmentation")
            if len(numbers) < 6 or len(numbers) % 2:
                raise _Cannot("bad_geometry", "an outline has at least three points, each an x and a y")
            points = zip(numbers[::2], numbers[1::2], strict=True)
            yield Polygon(tool="polygon", outline=tuple((x / size[0], y / size[1]) for x, y in points), **own)
    elif drawn is not None:
        raise _Cannot("unreadable", "the segmentation is neither outlines nor run lengths")


def _repeats_box(one: Item) -> bool:
    """Whether the only outline is that of the box, as some programs write what was drawn as a box."""
    rings, bbox = one.get("segmentation"), one.get("bbox")
    if not (isinstance(rings, list) and len(rings) == 1 and isinstance(bbox, list) and len(bbox) == 4):
        return False
    x, y, width, height = _numbers(bbox, "bbox")
    numbers = _numbers(rings[0], "segmentation")
    corners = {(x, y), (x + width, y), (x + width, y + height), (x, y + height)}
    drawn = [(round(a, 6), round(b, 6)) for a, b in zip(numbers[::2], numbers[1::2], strict=False)]
    return len(drawn) == 4 and set(drawn) == {(round(a, 6), round(b, 6)) for a, b in corners}


def _box(one: Item, own: Item, size: tuple[float, float]) -> Annotation:
    given = one.get("bbox")
    if given is None:
        raise _Cannot("no_geometry", "the annotation has neither segmentation nor keypoints nor bbox")
    numbers = _numbers(given, "bbox")
    if len(numbers) != 4 or numbers[2] < 0 or numbers[3] < 0:
        raise _Cannot("bad_geometry", "a bbox is left, top, width and height")
    x, y, width, height = numbers
    return Box(tool="box", x=x / size[0], y=y / size[1], width=width / size[0], height=height / size[1], **own)


def _numbers(given: object, what: str) -> list[float]:
    plain = isinstance(given, list) and all(isinstance(n, int | float) and not isinstance(n, bool) for n in given)
    if not (plain and finite(given)):  # type: ignore[arg-type]  # a list of numbers, see above
        raise _Cannot("bad_number", f"{what} is not a list of numbers")
    return [float(one) for one in given]  # type: ignore[attr-defined]


def _key(id_: object) -> str:
    return str(id_)


def _positive(value: object) -> float | None:
    found = number(value)
    return found if found is not None and found > 0 else None
