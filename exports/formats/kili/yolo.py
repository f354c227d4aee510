"""`yolo_v4`, `yolo_v5`, `yolo_v7`, `yolo_v8`: a text file a picture, and one that names classes and folders.

A data set is either of boxes or of outlines, never of both: readers take a file with one long line for outlines
throughout, and a box in it for something else. Boxes among outlines are written as their four corners.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from hashlib import sha256
from typing import IO, ClassVar

from audit.annotations import Annotation, Box, Ellipse, Mask, Polygon
from audit.ontology import Ontology
from exports.archive.build import Archive
from exports.formats.base import Parameter, ProjectInfo, Snapshot, Unfit, Value, helped
from exports.formats.kili.family import KiliFamily, fitting
from exports.formats.kili.yolo_sets import DataSet, YoloDrawer, data_sets
from exports.formats.labels.annotated import Asset
from exports.formats.labels.drawing import note
from exports.formats.labels.filenames import Names
from exports.formats.labels.frames import add_frames, frame_name
from exports.formats.labels.sheets import Sheet, add_medium, copied, has_pictures, sheets

SHAPES = Parameter(
    "shapes",
    ("auto", "boxes", "polygons"),
    "auto",
    "boxes where all tools draw boxes, else outlines; or one of both for everything",
)
SPLIT = Parameter(
    "split",
    (),
    "",
    "shares of assets for train, val and test in percent, as 80/20 or 70/20/10; by a hash of the asset's id, so that "
    "it stays where it is. Without: all of them train, and validate",
)
SUBSETS = ("train", "val", "test")

_SHARES = re.compile(r"\d{1,3}/\d{1,3}(/\d{1,3})?")
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_/-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null"})


class YoloFormat(KiliFamily):
    """Boxes or outlines of images and of videos' frames. The versions differ in the file that names the classes.

    With `twice` labels lie beside the pictures too.
    """

    called: ClassVar[str] = "YOLO"
    twice: ClassVar[bool] = False
    counts_pixels: ClassVar[bool] = True
    holds: ClassVar[tuple[type[Annotation], ...]] = (Box, Polygon, Mask, Ellipse)
    of_media: ClassVar[frozenset[str]] = frozenset({"image", "video"})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        *helped(
            KiliFamily.parameters,
            single_file="YOLO has a file for each picture (false)",
            normalized_coordinates="YOLO counts in fractions (default, true)",
        ),
        SHAPES,
        SPLIT,
    )

    def unfit(self, ontology: Ontology) -> str:
        """Kili's own words."""
        return "" if fitting(ontology) else "Project needs at least one compatible job."

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> Iterable[Unfit]:
        """YOLO counts in fractions, a file a picture."""
        yield from super().refuses(project, values)
        if values["single_file"] is True:
            yield Unfit("single_file", f"The label format {self.slug} can not be exported into a single file.")
        if values["normalized_coordinates"] == "false":
            yield Unfit("normalized_coordinates", "The YOLO annotation format does not support pixel coordinates.")
        if (split := str(values["split"])) and not shares_of(split):
            text = (
                "“split” takes shares of train, val and test that add up to 100, as 80/20 or 70/20/10, with some for "
                f"train and some for val, not {split!r}."
            )
            yield Unfit("split", text)

    def drawer(self, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]) -> YoloDrawer:
        """Draws lines, each for its data set."""
        return YoloDrawer(self.slug, ontology, values)

    def writer(
        self, archive: Archive, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]
    ) -> YoloWriter:
        """Writes a data set for each job, or one."""
        return YoloWriter(self, archive, snapshot, ontology, values)

    def class_files(self, names: list[str], subsets: list[str]) -> dict[str, str]:
        """The files that name classes and folders, by their paths. `subsets` are folders of images/, or empty."""
        raise NotImplementedError


