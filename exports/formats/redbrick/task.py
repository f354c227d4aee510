"""One task of tasks.json with its masks: the latest label, and of a consensus each person's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import orjson

from audit.ontology import Ontology
from audit.sources.redbrick.series import Series
from audit.sources.unread import why
from audit.sources.values import Item
from exports.archive.build import Archive, Skipped
from exports.formats.base import LabelledTask, LabelRow, Snapshot, Value
from exports.formats.labels.annotated import AnnotatedFormat
from exports.formats.labels.filenames import Names
from exports.formats.labels.left_out import leave_out, unread
from exports.formats.labels.shapes import Unwritable
from exports.formats.redbrick.entries import NoMask
from exports.formats.redbrick.mode import Mode
from exports.formats.redbrick.names import file_name
from exports.formats.redbrick.older import older
from exports.formats.redbrick.others import others_series
from exports.formats.redbrick.others_said import others_said
from exports.formats.redbrick.said import Said, own_label, own_task
from exports.formats.redbrick.task_files import TaskFiles

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

    def written(self, task: LabelledTask, names: Names) -> bytes | None:
        """The task as tasks.json has it; None where it was skipped by name, because something of it is missing."""
        try:
            return dumped(self._own_task(task, names) if self._own else self._others_task(task, names))
        except NoMask as error:
            text = f"{error}; nothing of the task was written, which with mask_format=none it can be"
            self._skip(task, "no_file", text)
        except FileNotFoundError as error:
            text = f"the file {str(error)!r}, with what was drawn, was not kept; nothing of the task was written"
            self._skip(task, "no_file", text)
        except Unwritable as error:
            self._skip(task, error.code, str(error))
        except ValueError as error:
            self._skip(task, "unreadable", f"what was drawn can't be read: {error}")
        except Exception as error:
            if not self._own:
                raise  # What others say came through their readers.
            self._skip(task, "unreadable", f"its payload can't be read: {why(error)}")
        return None

    def _skip(self, task: LabelledTask, code: str, text: str) -> None:
        leave_out(self._archive, task, code, text)

    def _files(
        self, task: LabelledTask, names: Names, series: Sequence[Series], files: Sequence[Sequence[str]]
    ) -> TaskFiles:
        folder = names.take(file_name(task.name) or file_name(task.task) or "task")
        return TaskFiles(self._archive, self._snapshot, self._mode, self._root, task, folder, series, files)

    def _told(self, task: LabelledTask, row: LabelRow, said: Said) -> Said:
        """The label, after a line for each of its entries that can't be said."""
        for code, id_, text in said.unsaid:
            self._archive.warn(Skipped(task.task, code, text, row.external_id, annotation=id_))
        return said

    def _finished(self, found: Item, latest: Said | None, several: Sequence[Said], details: bytes | None) -> Item:
        if self._values["old_format"] is True:
            return older(found, latest or Said(), several, details)
        return found

    # RedBrick AI's own

    def _own_task(self, task: LabelledTask, names: Names) -> Item:
        head, listed, series = own_task(task.details)
        latest, people = _standing(task)
        several = people if not self._values["no_consensus"] else []
        said = self._all_said(task, [*([latest] if latest else []), *several], series)
        latest = latest if latest is not None and latest.external_id in said else None
        several = [row for row in several if row.external_id in said]
        for row in several if latest is None or latest in several else [latest, *several]:
            self._told(task, row, said[row.external_id])
        found: Item = {"taskId": task.task, "name": task.name, "series": listed}
        if task.stage:
            found["currentStageName"] = task.stage
        found |= head
        of_latest = said[latest.external_id] if latest is not None else Said()
        found |= of_latest.head
        files = self._files(task, names, series, [one.paths for one in series])
        if self._values["with_files"] is True:
            found["series"] = listed = files.images(listed)
        if not several:
            if latest is not None:
                found["series"] = files.labelled(latest, of_latest, listed)
            if of_latest.classification is not None:
                found["classification"] = of_latest.classification
            return self._finished(found, of_latest, (), task.details)
        found["consensus"] = True
        # At the stage where people label each on their own, there is no common label yet.
        if latest is not None and task.stage not in {row.step for row in several}:
            found["superTruth"] = _labelled(of_latest, files.labelled(latest, of_latest, listed))
        found["consensusTasks"] = [
            _labelled(said[row.external_id], files.labelled(row, said[row.external_id], listed, f"_{place}"))
            for place, row in enumerate(several, 1)
        ]
        return self._finished(found, of_latest, [said[row.external_id] for row in several], task.details)

    def _all_said(self, task: LabelledTask, rows: Sequence[LabelRow], series: Sequence[Series]) -> dict[str, Said]:
        """What labels say, by their ids; those that can't be read have a line."""
        found: dict[str, Said] = {}
        for row in rows:
            try:
                found[row.external_id] = self._own_said(row, series)
            except (NoMask, FileNotFoundError):
                raise
            except Exception as error:
                unread(self._archive, task, row, f"what was drawn can't be read: {why(error)}")
        return found

    def _own_said(self, row: LabelRow, series: Sequence[Series]) -> Said:
        """What a label says. Raises NoMask where one of its files is missing: before anything is written."""
        with_masks = self._mode.kind != "none"
        open_ = partial(self._snapshot.file, row.content)
        found = own_label(row.content, series, self._ontology, open_, files_of_masks=with_masks)
        if with_masks:
            for name in dict.fromkeys(one.file for of in found.segments.values() for one in of):
                try:
                    self._snapshot.file(row.content, name).close()
                except FileNotFoundError:
                    raise NoMask(f"the file {name!r}, {_NOT_KEPT}") from None
        return found

    # Other platforms'

    def _others_task(self, task: LabelledTask, names: Names) -> Item:
        asset = self._format.asset(self._archive, self._snapshot, self._ontology, task, {**self._values, **LATEST})
        listed, series = others_series(asset.media)
        said = [
            self._told(task, one.row, others_said(one, asset, self._ontology, self._snapshot)) for one in asset.labels
        ]
        files = self._files(task, names, series, [one.files for one in asset.media])
        found: Item = {"taskId": task.task, "name": task.name, "series": listed}
        if task.stage:
            found["currentStageName"] = task.stage
        if self._values["with_files"] is True:
            found["series"] = listed = files.images(listed)
        rows = [one.row for one in asset.labels]
        if said:
            found |= said[-1].head
            found["series"] = files.labelled(rows[-1], said[-1], listed)
            if said[-1].classification is not None:
                found["classification"] = said[-1].classification
        several = said if len(said) > 1 and not self._values["no_consensus"] else []
        if several:
            found["consensus"] = True
            found["consensusTasks"] = [
                _labelled(one, files.labelled(row, one, listed, f"_{place}"))
                for place, (row, one) in enumerate(zip(rows, several, strict=True), 1)
            ]
        return self._finished(found, said[-1] if said else None, several, None)


def dumped(value: Any) -> bytes:
    """The value as JSON; halves of characters as escapes, which is how they came."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _labelled(said: Said, series: list[Item]) -> Item:
    """One label beside others."""
    found: Item = {"series": series, **said.head}
    if said.classification is not None:
        found["classification"] = said.classification
    return found


def _standing(task: LabelledTask) -> tuple[LabelRow | None, list[LabelRow]]:
    """The latest label of all, and of a consensus the newest one of each person, oldest first."""
    common = [row for row in task.labels if row.kind != CONSENSUS]
    latest = next((row for row in common if row.external_id in task.latest), common[-1] if common else None)
    newest = {row.author: row for row in task.labels if row.kind == CONSENSUS}
    return latest, [row for row in task.labels if newest.get(row.author) is row]
