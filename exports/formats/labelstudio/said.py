"""What labels say, as results of Label Studio: regions of media, answers about regions and about the whole, relations.

A region has an id of its own; several results may have it: where it is, what it is called, what was asked about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from audit.annotations import (
    COMPARISON,
    Annotation,
    Answer,
    Box,
    Choice,
    Classification,
    Ontology,
    Pose,
    Range,
    Ranking,
    Relation,
    TextSpan,
    Transcription,
    finite,
)
from exports.archive.build import Archive, Skipped
from exports.formats.kili.family import BOX_TOOLS
from exports.formats.labels.annotated import Asset, LabelItem
from exports.formats.labels.shapes import Unwritable
from exports.formats.labelstudio.config import SEPARATOR, Config, paths_of, writable
from exports.formats.labelstudio.rankings import Rankings
from exports.formats.labelstudio.regions import Object, Regions, Result, grouped, joined
from exports.formats.labelstudio.shapes import DRAWN, Value, drawn
from exports.formats.labelstudio.spans import span, stretch
from exports.formats.labelstudio.video import sequence

HELD: tuple[type[Annotation], ...] = (
    *DRAWN, Pose, TextSpan, Range, Relation, Ranking, Classification, Transcription,
)  # fmt: skip
_BULKY = ("rle", "format", "sequence")
"""Members of a region's value that its answers do not repeat."""
_FIELDS = {"other": "file", "conversation": "dialogue", "point cloud": "point_cloud"}

DEGREE = "how"
"""Behind the name of a comparison: the question how much better one of two things is."""
UNUSED = {
    "classification": "choices",
    "transcription": "textarea",
    "entities": "labels",
    "ranges": "labels",
    "objects": "labels",
}
"""The tag of a job of which nobody said anything yet."""


