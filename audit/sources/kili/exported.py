"""An export of Kili as a source (formats kili and raw): data.json, or a file for each asset, alone or in its archive.

Exports have neither ids of labels nor an ontology: a label is known by when it was made and of what type it is, the
ontology is learned from what labels say. Pixels that the SDK wrote beside fractions are left out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import msgspec
from msgspec.structs import replace

from audit.sources.base import SourceError, SourceEvent, TaskHistory, TaskPage
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind, FileSource, in_pages, once
from audit.sources.exported.looks import Item as Looked
from audit.sources.exported.looks import candidates, decoded, first_of_array, tasks_of, whole_object
from audit.sources.files.errors import BadFile, listed
from audit.sources.files.jsonarray import MAX_ITEM
from audit.sources.kili.assets import Asset, history_of
from audit.sources.kili.labels import Label, label_of
from audit.sources.kili.learned import Learned
from audit.sources.kili.payload import Members, members, together
from audit.sources.kili.project import KiliProject, settings_event
from audit.sources.values import Item, mended, part, parts, text, values

PAGE = 50
WHAT = "export of Kili (format kili or raw)"
README = "README.kili.txt"
LABELS = ("latestLabel", "latestLabels", "labels")
"""Where an exported asset has its labels, after which of them were asked for."""
PIXELS = frozenset(("vertices", "pointPixels", "polylinePixels"))
_TYPES = {"pdf": "PDF", "txt": "TEXT", "mp4": "VIDEO", "mp3": "AUDIO", "wav": "AUDIO"}
_LINE = re.compile(r"^- Project (name|identifier|description): (.*)$", re.MULTILINE)


class KiliExport(FileSource):
    """One export. Raises BadFile or SourceError for what is none."""

    cannot_tell = (
        "Kili's export has no ids of labels: a label is known by when it was made and of what type it is.",
        "Kili's export has no ontology: jobs, classes and tools are those that labels name.",
        "Kili's export has no events, no steps and no times of work; what happened is concluded from its labels.",
        *FileSource.cannot_tell,
    )

    def __init__(self, container: Container, name: str) -> None:
        super().__init__(container, name)
        self._project: KiliProject | None = None

    def project_events(self) -> Iterator[SourceEvent]:
        """What the archive says of the project, with the jobs that labels name."""
        learned, type_ = Learned(), ""
        for _, _, asset in self._assets():
            type_ = type_ or _type(asset)
            for label in _labels(asset):
                learned.add(label.get("jsonResponse"))
        told = self._readme()
        told |= {"title": self.name, "inputType": _input_type(learned, type_), "jsonInterface": learned.interface()}
        self._project = KiliProject(text(told, "id") or "", str(told["inputType"]), legacy=True)
        yield settings_event(msgspec.json.encode(told))

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Assets in the export's order. Raises BadFile for two of one id."""
        found = ((path, line, self._history(asset)) for line, path, asset in self._assets())
        return in_pages(once(found, "assets with the id"), PAGE)

    def _history(self, asset: Item) -> TaskHistory:
        if self._project is None:
            list(self.project_events())
        assert self._project is not None
        raw: Members = members(
            msgspec.json.encode({name: value for name, value in asset.items() if name not in LABELS})
        )
        labels = tuple(_named(_labels(asset)))
        history = history_of(Asset(str(asset["id"]), raw, ()), labels, (), None, self._project)
        # Media of an export are addresses that have expired, or files beside it that nobody named.
        events = tuple(replace(event, files=()) if event.files else event for event in history.events)
        return TaskHistory(history.task, events)

    def _assets(self) -> Iterator[tuple[int | None, str, Item]]:
        for name in self._files():
            with self.container.text(name) as file:
                if _begins_array(file.head):
                    for line, _, found in tasks_of(file):
                        yield line, file.path, _asset(file.path, line, found)
                    continue
            path = f"{self.container.path}, {name}"
            yield None, path, _asset(path, None, decoded(path, None, mended(self.container.read(name, MAX_ITEM))))

    def _files(self) -> list[str]:
        """data.json, or the files of assets. Raises SourceError."""
        whole = _whole(self.container)
        if len(whole) > 1:
            text_ = f"there are {len(whole)} {WHAT}s in it: {listed(whole, 5)}; load one of them by itself"
            raise SourceError("answer", text_)
        found = whole or _each(self.container) or (self.container.names if self.container.is_single else ())
        if not found:
            raise SourceError("answer", f"this is no {WHAT}")
        return list(found)

    def _readme(self) -> Item:
        name = next((name for name in self.container.names if PurePosixPath(name).name == README), None)
        if name is None or self.container.is_single:
            return {}
        said = dict(_LINE.findall(self.container.head(name).decode("utf-8", "replace")))
        return {"id": said.get("identifier", ""), "description": said.get("description", "")}


