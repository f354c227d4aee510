"""What isahit lab's formats have in common: which input of a form is meant, and tasks as its SDK has them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from audit.annotations import Annotation, Mask, Polygon
from audit.ontology import Job, Ontology
from audit.sources import file_kind
from audit.sources.isahit.inputs import TOOLS, BadInput, Tool, chosen, lists_of, main_lists
from audit.sources.isahit.label import FILE, body_of
from audit.sources.values import Item, an_object, item, parsed, part, readable, text, without_halves
from exports.archive.build import Noting, Skipped
from exports.formats.base import LabelledTask, Parameter, ProjectInfo, Reads, Snapshot, Unfit, Value
from exports.formats.labels.annotated import LABELS, AnnotatedFormat, Asset, LabelItem, ontology_of
from exports.formats.labels.mask_files import MaskFiles
from exports.formats.labels.outlines import outlines_of
from exports.formats.labels.runs import spans_from
from exports.formats.labels.shapes import Unwritable

OWN = ("isahit", file_kind("isahit"))
"""Kinds of sources whose payloads are isahit lab's."""
INPUT = Parameter(
    "input_id", (), "", "the input of a form, or the job, whose drawings are meant, where there are several"
)
STATUS = "STATUS_"
"""How the record's names of events begin that tell a task's status; the platform's word follows."""
METRICS = "METRICS"
TOLD = ("task.submitted", "review.accepted", "task.moved", "task.reopened", "activity.recorded")
"""Types of the events that tell a task's status and metrics."""


@dataclass(frozen=True, slots=True)
class Meant:
    """The drawings that are meant: their job, what it may hold, and the input's id, None where the task is the tool."""

    job: Job
    input: str | None
    mains: frozenset[str] = frozenset()
    """Names of the lists that main classes are chosen from."""
    sequence: bool = False

    @property
    def kind(self) -> str:
        """How isahit lab calls such a project: iat-polygon."""
        tool = self.job.tools[0] if self.job.tools else ""
        return tool.removeprefix("tool-")


def configuration_of(project: ProjectInfo) -> Item:
    """isahit lab's own configuration of the project; nothing of other sources' projects."""
    if project.source not in OWN or project.details is None:
        return {}
    return part(readable(project.details), "configuration")


def meant(project: ProjectInfo, values: Mapping[str, Value], tools: Sequence[str] = TOOLS) -> Meant:
    """The one job whose drawings are meant, by the SDK's rule. Raises BadInput."""
    wish = str(values["input_id"]) or None
    jobs = {job.key: job for job in ontology_of(project).jobs if job.kind == "objects"}
    configuration = configuration_of(project)
    if configuration:
        tool = chosen(configuration, wish, tools)
        return Meant(jobs[tool.job], tool.input, frozenset(_mains(tool)), tool.sequence)
    if wish is not None and wish not in jobs:
        raise BadInput(f"No compatible input found for input_id {wish} (jobs with drawings: {', '.join(jobs)})")
    if wish is None and len(jobs) > 1:
        raise BadInput(f"input_id option is required to select the job: one of {', '.join(jobs)}")
    if not jobs:
        raise BadInput("No compatible input found: the project has no job in which something is drawn")
    return Meant(jobs[wish or next(iter(jobs))], wish)


def meant_or_nothing(project: ProjectInfo, values: Mapping[str, Value]) -> Meant:
    """The job that is meant; none where the project has none, which only one without labels gets so far with."""
    try:
        return meant(project, values)
    except BadInput:
        return Meant(Job("", "", "objects"), None)


def _mains(tool: Tool) -> Iterator[str]:
    for name, keys in main_lists(tool.config):
        yield name
        yield from (key for key in keys if key in lists_of(tool.config))


