"""What Kili's formats have in common: their parameters, README.kili.txt, media, and going through a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, ClassVar, Protocol

import orjson

from audit.annotations import Job, Medium, Ontology
from audit.sources import reading
from exports.archive.build import Archive, Skipped
from exports.formats.annotated import LABELS, AnnotatedFormat, Asset, LabelItem, ontology_of
from exports.formats.base import (
    LabelledTask,
    Parameter,
    Progress,
    ProjectInfo,
    Snapshot,
    Unfit,
    Value,
    Written,
    flag,
)
from exports.formats.filenames import Names, suffix_of
from exports.formats.kili_filters import ASSET_FILTERS, unfit_filters, wanted_by

LAYOUT = Parameter("layout", ("split", "merged"), "split", "a folder for each job, or one for all of them")
MERGED = Parameter("layout", ("merged", "split"), "merged", "one folder for all jobs; the format has no other layout")
SINGLE_FILE = flag("single_file", False, "all assets in one file")
WITH_ASSETS = flag("with_assets", False, "with the media that were kept when the project was read")
COORDINATES = Parameter(
    "normalized_coordinates", ("default", "true", "false"), "default", "whether coordinates are fractions or pixels"
)

POINT_TOOLS = frozenset(
    {"marker", "point", "polyline", "line", "vector", "range", "pose", "keypoint", "keypoints", "landmark"}
)
"""Tools that enclose nothing, by the names that platforms have for them."""
BOX_TOOLS = frozenset({"rectangle", "box", "bbox", "bounding box", "iat-rectangle", "tool-iat-rectangle"})
"""Tools that draw nothing but boxes."""

BLOCK = 1 << 18

README = """\
Exported Labels from KILI
=========================

- Project name: {name}
- Project identifier: {id}
- Project description: {description}
- Export date: {date}
- Exported format: {format}
- Exported labels: {labels}
"""


class Writer(Protocol):
    """Writes the assets of one export, one after the other; what it needs to finish happens when it is left."""

    def add(self, asset: Asset) -> bool:
        """Write an asset; False where nothing of it could be written, which then was skipped by name."""
        ...


class KiliFamily(AnnotatedFormat):
    """A format that Kili's SDK writes. `called` is how Kili's messages call it; `inputs` are the kinds of projects."""

    called: ClassVar[str]
    inputs: ClassVar[frozenset[str]] = frozenset({"IMAGE", "VIDEO"})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        LAYOUT,
        SINGLE_FILE,
        WITH_ASSETS,
        COORDINATES,
        *LABELS,
        ASSET_FILTERS,
    )

    def refusal(self, project: ProjectInfo) -> str:
        """Why the format can't hold this project: the kind of its media, or of all its jobs."""
        said = settings_of(project)
        kind = said.get("inputType")
        if self.inputs and isinstance(kind, str) and kind not in self.inputs:
            return f"Project with input type '{kind}' not compatible with {self.called} export format."
        return super().refusal(project)

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> Iterable[Unfit]:
        """Kili's rules of what goes together."""
        yield from unfit_filters(project, values)
        if values["with_assets"] is True and settings_of(project).get("dataConnections"):
            text = (
                "Export with download of assets is not allowed on projects with data connections. Please disable the "
                "download of assets by setting `with_assets=False`."
            )
            yield Unfit("with_assets", text)

    def writer(
        self, archive: Archive, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]
    ) -> AbstractContextManager[Writer]:
        """What writes the assets."""
        raise NotImplementedError

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """README.kili.txt and the assets. Check values count tasks and labels gone through: chosen, or left out by
        the parameters, which the manifest repeats."""
        project, ontology = snapshot.project, ontology_of(snapshot.project)
        archive.whole("README.kili.txt", readme(project, self.slug, str(values["export_type"])).encode())
        wanted = wanted_by(project, values)
        tasks = labels = done = 0
        with self.writer(archive, snapshot, ontology, values) as writer:
            for task in snapshot.labelled():
                asset = self.asset(archive, snapshot, ontology, task, values) if wanted(task) else None
                # An asset without a label of the kinds that were asked for is none of the export's.
                if asset is None or not asset.labels or writer.add(asset):
                    tasks, labels = tasks + 1, labels + len(task.labels)
                done += 1
                progress(done)
        return {"tasks": tasks, "labels": labels}


def settings_of(project: ProjectInfo) -> Mapping[str, Any]:
    """What a project of Kili says of itself; nothing of other sources' projects."""
    if project.source != "kili" or project.details is None:
        return {}
    try:
        found = orjson.loads(project.details)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def asset_of(project: ProjectInfo, task: LabelledTask) -> Mapping[str, Any]:
    """Kili's own payload of an asset; nothing of other sources' tasks."""
    if project.source != "kili" or task.details is None:
        return {}
    found = orjson.loads(task.details).get("asset")
    return found if isinstance(found, dict) else {}


