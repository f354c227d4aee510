"""One task of tasks.json with its masks: the latest label, and of a consensus each person's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import IO

from audit.annotations import Ontology
from audit.sources.redbrick.series import Series
from audit.sources.values import Item
from exports.archive.build import Archive, Skipped
from exports.formats.base import LabelledTask, LabelRow, Snapshot, Value
from exports.formats.labels.annotated import AnnotatedFormat, Asset
from exports.formats.labels.filenames import Names
from exports.formats.labels.shapes import Unwritable
from exports.formats.redbrick.entries import NoMask
from exports.formats.redbrick.masks import SeriesMasks
from exports.formats.redbrick.mode import Mode
from exports.formats.redbrick.names import file_name
from exports.formats.redbrick.nifti import BadVolume
from exports.formats.redbrick.others import others_entries, others_series
from exports.formats.redbrick.said import Said, own_label, own_task

CONSENSUS = "CONSENSUS"
LATEST: Mapping[str, Value] = {
    "label_type_in": ("DEFAULT", "REVIEW"),
    "export_type": "latest",
    "include_sent_back_labels": True,
}
"""Of other platforms' labels: the latest ones that people made."""
_NOT_KEPT = "of its mask, was not kept when the project was read; read the project again"


class TaskWriter:
    """Writes tasks below `root`; what is in their masks as `mode` says."""

    def __init__(
        self,
        format_: AnnotatedFormat,
        archive: Archive,
        snapshot: Snapshot,
        ontology: Ontology,
        values: Mapping[str, Value],
        mode: Mode,
        root: str,
    ) -> None:
        self._format = format_
        self._archive = archive
        self._snapshot = snapshot
        self._ontology = ontology
        self._values = values
        self._mode = mode
        self._root = root
        self._own = snapshot.project.source.removesuffix("-file") == "redbrick"

    def written(self, task: LabelledTask, names: Names) -> Item | None:
        """The task as tasks.json has it; None where it was skipped by name, because something of it is missing."""
        try:
            return self._own_task(task, names) if self._own else self._others_task(task)
        except NoMask as error:
            text = f"{error}; nothing of the task was written, which with mask_format=none it can be"
            self._skip(task, "no_file", text)
        except FileNotFoundError as error:
            text = f"the file {str(error)!r}, with what was drawn, was not kept; nothing of the task was written"
            self._skip(task, "no_file", text)
        except Unwritable as error:
            self._skip(task, error.code, str(error))
        except (BadVolume, ValueError) as error:
            self._skip(task, "unreadable", f"what was drawn can't be read: {error}")
        return None

    def _skip(self, task: LabelledTask, code: str, text: str) -> None:
        self._archive.skip("tasks", Skipped(task.task, code, text))
        for row in task.labels:
            self._archive.skip("labels", Skipped(task.task, code, text, row.external_id))

    # RedBrick AI's own

    def _own_task(self, task: LabelledTask, names: Names) -> Item:
        head, listed, series = own_task(task.details)
        latest, people = _standing(task)
        several = people if not self._values["no_consensus"] else []
        said = {row.external_id: self._said(row, series) for row in [*([latest] if latest else []), *several]}
        found: Item = {"taskId": task.task, "name": task.name, "series": listed}
        if task.stage:
            found["currentStageName"] = task.stage
        found |= head
        of_latest = said[latest.external_id] if latest is not None else Said()
        found |= of_latest.head
        wish = file_name(task.name) or file_name(task.task) or "task"
        folder = names.take(wish)
        taken = Names()
        if not several:
            found["series"] = self._series(task, latest, of_latest, listed, series, folder, taken, "")
            if of_latest.classification is not None:
                found["classification"] = of_latest.classification
            return found
        found["consensus"] = True
        # At the stage where people label each on their own, there is no common label yet.
        if latest is not None and task.stage not in {row.step for row in several}:
            whole = self._series(task, latest, of_latest, listed, series, folder, taken, "")
            found["superTruth"] = _labelled(of_latest, whole)
        found["consensusTasks"] = [
            _labelled(
                said[row.external_id],
                self._series(task, row, said[row.external_id], listed, series, folder, taken, f"_{place}"),
            )
            for place, row in enumerate(several, 1)
        ]
        return found

    def _said(self, row: LabelRow, series: Sequence[Series]) -> Said:
        """What a label says. Raises NoMask where one of its files is missing: before anything is written."""
        with_masks = self._mode.kind != "none"
        found = own_label(row.content, series, self._ontology, self._open(row), files_of_masks=with_masks)
        if with_masks:
            for name in dict.fromkeys(one.file for of in found.segments.values() for one in of):
                try:
                    self._snapshot.file(row.content, name).close()
                except FileNotFoundError:
                    raise NoMask(f"the file {name!r}, {_NOT_KEPT}") from None
        return found

    def _open(self, row: LabelRow) -> Callable[[str], IO[bytes]]:
        return partial(self._snapshot.file, row.content)

    def _series(
        self,
        task: LabelledTask,
        row: LabelRow | None,
        said: Said,
        listed: Sequence[Item],
        series: Sequence[Series],
        folder: str,
        taken: Names,
        behind: str,
    ) -> list[Item]:
        """The series with what one label says of each; `behind` tells masks of several people apart."""
        label = row.external_id if row is not None else None
        for id_, text in said.unsaid:
            self._archive.warn(Skipped(task.task, "no_geometry", text, label, annotation=id_))
        found = []
        for at, one in enumerate(listed):
            whole = dict(one)
            if segments := said.segments.get(at):
                assert row is not None, "segments come from a label"
                title = file_name(series[at].title) or chr(ord("A") + at % 26)
                base = f"segmentations/{folder}/{taken.take(title + behind)}"
                masks = SeriesMasks(self._archive, self._root, self._mode, base, self._open(row))
                key = f"{self._snapshot.project.origin}/{task.task}/{row.external_id}/{at}"
                whole |= masks.write(segments, self._images(task, series[at]), key)
                if masks.problem:
                    text = f'the mask of series "{series[at].title}" is NIfTI, not {self._mode.kind}: {masks.problem}'
                    self._archive.warn(Skipped(task.task, "other_kind", text, label))
            whole |= said.lists.get(at, {})
            found.append(whole)
        return found

    def _images(self, task: LabelledTask, series: Series) -> Iterator[IO[bytes]]:
        """The files of a series, one after the other. Raises NoMedium."""
        for path in series.paths:
            with self._snapshot.medium(task, path) as file:
                yield file

    # Other platforms'

    def _others_task(self, task: LabelledTask) -> Item:
        asset = self._format.asset(self._archive, self._snapshot, self._ontology, task, {**self._values, **LATEST})
        listed, series = others_series(asset.media)
        said = [self._others_said(asset, place, series) for place in range(len(asset.labels))]
        found: Item = {"taskId": task.task, "name": task.name, "series": listed}
        if task.stage:
            found["currentStageName"] = task.stage
        if said:
            found |= said[-1].head
            found["series"] = _listed(said[-1], listed)
            if said[-1].classification is not None:
                found["classification"] = said[-1].classification
        if len(said) > 1 and not self._values["no_consensus"]:
            found["consensus"] = True
            found["consensusTasks"] = [_labelled(one, _listed(one, listed)) for one in said]
        return found

    def _others_said(self, asset: Asset, place: int, series: Sequence[Series]) -> Said:
        one = asset.labels[place]
        told = {
            "labelsId": one.row.external_id,
            "updatedBy": self._snapshot.person(one.row.author),
            "updatedAt": one.row.created_at.isoformat() if one.row.created_at is not None else None,
        }
        found = Said(head={name: value for name, value in told.items() if value is not None})
        for annotation in one.said.annotations:
            try:
                for entry in others_entries(annotation, self._ontology):
                    found.add(entry, series)
            except ValueError as error:
                found.unsaid.append((annotation.id or annotation.object, str(error)))
        for id_, text in found.unsaid:
            self._archive.warn(Skipped(asset.task.task, "not_held", text, one.row.external_id, annotation=id_))
        return found


def _labelled(said: Said, series: list[Item]) -> Item:
    """One label beside others."""
    found: Item = {"series": series, **said.head}
    if said.classification is not None:
        found["classification"] = said.classification
    return found


def _listed(said: Said, listed: Sequence[Item]) -> list[Item]:
    return [{**one, **said.lists.get(at, {})} for at, one in enumerate(listed)]


def _standing(task: LabelledTask) -> tuple[LabelRow | None, list[LabelRow]]:
    """The latest label of all, and of a consensus the newest one of each person, oldest first."""
    common = [row for row in task.labels if row.kind != CONSENSUS]
    latest = next((row for row in common if row.external_id in task.latest), common[-1] if common else None)
    newest = {row.author: row for row in task.labels if row.kind == CONSENSUS}
    return latest, [row for row in task.labels if newest.get(row.author) is row]