def _asset(path: str, line: int | None, found: Item) -> Item:
    if not text(found, "id"):
        raise BadFile(path, line, 'an asset of Kili has an "id"; this object has none')
    return found


def _labels(asset: Item) -> list[Item]:
    latest = part(asset, "latestLabel")
    return [*([latest] if latest else ()), *parts(asset, "latestLabels"), *parts(asset, "labels")]


def _named(labels: list[Item]) -> Iterator[Label]:
    """The labels as the API tells them. Two of one moment and type are told apart by their order."""
    seen: dict[str, int] = {}
    for label in labels:
        id_ = text(label, "id")
        if id_ is None:
            id_ = f"{text(label, 'createdAt') or 'label'}/{text(label, 'labelType') or 'DEFAULT'}"
            seen[id_] = seen.get(id_, 0) + 1
            id_ += f"/{seen[id_]}" if seen[id_] > 1 else ""
        kept = {name: value for name, value in label.items() if name != "jsonResponseUrl"}
        yield label_of(
            together(
                members(msgspec.json.encode({**kept, "id": id_, "jsonResponse": _fractions(label.get("jsonResponse"))}))
            )
        )


def _fractions(value: Any) -> Any:
    """What was said without the pixels that stand beside fractions."""
    if isinstance(value, list):
        return [_fractions(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    beside = "normalizedVertices" in value or "point" in value or "polyline" in value
    return {name: _fractions(inner) for name, inner in value.items() if not (beside and name in PIXELS)}


def _type(asset: Item) -> str:
    """The asset's type as its payload shows it; nothing where it does not."""
    if "geospatialExportMetadata" in asset:
        return "GEOSPATIAL"
    if values(asset, "pageResolutions"):
        return "PDF"
    suffix = PurePosixPath((text(asset, "content") or "").partition("?")[0]).suffix.lower().removeprefix(".")
    return "IMAGE" if part(asset, "resolution") and suffix not in _TYPES else _TYPES.get(suffix, "")


def _input_type(learned: Learned, type_: str) -> str:
    if learned.video:
        return "VIDEO"
    return type_ or ("TEXT" if learned.text else "PDF" if learned.pages else "IMAGE")


def _begins_array(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def looks(first: Looked) -> bool:
    """Whether it is an asset with labels, as Kili's SDK writes it."""
    return "externalId" in first and "id" in first and any(name in first for name in LABELS)


def _whole(container: Container) -> list[str]:
    return candidates(container, (".json",), lambda name: looks(first_of_array(container, name)))


def _each(container: Container) -> list[str]:
    """The files of assets: all below labels/, or those of that folder; the first must look so. One may stand alone."""
    if container.is_single:
        return [name for name in container.names if looks(whole_object(container, name, MAX_ITEM))]
    names = container.ending(".json")
    found = [name for name in names if "labels" in PurePosixPath(name).parts[:-1]] or [n for n in names if "/" not in n]
    return found if found and looks(whole_object(container, found[0], MAX_ITEM)) else []


def recognises(container: Container) -> bool:
    """Whether it has exactly one data.json of Kili's, or files of assets."""
    whole = _whole(container)
    return len(whole) == 1 or (not whole and bool(_each(container)))


KIND = ExportKind("kili", "an export of Kili", "kili", recognises, KiliExport)
