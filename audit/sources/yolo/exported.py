"""YOLO's data sets as a source: a picture is a task, what its files of labels say is one label."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from os.path import splitext
from typing import Any

from audit.sources.base import SourceError, SourceEvent, TaskHistory
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind
from audit.sources.files.errors import BadFile, quoted
from audit.sources.pictures.events import history_of, project_said
from audit.sources.pictures.index import Picture, PictureIndex
from audit.sources.pictures.members import PICTURES, key_of, plain, size_of
from audit.sources.pictures.source import PictureSource
from audit.sources.yolo.lines import BadLine, class_number, is_outline, lines_of
from audit.sources.yolo.naming import looks_like_yaml
from audit.sources.yolo.neutral import distinct
from audit.sources.yolo.sets import (
    PARTING,
    DataSet,
    asset_lists,
    data_sets,
    is_among_pictures,
    label_files,
    naming_files,
)

MAX_LABELS = 32 * 1024 * 1024
"""Bytes of a file of labels."""
_LOOKED_AT = 50
BOX, POLYGON = "box", "polygon"


class YoloSource(PictureSource):
    """The data sets of a folder or zip. Raises SourceError for what is none."""

    cannot_tell = ("YOLO does not say who annotated a picture, when, or how long it took.", *PictureSource.cannot_tell)

    def __init__(self, container: Container, name: str) -> None:
        super().__init__(container, name)
        self._sets: list[DataSet] = []
        self._classes: list[dict[int, str]] = []
        self._tools: list[set[str]] = []

    def project_events(self) -> Iterator[SourceEvent]:
        """The data sets with their classes, and how things are drawn in each."""
        self.filled()
        sets = [
            {
                "job": one.job,
                "classes": {str(place): name for place, name in one.names.items()},
                "tools": sorted(tools) or [BOX],
            }
            for one, tools in zip(self._sets, self._tools, strict=True)
        ]
        merged = {str(one["job"]): one for one in reversed(sets)} if self._sets[0].apart else {}
        yield project_said(self.name, "yolo", {"sets": list(merged.values()) or sets})

    def history(self, picture: Picture) -> TaskHistory:
        """A picture's task with its label."""
        about: dict[str, Any] = {"name": picture.name or picture.key}
        if picture.place is not None:
            file = self.container.names[picture.place]
            about["name"] = picture.name or picture.key + splitext(plain(file))[1]
            if (size := size_of(self.container, file)) is not None:
                about["width"], about["height"] = size
        if picture.url is not None:
            about["url"] = picture.url
        said = [self._said(part, raw.decode()) for part, raw in picture.labels]
        return history_of(picture.key, about, {"sets": said} if said else None)

    def _said(self, part: int, text: str) -> dict[str, Any]:
        """A file of labels, with the names of the classes that it counts by."""
        used: set[int] = set()
        for _, words in lines_of(text):
            try:
                used.add(class_number(words[0]))
            except BadLine:
                continue  # Whoever reads the label says so.
        classes = {str(number): name for number in sorted(used) if (name := self._classes[part].get(number))}
        return {"job": self._sets[part].job, "classes": classes, "text": text}

    def fill(self, index: PictureIndex) -> None:
        """Read all files into the index."""
        self._sets = data_sets(self.container)
        self._classes = [distinct(one.names) for one in self._sets]
        self._tools = [set() for _ in self._sets]
        found = False
        for part, place, path, is_text in label_files(self.container, self._sets):
            name = self.container.names[place]
            key = key_of(path, PARTING)
            if self._sets[part].apart:
                key = plain(self._sets[part].folder) + key
            raw = self._read(part, name, path) if is_text else None
            if raw is not None:
                found = True
                self.same(place, index.label(key, part, place, raw), "say other things of one picture")
            elif is_text or name.lower().endswith(PICTURES):
                first = index.picture(key, place)
                if path != self._path(part, first):
                    self.same(place, first, "have one name but for their suffixes, and so one file of labels")
        if not found:
            text = (
                "there is no file of labels below the one that names the classes (labels/NAME.txt, or beside pictures)"
            )
            raise SourceError("answer", text)
        for name in asset_lists(self.container):
            for key, called, url in _assets(self.container, name):
                index.asset(key, called, url)
        index.settle()

    def _path(self, part: int, place: int) -> str:
        """A picture's path as it is called in this data set: each job may have a copy."""
        name = self.container.names[place]
        folder = next((one.folder for one in self._sets if name.startswith(one.folder)), self._sets[part].folder)
        return name[len(folder) :]

    def _read(self, part: int, name: str, path: str) -> bytes | None:
        """A file of labels; how things are drawn in it is noted. None for a picture that is called so."""
        raw = self.container.read(name, MAX_LABELS)
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            if is_among_pictures(path):
                return None
            raise SourceError("answer", f"{quoted(plain(name))} is no text of numbers: it is no UTF-8") from None
        self._tools[part].update(POLYGON if is_outline(words) else BOX for _, words in lines_of(text))
        return raw


def _assets(container: Container, name: str) -> Iterator[tuple[str, str, str]]:
    """The key, name and address of each asset in a list of them. Raises BadFile."""
    with container.open(name) as file:
        try:
            rows = csv.reader(line.decode() for line in file)
            if [cell.strip() for cell in next(rows, [])] != ["external id", "url", "label file"]:
                return
            for row in rows:
                if len(row) == 3:
                    yield row[2].removesuffix(".txt"), row[0], row[1]
        except (csv.Error, UnicodeDecodeError) as problem:
            raise BadFile(container.path, None, f"{quoted(plain(name))} can't be read: {problem}") from None


def recognises(container: Container) -> bool:
    """Whether files name classes, and others look like lines of boxes or outlines."""
    if container.is_single or not (files := naming_files(container)):
        return False
    plainly = any(looks_like_yaml(container.head(name)) for names in files.values() for name in names)
    sets = [DataSet(folder, tuple(names), {}) for folder, names in files.items()]
    texts = (place for _, place, _, is_text in label_files(container, sets) if is_text)
    return any(plainly or _looks(container.head(container.names[place])) for place in islice(texts, _LOOKED_AT))


def _looks(head: bytes) -> bool:
    words = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].split()
    return len(words) > 4 and words[0].isdigit() and all(word[:1] in b"-+.0123456789" for word in words)


KIND = ExportKind("yolo", "a data set of YOLO", "yolo", recognises, YoloSource)