class IsahitFamily(AnnotatedFormat):
    """A format of drawings that isahit lab's SDK writes."""

    inputs: ClassVar[tuple[str, ...]] = TOOLS
    """Types of inputs whose drawings it holds."""
    of_media: ClassVar[frozenset[str]] = frozenset({"image", "video"})
    parameters: ClassVar[tuple[Parameter, ...]] = (INPUT, *LABELS)

    def unfit(self, ontology: Ontology) -> str:
        """It holds what is drawn."""
        drawn = any(job.kind == "objects" for job in ontology.jobs)
        return "" if drawn else f"No compatible input found (compatible inputs: {', '.join(self.inputs)})"

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> Iterable[Unfit]:
        """More than one input, and none named; or one that has no drawings."""
        try:
            meant(project, values, self.inputs)
        except BadInput as bad:
            yield Unfit("input_id", str(bad))

    def reads(self, values: Mapping[str, Value]) -> Reads:
        """Tasks with labels; status and metrics are events of theirs."""
        return Reads(kinds=("tasks", "labels"), texts=False, details=True, told=TOLD)

    def drawings(self, archive: Noting, snapshot: Snapshot, asset: Asset, of: Meant) -> tuple[LabelItem, ...]:
        """The asset's one label, the newest of those that are meant, with its drawings; empty where there is none.

        Masks are outlines. What is not written is noted.
        """
        if not asset.labels:
            return ()
        *others, item_ = asset.labels
        for other in others:
            text_ = f"{self.slug} holds one label of a task, the newest"
            archive.warn(Skipped(asset.task.task, "not_held", text_, other.row.external_id))
        found: list[Annotation] = []
        files = MaskFiles(lambda name: _read(snapshot, item_.row.content, name))
        for one in item_.said.annotations:
            if one.job != of.job.key:
                continue
            try:
                found += _outlined(files, one) if isinstance(one, Mask) else [one]
            except Unwritable as error:
                note(archive, asset, item_, one, error)
        return (LabelItem(item_.row, type(item_.said)(tuple(found), item_.said.problems)),)


def note(archive: Noting, asset: Asset, item_: LabelItem, one: Annotation, error: Unwritable) -> None:
    """The line about a drawing that can't be written."""
    where = f" (frame {one.frame + 1})" if one.frame is not None else ""
    id_ = one.id or one.object
    archive.warn(Skipped(asset.task.task, error.code, f"{error}{where}", item_.row.external_id, one.job, id_))


def _outlined(files: MaskFiles, one: Mask) -> list[Annotation]:
    """A mask as polygons with holes, along its pixels' edges."""
    counted = files.counted(one)
    assert isinstance(counted, Mask)
    width, height = counted.width, counted.height
    if not counted.counts or not width or not height or sum(counted.counts) != width * height:
        raise Unwritable("no_geometry", "its mask has no pixels")
    common: dict[str, Any] = {
        name: getattr(one, name) for name in ("job", "tool", "classes", "answers", "object", "id", "frame", "medium")
    }

    def scaled(ring: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
        return tuple((x / width, y / height) for x, y in ring)

    return [
        Polygon(outline=scaled(outline), holes=tuple(map(scaled, holes)), **common)
        for outline, holes in outlines_of(spans_from(counted.counts), height)
    ]


def _read(snapshot: Snapshot, content: bytes, name: str) -> bytes:
    with snapshot.file(content, name) as file:
        return file.read()


def task_row(task: LabelledTask) -> Item:
    """The task's own fields, its status as the newest event tells it; nothing of other sources' tasks.

    Raises ValueError for payloads that can't be read."""
    found = item(without_halves(task.details)) if task.details is not None else {}
    found.pop("media", None)
    found.pop("files", None)
    for type_, content in task.told:
        if type_.startswith(STATUS):
            found["status"] = type_.removeprefix(STATUS)
        elif type_ == METRICS and content:
            found["metrics"] = parsed(without_halves(content))
    return {"metrics": {}, **found}


def data_of(content: bytes) -> Item:
    """What isahit lab has of a label: who said it and when, and its `body`. Raises ValueError for what is none."""
    return part(an_object(without_halves(content)), "data")


def said_of(archive: Noting, snapshot: Snapshot, task: str, content: bytes) -> Item:
    """What a label of isahit lab says, masks put back as data URIs. Raises ValueError for what can't be read."""
    said = body_of(data_of(content))
    for at in (said, *(value for value in said.values() if isinstance(value, dict))):
        name = text(at, "mask") or ""
        if name.startswith(FILE):
            try:
                data = _read(snapshot, content, name.removeprefix(FILE))
            except FileNotFoundError as missing:
                archive.warn(Skipped(task, "no_file", f"its mask is not in the record: {missing}", task))
                continue
            kind = "jpeg" if data.startswith(b"\xff\xd8") else "png"
            at["mask"] = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return said
