"""The files of one task beside tasks.json: its masks, and where they are asked for its images."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from os.path import splitext
from typing import IO

from audit.annotations import Medium
from audit.sources.redbrick.series import Series
from audit.sources.values import Item
from exports.archive.build import Archive, Skipped
from exports.formats.base import LabelledTask, LabelRow, NoMedium, Snapshot
from exports.formats.labels.filenames import Names
from exports.formats.labels.media import add_file
from exports.formats.redbrick.masks import SeriesMasks
from exports.formats.redbrick.mode import Mode
from exports.formats.redbrick.names import file_name, image_name, may_be_dicom
from exports.formats.redbrick.said import Said


class TaskFiles:
    """Writes them below `root`, into folders called `folder`. `series` are those of the task, `files` the names of the
    images of each."""

    def __init__(
        self,
        archive: Archive,
        snapshot: Snapshot,
        mode: Mode,
        root: str,
        task: LabelledTask,
        folder: str,
        series: Sequence[Series],
        files: Sequence[Sequence[str]],
    ) -> None:
        self._archive = archive
        self._snapshot = snapshot
        self._mode = mode
        self._root = root
        self._task = task
        self._folder = folder
        self._series = series
        self._files = files
        self._taken = Names()

    def images(self, listed: Sequence[Item]) -> list[Item]:
        """Put the images in; the series with their paths. One that is not to be had keeps its path in the storage."""
        folders, found = Names(), []
        for at, one in enumerate(listed):
            folder = f"images/{self._folder}/{folders.take(self._title(at))}"
            files, items, names = tuple(self._files[at]), list(one.get("items", ())), Names()
            medium = Medium("other", self._series[at].title, files=files)
            if len(items) != len(files):
                items = list(files) or items
            for place, path in enumerate(files):
                name = f"{folder}/{_taken(names, image_name(path))}"
                if add_file(self._archive, self._snapshot, self._task, medium, f"{self._root}/{name}", place=place):
                    items[place] = name
            found.append({**one, "items": items})
        return found

    def labelled(self, row: LabelRow, said: Said, listed: Sequence[Item], behind: str = "") -> list[Item]:
        """The series with what one label says of each; `behind` tells masks of several people apart."""
        found = []
        for at, one in enumerate(listed):
            whole = dict(one)
            if segments := said.segments.get(at):
                base = f"segmentations/{self._folder}/{self._taken.take(self._title(at) + behind)}"
                masks = SeriesMasks(self._archive, self._root, self._mode, base, self._opener(row, said))
                key = f"{self._snapshot.project.origin}/{self._task.task}/{row.external_id}/{at}"
                whole |= masks.write(segments, self._opened(at), key)
                if masks.problem:
                    called = self._series[at].title
                    text = f'the mask of series "{called}" is NIfTI, not {self._mode.kind}: {masks.problem}'
                    self._archive.warn(Skipped(self._task.task, "other_kind", text, row.external_id))
            whole |= said.lists.get(at, {})
            found.append(whole)
        return found

    def _title(self, at: int) -> str:
        return file_name(self._series[at].title) or chr(ord("A") + at % 26)

    def _opener(self, row: LabelRow, said: Said) -> Callable[[str], IO[bytes]]:
        """Opens a label's files: those that were painted from it, or those that were kept."""
        if said.painted:
            return lambda name: io.BytesIO(said.painted[name])
        return partial(self._snapshot.file, row.content)

    def _opened(self, at: int) -> Iterator[IO[bytes]]:
        """The files of a series, one after the other. Raises NoMedium."""
        for path in self._files[at]:
            if not may_be_dicom(path):
                raise NoMedium(f"its images are no DICOM files ({path})")
            with self._snapshot.medium(self._task, path) as file:
                yield file


def _taken(names: Names, name: str) -> str:
    """The name, or with a number before its ending where it is taken."""
    found = names.take(name)
    if found == name:
        return found
    stem, ending = splitext(name)
    if ending == ".gz":
        stem, before = splitext(stem)
        ending = before + ending
    return names.take(f"{stem}-{found.rpartition('_')[2]}{ending}")
