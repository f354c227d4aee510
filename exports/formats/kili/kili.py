"""`kili` and `raw`: assets with their labels as Kili's own exports have them, from any source.

`raw` has what labels say as Kili sent it, byte for byte but for white space around it; `kili` has pixels beside
fractions, as if the view had never been turned. docs/formats.md has the differences from Kili's files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import IO, Any, ClassVar

import msgspec
import orjson
from msgspec.structs import replace

from audit.annotations import Annotation, Graph, Labelled, Mask
from audit.ontology import Ontology
from audit.sources import neutral
from audit.sources.unread import media_of, why
from exports.archive.build import Archive, Noting, Skipped
from exports.formats.base import LabelledTask, LabelRow, Parameter, ProjectInfo, Snapshot, Unfit, Value, helped
from exports.formats.kili.family import KiliFamily
from exports.formats.kili.outlined import outlined
from exports.formats.kili.pixels import rotation_of, upright, with_pixels, without_pixels
from exports.formats.kili.response import HELD
from exports.formats.kili.rows import Labels, asset_row
from exports.formats.labels.annotated import Asset, LabelItem, chosen
from exports.formats.labels.drawing import Drawn, Notes, note
from exports.formats.labels.filenames import Names
from exports.formats.labels.left_out import unread
from exports.formats.labels.mask_files import counted
from exports.formats.labels.shapes import Unwritable
from exports.formats.labels.sheets import Sheet, add_medium, copied, parted

JSON = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
GEOMETRY_IN_PIXELS = ("image", "video", "pdf")
"""Media whose coordinates are fractions."""


class KiliFormat(KiliFamily):
    """Kili's JSON, one file for each asset or one for all; whatever a label says."""

    slug: ClassVar[str] = "kili"
    title: ClassVar[str] = "Kili"
    called: ClassVar[str] = "Kili"
    inputs: ClassVar[frozenset[str]] = frozenset()
    media_kinds: ClassVar[frozenset[str] | None] = None
    holds: ClassVar[tuple[type[Annotation], ...]] = HELD
    as_sent: ClassVar[bool] = False
    parameters: ClassVar[tuple[Parameter, ...]] = helped(
        KiliFamily.parameters,
        layout="no matter here: all jobs of an asset stand together",
        normalized_coordinates="fractions alone (true), or pixels beside them where sizes are known (default, false)",
    )

    def asset(
        self, archive: Noting, snapshot: Snapshot, ontology: Ontology, task: LabelledTask, values: Mapping[str, Value]
    ) -> Asset:
        """Kili's own labels go in as they are: nothing of them has to be understood, so nothing is noted of them."""
        if snapshot.project.source != "kili":
            asset = super().asset(archive, snapshot, ontology, task, values)
            items = (counted(archive, snapshot, task, item) for item in asset.labels)
            return replace(asset, labels=tuple(_outlined(archive, asset, item) for item in items))
        media, wrong = media_of(neutral("kili"), task.details)
        if wrong:
            archive.warn(Skipped(task.task, "unreadable", wrong))
        return Asset(task, media, tuple(LabelItem(row, Labelled(())) for row in chosen(task, values)))

    def drawer(self, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]) -> KiliDrawer:
        """Makes the rows of assets."""
        return KiliDrawer(self, snapshot, values)

    def writer(
        self, archive: Archive, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]
    ) -> KiliWriter:
        """Writes an asset's file as it comes, or one file in the end."""
        return KiliWriter(archive, snapshot, values)


class RawFormat(KiliFormat):
    """What labels say stays as it was sent."""

    slug: ClassVar[str] = "raw"
    title: ClassVar[str] = "Kili, raw"
    as_sent: ClassVar[bool] = True
    parameters: ClassVar[tuple[Parameter, ...]] = helped(
        KiliFormat.parameters, normalized_coordinates="what was sent, which are fractions (default, true)"
    )

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> Iterable[Unfit]:
        """No pixels: they would have to be put in."""
        yield from super().refuses(project, values)
        if values["normalized_coordinates"] == "false":
            text = "raw has what the platform sent, which are fractions: for pixels beside them choose the format kili."
            yield Unfit("normalized_coordinates", text)


