"""What formats of labels have in common: which labels are meant, what they say neutrally, and what can't be said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from audit.annotations import Annotation, Labelled, Mask, Medium, VolumeMask
from audit.ontology import Ontology
from audit.sources import neutral
from audit.sources.base import Neutral
from audit.sources.origins import origin
from audit.sources.unread import Unread, labelled, media_of, ontology_said
from exports.archive.build import Archive, Noting, Skipped
from exports.formats.base import (
    PEOPLE,
    Format,
    LabelledTask,
    LabelRow,
    Parameter,
    ProjectInfo,
    Reads,
    Snapshot,
    Value,
    flag,
)
from exports.formats.labels.flat_volumes import FlatVolumes
from exports.formats.labels.left_out import unread
from exports.formats.labels.shapes import Unwritable
from exports.formats.labels.sound import sound
from exports.formats.labels.titles import Titled

LABEL_TYPES = Parameter(
    "label_type_in",
    (),
    "DEFAULT,REVIEW",
    "labels of these kinds: DEFAULT, REVIEW, PREDICTION, INFERENCE, CONSENSUS, or a word of the source's own",
    several=True,
)
EXPORT_TYPE = Parameter(
    "export_type",
    ("latest", "latest_from_last_step", "latest_from_all_steps", "normal"),
    "latest",
    "the label that the source calls the latest, the latest of each author at the last step, the same at every step, "
    "or all labels",
)
SENT_BACK = flag("include_sent_back_labels", True, "with labels that were sent back to be done again")

LABELS = (LABEL_TYPES, EXPORT_TYPE, SENT_BACK, PEOPLE)
"""The parameters that choose labels; every format of labels has them."""


_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a class's name has its next word."""


class Drawing(msgspec.Struct):
    """A label in one medium, in a format's own terms: by frame, of a picture 0. `notes` are for errors.ndjson."""

    frames: dict[int, Any]
    notes: list[Skipped]


Size = tuple[float, float]
Frames = tuple[int, int | None]
"""How many frames of a video there are, at least to the last one that a label speaks of; how many it is said to have.
"""


class LabelItem(msgspec.Struct, frozen=True, gc=False):
    """One label of a task, and what it says; or its drawings by medium, with the `frames` of videos (`frames_of`)."""

    row: LabelRow
    said: Labelled
    drawn: Mapping[int, Drawing] = msgspec.field(default_factory=dict)
    frames: Mapping[int, Frames] = msgspec.field(default_factory=dict)


class Asset(msgspec.Struct, frozen=True, gc=False):
    """A task with what it is about, and its chosen labels; or, drawn, the `whole` of what is said."""

    task: LabelledTask
    media: tuple[Medium, ...]
    labels: tuple[LabelItem, ...]
    whole: Any = None


class AnnotatedFormat(Format):
    """A format of labels. `holds` are the kinds of annotations that it can say; others have a line in errors.ndjson."""

    holds: ClassVar[tuple[type[Annotation], ...]] = ()
    of_media: ClassVar[frozenset[str]] = frozenset()
    """Kinds of media of which it can say something; empty: of any."""
    parameters: ClassVar[tuple[Parameter, ...]] = LABELS

    def refusal(self, project: ProjectInfo) -> str:
        """Why the format can't hold this project: it has no labels, or none that the format could say."""
        try:
            neutral(project.source)
        except LookupError:
            return f"{origin(project.source)}: such projects have no labels that could be read"
        if self.of_media and project.media_kinds and self.of_media.isdisjoint(project.media_kinds):
            wanted, found = _listed(self.of_media), _listed(project.media_kinds)
            return f"{self.title} is for media of the kind {wanted}; this project's are of the kind {found}"
        ontology = ontology_of(project)
        return self.unfit(ontology)

    def unfit(self, ontology: Ontology) -> str:
        """Why nothing that the ontology has can be said in this format; empty when something can."""
        return ""

    def reads(self, values: Mapping[str, Value]) -> Reads:
        """Tasks with their details and labels."""
        return Reads(kinds=("tasks", "labels"), payloads=False, texts=False, details=True)

    def of_volume(self, volumes: FlatVolumes, one: VolumeMask) -> Annotation:
        """What a format of pictures' masks says of a mask in a volume. Raises Unwritable for one of several slices."""
        return volumes.counted(one)

    def assets(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value]) -> Iterator[Asset]:
        """Tasks by number with the labels that are meant. What of them can't be represented is noted in the archive."""
        ontology = ontology_of(snapshot.project)
        for task in snapshot.labelled():
            yield self.asset(archive, snapshot, ontology, task, values)

    def asset(
        self,
        archive: Noting,
        snapshot: Snapshot,
        ontology: Ontology,
        task: LabelledTask,
        values: Mapping[str, Value],
    ) -> Asset:
        """One task with the labels that are meant. What of them can't be represented is noted in the archive."""
        told = neutral(snapshot.project.source)
        media, wrong = media_of(told, task.details)
        if wrong:
            archive.warn(Skipped(task.task, "unreadable", wrong))
        rows = chosen(task, values)
        items = (self._item(archive, snapshot, told, ontology, task, row) for row in rows)
        labels = tuple(item for item in items if item is not None)
        return Asset(task, _sized(media, _sizes(media, labels)), labels)

    def _item(
        self,
        archive: Noting,
        snapshot: Snapshot,
        told: Neutral,
        ontology: Ontology,
        task: LabelledTask,
        row: LabelRow,
    ) -> LabelItem | None:
        """A label, and what it says. None for one that can't be read, which is noted: nothing is said in its place."""
        read = partial(_read, snapshot, row.content)
        known = ontology.before if isinstance(ontology, Titled) else ontology
        try:
            said = labelled(told, row.content, task.details or b"{}", known, read)
        except Unread as error:
            unread(archive, task, row, str(error))
            return None
        said = ontology.said(said) if isinstance(ontology, Titled) else said
        said = sound(said, lambda: media_of(told, task.details)[0])
        for problem in said.problems:
            archive.warn(Skipped(task.task, problem.code, problem.text, row.external_id, problem.job, problem.id))
        if all(issubclass(kind, self.holds) for kind in {*map(type, said.annotations)}):
            return LabelItem(row, said)
        kept: list[Annotation] = []
        volumes = FlatVolumes(partial(snapshot.file, row.content))
        for one in said.annotations:
            if isinstance(one, self.holds):
                kept.append(one)
            elif isinstance(one, VolumeMask) and Mask in self.holds:
                try:
                    kept.append(self.of_volume(volumes, one))
                except Unwritable as error:
                    archive.warn(Skipped(task.task, error.code, str(error), row.external_id, one.job, one.id))
            else:
                archive.warn(not_held(task.task, row, one, self.slug))
        return LabelItem(row, Labelled(tuple(kept), said.problems))


