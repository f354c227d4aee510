"""A COCO file as a source: an image is a task, all of its annotations are one label."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
import orjson
from msgspec.structs import replace

from audit.sources.base import ProjectDetails, SourceError, SourceEvent, TaskHistory, TaskPage, Version
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind, FileSource
from audit.sources.exported.spool import Spool
from audit.sources.files.jsonarray import members

T = TypeVar("T")

LABEL = "annotations"
"""The id of an image's label: COCO has no labels, so all annotations of an image are one."""
PAGE = 100
MAX_ANNOTATIONS = 64 * 1024 * 1024
MOST_FILES = 50
"""JSON files of a folder that are looked at."""


class _Image(msgspec.Struct):
    id: int | str


class _Annotation(msgspec.Struct):
    image_id: int | str


class CocoSource(FileSource):
    """One COCO file. Raises SourceError for what is none."""

    cannot_tell = ("COCO does not say who annotated an image, when, or how long it took.", *FileSource.cannot_tell)

    def __init__(self, container: Container, name: str) -> None:
        self.container = container
        self.name = name
        self._spool: Spool | None = None
        self._head: dict[str, Any] = {}

    def check(self) -> ProjectDetails:
        """The project is called as it was asked to be."""
        return ProjectDetails(name=self.name)

    def project_events(self) -> Iterator[SourceEvent]:
        """Categories, licenses and info."""
        self._filled()
        content = orjson.dumps({"name": self.name, **self._head})
        yield SourceEvent(
            task=None,
            type="project.updated",
            source_type="coco",
            occurred_at=None,
            instant=None,
            derived=True,
            content=content,
            key_fields=(sha256(content).hexdigest(),),
        )

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Images in the file's order."""
        page: list[TaskHistory] = []
        for image, data, items in self._filled().joined():
            page.append(_history(image, data, items))
            if len(page) == PAGE:
                yield TaskPage(tuple(page))
                page = []
        if page:
            yield TaskPage(tuple(page))

    def close(self) -> None:
        """Remove what was spooled."""
        if self._spool is not None:
            self._spool.close()

    def _filled(self) -> Spool:
        """The whole file, cut into images and annotations: they stand in any order."""
        if self._spool is not None:
            return self._spool
        spool, seen = Spool(), set[str]()
        (name,) = self.container.names if self.container.is_single else _candidates(self.container)
        try:
            with self.container.text(name) as file:
                for member, value in members(file):
                    seen.add(member)
                    if member == "images":
                        self._image(spool, value)
                    elif member == "annotations":
                        spool.add(str(_decoded(value, _Annotation, "an annotation").image_id), value)
                    else:
                        self._head.setdefault(member, []).append(orjson.loads(value))
            if (stray := spool.settle()) is not None:
                raise SourceError("answer", f"annotations are of the image {stray[:80]}, which the file does not have")
        except BaseException:
            spool.close()
            raise
        self._head = {
            key: value if key in ("categories", "licenses") else value[0] for key, value in self._head.items()
        }
        self._spool = spool
        return spool

    @staticmethod
    def _image(spool: Spool, value: bytes) -> None:
        image = str(_decoded(value, _Image, "an image").id)
        if not spool.own(image, value):
            raise SourceError("answer", f"the file has two images with the id {image[:80]}")


def _history(image: str, data: bytes, annotations: list[bytes]) -> TaskHistory:
    if sum(map(len, annotations)) > MAX_ANNOTATIONS:
        raise SourceError("answer", f"the annotations of image {image[:80]} have more than 64 MiB")
    task = SourceEvent(
        task=image,
        type="task.updated",
        source_type="image",
        occurred_at=None,
        instant=None,
        derived=True,
        content=data,
        key_fields=(sha256(_canonical(data)).hexdigest(),),
    )
    if not annotations:
        return TaskHistory(image, (task,))
    said = b'{"image_id":' + msgspec.json.encode(image) + b',"annotations":[' + b",".join(annotations) + b"]}"
    first = SourceEvent(
        task=image,
        type="label.created",
        source_type="annotations",
        occurred_at=None,
        instant=None,
        content=said,
    )
    version = Version(f"label/{LABEL}", sha256(_canonical(said)).hexdigest(), first)
    return TaskHistory(image, (task, replace(first, type="label.updated", version=version)))


def _canonical(data: bytes) -> bytes:
    """One spelling for equal values."""
    return orjson.dumps(orjson.loads(data), option=orjson.OPT_SORT_KEYS)


def _decoded(value: bytes, type_: type[T], what: str) -> T:
    try:
        return msgspec.json.decode(value, type=type_)
    except msgspec.MsgspecError as problem:
        raise SourceError("answer", f"{what} in the file is none: {problem}") from None


def _candidates(container: Container) -> tuple[str]:
    """The one JSON file of a folder or zip that is COCO's. Raises SourceError."""
    found = [name for name in container.ending(".json") if _looks_like_coco(container.head(name))]
    if len(found) != 1:
        names = ", ".join(found[:5])
        text = f"it has {len(found)} COCO files ({names})" if found else "it has no COCO file"
        raise SourceError("answer", f"{text}; load one of them by itself")
    return (found[0],)


def recognises(container: Container) -> bool:
    """Whether it is a COCO file, or has some: of several one has to be chosen, which `_candidates` says."""
    if container.is_single:
        return _looks_like_coco(container.head(container.names[0]))
    names = container.ending(".json")
    return len(names) <= MOST_FILES and any(_looks_like_coco(container.head(name)) for name in names)


def _looks_like_coco(head: bytes) -> bool:
    """Its first bytes name a list of images, annotations or categories, as nothing else that is loaded does."""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    inside = b'"image_id"' in head and b'"category_id"' in head
    return inside or (b'"file_name"' in head and b'"height"' in head) or (b'"licenses"' in head and b'"info"' in head)


KIND = ExportKind("coco", "a COCO file", "coco", recognises, CocoSource)