HERE = b"\0"
"""Stands for an asset's content, which is where the archive has its file: no JSON has this byte."""


class Row(msgspec.Struct):
    """An asset's row with HERE for its content, what that was, what to note, and what its file should be called."""

    row: bytes
    content: Any
    notes: list[Skipped]
    wish: str


class KiliDrawer:
    """Makes the rows of assets with all labels that are meant."""

    def __init__(self, format_: KiliFormat, snapshot: Snapshot, values: Mapping[str, Value]) -> None:
        self._snapshot = snapshot
        self._values = values
        self._as_sent = format_.as_sent

    def draw(self, asset: Asset, notes: Notes) -> Drawn:
        """An asset's row."""
        row = asset_row(self._snapshot.project, asset)
        content, row["content"] = row["content"], orjson.Fragment(HERE)
        wish = str(row["externalId"]).replace(" ", "_")
        noted = Notes()
        try:
            data = self._data(row, self._labels(noted, asset))
        except TypeError:
            noted = Notes()
            data = self._data(_writable(noted, asset, row), self._labels(noted, asset, checked=True))
        return Drawn([{} for _ in asset.labels], notes.found, Row(data, content, noted.found, wish))

    def _data(self, row: dict[str, Any], labels: list[dict[str, Any]]) -> bytes:
        """The asset with its labels. Raises TypeError for what JSON does not take."""
        match self._values["export_type"]:
            case "latest" if len(labels) == 1:
                said: dict[str, Any] = {"latestLabel": labels[0]}
            case "latest" | "latest_from_last_step":
                said = {"latestLabels": labels}
            case _:
                said = {"labels": labels}
        return orjson.dumps(row | said, option=JSON)

    def _labels(self, notes: Notes, asset: Asset, *, checked: bool = False) -> list[dict[str, Any]]:
        """The labels' rows, but for those of Kili's own that can't be read, or `checked` can't be written: they have a
        line."""
        rows, found = Labels(self._snapshot, asset), []
        for item in asset.labels:
            try:
                label = self._label(notes, asset, rows, item)
                if checked:
                    orjson.dumps(label)
            except Exception as error:
                if not rows.of_kili:
                    raise  # What others say came through their readers.
                unread(notes, asset.task, item.row, f"what it says can't be read: {why(error)}")
            else:
                found.append(label)
        return found

    def _label(self, notes: Notes, asset: Asset, rows: Labels, item: LabelItem) -> dict[str, Any]:
        flagged = self._values["export_type"] != "latest"
        label = rows.row(item, flagged=flagged)
        if self._values["with_assets"] is True:
            for job, named in _files_of(label["jsonResponse"]):
                text = f"the file {named!r}, which answers {job!r}, is named and not in the archive: exports have media"
                notes.warn(Skipped(asset.task.task, "no_file", text, item.row.external_id, job))
        if self._as_sent:
            if (raw := _raw_response(self._snapshot.project, item.row)) is not None:
                label["jsonResponse"] = orjson.Fragment(raw)
            return label
        said = label["jsonResponse"]
        wanted = self._values["normalized_coordinates"]
        if isinstance(said, dict):
            turned = rotation_of(said)
            said = upright(said)
            kinds = {medium.kind for medium in asset.media}
            if wanted == "true" or not kinds & set(GEOMETRY_IN_PIXELS):
                said = without_pixels(said)
            else:
                size, pages = _sizes(asset)
                if wanted == "false" and size is None and not pages:
                    text = "its size is not known, so there are no pixels beside its fractions"
                    notes.warn(Skipped(asset.task.task, "no_size", text, item.row.external_id))
                said = with_pixels(said, size, pages)
            if turned % 90:
                text = f"the view was turned by {turned} degrees, which is no right angle: its geometry is as it came"
                notes.warn(Skipped(asset.task.task, "bad_geometry", text, item.row.external_id))
            label["jsonResponse"] = said
        return label


