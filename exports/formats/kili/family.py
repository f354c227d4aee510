"""What Kili's formats have in common: their parameters, README.kili.txt, media, and going through a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, closing
from datetime import datetime
from typing import Any, ClassVar, Protocol

from msgspec.structs import replace

from audit.annotations import Labelled
from audit.ontology import Job, Ontology
from audit.sources import reading
from audit.sources.unread import why
from audit.sources.values import part, readable
from exports.archive.build import Archive, Noting, Skipped
from exports.formats.base import (
    LabelledTask,
    MediaOf,
    Parameter,
    Progress,
    ProjectInfo,
    Snapshot,
    Unfit,
    Value,
    Written,
    flag,
    without_payloads,
)
from exports.formats.kili.filters import ASSET_FILTERS, unfit_filters, wanted_by
from exports.formats.labels.annotated import LABELS, AnnotatedFormat, Asset, LabelItem, chosen, titled_ontology
from exports.formats.labels.drawing import Drawer, Drawn, Notes, note
from exports.formats.labels.mask_files import counted, has_files
from exports.formats.labels.media import WITH_ASSETS, measured, media_files, named, unfit_media
from exports.formats.labels.sheets import frames_of

LAYOUT = Parameter("layout", ("split", "merged"), "split", "a folder for each job, or one for all of them")
MERGED = Parameter("layout", ("merged", "split"), "merged", "one folder for all jobs; the format has no other layout")
SINGLE_FILE = flag("single_file", False, "all assets in one file")
COORDINATES = Parameter(
    "normalized_coordinates", ("default", "true", "false"), "default", "whether coordinates are fractions or pixels"
)

POINT_TOOLS = frozenset(
    {
        "marker",
        "point",
        "polyline",
        "line",
        "vector",
        "range",
        "pose",
        "keypoint",
        "keypoints",
        "landmark",
        "keypointlabels",
    }
)
"""Tools that enclose nothing, by the names that platforms have for them."""
BOX_TOOLS = frozenset(
    {"rectangle", "box", "bbox", "bounding box", "iat-rectangle", "tool-iat-rectangle", "rectanglelabels"}
)
"""Tools that draw nothing but boxes."""

BLOCK = 1 << 18

_NOTHING = Labelled(())

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
    """A format that Kili's SDK writes. `called` is how Kili's messages call it; `inputs` are the kinds of projects.

    One that `counts_pixels` is given masks as run lengths, also those that lie in files of the label. `media_kinds` are
    the media whose files it puts in (None: all).
    """

    called: ClassVar[str]
    inputs: ClassVar[frozenset[str]] = frozenset({"IMAGE", "VIDEO"})
    counts_pixels: ClassVar[bool] = False
    media_kinds: ClassVar[frozenset[str] | None] = frozenset({"image", "video"})
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
        else:
            yield from unfit_media(project, values)

    def media(self, project: ProjectInfo, values: Mapping[str, Value]) -> MediaOf | None:
        """Those of the assets that are wanted and have a label that is meant."""
        if values["with_assets"] is not True:
            return None
        wanted = wanted_by(project, values)
        return media_files(project, self.media_kinds, lambda task: wanted(task) and bool(chosen(task, values)))

    def asset(
        self, archive: Noting, snapshot: Snapshot, ontology: Ontology, task: LabelledTask, values: Mapping[str, Value]
    ) -> Asset:
        """One task with the labels that are meant, masks as the format wants them."""
        asset = super().asset(archive, snapshot, ontology, task, values)
        if not self.counts_pixels or not any(map(has_files, asset.labels)):
            return asset
        return replace(asset, labels=tuple(counted(archive, snapshot, task, item) for item in asset.labels))

    def drawer(self, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]) -> Drawer:
        """What draws assets, in any process."""
        raise NotImplementedError

    def writer(
        self, archive: Archive, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]
    ) -> AbstractContextManager[Writer]:
        """What writes the assets."""
        raise NotImplementedError

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """README.kili.txt and the assets. Check values count tasks and labels gone through: chosen, or left out by
        the parameters, which the manifest repeats."""
        project, ontology = snapshot.project, titled_ontology(snapshot.project)
        archive.whole("README.kili.txt", readme(project, self.slug, str(values["export_type"])).encode())
        wanted, drawer = wanted_by(project, values), self.drawer(snapshot, ontology, values)

        with_files = values["with_assets"] is True

        def draw(task: LabelledTask) -> tuple[int, Asset | None, list[Skipped]]:
            """How many labels it has, and the asset as it is drawn, with what is to be noted of it; None for one that
            is none of the export's: filtered, or without a label that is meant."""
            notes = Notes()
            asset = self.asset(notes, snapshot, ontology, task, values) if wanted(task) else None
            if asset is None or not asset.labels:
                return len(task.labels), None, notes.found
            if with_files:
                asset = replace(asset, media=named(snapshot, task, asset.media))
            if with_files and self.counts_pixels:  # A picture's size may be told by its file alone.
                asset = replace(asset, media=measured(snapshot, task, asset.media))
            drawn = drawer.draw(asset, notes)
            return len(task.labels), _drawn(project, asset, drawn, whole=with_files), drawn.notes

        tasks = labels = 0
        with self.writer(archive, snapshot, ontology, values) as writer, closing(snapshot.each(draw)) as drawings:
            for done, (count, asset, notes) in enumerate(drawings, start=1):
                note(archive, notes)
                if asset is None or writer.add(asset):
                    tasks, labels = tasks + 1, labels + count
                progress(done)
        return {"tasks": tasks, "labels": labels}


