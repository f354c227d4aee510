"""Every source to every format: written or refused with a reason, and nothing is dropped silently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.annotations import Annotation, Box, Medium, Polygon, Relation
from audit.ontology import Ontology
from audit.sources import neutral
from exports.archive import BadItem
from exports.formats import FORMATS
from exports.formats.base import Format, Value
from exports.formats.isahit.family import IsahitFamily
from exports.formats.labels.annotated import AnnotatedFormat, ontology_of
from tests.exports.formats.snapshots import Made, Shot, write
from tests.exports.formats.sources import SHOTS, shot_of
from tests.exports.formats.test_every_format_keeps_the_contract import own
from tests.exports.formats.told import registered

LABELS = {slug: format_ for slug, format_ in FORMATS.items() if isinstance(format_, AnnotatedFormat)}
EVERY = {"label_type_in": ("DEFAULT", "REVIEW", "PREDICTION", "MODEL_RUN", "CONSENSUS"), "export_type": "normal"}


def asked(format_: Format, shot: Shot, wanted: str | None = None) -> dict[str, Value]:
    """Parameters with which the format takes the project: every label, and where it wants one job, the wanted one or
    the first."""
    values = {one.name: one.default_for(filtered=False) for one in format_.parameters}
    values |= {name: value for name, value in EVERY.items() if name in values}
    jobs = [job.key for job in ontology_of(shot.project).jobs if job.kind == "objects"]
    if isinstance(format_, IsahitFamily) and any(format_.refuses(shot.project, values)) and "input_id" in values:
        for job in [wanted] if wanted in jobs else jobs:
            for name in (job, job.rpartition("/")[2]):
                if not any(format_.refuses(shot.project, values | {"input_id": name})):
                    return values | {"input_id": name}
    return values


@pytest.mark.parametrize("slug", LABELS)
@pytest.mark.parametrize("source", SHOTS)
def test_it_is_written_or_refused_with_a_reason(source: str, slug: str, tmp_path: Path) -> None:
    format_, shot = LABELS[slug], shot_of(source, tmp_path)
    if reason := format_.refusal(shot.project):
        assert len(reason) > 20
        return
    values = asked(format_, shot)
    if unfit := list(format_.refuses(shot.project, values)):
        assert all(one.text for one in unfit)
        return
    made = write(format_, shot, **values)
    for kind, found in (("tasks", len(shot.assets)), ("labels", sum(len(one.labels) for one in shot.assets))):
        assert made.written[kind] + made.skipped.get(kind, 0) == found, kind
    for line in made.errors:
        assert line["code"]
        assert line["text"]
        assert line["asset"] in {one.task for one in shot.assets}
    if made.errors:
        with pytest.raises(BadItem):
            write(format_, shot, strict=True, **values)
    again = write(format_, shot, strict=not made.errors, **values)
    assert (own(again), again.errors) == (own(made), made.errors)


@dataclass(frozen=True)
class Sample:
    """Something that was said of a task, with what it belongs to."""

    source: str
    ontology: Ontology
    media: tuple[Medium, ...]
    said: tuple[Annotation, ...]
    """The annotation last, behind those that it names."""
    kept: dict[str, bytes]

    @property
    def one(self) -> Annotation:
        return self.said[-1]

    @property
    def kind(self) -> tuple[object, ...]:
        """What tells kinds of annotations apart for formats."""
        one = self.one
        medium = next((medium.kind for medium in self.media if medium.index == one.medium), None)
        shape = bool(one.angle) if isinstance(one, Box) else bool(one.holes) if isinstance(one, Polygon) else None
        return type(one), medium, one.frame is None, one.page is None, shape, bool(one.answers), one.classes == ()


def samples(source: str, tmp_path: Path) -> Iterator[Sample]:
    """One annotation of each kind that the source's sample has."""
    shot = shot_of(source, tmp_path)
    told, ontology, seen = neutral(shot.project.source), ontology_of(shot.project), set()
    for task in shot.assets:
        assert task.details is not None
        media = told.media(task.details)
        for row in task.labels:
            said = told.annotations(row.content, task.details, ontology, lambda name: shot.kept[name])
            for one in said.annotations:
                ends = (*one.sources, *one.targets) if isinstance(one, Relation) else ()
                named = tuple(other for other in said.annotations if other.object in ends and other is not one)
                sample = Sample(source, ontology, media, (*(named if ends else ()), one), shot.kept)
                if sample.kind not in seen:
                    seen.add(sample.kind)
                    yield sample


@pytest.mark.parametrize("source", SHOTS)
def test_no_annotation_is_dropped_silently(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(samples(source, tmp_path))
    assert found, "the sample says nothing"
    with monkeypatch.context() as patch:
        exports = Exports(patch)
        dropped = [
            f"{slug} says nothing of {sample.one}, neither in its files nor in errors.ndjson"
            for sample in found
            for slug, format_ in LABELS.items()
            if exports.are_alike(sample, format_)
        ]
    assert dropped == []


class Exports:
    """Exports of samples; those without an annotation are the same for many of them, and are made once."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._without: dict[tuple[object, ...], Made | None] = {}

    def are_alike(self, sample: Sample, format_: Format) -> bool:
        """Whether an export with the annotation is the same as one without, which has no line for its label either."""
        made = self._made(sample, sample.said, format_)
        if made is None or made.errors:
            return False
        key = (format_.slug, sample.media, sample.said[:-1], sample.one.job)
        if key not in self._without:
            self._without[key] = self._made(sample, sample.said[:-1], format_)
        without = self._without[key]
        return without is not None and own(made) == own(without) and not without.errors

    def _made(self, sample: Sample, said: tuple[Annotation, ...], format_: Format) -> Made | None:
        project = next(iter(registered(self._patch, *sample.ontology.jobs)))
        project.add("asset", said, media=sample.media)
        project.kept.update(sample.kept)
        shot = project.shot()
        values = asked(format_, shot, sample.one.job)
        if format_.refusal(shot.project) or any(format_.refuses(shot.project, values)):
            return None
        return write(format_, shot, **values)
