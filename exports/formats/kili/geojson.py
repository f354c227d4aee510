"""`geojson`: a FeatureCollection for each asset that lies on the earth, after RFC 7946, with Kili's properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, ClassVar

import orjson

from audit.annotations import Annotation, Answer, Box, Classification, Ellipse, Marker, Polygon, Polyline, Transcription
from audit.ontology import Ontology
from exports.archive.build import Archive
from exports.formats.base import LabelledTask, Parameter, ProjectInfo, Snapshot, Unfit, Value, helped
from exports.formats.kili.coco_parts import objects_of
from exports.formats.kili.family import MERGED, KiliFamily, asset_of, settings_of
from exports.formats.kili.geojson_parts import geometry_of, in_degrees
from exports.formats.kili.response import answer_of, categories_of, children_of
from exports.formats.labels.annotated import Asset
from exports.formats.labels.drawing import FrameDrawer, Notes, note
from exports.formats.labels.filenames import Names
from exports.formats.labels.noted import trouble
from exports.formats.labels.shapes import Unwritable
from exports.formats.labels.sheets import Sheet, add_medium, sheets, skip_asset

TYPES: dict[type[Annotation], str] = {Box: "rectangle", Polygon: "polygon", Ellipse: "polygon", Marker: "marker"}
"""Kili's names of tools; of polygons and lines the tool says which."""


class GeoJsonFormat(KiliFamily):
    """What is drawn on maps and georeferenced images, in longitude and latitude; answers without geometry."""

    slug: ClassVar[str] = "geojson"
    title: ClassVar[str] = "GeoJSON"
    called: ClassVar[str] = "GeoJson"
    inputs: ClassVar[frozenset[str]] = frozenset({"IMAGE", "GEOSPATIAL"})
    media_kinds: ClassVar[frozenset[str] | None] = frozenset({"image", "geo"})
    holds: ClassVar[tuple[type[Annotation], ...]] = (
        Box,
        Polygon,
        Polyline,
        Marker,
        Ellipse,
        Classification,
        Transcription,
    )
    parameters: ClassVar[tuple[Parameter, ...]] = (
        MERGED,
        *helped(
            KiliFamily.parameters[1:],
            single_file="GeoJSON has a file for each asset (false)",
            normalized_coordinates="GeoJSON counts in degrees (default)",
        ),
    )

    def refusal(self, project: ProjectInfo) -> str:
        """Not for what is drawn in pixels."""
        space = settings_of(project).get("geospatialSettings")
        if isinstance(space, dict) and space.get("labelingCRSCode") == "PIXEL":
            return "The project's labels are in pixels (labelingCRSCode PIXEL), not in longitude and latitude."
        if project.source != "kili" and project.media_kinds and "geo" not in project.media_kinds:
            found = " or ".join(sorted(project.media_kinds))
            return f"GeoJSON is for what is drawn on maps; this project's media are of the kind {found}"
        return super().refusal(project)

    def unfit(self, ontology: Ontology) -> str:
        """Any job has something that can be said."""
        return "" if ontology.jobs else "The project has no ontology that could be read."

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> Iterable[Unfit]:
        """Kili's rules."""
        yield from super().refuses(project, values)
        if values["normalized_coordinates"] != "default":
            text = (
                "The GeoJson annotation format can only be exported with lat/long coordinates. Please set "
                "`normalized_coordinates` to None."
            )
            yield Unfit("normalized_coordinates", text)
        if values["layout"] == "split":
            yield Unfit("layout", "The current implementation only supports merged annotations.")
        if values["single_file"] is True:
            yield Unfit("single_file", "The GeoJson annotation format cannot be exported into a single file.")

    def drawer(self, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]) -> GeoDrawer:
        """Draws the features."""
        return GeoDrawer(snapshot, ontology)

    def writer(
        self, archive: Archive, snapshot: Snapshot, ontology: Ontology, values: Mapping[str, Value]
    ) -> GeoWriter:
        """Writes an asset's files as it comes."""
        return GeoWriter(archive, snapshot, values)