def readme(project: ProjectInfo, slug: str, labels: str) -> str:
    """README.kili.txt, with the snapshot's date in UTC."""
    details = project.details
    description = reading(project.source).project_details(details).description if details is not None else None
    date = f"{datetime.fromisoformat(project.dated):%Y%m%d-%H%M%S}" if project.dated else "not recorded"
    return README.format(
        name=_line(project.name),
        id=_line(project.external_id),
        description=_line(description or ""),
        date=date,
        format=slug,
        labels=labels,
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def skip_asset(archive: Archive, asset: Asset, code: str, text: str) -> bool:
    """Note that nothing of an asset was written: one line for it, one for each of its labels. False, for `add`."""
    archive.skip("tasks", Skipped(asset.task.task, code, text))
    for row in asset.task.labels:
        archive.skip("labels", Skipped(asset.task.task, code, text, row.external_id))
    return False


@dataclass(slots=True)
class Sheet:
    """One label's view of one medium: what one picture (or all frames of a video) of the export is.

    `stem` is the path of its files without folder and suffix, `suffix` that of the medium's file; `frames` counts
    those of a video.
    """

    asset: Asset
    item: LabelItem
    medium: Medium
    stem: str
    suffix: str
    frames: int = 0


def sheets(
    archive: Archive, project: ProjectInfo, asset: Asset, names: Names, kinds: frozenset[str]
) -> Iterator[Sheet]:
    """Each label's view of each medium of these kinds; files are named as Kili names them.

    Media of an asset that has several are numbered; several labels of an asset have `_label1`, `_label2`.
    """
    for medium in asset.media:
        if medium.kind not in kinds:
            continue
        name = asset.task.name if len(asset.media) == 1 else f"{asset.task.name}_{medium.index + 1}"
        suffix = suffix_of(name)
        stem = name[: len(name) - len(suffix)] if suffix else name
        for place, item in enumerate(asset.labels, start=1):
            wish = stem if len(asset.labels) == 1 else f"{stem}_label{place}"
            taken = names.take(wish)
            if taken != wish:
                text = f"its files are called {taken!r}: {wish!r} is taken, or no name for a file everywhere"
                archive.warn(Skipped(asset.task.task, "renamed", text, item.row.external_id))
            yield Sheet(asset, item, medium, taken, suffix, _frames(project, item, medium))


def _frames(project: ProjectInfo, item: LabelItem, medium: Medium) -> int:
    """How many frames a video has: as it says, but at least to the last one that the label speaks of."""
    if medium.kind != "video":
        return 0
    last = max((one.frame for one in item.said.annotations if one.frame is not None), default=-1)
    if project.source == "kili" and medium.frames is None:
        # Kili's labels have an entry for every frame, also for those without an annotation.
        said = orjson.loads(item.row.content).get("label", {}).get("jsonResponse")
        frames = (int(key) for key in (said if isinstance(said, dict) else {}) if key.isdecimal())
        last = max(last, *frames, -1)
    return max(medium.frames or 0, last + 1)


def add_medium(archive: Archive, snapshot: Snapshot, sheet: Sheet, folder: str) -> bool:
    """Put a medium's kept file into the archive. One that was not kept has a line in errors.ndjson, and is False."""
    task = sheet.asset.task
    path = f"{folder}/{sheet.stem}{sheet.suffix}"
    try:
        if task.details is None:
            raise FileNotFoundError("the task has no payload")
        with snapshot.file(task.details, sheet.medium.url or sheet.medium.name) as source, archive.file(path) as target:
            while block := source.read(BLOCK):
                target.write(block)
    except FileNotFoundError:
        text = f"the medium {sheet.medium.name!r} was not kept when the project was read"
        archive.warn(Skipped(task.task, "no_file", text))
        return False
    return True


def copied(archive: Archive, path: str, spool: IO[bytes], before: bytes = b"") -> None:
    """Put a temporary file into the archive."""
    with archive.file(path) as target:
        target.write(before)
        spool.seek(0)
        while block := spool.read(BLOCK):
            target.write(block)


def fitting(ontology: Ontology, unfit: frozenset[str] = POINT_TOOLS) -> tuple[Job, ...]:
    """The jobs of which a format can say something: objects drawn with at least one tool that is not unfit."""
    return tuple(
        job
        for job in ontology.jobs
        if job.kind == "objects" and (not job.tools or any(tool.lower() not in unfit for tool in job.tools))
    )