def _sizes(media: Iterable[Medium], labels: Iterable[LabelItem]) -> Mapping[int, Size]:
    """Width and height by the index of those pictures whose size only a mask of them tells."""
    unknown = {one.index for one in media if one.kind == "image" and not (one.width and one.height)}
    if not unknown:
        return {}
    masks = (one for label in labels for one in label.said.annotations if isinstance(one, Mask))
    return {one.medium: (one.width, one.height) for one in masks if one.medium in unknown and one.width and one.height}


def _sized(media: tuple[Medium, ...], sizes: Mapping[int, Size]) -> tuple[Medium, ...]:
    """The media with these sizes."""
    if not sizes:
        return media
    return tuple(
        replace(one, width=sizes[one.index][0], height=sizes[one.index][1]) if one.index in sizes else one
        for one in media
    )


def _listed(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds))


def not_held(task: str, row: LabelRow, annotation: Annotation, slug: str) -> Skipped:
    """The line about an annotation of a kind that a format has no words for."""
    kind = _WORDS.sub(" ", type(annotation).__name__).lower()
    where = f" (frame {annotation.frame})" if annotation.frame is not None else ""
    text = f"{slug} has no way to say {'an' if kind[0] in 'aeiou' else 'a'} {kind}{where}"
    return Skipped(task, "not_held", text, row.external_id, annotation.job, annotation.id or annotation.object)


def titled_ontology(project: ProjectInfo) -> Ontology:
    """What can be said in the project, for files that people read; assets that are asked for with it say it so, too."""
    ontology = ontology_of(project)
    return Titled.of(ontology) if ontology.jobs and neutral(project.source).keys_are_ids else ontology


def ontology_of(project: ProjectInfo) -> Ontology:
    """What can be said in the project; nothing where it did not say."""
    if project.details is None:
        return Ontology()
    return ontology_said(neutral(project.source), project.details)


def chosen(task: LabelledTask, values: Mapping[str, Value]) -> tuple[LabelRow, ...]:
    """The labels that the parameters mean, in the task's order."""
    kinds = values["label_type_in"]
    rows = [row for row in task.labels if isinstance(kinds, tuple) and row.kind in kinds]
    if not values["include_sent_back_labels"]:
        rows = [row for row in rows if not row.sent_back]
    match values["export_type"]:
        case "latest":
            return _latest(task, rows)
        case "latest_from_last_step":
            last = _latest(task, rows)
            step = last[-1].step if last else ""
            return _newest_by(rows=[row for row in rows if row.step == step], keys=[])
        case "latest_from_all_steps":
            return _newest_by(rows=rows, keys=["step"])
    return tuple(rows)


def _latest(task: LabelledTask, rows: list[LabelRow]) -> tuple[LabelRow, ...]:
    """Those that the source calls the latest; the newest one, where it calls none so."""
    if task.latest:
        return tuple(row for row in rows if row.external_id in task.latest)
    return tuple(rows[-1:])


def _newest_by(rows: list[LabelRow], keys: list[str]) -> tuple[LabelRow, ...]:
    """The newest label of each author, for each value of `keys`, in the task's order."""
    newest = {(row.author, *(getattr(row, key) for key in keys)): row for row in rows}
    return tuple(row for row in rows if row in newest.values())


def _read(snapshot: Snapshot, content: bytes, name: str) -> bytes:
    with snapshot.file(content, name) as file:
        return file.read()