class YoloV4(YoloFormat):
    """Darknet's: obj.names, obj.data; classes.txt as Kili calls it, with names only, as labelImg reads it.

    Darknet (AlexeyAB's, which trains v4), CVAT and datumaro look for labels beside the pictures, Kili has them in
    labels/: they are in both.
    """

    slug: ClassVar[str] = "yolo_v4"
    title: ClassVar[str] = "YOLO v4"
    twice: ClassVar[bool] = True

    def class_files(self, names: list[str], subsets: list[str]) -> dict[str, str]:
        """Lists of images (train.txt) are the writer's."""
        lines = "".join(f"{' '.join(name.split())}\n" for name in names)
        valid = "val.txt" if subsets else "train.txt"
        data = f"classes = {len(names)}\ntrain = train.txt\nvalid = {valid}\nnames = obj.names\nbackup = backup/\n"
        return {"classes.txt": lines, "obj.names": lines, "obj.data": data}


class YoloV5(YoloFormat):
    """data.yaml with the classes by their numbers."""

    slug: ClassVar[str] = "yolo_v5"
    title: ClassVar[str] = "YOLO v5"

    def class_files(self, names: list[str], subsets: list[str]) -> dict[str, str]:
        """data.yaml."""
        rows = "".join(f"  {place}: {_scalar(name, '')}\n" for place, name in enumerate(names))
        return {"data.yaml": f"{_folders(subsets)}names:\n{rows}" if names else f"{_folders(subsets)}names: {{}}\n"}


class YoloV7(YoloFormat):
    """data.yaml with the classes as a list, and how many."""

    slug: ClassVar[str] = "yolo_v7"
    title: ClassVar[str] = "YOLO v7"

    def class_files(self, names: list[str], subsets: list[str]) -> dict[str, str]:
        """data.yaml."""
        listed = ", ".join(_scalar(name, "'") for name in names)
        return {"data.yaml": f"{_folders(subsets)}nc: {len(names)}\nnames: [{listed}]\n"}


class YoloV8(YoloV7):
    """As v7."""

    slug: ClassVar[str] = "yolo_v8"
    title: ClassVar[str] = "YOLO v8"


def _folders(subsets: list[str]) -> str:
    """Where images are, relative to data.yaml; labels are where `images` is `labels`."""
    where = {name: f"images/{name}" for name in subsets} or {"train": "images", "val": "images"}
    # Without a path ultralytics takes the folder of data.yaml; a dot would be the folder in which it was started.
    return "path: ''\n" + "".join(f"{name}: {folder}\n" for name, folder in where.items())


def _scalar(text: str, quote: str) -> str:
    """A YAML scalar: plain or in single quotes as Kili writes it, else JSON, which is YAML too."""
    if _BARE.fullmatch(text) and text.lower() not in _WORDS:
        return f"{quote}{text}{quote}"
    return json.dumps(text)


def shares_of(split: str) -> tuple[int, ...]:
    """Shares in percent; empty for a text that names none, or leaves none to train or to validate with."""
    shares = tuple(map(int, split.split("/"))) if _SHARES.fullmatch(split) else ()
    return shares if sum(shares) == 100 and all(shares[:2]) else ()


class _PictureNames(Names):
    """Names without a folder `images`: readers find labels by the last one in a picture's path, as `labels`."""

    def take(self, path: str, digits: int = 0) -> str:
        """As Names does."""
        *folders, last = path.split("/")
        return super().take("/".join([*(f"{one}_" if one == "images" else one for one in folders), last]), digits)