class KiliWriter:
    """Takes assets one by one; with `single_file` they wait in a temporary file, for media go in between."""

    def __init__(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value]) -> None:
        self._archive = archive
        self._snapshot = snapshot
        self._with_assets = values["with_assets"] is True
        self._single = values["single_file"] is True
        self._names = Names()
        self._media = Names()
        self._stack = ExitStack()
        self._spool = self._new_spool()
        self._count = 0

    def _new_spool(self) -> IO[bytes]:
        return self._stack.enter_context(tempfile.SpooledTemporaryFile(1 << 20))

    def __enter__(self) -> KiliWriter:
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        with self._stack:
            if failed is None and self._single:
                self._spool.write(b"\n]\n" if self._count else b"]\n")
                copied(self._archive, "data.json", self._spool, b"[")

    def add(self, asset: Asset) -> bool:
        """An asset's row, into its file or behind the others."""
        drawn: Row = asset.whole
        content = (self._add_media(asset) if self._with_assets else None) or drawn.content
        note(self._archive, drawn.notes)
        written = drawn.row.replace(HERE, orjson.dumps(content), 1)
        self._count += 1
        if self._single:
            self._spool.write((b"\n" if self._count == 1 else b",\n") + written)
            return True
        name = self._names.take(drawn.wish)
        if name != drawn.wish:
            text = f"its file is called {name!r}: {drawn.wish!r} is taken, or no name for a file everywhere"
            self._archive.warn(Skipped(asset.task.task, "renamed", text))
        self._archive.whole(f"labels/{name}.json", written + b"\n")
        return True

    def _add_media(self, asset: Asset) -> str | None:
        """Put the media into the archive; where the first one is."""
        first = None
        for medium in asset.media:
            name = asset.task.name if len(asset.media) == 1 else f"{asset.task.name}_{medium.index + 1}"
            stem, suffix = parted(name, medium, with_assets=True)
            stem = self._media.take(stem)
            sheet = Sheet(asset, asset.labels[0], medium, stem, suffix)
            if add_medium(self._archive, self._snapshot, sheet, "assets") and medium.index == 0:
                first = f"assets/{stem}{suffix}"
        return first


def _writable(notes: Notes, asset: Asset, row: dict[str, Any]) -> dict[str, Any]:
    """The row of an asset with null for what JSON does not take, which has a line."""
    found = dict(row)
    for name, value in row.items():
        try:
            orjson.dumps(value)
        except TypeError as error:
            found[name] = None
            notes.warn(Skipped(asset.task.task, "unreadable", f"its {name} can't be written: {why(error)}"))
    return found


def _outlined(archive: Noting, asset: Asset, item: LabelItem) -> LabelItem:
    """The label in tools that Kili has; a mask without pixels has a line."""
    if not any(isinstance(one, Mask | Graph) for one in item.said.annotations):
        return item
    found: list[Annotation] = []
    for place, one in enumerate(item.said.annotations):
        try:
            found += outlined(one, asset.media, item.row.external_id, place)
        except Unwritable as error:
            id_ = one.id or one.object
            archive.warn(Skipped(asset.task.task, error.code, str(error), item.row.external_id, one.job, id_))
    return replace(item, said=Labelled(tuple(found), item.said.problems))


def _files_of(said: Any) -> Iterator[tuple[str, str]]:
    """Jobs that were answered with a file, and what that is called."""
    for job, answer in said.items() if isinstance(said, dict) else ():
        if isinstance(answer, dict) and "fileId" in answer:
            yield job, str(answer.get("fileName") or answer["fileId"])


def _sizes(asset: Asset) -> tuple[tuple[float, float] | None, list[tuple[float, float] | None]]:
    medium = next(iter(asset.media), None)
    if medium is None:
        return None, []
    size = (medium.width, medium.height) if medium.width and medium.height else None
    return size, [page if all(page) else None for page in medium.pages]


def _raw_response(project: ProjectInfo, row: LabelRow) -> bytes | None:
    """The very bytes of what a label of Kili says."""
    if project.source != "kili":
        return None
    label = msgspec.json.decode(row.content, type=dict[str, msgspec.Raw]).get("label")
    if label is None or not bytes(label).lstrip().startswith(b"{"):
        return None
    said = msgspec.json.decode(bytes(label), type=dict[str, msgspec.Raw]).get("jsonResponse")
    return bytes(said) if said is not None else None
