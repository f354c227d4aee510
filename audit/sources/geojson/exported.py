"""GeoJSON files as a source: a file is a label of a map; those that say so are labels of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
import orjson

from audit.sources.base import PersonRef, SourceEvent, TaskHistory, TaskPage
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind, FileSource, in_pages
from audit.sources.exported.looks import not_too_deep
from audit.sources.exported.told import label_told, state_told
from audit.sources.geojson.features import features_of
from audit.sources.geojson.files import Document, GeoFiles, recognises
from audit.sources.geojson.learned import Learned
from audit.sources.values import canonical, part, text

VOLATILE = "exportDate"
"""What is new in each export of the same label."""


class GeoJsonSource(FileSource):
    """GeoJSON files. Raises SourceError or BadFile for what is none."""

    cannot_tell = (
        "GeoJSON does not say when something was drawn, or how long it took; who drew it only where Labeltrail or Kili "
        "wrote it.",
        "GeoJSON has no ontology: jobs, classes and questions are those that features name.",
        *FileSource.cannot_tell,
    )

    def __init__(self, container: Container, name: str) -> None:
        super().__init__(container, name)
        self._files: GeoFiles | None = None
        self._jobs: list[dict[str, object]] | None = None

    def project_events(self) -> Iterator[SourceEvent]:
        """The jobs, classes and questions that features name."""
        jobs = self._learned()
        yield state_told(None, "geojson", msgspec.json.encode({"name": self.name, "jobs": jobs}), canonical(jobs))

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Maps in the order of their first files."""
        return in_pages(self._histories())

    def close(self) -> None:
        """Remove what was spooled."""
        if self._files is not None:
            self._files.close()

    def _histories(self) -> Iterator[TaskHistory]:
        self._learned()
        assert self._files is not None
        for task, name, documents in self._files.tasks():
            yield TaskHistory(task, (_task(task, name, documents[0]), *(_label(task, one) for one in documents)))

    def _learned(self) -> list[dict[str, object]]:
        """All files, read once."""
        if self._jobs is None:
            learned, self._files = Learned(), GeoFiles(self.container)
            for document in self._files.read():
                with not_too_deep(document.path):
                    for feature in features_of(document.said):
                        learned.add(feature)
            self._jobs = learned.told()
        return self._jobs


def _task(task: str, name: str, document: Document) -> SourceEvent:
    said: dict[str, object] = {"asset": task, "name": name}
    if (place := document.about.get("geospatialExportMetadata")) is not None:
        said["geospatialExportMetadata"] = place
    return state_told(task, "map", orjson.dumps(said), canonical(said))


def _label(task: str, document: Document) -> SourceEvent:
    author = text(document.about, "author")
    content = b'{"label":' + msgspec.json.encode(document.label) + b',"geojson":' + document.raw.strip() + b"}"
    first = SourceEvent(
        task=task,
        type="label.created",
        source_type="features",
        occurred_at=None,
        instant=None,
        actor=PersonRef(author, author if "@" in author else None) if author else None,
        actor_kind="person" if author else "unknown",
        content=content,
    )
    with not_too_deep(document.path):
        return label_told(first, document.label, _state(document))


def _state(document: Document) -> bytes:
    """The label, but for when it was exported."""
    properties = part(document.said, "properties")
    about = {name: value for name, value in document.about.items() if name != VOLATILE}
    return canonical({**document.said, "properties": {**properties, "kili": about}} if about else document.said)


KIND = ExportKind("geojson", "a GeoJSON file", "geojson", recognises, GeoJsonSource)
