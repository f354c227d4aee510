"""The GeoJSON files of an export: which they are, what each is about, and which labels are of one map."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from os.path import commonpath
from pathlib import PurePosixPath

from audit.sources.base import SourceError
from audit.sources.exported.container import Container
from audit.sources.exported.looks import candidates, decoded
from audit.sources.exported.spool import Spool
from audit.sources.files.errors import BadFile, quoted
from audit.sources.files.jsonarray import MAX_ITEM, members
from audit.sources.geojson.features import LABEL
from audit.sources.geojson.shapes import COLLECTION, FORMS
from audit.sources.values import Item, item, part, text, without_halves

SUFFIX = ".geojson"
LOOKED_AT = 20
"""Members of a file's object that are looked at before it is said to be something else."""
_NUMBERED = re.compile(r"^(.+)_(label[0-9]+)$", re.DOTALL)
_DEGREES = re.compile(r"(CRS:?84h?|EPSG:[^:]*:?(4326|4979))$", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Document:
    """One file: the map that it is about and what that is called, the label that it is, its bytes and what they say."""

    path: str
    task: str
    name: str
    label: str
    raw: bytes
    said: Item

    @property
    def about(self) -> Item:
        """What Labeltrail and Kili's SDK say of the whole file; empty in others'."""
        return part(part(self.said, "properties"), "kili")


class GeoFiles:
    """Labels of one map lie in several files, anywhere among the others: they are put together on the disk.

    Raises SourceError or BadFile for what can't be read.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self._members = geo_files(container)
        if not self._members:
            raise SourceError("answer", "it has no GeoJSON file")
        self._names = _below(self._members)
        self._spool = Spool()

    def close(self) -> None:
        """Remove what was spooled."""
        self._spool.close()

    def read(self) -> Iterator[Document]:
        """All files, by name. When all were read, `tasks` has them together."""
        for at in range(len(self._members)):
            found = self._document(at)
            self._spool.own(found.task, b"")
            self._spool.add(found.task, b"", at)
            yield found
        self._spool.settle()

    def tasks(self) -> Iterator[tuple[str, str, list[Document]]]:
        """Each map with its id and name, and its labels. Raises SourceError for two of one id."""
        for task, _, items in self._spool.joined():
            found = [self._document(at) for at, _ in items]
            labels: dict[str, Document] = {}
            for one in found:
                if (first := labels.setdefault(one.label, one)) is not one:
                    files = f"{quoted(first.path)} and {quoted(one.path)}"
                    text_ = f"{files} are both the label {quoted(one.label)} of {quoted(task)}; load one of them"
                    raise SourceError("answer", text_)
            numbered = _NUMBERED.match(found[0].name) if len(found) > 1 else None
            yield task, numbered[1] if numbered else found[0].name, found

    def _document(self, at: int) -> Document:
        member, name = self._members[at], self._names[at]
        path = self._container.path if self._container.is_single else f"{self._container.path}, {name}"
        raw = without_halves(self._container.read(member, MAX_ITEM).removeprefix(_BOM))
        said = decoded(path, None, raw)
        _check(path, said)
        stem = str(PurePosixPath(name.removesuffix(".gz")).with_suffix(""))
        about = part(part(said, "properties"), "kili")
        numbered = _NUMBERED.match(stem) if about else None
        label = text(about, "labelId") or (numbered[2] if numbered else LABEL)
        return Document(name, text(about, "assetId") or stem, stem, label, raw, said)


def geo_files(container: Container) -> list[str]:
    """The GeoJSON files: those that are called so, or JSON files that look so; none where the first is none."""
    if container.is_single:
        return list(container.names)
    named = [name for name in container.ending(SUFFIX) if not PurePosixPath(name).name.startswith("._")]
    if named:
        return named
    return candidates(container, (".json",), lambda name: looks(container, name))


def recognises(container: Container) -> bool:
    """Whether it is a GeoJSON file, or has some; of many the first one is looked at."""
    found = geo_files(container)
    return bool(found) and looks(container, found[0])


def looks(container: Container, name: str) -> bool:
    """Whether the first members of the file's object are those of features."""
    if not container.head(name).removeprefix(_BOM).lstrip().startswith(b"{"):
        return False
    try:
        with container.text(name) as file:
            for count, (member, raw) in enumerate(members(file)):
                if member == "type":
                    return raw in (b'"FeatureCollection"', b'"Feature"')
                if member == "features":
                    return "geometry" in item(without_halves(raw))
                if count > LOOKED_AT:
                    break
    except (BadFile, ValueError):
        pass  # What it is not, is said when it is loaded.
    return False


def _check(path: str, said: Item) -> None:
    """Refuse what is no GeoJSON, and coordinates that are no longitude and latitude. Raises BadFile."""
    kind = said.get("type")
    if kind == "FeatureCollection" and not isinstance(said.get("features"), list):
        raise BadFile(path, None, 'a FeatureCollection has a list of "features"; this one has none')
    if kind not in ("FeatureCollection", "Feature", COLLECTION, *FORMS):
        raise BadFile(path, None, f'{quoted(str(kind))} is no "type" of a GeoJSON text, such as FeatureCollection')
    named = text(part(part(said, "crs"), "properties"), "name")
    if "crs" in said and said["crs"] is not None and not (named and _DEGREES.search(named)):
        what = quoted(named) if named else 'of its member "crs"'
        raise BadFile(path, None, f"its coordinates are {what}; GeoJSON has longitude and latitude (RFC 7946, 4)")


def _below(paths: list[str]) -> list[str]:
    """The paths without the folders that all of them are in; below `labels/`, where our exports have them, all
    of them stay."""
    above = PurePosixPath(commonpath([PurePosixPath("/", path).parent for path in paths])).parts
    if "labels" in above:
        above = above[: above.index("labels") + 1]
    shown = [PurePosixPath(*PurePosixPath("/", path).parts[len(above) :]).as_posix() for path in paths]
    return [os.fsencode(name).decode("utf-8", "replace") for name in shown]