class GeoDrawer(FrameDrawer):
    """A label's file."""

    kinds: ClassVar[frozenset[str]] = frozenset({"geo", "image"})
    sized: ClassVar[bool] = False

    def __init__(self, snapshot: Snapshot, ontology: Ontology) -> None:
        self._snapshot = snapshot
        self._jobs = {job.key: job for job in ontology.jobs}
        interface = settings_of(snapshot.project).get("jsonInterface")
        jobs = interface.get("jobs") if isinstance(interface, dict) else None
        self._export_names = {
            key: job["exportName"]
            for key, job in (jobs if isinstance(jobs, dict) else {}).items()
            if isinstance(job, dict) and isinstance(job.get("exportName"), str)
        }

    def frame(self, sheet: Sheet, notes: Notes, found: Iterable[Annotation]) -> bytes:
        """The file of a label, empty where its coordinates are not of the earth."""
        project, task = self._snapshot.project, sheet.asset.task
        place = _place(project, task)
        if sheet.medium.kind not in _kinds(place):
            return b""
        about: dict[str, Any] = {
            "assetId": task.task,
            "author": self._snapshot.person(sheet.item.row.author),
            "exportDate": _milliseconds(project.dated),
            "labelId": sheet.item.row.external_id,
        }
        if place:
            about["geospatialExportMetadata"] = place
        features = [
            feature
            for group in objects_of(found, sheet.medium.index)
            if (feature := self._feature(sheet, notes, group)) is not None
        ]
        said = {"type": "FeatureCollection", "features": features, "properties": {"kili": about}}
        return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)

    def _feature(self, sheet: Sheet, notes: Notes, group: list[Annotation]) -> dict[str, Any] | None:
        one = group[0]
        try:
            geometry = (
                None
                if isinstance(one, Classification | Transcription)
                else geometry_of([in_degrees(part, sheet.medium) for part in group])
            )
        except Unwritable as error:
            notes.warn(trouble(sheet, one, error.code, str(error)))
            return None
        feature: dict[str, Any] = {"type": "Feature", "geometry": geometry}
        if geometry is not None and (id_ := one.object or one.id) is not None:
            feature["id"] = id_
        feature["properties"] = self._properties(one)
        return feature

    def _properties(self, one: Annotation) -> dict[str, Any]:
        if isinstance(one, Transcription):
            return {"kili": {"text": one.text, "job": one.job}}
        if isinstance(one, Classification):
            found = self._answer(self._name(one.job), one.answer)
            titles = [self._title(one.job, choice.key) for choice in one.answer.choices]
            first: dict[str, Any] = {"class": titles[0]} if titles else {}
            return {**first, **found, "kili": {**answer_of(one.answer), "job": one.job}}
        properties: dict[str, Any] = {}
        if one.classes:
            title, name = self._title(one.job, one.classes[0]), self._name(one.job)
            job = self._jobs.get(one.job)
            properties = {"class": title, name: [title] if job is not None and job.multiple else title}
            for answer in one.answers:
                properties |= self._answer(f"{name}.{title}.{self._name(answer.job)}", answer)
        said = {"children": children_of(one.answers), "categories": categories_of(one)}
        return {**properties, "kili": {**said, "type": _type(one), "job": one.job}}

    def _answer(self, name: str, answer: Answer) -> dict[str, Any]:
        """An answer under its dotted name, then those that were asked because of it."""
        if answer.text is not None or answer.number is not None:
            return {name: answer.number if answer.text is None else answer.text}
        titles = [self._title(answer.job, choice.key) for choice in answer.choices]
        job = self._jobs.get(answer.job)
        multiple = len(titles) != 1 or (job is not None and job.multiple)
        found: dict[str, Any] = {name: titles if multiple else titles[0]}
        for choice, title in zip(answer.choices, titles, strict=True):
            for inner in choice.answers:
                found |= self._answer(f"{name}.{title}.{self._name(inner.job)}", inner)
        return found

    def _name(self, key: str) -> str:
        """What the job is called in properties: its export name, else its instruction, else its key."""
        job = self._jobs.get(key)
        return self._export_names.get(key) or (job.title if job is not None else key)

    def _title(self, job: str, key: str) -> str:
        classes = self._jobs[job].classes if job in self._jobs else ()
        return next((known.title for known in classes if known.key == key), key)


class GeoWriter:
    """Takes assets one by one."""

    def __init__(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value]) -> None:
        self._archive = archive
        self._snapshot = snapshot
        self._with_assets = values["with_assets"] is True
        self._names = Names()

    def __enter__(self) -> GeoWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """All is written already."""

    def add(self, asset: Asset) -> bool:
        """A file for each label of an asset whose coordinates are of the earth."""
        project = self._snapshot.project
        kinds = _kinds(_place(project, asset.task))
        if not any(medium.kind in kinds for medium in asset.media):
            text = "its coordinates are not of the earth: it is no map, and no georeferenced image"
            return skip_asset(self._archive, asset, "no_place", text)
        for sheet in sheets(self._archive, project, asset, self._names, kinds, with_assets=self._with_assets):
            if self._with_assets:
                add_medium(self._archive, self._snapshot, sheet, "assets")
            note(self._archive, sheet.drawing.notes)
            self._archive.whole(f"labels/{sheet.stem}.geojson", sheet.drawing.frames[0])
        return True


def _place(project: ProjectInfo, task: LabelledTask) -> Any:
    """Where on earth Kili says that an image is."""
    return asset_of(project, task).get("geospatialExportMetadata")


def _kinds(place: Any) -> frozenset[str]:
    """Kinds of media whose coordinates are of the earth."""
    return frozenset({"geo", "image"} if place else {"geo"})


def _type(one: Annotation) -> str:
    if isinstance(one, Polyline):
        return "vector" if one.tool == "vector" else "polyline"
    return "semantic" if isinstance(one, Polygon) and one.tool == "semantic" else TYPES[type(one)]


def _milliseconds(dated: str) -> str | None:
    if not dated:
        return None
    return datetime.fromisoformat(dated).isoformat(timespec="milliseconds").replace("+00:00", "Z")