def _drawn(project: ProjectInfo, asset: Asset, drawn: Drawn, *, whole: bool) -> Asset:
    """The asset with its drawings in the place of what its labels say; without the payloads, unless `whole`."""
    videos = [medium for medium in asset.media if medium.kind == "video"]
    task = asset.task if whole else without_payloads(asset.task)
    # The task's own rows, that each is handed on once.
    rows = {id(row): bare for row, bare in zip(asset.task.labels, task.labels, strict=True)}
    items = [
        LabelItem(
            rows[id(item.row)],
            _NOTHING,
            drawings,
            {medium.index: frames_of(project, item, medium) for medium in videos},
        )
        for item, drawings in zip(asset.labels, drawn.labels, strict=True)
    ]
    return Asset(task, asset.media, tuple(items), drawn.whole)


def settings_of(project: ProjectInfo) -> Mapping[str, Any]:
    """What a project of Kili says of itself; nothing of other sources' projects."""
    return readable(project.details) if project.source == "kili" else {}


def asset_of(project: ProjectInfo, task: LabelledTask) -> Mapping[str, Any]:
    """Kili's own payload of an asset; nothing of other sources' tasks, and of what can't be read."""
    return part(readable(task.details), "asset") if project.source == "kili" else {}


def readme(project: ProjectInfo, slug: str, labels: str) -> str:
    """README.kili.txt, with the snapshot's date in UTC."""
    details = project.details
    description = _description(project.source, details) if details is not None else None
    date = f"{datetime.fromisoformat(project.dated):%Y%m%d-%H%M%S}" if project.dated else "not recorded"
    return README.format(
        name=_line(project.name),
        id=_line(project.external_id),
        description=_line(description or ""),
        date=date,
        format=slug,
        labels=labels,
    )


def _description(source: str, details: bytes) -> str | None:
    try:
        return reading(source).project_details(details).description
    except Exception as error:
        why(error)
        return None


def _line(text: str) -> str:
    return " ".join(text.split())


def fitting(ontology: Ontology, unfit: frozenset[str] = POINT_TOOLS) -> tuple[Job, ...]:
    """The jobs of which a format can say something: objects drawn with at least one tool that is not unfit."""
    return tuple(
        job
        for job in ontology.jobs
        if job.kind == "objects" and (not job.tools or any(tool.lower() not in unfit for tool in job.tools))
    )