class YoloWriter:
    """Takes assets one by one; lists that grow with them wait in temporary files."""

    def __init__(
        self, format_: YoloFormat, archive: Archive, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]
    ) -> None:
        self._format = format_
        self._archive = archive
        self._snapshot = snapshot
        self._with_assets = values["with_assets"] is True
        self._names = _PictureNames()
        self._stack = ExitStack()
        self._shares = shares_of(str(values["split"]))
        self._subsets = [name for name, share in zip(SUBSETS, self._shares, strict=False) if share]
        self._all = data_sets(ontology, values)[0]
        self._remote = self._spool()
        self._remote.write(_csv_row("external id", "url", "label file"))
        self._lists = {name: self._spool() for name in self._subsets or ("train",)}
        self._films = [self._spool() for _ in self._all]

    def _spool(self) -> IO[bytes]:
        return self._stack.enter_context(tempfile.SpooledTemporaryFile(1 << 20))

    def __enter__(self) -> YoloWriter:
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        with self._stack:
            if failed is None:
                self._finish()

    def add(self, asset: Asset) -> bool:
        """A label file for each picture; of a video for each frame that has annotations of the job."""
        if not has_pictures(self._archive, asset, sized=False):
            return False
        subset = self._subset(asset.task.task)
        project, kinds = self._snapshot.project, frozenset({"image", "video"})
        for sheet in sheets(self._archive, project, asset, self._names, kinds, with_assets=self._with_assets):
            if sheet.medium.kind == "video":
                self._add_video(sheet, subset)
                continue
            if self._with_assets:
                for root in self._all:
                    add_medium(self._archive, self._snapshot, sheet, f"{root.folder}images{subset}")
            note(self._archive, sheet.drawing.notes)
            lines = sheet.drawing.frames[0]
            for place, root in enumerate(self._all):
                self._label(root, f"{subset}/{sheet.stem}", lines.get(place, ""), sheet.suffix)
            self._list(sheet, subset, f"{sheet.stem}.txt", f"{sheet.stem}{sheet.suffix}")
        return True

    def _subset(self, task: str) -> str:
        """The folder of an asset's subset, with a slash before it; empty without a split."""
        if not self._shares:
            return ""
        place = int.from_bytes(sha256(task.encode()).digest()[:8], "big") % 100
        limit = 0
        for name, share in zip(SUBSETS, self._shares, strict=False):
            limit += share
            if place < limit:
                return f"/{name}"
        raise AssertionError("shares add up to 100")

    def _add_video(self, sheet: Sheet, subset: str) -> None:
        note(self._archive, sheet.drawing.notes)
        paths: dict[int, list[str]] = {}
        written: list[list[str]] = [[] for _ in self._all]
        for frame, lines in sheet.drawing.frames.items():
            name, suffix = frame_name(sheet, frame, own=self._with_assets)
            for place, root in enumerate(self._all):
                if own := lines.get(place):
                    self._label(root, f"{subset}/{name}", own, suffix)
                    written[place].append(name)
                    paths.setdefault(frame, []).append(f"{root.folder}images{subset}/{name}{suffix}")
            if lines:
                self._list(sheet, subset, f"{name}.txt", f"{name}{suffix}")
        if self._with_assets and paths:
            add_frames(self._archive, self._snapshot, sheet, paths)
        for root, film, names in zip(self._all, self._films, written, strict=True):
            row = f"{json.dumps(sheet.stem)}: {json.dumps(names, indent=4)}".replace("\n", "\n    ")
            film.write(f"{',' if root.films else ''}\n    {row}".encode())
            root.films += 1

    def _label(self, root: DataSet, path: str, lines: str, suffix: str) -> None:
        """A file of labels; `path` is below labels/, `suffix` that of its picture."""
        self._archive.whole(f"{root.folder}labels{path}.txt", lines.encode())
        if self._format.twice and suffix.lower() != ".txt":  # The picture's own path, whatever it is.
            self._archive.whole(f"{root.folder}images{path}.txt", lines.encode())

    def _list(self, sheet: Sheet, subset: str, label: str, image: str) -> None:
        self._remote.write(_csv_row(sheet.asset.task.name, sheet.medium.url or "", label))
        self._lists[subset.removeprefix("/") or "train"].write(f"images{subset}/{image}\n".encode())

    def _finish(self) -> None:
        for root, film in zip(self._all, self._films, strict=True):
            for name, text in self._format.class_files(root.classes.names, self._subsets).items():
                self._archive.whole(root.folder + name, text.encode())
            if self._format.slug == "yolo_v4":
                for name, spool in self._lists.items():
                    copied(self._archive, f"{root.folder}{name}.txt", spool)
            if root.films:
                film.write(b"\n}\n")
                copied(self._archive, f"{root.folder}video_meta.json", film, b"{")
        if not self._with_assets:
            copied(self._archive, "images/remote_assets.csv", self._remote)


def _csv_row(*cells: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
