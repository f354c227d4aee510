"""What labels say, as results of Label Studio: regions of media, answers about regions and about the whole, relations.

A region has an id of its own; several results may have it: where it is, what it is called, what was asked about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from msgspec.structs import replace as changed

from audit.annotations import (
    COMPARISON,
    Annotation,
    Answer,
    Box,
    Choice,
    Classification,
    Graph,
    PageSpan,
    Pose,
    Range,
    Ranking,
    Relation,
    TextSpan,
    Transcription,
)
from audit.ontology import Ontology
from exports.archive.build import Noting, Skipped
from exports.formats.labels.annotated import Asset, LabelItem
from exports.formats.labels.shapes import Unwritable
from exports.formats.labelstudio.answers import Answers
from exports.formats.labelstudio.config import Config
from exports.formats.labelstudio.frames import Frames
from exports.formats.labelstudio.pages import on_page
from exports.formats.labelstudio.rankings import Rankings
from exports.formats.labelstudio.regions import Object, Regions, Result, common_of, grouped, joined
from exports.formats.labelstudio.shapes import DRAWN, Value, drawn, in_vectors
from exports.formats.labelstudio.spans import span, stretch
from exports.formats.labelstudio.tags import Tags
from exports.formats.labelstudio.video import Drawn, in_frame, sequence

HELD: tuple[type[Annotation], ...] = (
    *DRAWN, Pose, TextSpan, PageSpan, Range, Relation, Ranking, Classification, Transcription,
)  # fmt: skip
_WHERE = {"video": "a video without saying in which frame"}
_FIELDS = {"other": "file", "conversation": "dialogue", "point cloud": "point_cloud"}

DEGREE = "how"
"""Behind the name of a comparison: the question how much better one of two things is."""


class Sayer:
    """Says labels of one project, and gathers the configuration that fits. What has no words is noted in the archive.

    `asset` begins a task; `results` are those of one of its labels.
    """

    def __init__(self, archive: Noting, ontology: Ontology, config: Config) -> None:
        self._archive = archive
        self._config = config
        self._jobs = {job.key: job for job in ontology.jobs}
        for job in ontology.jobs:
            if job.tools == (COMPARISON,):
                key = f"{job.key}-{DEGREE}"
                self._jobs[key] = replace(job, key=key, kind="classification")
        self._answers = Answers(config, self._jobs)
        self._tags = Tags(config, self._jobs, self._answers)
        self._frames = Frames(config, self._jobs, self._answers)
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
        said: Sequence[Annotation] = item.said.annotations
        if any(isinstance(one, Graph) for one in said):
            said = [part for one in said for part in in_vectors(one)]
        for group in grouped(said, objects):
            if isinstance(group[0], Relation):
                later.append(group[0])
                continue
            found += self._tried(asset, item, group, objects, region)
        for one in later:
            found += self._tried(asset, item, [one], objects, region)
        return found

    def rest(self) -> None:
        """Add the jobs of which nobody said anything yet to the configuration."""
        self._tags.rest()

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
            yield from self._answered(group, one, of, regions)
            return
        if of.medium.kind == "video" and one.frame is not None:
            yield from self._in_frames(asset, item, group, of, regions)
            return
        if of.medium.kind == "pdf" and isinstance(one, Box | PageSpan):
            for place, where in enumerate(on_page(one, of.medium)):
                # What was asked about all of it stands with its first part.
                told = one if place == 0 else changed(one, answers=(), classes=one.classes[:1])
                yield from self._tags.of_region(told, "ocrlabels", where, of, regions)
            return
        kind, value = self._region(one, of)
        yield from self._tags.of_region(one, kind, value, of, regions)

    def _in_frames(
        self, asset: Asset, item: LabelItem, group: Sequence[Annotation], of: Object, regions: Regions
    ) -> Iterator[Result]:
        """An object in the frames of a video; what can't be said of one frame costs only that."""
        found: list[Drawn] = []
        for one in group:
            try:
                found.append((one, in_frame(one, of.medium)))
            except Unwritable as error:
                self._note(asset, item, one, error.code, str(error))
        if not found:
            return
        first = found[0][0]
        if any(one.answers != first.answers or one.classes != first.classes for one, _ in found):
            text = "its class, or what was asked about it, changes from frame to frame: written as in its first one"
            self._note(asset, item, first, "frames", text)
        kind = "videorectangle" if isinstance(first, Box) else "videovector"
        yield from self._tags.of_region(first, kind, sequence(found, of.medium), of, regions)

    def _region(self, one: Annotation, of: Object) -> tuple[str, Value]:
        """The kind of a region and where it is."""
        kind = of.medium.kind
        if isinstance(one, TextSpan):
            return span(one, of.medium)
        if isinstance(one, Range):
            return stretch(one, of.medium)
        if kind != "image" or one.frame is not None or one.page is not None:
            where = "frames or pages of an image" if kind == "image" else _WHERE.get(kind, f"media of the kind {kind}")
            raise Unwritable("not_held", f"Label Studio has no {type(one).__name__.lower()} in {where}")
        if isinstance(one, Pose):
            return "pose", {}
        return drawn(one, of.medium)

    def _answered(
        self,
        group: Sequence[Annotation],
        one: Classification | Transcription | Ranking,
        of: Object,
        regions: Regions,
    ) -> Iterator[Result]:
        """What is said of the whole medium, or of the frames of a video."""
        framed = [other for other in group if isinstance(other, Classification | Transcription)]
        if one.page is not None:
            raise Unwritable("not_held", "Label Studio's answers are about a whole document, not about one page of it")
        if one.frame is None:
            yield from self._whole(one, of, regions)
        elif of.medium.kind == "video" and framed:
            yield from self._frames.said(framed, of, common_of(one, of), regions)
        else:
            what = "rankings" if isinstance(one, Ranking) else "answers"
            raise Unwritable(
                "not_held", f"Label Studio has no {what} about frames in media of the kind {of.medium.kind}"
            )

    def _whole(self, one: Classification | Transcription | Ranking, of: Object, regions: Regions) -> Iterator[Result]:
        """What is said of the whole medium."""
        common = common_of(one, of)
        if isinstance(one, Ranking):
            yield from self._rankings.said(one, common, regions.new)
            answers = one.answers
            if one.tool == COMPARISON and one.classes:
                answers = (Answer(f"{one.job}-{DEGREE}", (Choice(one.classes[0]),)), *answers)
            yield from self._answers.about_whole(answers, of, common, regions.new)
            return
        answer = one.answer if isinstance(one, Classification) else Answer(one.job, text=one.text)
        multiple = isinstance(one, Classification) and one.multiple
        yield from self._answers.about_whole((answer,), of, common, regions.new, multiple=multiple)