class Sayer:
    """Says labels of one project, and gathers the configuration that fits. What has no words is noted in the archive.

    `asset` begins a task; `results` are those of one of its labels.
    """

    def __init__(self, archive: Archive, ontology: Ontology, config: Config) -> None:
        self._archive = archive
        self._config = config
        self._jobs = {job.key: job for job in ontology.jobs}
        for job in ontology.jobs:
            if job.tools == (COMPARISON,):
                key = f"{job.key}-{DEGREE}"
                self._jobs[key] = replace(job, key=key, kind="classification")
        self._paths = {job.key: paths_of(job) for job in self._jobs.values()}
        self._rankings = Rankings(config)

    @property
    def data(self) -> dict[str, Any]:
        """The fields of the task's data that its results name, besides its media."""
        return self._rankings.data

    def asset(self, asset: Asset) -> tuple[Object, ...]:
        """The task's media as its data has them."""
        self._rankings.begin()
        found: list[Object] = []
        for medium in asset.media:
            address = medium.text is None or medium.kind not in ("text", "html", "conversation")
            kind = _FIELDS.get(medium.kind, medium.kind)
            name = f"{kind}_url" if address and kind == "text" else kind
            same = sum(one.name == name or one.name.startswith(f"{name}_") for one in found)
            name = f"{name}_{same + 1}" if same else name
            value = (medium.url or medium.name or asset.task.name) if address else medium.text or ""
            self._config.object(name, medium.kind, name, address=address)
            found.append(Object(medium, name, name, value))
        return tuple(found)

    def results(self, asset: Asset, item: LabelItem, objects: Sequence[Object]) -> list[Result]:
        """What one label says; relations stand behind the regions that they join."""
        region = Regions(f"{asset.task.task}\n{item.row.external_id}")
        found: list[Result] = []
        later: list[Annotation] = []
        for group in grouped(item.said.annotations, objects):
            if isinstance(group[0], Relation):
                later.append(group[0])
                continue
            found += self._tried(asset, item, group, objects, region)
        for one in later:
            found += self._tried(asset, item, [one], objects, region)
        return found

    def rest(self) -> None:
        """Add the jobs of which nobody said anything yet to the configuration."""
        of = self._config.first_object()
        for job in self._jobs.values():
            type_ = UNUSED.get(job.kind)
            if of is None or type_ is None or self._config.has(writable(job.key)):
                continue
            if job.kind == "objects" and len(job.tools) == 1 and job.tools[0].lower() in BOX_TOOLS:
                type_ = "rectanglelabels"
            control = self._config.control(writable(job.key), "taxonomy" if self._paths[job.key] else type_, of)
            control.per_region, control.multiple = job.nested, job.multiple
            if control.type == "taxonomy":
                control.knows(SEPARATOR.join(path) for path in self._paths[job.key].values())
            else:
                self._knows(control, job.key, ())

    def _tried(
        self, asset: Asset, item: LabelItem, group: list[Annotation], objects: Sequence[Object], regions: Regions
    ) -> list[Result]:
        first = group[0]
        try:
            return list(self._said(asset, item, group, objects, regions))
        except Unwritable as error:
            for one in group:
                self._note(asset, item, one, error.code, str(error))
        except OverflowError:
            self._note(asset, item, first, "bad_number", "a number of it is too large")
        return []

    def _note(self, asset: Asset, item: LabelItem, one: Annotation, code: str, text: str) -> None:
        where = f" (frame {one.frame})" if one.frame is not None else ""
        row, id_ = item.row.external_id, one.id or one.object
        self._archive.warn(Skipped(asset.task.task, code, f"{text}{where}", row, one.job, id_))

    def _said(
        self, asset: Asset, item: LabelItem, group: list[Annotation], objects: Sequence[Object], regions: Regions
    ) -> Iterator[Result]:
        one = group[0]
        if isinstance(one, Relation):
            yield from joined(one, regions)
            return
        of = next((found for found in objects if found.medium.index == one.medium), None)
        if of is None:
            raise Unwritable("no_media", "the task has no medium of which it could be said")
        if isinstance(one, Classification | Transcription | Ranking):
            if one.frame is not None or one.page is not None:
                raise Unwritable("not_held", "Label Studio has no answers about one frame or page")
            yield from self._whole(one, of, regions)
            return
        kind, value = self._region(asset, item, group, of)
        yield from self._called(one, kind, value, of, regions)

    def _region(self, asset: Asset, item: LabelItem, group: list[Annotation], of: Object) -> tuple[str, Value]:
        """The kind of a region and where it is."""
        one, kind = group[0], of.medium.kind
        if isinstance(one, TextSpan):
            return span(one, of.medium)
        if isinstance(one, Range):
            return stretch(one, of.medium)
        if kind == "video" and isinstance(one, Box) and one.frame is not None:
            boxes = [box for box in group if isinstance(box, Box)]
            if any(box.answers != one.answers or box.classes != one.classes for box in boxes):
                text = "its class, or what was asked about it, changes from frame to frame: written as in its first one"
                self._note(asset, item, one, "frames", text)
            return "videorectangle", sequence(boxes, of.medium)
        if kind != "image" or one.frame is not None or one.page is not None:
            where = "single frames or pages" if kind == "image" else f"media of the kind {kind}"
            raise Unwritable("not_held", f"Label Studio has no {type(one).__name__.lower()} in {where}")
        if isinstance(one, Pose):
            return "pose", {}
        return drawn(one, of.medium)

    def _called(self, one: Annotation, kind: str, value: Value, of: Object, regions: Regions) -> Iterator[Result]:
        """The results of one region: where it is with its class, and what was asked about it."""
        if isinstance(one, Pose):
            yield from self._pose(one, of, regions)
            return
        id_, above = regions.take(one)
        common = _common(one, of) | {"id": id_}
        if above is not None:
            common["parentID"] = above
        labels = [writable(key) for key in one.classes[:1]]
        yield from self._labelled(one, kind, value, of, common, labels)
        about = {name: inner for name, inner in value.items() if name not in _BULKY}
        if len(one.classes) > 1:
            path = [writable(step) for step in one.classes]
            control = self._config.control(f"{one.job}-path", "taxonomy", of.name)
            control.per_region = True
            control.knows([SEPARATOR.join(path)])
            yield _of(control, common, {**about, "taxonomy": [path]})
        yield from self._answers(one.answers, of, common, about, region=True)

    def _labelled(
        self, one: Annotation, kind: str, value: Value, of: Object, common: Result, labels: list[str]
    ) -> Iterator[Result]:
        job, key = self._jobs.get(one.job), writable(one.job)
        if kind in ("labels", "hypertextlabels", "paragraphlabels", "timelinelabels", "timeserieslabels"):
            control = self._config.control(key, kind, of.name)
            self._knows(control, one.job, labels, objects=True)
            yield _of(control, common, {**value, kind: labels})
        elif kind == "videorectangle":
            # The boxes' own tag names the job: it is the one that results have; classes are another's.
            control = self._config.control(key, kind, of.name)
            if labels:
                self._knows(self._config.control(f"{key}-labels", "labels", of.name), one.job, labels, objects=True)
            yield _of(control, common, {**value, **({"labels": labels} if labels else {})})
        elif not labels:
            yield _of(self._config.control(f"{key}-{kind}", kind, of.name), common, value)
        elif job is not None and len(job.tools) == 1:
            control = self._config.control(key, f"{kind}labels", of.name)
            self._knows(control, one.job, labels, objects=True)
            yield _of(control, common, {**value, f"{kind}labels": labels})
        else:
            # A job of several tools: its classes are for all of them.
            yield _of(self._config.control(f"{key}-{kind}", kind, of.name), common, value)
            control = self._config.control(key, "labels", of.name)
            self._knows(control, one.job, labels, objects=True)
            yield _of(control, common, {**value, "labels": labels})

    def _pose(self, one: Pose, of: Object, regions: Regions) -> Iterator[Result]:
        """A point for each that was set, with the body's class and its own; they belong to the first."""
        key = writable(one.job)
        control = self._config.control(f"{key}-points", "keypointlabels", of.name)
        control.multiple = True
        points = [(point.key, point.point) for point in one.points if point.point is not None]
        if not points:
            raise Unwritable("no_geometry", "none of its points was set")
        if not all(finite(place) for _, place in points):
            raise Unwritable("bad_number", "a coordinate is no finite number")
        for place, (name, point) in enumerate(points):
            id_, above = regions.take(one)
            common = _common(one, of) | {"id": id_} | ({} if above is None else {"parentID": above})
            labels = [*(writable(one_) for one_ in one.classes[:1]), writable(name)]
            self._knows(control, one.job, labels, objects=True)
            value = {"x": round(point[0] * 100, 10), "y": round(point[1] * 100, 10), "width": 0.5}
            yield _of(control, common, {**value, "keypointlabels": labels})
            if place == 0:
                yield from self._answers(one.answers, of, common, value, region=True)

    def _whole(self, one: Classification | Transcription | Ranking, of: Object, regions: Regions) -> Iterator[Result]:
        """What is said of the whole medium."""
        common = _common(one, of)
        if isinstance(one, Ranking):
            yield from self._rankings.said(one, common, regions.new)
            answers = one.answers
            if one.tool == COMPARISON and one.classes:
                answers = (Answer(f"{one.job}-{DEGREE}", (Choice(one.classes[0]),)), *answers)
            yield from self._answers(answers, of, common, {}, region=False, regions=regions)
            return
        answer = one.answer if isinstance(one, Classification) else Answer(one.job, text=one.text)
        multiple = isinstance(one, Classification) and one.multiple
        yield from self._answers((answer,), of, common, {}, region=False, multiple=multiple, regions=regions)

    def _answers(
        self,
        answers: Sequence[Answer],
        of: Object,
        common: Result,
        about: Value,
        *,
        region: bool,
        multiple: bool = False,
        regions: Regions | None = None,
        when: tuple[str, str] | None = None,
    ) -> Iterator[Result]:
        for answer in answers:
            type_, value = self._answer(answer)
            control = self._config.control(writable(answer.job), type_, of.name)
            control.per_region = region
            control.multiple = control.multiple or multiple or len(answer.choices) > 1
            control.when = control.when or when
            if type_ == "choices":
                self._knows(control, answer.job, value["choices"])
            elif type_ == "taxonomy":
                control.knows(SEPARATOR.join(path) for path in self._paths[answer.job].values())
            own = common if regions is None else common | {"id": regions.new()}
            scores = {choice.confidence for choice in answer.choices}
            if not region and len(scores) == 1 and (score := scores.pop()) is not None:
                own = own | {"score": score}
            yield _of(control, own, {**about, **value})
            for choice in answer.choices:
                yield from self._answers(
                    choice.answers, of, common, about, region=region, regions=regions,
                    when=(control.name, writable(choice.key)),
                )  # fmt: skip

    def _answer(self, answer: Answer) -> tuple[str, Value]:
        if answer.number is not None:
            if not finite([answer.number]):
                raise Unwritable("bad_number", "an answer is no finite number")
            return "number", {"number": answer.number}
        if answer.text is not None and not answer.choices:
            return "textarea", {"text": [answer.text]}
        if paths := self._paths.get(answer.job):
            return "taxonomy", {
                "taxonomy": [list(paths.get(choice.key, (writable(choice.key),))) for choice in answer.choices]
            }
        return "choices", {"choices": [writable(choice.key) for choice in answer.choices]}

    def _knows(self, control: Any, job: str, names: Sequence[str], *, objects: bool = False) -> None:
        """The job's classes in its order, then those that results name besides."""
        for known in self._jobs[job].classes if job in self._jobs and not control.labels else ():
            control.labels[writable(known.key)] = known
            if objects and control.type == "keypointlabels":
                control.knows(map(writable, known.points))
        control.knows(names)


def _common(one: Annotation, of: Object) -> Result:
    found: Result = {"to_name": of.name, "origin": "manual"}
    if of.medium.kind == "image" and of.medium.width and of.medium.height:
        found |= {"original_width": of.medium.width, "original_height": of.medium.height, "image_rotation": 0}
    if one.confidence is not None and finite([one.confidence]):
        found["score"] = one.confidence
    if one.locked:
        found["readonly"] = True
    return found


def _of(control: Any, common: Result, value: Value) -> Result:
    return {**common, "from_name": control.name, "to_name": control.to_name, "type": control.type, "value": value}
