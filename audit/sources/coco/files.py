"""The COCO files of an export, put together: images by their ids, each with the annotations of all files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from os.path import commonpath
from pathlib import PurePosixPath
from typing import Any, TypeVar

import msgspec
import orjson

from audit.sources.base import SourceError
from audit.sources.coco.films import Image, together
from audit.sources.coco.jobs import named
from audit.sources.exported.container import Container
from audit.sources.exported.spool import Spool
from audit.sources.files.errors import listed, quoted
from audit.sources.files.jsonarray import members
from audit.sources.values import mended

T = TypeVar("T")
MOST_FILES = 200
"""JSON files of a folder that are looked at."""


class _Image(msgspec.Struct):
    id: int | str
    file_name: str | None = None
    width: Any = None
    height: Any = None


class _Annotation(msgspec.Struct):
    image_id: int | str


class CocoFiles:
    """Everything that the files say, cut into images and annotations: these stand in any order, so they are joined on
    the disk. Files of several jobs have the same images, under the same ids. Raises SourceError or BadFile."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._spool = Spool()
        paths = container.names if container.is_single else coco_files(container)
        if not paths:
            raise SourceError("answer", "it has no COCO file")
        self._several = len(paths) > 1
        self._names = _below(paths)
        self._wrong: SourceError | None = None
        try:
            heads = {name: self._read(at, path) for at, (name, path) in enumerate(zip(self._names, paths, strict=True))}
            if (stray := self._spool.settle()) is not None:
                files = "none of the files has" if self._several else "the file does not have"
                raise SourceError("answer", f"annotations are of the image {stray[:80]}, which {files}")
            self._jobs = named(heads) if self._several else {}
            if self._wrong is not None:
                raise self._wrong
        except BaseException:
            self.close()
            raise
        self.head = self._together(heads)

    def close(self) -> None:
        """Remove what was spooled."""
        self._spool.close()

    def tasks(self) -> Iterator[Image]:
        """All images, frames of one video together."""
        return together(self._images())

    def _images(self) -> Iterator[Image]:
        """Each image's id, what is said of it, and its annotations: those of each job by themselves."""
        for image, data, items in self._spool.joined():
            if not self._several:
                yield image, data, [(None, [raw for _, raw in items])] if items else []
                continue
            of_files: dict[int, list[bytes]] = {}
            for at, raw in items:
                of_files.setdefault(at, []).append(raw)
            by_job: dict[str, int] = {}
            for at in of_files:
                first = by_job.setdefault(self._jobs[self._names[at]], at)
                if first != at:
                    files = f"{quoted(self._names[first])} and {quoted(self._names[at])}"
                    text = f"{files} both say what is in the image {image[:80]}, with the same categories"
                    raise SourceError("answer", f"{text}; load one of them by itself")
            yield image, data, [(job, of_files[at]) for job, at in by_job.items()]

    def _together(self, heads: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """What is said besides images and annotations: of one file as it stands there, of several by file."""
        if not self._several:
            (head,) = heads.values()
            return head
        return {"files": [head | {"file": name, "job": self._jobs[name]} for name, head in heads.items()]}

    def _read(self, at: int, path: str) -> dict[str, Any]:
        head: dict[str, list[Any]] = {}
        with self._container.text(path) as file:
            for member, raw in members(file):
                value = mended(raw) if b"\\ud" in raw.lower() else raw
                if member == "images":
                    self._image(at, value)
                elif member == "annotations":
                    image = _decoded(value, _Annotation, "an annotation").image_id
                    self._spool.add(str(image), value, at)
                else:
                    head.setdefault(member, []).append(_head(value, member))
        return {key: value if key in ("categories", "licenses") else value[0] for key, value in head.items()}

    def _image(self, at: int, value: bytes) -> None:
        image = _decoded(value, _Image, "an image")
        id_ = str(image.id)
        if not self._several:
            if not self._spool.own(id_, value):
                raise SourceError("answer", f"the file has two images with the id {id_[:80]}")
            return
        name = image.file_name
        if not self._spool.own(id_, value, at, name):
            self._same(at, id_, image, value)
        elif name is not None and at and (other := self._spool.called(name, at)) is not None:
            self._compare(other, _stored(self._spool.owned(other)[0]), id_, image, at)

    def _same(self, at: int, id_: str, image: _Image, value: bytes) -> None:
        """An image that another file has told of has to be the same one; the first that knows its size is kept."""
        data, part = self._spool.owned(id_)
        if part == at:
            raise SourceError("answer", f"{quoted(self._names[at])} has two images with the id {id_[:80]}")
        before = _stored(data)
        self._compare(id_, before, id_, image, at)
        self._spool.again(id_, value if before.width is None or before.height is None else data, at)

    def _compare(self, one_id: str, one: _Image, other_id: str, other: _Image, at: int) -> None:
        """Remember the first images that are not one. It is said when all files are read, unless these are of several
        projects, which says more."""
        wrong = _contradiction(one_id, one, other_id, other, self._names[at])
        if wrong is not None and self._wrong is None:
            text = f"its files contradict each other: {wrong}; load each of them by itself"
            self._wrong = SourceError("answer", text)


def coco_files(container: Container) -> list[str]:
    """The COCO files of a folder or zip, by name; none where it has too many files to look at."""
    names = container.ending(".json")
    return [name for name in names if looks_like_coco(container.head(name))] if len(names) <= MOST_FILES else []


def looks_like_coco(head: bytes) -> bool:
    """Its first bytes name a list of images, annotations or categories, as nothing else that is loaded does."""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    inside = b'"image_id"' in head and b'"category_id"' in head
    return inside or (b'"file_name"' in head and b'"height"' in head) or (b'"licenses"' in head and b'"info"' in head)


def _below(paths: Sequence[str]) -> list[str]:
    """The paths without the folders that all of them are in: an unpacked export may be in any."""
    if len(paths) == 1:
        return list(paths)
    above = PurePosixPath(commonpath(paths))
    names = [PurePosixPath(path).relative_to(above).as_posix() for path in paths]
    said = [os.fsencode(name).decode("utf-8", "replace") for name in names]
    if len(set(said)) < len(said):
        raise SourceError("answer", "the names of its files differ only in what is no UTF-8; give them other names")
    return said


def _contradiction(one_id: str, one: _Image, other_id: str, other: _Image, path: str) -> str | None:
    """What keeps both from being one image: ids, names, or sizes where both say one. None where nothing does."""
    if one.file_name != other.file_name:
        names = [quoted(image.file_name or "") for image in (one, other)]
        return f"the image with the id {one_id[:80]} is {names[0]} in one file, and {names[1]} in {quoted(path)}"
    image = f"the image {quoted(one.file_name or one_id)}"
    sizes = ((one.width, other.width), (one.height, other.height))
    if any(first is not None and second is not None and first != second for first, second in sizes):
        return f"{image} is of {_size(one)} pixels in one file, and of {_size(other)} in {quoted(path)}"
    if one_id != other_id:
        return f"{image} has the id {one_id[:80]} in one file, and {other_id[:80]} in {quoted(path)}"
    return None


def _size(image: _Image) -> str:
    return f"{image.width} x {image.height}"


def _stored(data: bytes) -> _Image:
    return msgspec.json.decode(data, type=_Image)


def _decoded(value: bytes, type_: type[T], what: str) -> T:
    try:
        return msgspec.convert(orjson.loads(value), type=type_)
    except (msgspec.ValidationError, orjson.JSONDecodeError) as problem:
        raise SourceError("answer", f"{what} in the file is none: {problem}") from None


def _head(value: bytes, member: str) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as problem:
        raise SourceError("answer", f"{listed([member])} in the file is no JSON: {problem}") from None
