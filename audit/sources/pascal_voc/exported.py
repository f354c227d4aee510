"""Pascal VOC's annotations as a source: a picture is a task, the objects of its file are one label."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from os.path import splitext
from typing import Any

from audit.sources.base import SourceError, SourceEvent, TaskHistory
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind
from audit.sources.files.errors import quoted
from audit.sources.pascal_voc.objects import Annotated, NoAnnotation, annotated
from audit.sources.pictures.events import history_of, project_said
from audit.sources.pictures.index import Picture, PictureIndex
from audit.sources.pictures.members import PICTURES, files_of, key_of, plain, size_of, text_of
from audit.sources.pictures.source import PictureSource
from audit.sources.values import part, readable, text

MAX_XML = 16 * 1024 * 1024
"""Bytes of a picture's file."""
FOLDERS = frozenset({"Annotations", "annotations", "labels", "xmls", "JPEGImages", "Images", "images"})
"""Folders that part annotations from pictures."""
MOST_CLASSES = 100_000
_MANIFEST = 1024 * 1024
_LOOKED_AT = 50
_FROM_ONE = "the voc"
"""How the name of PASCAL's own data sets begins, whose pixels count from 1."""
_LOOKS = re.compile(rb"<annotation[\s>]")
_HAS = re.compile(rb"<(?:object|size|filename)[\s/>]")


class PascalVocSource(PictureSource):
    """The XML files of a folder or zip, or one. Raises SourceError for what is none."""

    cannot_tell = (
        "Pascal VOC does not say who annotated a picture, when, or how long it took.",
        *PictureSource.cannot_tell,
    )

    def __init__(self, container: Container, name: str) -> None:
        super().__init__(container, name)
        self._jobs: dict[str, dict[str, None]] = {}
        self._questions: dict[str, dict[str, None]] = {}
        self._from_one = False

    def project_events(self) -> Iterator[SourceEvent]:
        """The jobs, classes and answers that the files name, in the order in which they come."""
        self.filled()
        jobs = [{"job": job, "classes": list(classes)} for job, classes in self._jobs.items()]
        questions = [{"question": key, "answers": sorted(found)} for key, found in sorted(self._questions.items())]
        yield project_said(self.name, "pascal_voc", {"jobs": jobs, "questions": questions})

    def history(self, picture: Picture) -> TaskHistory:
        """A picture's task with its label."""
        file = None if picture.place is None else self.container.names[picture.place]
        above, _, own = picture.key.rpartition("/")
        size: tuple[float, float] | None = None
        said = None
        for one in picture.labels:
            xml = one.said.decode()
            found = annotated(xml)
            # Some programs write the path that the picture had on somebody's computer.
            own = found.name.replace("\\", "/").rpartition("/")[2] or own
            size = found.size
            said = {"base": self._base(found), "text": xml}
        about: dict[str, Any] = {"name": f"{above}/{own}" if above else own}
        if file is not None:
            about["name"] = picture.key + splitext(plain(file))[1]
            size = size or size_of(self.container, file)
        if size is not None:
            about["width"], about["height"] = size
        return history_of(picture.key, about, said)

    def _base(self, found: Annotated) -> int:
        """Whether pixels count from 0 or 1: the files do not say it, but who wrote them does."""
        return int(self._from_one or found.database.lower().startswith(_FROM_ONE))

    def fill(self, index: PictureIndex) -> None:
        """Read all files into the index."""
        root = _root(self.container)
        foldered = any(_is_xml(path) and _foldered(path) for _, path in files_of(self.container, root))
        for place, path in files_of(self.container, root):
            key = key_of(path, FOLDERS)
            name = self.container.names[place]
            if _is_xml(path) or self.container.is_single:
                xml = text_of(self.container, name, MAX_XML)
                self._note(name, xml)
                self.same(place, index.label(key, 0, place, xml.encode()), "say other things of one picture")
            elif path.lower().endswith(PICTURES) and (_foldered(path) or not foldered):
                first = index.picture(key, place)
                self.same(place, first, "have one name but for their suffixes, and so one annotation")
        if root + "manifest.json" in self.container.names:
            manifest = readable(self.container.read(f"{root}manifest.json", _MANIFEST))
            self._from_one = text(part(manifest, "parameters"), "base") == "1"
        index.settle()

    def _note(self, name: str, xml: str) -> None:
        """Check a file, and note what it names."""
        try:
            things = annotated(xml).things
        except NoAnnotation as problem:
            raise SourceError("answer", f"{quoted(plain(name))} is no annotation of Pascal VOC: {problem}") from None
        for one in things:
            classes = self._jobs.setdefault(one.job, {})
            if one.name:
                classes[one.name] = None
            for question, answer in one.answers():
                self._questions.setdefault(question, {})[answer] = None
        if sum(map(len, (*self._jobs.values(), *self._questions.values()))) > MOST_CLASSES:
            raise SourceError("answer", f"the files name more than {MOST_CLASSES:,} classes")


def _root(container: Container) -> str:
    """The folder in which the data set is, with a slash behind it: what all XML files are in, above FOLDERS."""
    if container.is_single:
        return ""
    found = [path for _, path in files_of(container) if _is_xml(path)]
    if not found:
        raise SourceError("answer", "there is no annotation of Pascal VOC (XML) in it")
    folders = []
    for one, other in zip(found[0].split("/")[:-1], found[-1].split("/")[:-1], strict=False):
        if one != other or one in FOLDERS:
            break
        folders.append(f"{one}/")
    return "".join(folders)


def _is_xml(path: str) -> bool:
    return path.lower().endswith(".xml") and not path.lower().endswith(".aux.xml")  # GDAL's notes beside pictures.


def _foldered(path: str) -> bool:
    return not FOLDERS.isdisjoint(path.split("/")[:-1])


def recognises(container: Container) -> bool:
    """Whether XML files begin as annotations do."""
    if container.is_single:
        return _looks(container.head(container.names[0]))
    names = (container.names[place] for place, path in files_of(container) if _is_xml(path))
    return any(_looks(container.head(name)) for name in islice(names, _LOOKED_AT))


def _looks(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and bool(_LOOKS.search(head) and _HAS.search(head))


KIND = ExportKind("pascal_voc", "a data set of Pascal VOC", "pascal_voc", recognises, PascalVocSource)
