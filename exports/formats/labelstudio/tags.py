"""What regions are called: the tags that have their classes, and what was asked about them, as results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from audit.annotations import Annotation, Pose, finite
from audit.ontology import Job
from exports.formats.kili.family import BOX_TOOLS
from exports.formats.labels.shapes import Unwritable
from exports.formats.labelstudio.answers import Answers
from exports.formats.labelstudio.config import SEPARATOR, Config, writable
from exports.formats.labelstudio.regions import Object, Regions, Result, common_of, result_of
from exports.formats.labelstudio.shapes import Value

_BULKY = ("rle", "format", "sequence")
"""Members of a region's value that its answers do not repeat."""
UNUSED = {
    "classification": "choices",
    "transcription": "textarea",
    "entities": "labels",
    "ranges": "labels",
    "objects": "labels",
}
"""The tag of a job of which nobody said anything yet."""


class Tags:
    """Calls regions by their classes, and gathers the tags for it. `jobs` are those of the project, by key."""

    def __init__(self, config: Config, jobs: Mapping[str, Job], answers: Answers) -> None:
        self._config = config
        self._jobs = jobs
        self._answers = answers

    def of_region(self, one: Annotation, kind: str, value: Value, of: Object, regions: Regions) -> Iterator[Result]:
        """The results of one region: where it is with its class, and what was asked about it."""
        if isinstance(one, Pose):
            yield from self._pose(one, of, regions)
            return
        id_, above = regions.take(one)
        common = common_of(one, of) | {"id": id_}
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
            yield result_of(control, common, {**about, "taxonomy": [path]})
        yield from self._answers.about_region(one.answers, of, common, about)

    def _labelled(
        self, one: Annotation, kind: str, value: Value, of: Object, common: Result, labels: list[str]
    ) -> Iterator[Result]:
        job, key = self._jobs.get(one.job), writable(one.job)
        if kind in ("labels", "hypertextlabels", "paragraphlabels", "timelinelabels", "timeserieslabels", "ocrlabels"):
            control = self._config.control(key, kind, of.name)
            self._answers.knows(control, one.job, labels)
            yield result_of(control, common, {**value, kind: labels})
        elif kind == "videovector":
            type_ = f"{kind}labels" if labels else kind
            control = self._config.control(key, type_, of.name)
            self._answers.knows(control, one.job, labels)
            yield result_of(control, common, {**value, **({"labels": labels} if labels else {})})
        elif kind == "videorectangle":
            # The boxes' own tag names the job: it is the one that results have; classes are another's.
            control = self._config.control(key, kind, of.name)
            if labels:
                self._answers.knows(self._config.control(f"{key}-labels", "labels", of.name), one.job, labels)
            yield result_of(control, common, {**value, **({"labels": labels} if labels else {})})
        elif not labels:
            yield result_of(self._config.control(f"{key}-{kind}", kind, of.name), common, value)
        elif job is not None and len(job.tools) == 1:
            control = self._config.control(key, f"{kind}labels", of.name)
            self._answers.knows(control, one.job, labels)
            yield result_of(control, common, {**value, f"{kind}labels": labels})
        else:
            # A job of several tools: its classes are for all of them.
            yield result_of(self._config.control(f"{key}-{kind}", kind, of.name), common, value)
            control = self._config.control(key, "labels", of.name)
            self._answers.knows(control, one.job, labels)
            yield result_of(control, common, {**value, "labels": labels})

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
            common = common_of(one, of) | {"id": id_} | ({} if above is None else {"parentID": above})
            labels = [*(writable(one_) for one_ in one.classes[:1]), writable(name)]
            self._answers.knows(control, one.job, labels)
            value = {"x": round(point[0] * 100, 10), "y": round(point[1] * 100, 10), "width": 0.5}
            yield result_of(control, common, {**value, "keypointlabels": labels})
            if place == 0:
                yield from self._answers.about_region(one.answers, of, common, value)

    def rest(self) -> None:
        """Add the jobs of which nobody said anything yet to the configuration."""
        of = self._config.first_object()
        for job in self._jobs.values():
            type_ = UNUSED.get(job.kind)
            if of is None or type_ is None or self._config.has(writable(job.key)):
                continue
            if job.kind == "objects" and len(job.tools) == 1 and job.tools[0].lower() in BOX_TOOLS:
                type_ = "rectanglelabels"
            control = self._config.control(writable(job.key), "taxonomy" if self._answers.paths[job.key] else type_, of)
            control.per_region, control.multiple = job.nested, job.multiple
            if control.type == "taxonomy":
                control.knows(SEPARATOR.join(path) for path in self._answers.paths[job.key].values())
            else:
                self._answers.knows(control, job.key, ())
