"""COCO files as a source: an image is a task, all of its annotations are one label."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
import orjson

from audit.sources.base import ProjectDetails, SourceError, SourceEvent, TaskHistory, TaskPage
from audit.sources.coco.files import CocoFiles, coco_files, looks_like_coco
from audit.sources.coco.films import Part
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind, FileSource, in_pages
from audit.sources.exported.told import label_told, state_told

LABEL = "annotations"
"""The id of an image's label: COCO has no labels, so all annotations of an image are one."""
MAX_ANNOTATIONS = 64 * 1024 * 1024


class CocoSource(FileSource):
    """One COCO file, or those of one export: one for each job. Raises SourceError for what is none."""

    cannot_tell = ("COCO does not say who annotated an image, when, or how long it took.", *FileSource.cannot_tell)

    def __init__(self, container: Container, name: str) -> None:
        super().__init__(container, name)
        self._files: CocoFiles | None = None

    def check(self) -> ProjectDetails:
        """The project is called as it was asked to be."""
        return ProjectDetails(name=self.name)

    def project_events(self) -> Iterator[SourceEvent]:
        """Categories, licenses and info."""
        head = {key: value for key, value in self._filled().head.items() if key != "name"}
        content = orjson.dumps({"name": self.name, **head})
        yield state_told(None, "coco", content)

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Images in the file's order."""
        return in_pages(self._histories())

    def _histories(self) -> Iterator[TaskHistory]:
        for image, data, items in self._filled().tasks():
            yield _history(image, data, items)

    def close(self) -> None:
        """Remove what was spooled."""
        if self._files is not None:
            self._files.close()

    def _filled(self) -> CocoFiles:
        """All files, read once."""
        if self._files is None:
            self._files = CocoFiles(self.container)
        return self._files


def _history(image: str, data: bytes, found: list[Part]) -> TaskHistory:
    if sum(len(raw) for _, annotations in found for raw in annotations) > MAX_ANNOTATIONS:
        raise SourceError("answer", f"the annotations of image {image[:80]} have more than 64 MiB")
    task = state_told(image, "image", data, _canonical(data))
    if not found:
        return TaskHistory(image, (task,))
    said = _label(image, found)
    first = SourceEvent(
        task=image,
        type="label.created",
        source_type="annotations",
        occurred_at=None,
        instant=None,
        content=said,
    )
    return TaskHistory(image, (task, label_told(first, LABEL, _canonical(said))))


def _label(image: str, found: list[Part]) -> bytes:
    """All annotations of an image: of one file as a list, of several a list for each job."""
    parts = [
        (b"" if job is None else b'{"job":' + msgspec.json.encode(job) + b",")
        + b'"annotations":[' + b",".join(annotations) + b"]"
        for job, annotations in found
    ]  # fmt: skip
    said = parts[0] if found[0][0] is None else b'"jobs":[' + b",".join(one + b"}" for one in parts) + b"]"
    return b'{"image_id":' + msgspec.json.encode(image) + b"," + said + b"}"


def _canonical(data: bytes) -> bytes:
    """One spelling for equal values."""
    return orjson.dumps(orjson.loads(data), option=orjson.OPT_SORT_KEYS)


def recognises(container: Container) -> bool:
    """Whether it is a COCO file, or has some."""
    if container.is_single:
        return looks_like_coco(container.head(container.names[0]))
    return bool(coco_files(container))


KIND = ExportKind("coco", "a COCO file", "coco", recognises, CocoSource)
