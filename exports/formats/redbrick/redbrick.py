"""`redbrick`: labels as RedBrick AI's SDK exports them (`project.export.export_tasks`): tasks.json and masks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import ClassVar

from audit.annotations import Annotation
from audit.ontology import Ontology
from exports.archive.build import Archive, Skipped
from exports.formats.base import (
    PEOPLE,
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
)
from exports.formats.labels.annotated import AnnotatedFormat, ontology_of
from exports.formats.labels.filenames import Names
from exports.formats.labels.media import media_files, unfit_media
from exports.formats.labels.sheets import copied
from exports.formats.redbrick.masks import DICOM
from exports.formats.redbrick.mode import Mode
from exports.formats.redbrick.names import colors_of, file_name, may_be_dicom, paths_of
from exports.formats.redbrick.others import HELD
from exports.formats.redbrick.task import TaskWriter, dumped

GROUND_TRUTH = "END"
KINDS = ("nii.gz", "nii", "png", "mhd", "rt_struct", "dicom_seg", "none")

MASK_FORMAT = Parameter(
    "mask_format",
    KINDS,
    "nii.gz",
    "files of masks: NIfTI, in gzip or plain; PNG for flat ones, with class_map.json; MetaImage; an RT-Struct or a "
    "DICOM segmentation on the images; or none",
)
BINARY = Parameter(
    "binary_mask",
    ("automatic", "true", "false"),
    "automatic",
    "a file of ones for each instance: where labels overlap, always, or never",
)
WITH_FILES = flag("with_files", False, "with the images (images/TASK/SERIES/…); of projects that keep or fetch them")
OLD_FORMAT = flag("old_format", False, "the SDK's old tasks.json: entries in the words of the API")
GROUND_TRUTH_ONLY = flag("only_ground_truth", False, "tasks that are ground truth now")
STAGE = Parameter("stage_name", (), "", "tasks that are at this stage now")
TASK = Parameter("task_id", (), "", "this task alone, by its id at the source")
SINCE = Parameter("from_timestamp", (), "", "tasks labelled or created since: ISO 8601, or seconds since 1970")


class RedBrickFormat(AnnotatedFormat):
    """A folder named by the project's id: tasks.json, and segmentations/TASK/SERIES with the masks."""

    slug: ClassVar[str] = "redbrick"
    title: ClassVar[str] = "RedBrick AI"
    holds: ClassVar[tuple[type[Annotation], ...]] = HELD
    parameters: ClassVar[tuple[Parameter, ...]] = (
        MASK_FORMAT,
        flag("semantic_mask", False, "voxels have the number of their class (from 1), not that of their instance"),
        BINARY,
        flag("no_consensus", False, "without the labels of each person of a consensus"),
        WITH_FILES,
        OLD_FORMAT,
        GROUND_TRUTH_ONLY,
        STAGE,
        TASK,
        SINCE,
        PEOPLE,
    )

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> Iterable[Unfit]:
        """A time that is none, a stage beside ground truth, and what DICOM takes."""
        if values["mask_format"] in DICOM and not project.media_kept:
            what = "An RT-Struct" if values["mask_format"] == "rt_struct" else "A DICOM segmentation"
            text = (
                f"{what} refers to the images that it was drawn on, and those of this project are not kept: let them "
                "be kept as they are read, or when an export asks for them (the project's media), and ask again."
            )
            yield Unfit("mask_format", text)
        yield from unfit_media(project, values, "with_files")
        try:
            since(values)
        except ValueError:
            text = (
                f"“{values['from_timestamp']}” is no time: write it as 2026-03-01T00:00:00Z, or in seconds since 1970."
            )
            yield Unfit("from_timestamp", text)
        if values["only_ground_truth"] and values["stage_name"] not in ("", GROUND_TRUTH):
            text = "A task that is ground truth is at no other stage: ask for one of stage_name and only_ground_truth."
            yield Unfit("stage_name", text)

    def media(self, project: ProjectInfo, values: Mapping[str, Value]) -> MediaOf | None:
        """All images with `with_files`; for masks in DICOM those that may be DICOM."""
        every = media_files(project, None, _Wanted(values))
        if values["with_files"] is True:
            return every
        if values["mask_format"] not in DICOM:
            return None
        return lambda task: [name for name in every(task) if may_be_dicom(name)]

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """The masks task by task, then tasks.json. Check values count tasks and labels gone through."""
        project, ontology = snapshot.project, ontology_of(snapshot.project)
        root = file_name(project.external_id) or "project"
        mode = mode_of(values, ontology, project.dated)
        writer = TaskWriter(self, archive, snapshot, ontology, values, mode, root)
        names, wanted = Names(), _Wanted(values)
        tasks = labels = done = 0
        with tempfile.TemporaryFile() as spool:
            first = True
            for task in snapshot.labelled():
                wanted.see(task)
                found = writer.written(task, names) if wanted(task) else None
                if found is not None:
                    spool.write(b"[\n" if first else b",\n")
                    spool.write(found)
                    first = False
                if found is not None or not wanted(task):
                    tasks, labels = tasks + 1, labels + len(task.labels)
                done += 1
                progress(done)
            if missing := wanted.missing():
                archive.warn(Skipped(missing, "not_found", "no task that could be exported has this id"))
            spool.write(b"[]\n" if first else b"\n]\n")
            copied(archive, f"{root}/tasks.json", spool)
        if mode.kind == "png" and mode.own != "true":
            own = project.source.removesuffix("-file") == "redbrick"
            archive.whole(f"{root}/class_map.json", dumped(class_map(ontology, painted=own)) + b"\n")
        return {"tasks": tasks, "labels": labels}


class _Wanted:
    """Which tasks the parameters mean."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._stage = GROUND_TRUTH if values["only_ground_truth"] else str(values["stage_name"])
        self._task = str(values["task_id"])
        self._since = since(values)
        self._seen = False

    def see(self, task: LabelledTask) -> None:
        """Take note that the project has this task."""
        self._seen = self._seen or task.task == self._task

    def missing(self) -> str:
        """The id that is asked for and none of the tasks that were seen has; empty where there is none."""
        return "" if self._seen else self._task

    def __call__(self, task: LabelledTask) -> bool:
        if self._task and task.task != self._task:
            return False
        if self._stage and task.stage != self._stage:
            return False
        return self._since is None or any(
            row.created_at is not None and row.created_at >= self._since for row in task.labels
        )


def since(values: Mapping[str, Value]) -> datetime | None:
    """The time from which on tasks are wanted; without an offset it is UTC. Raises ValueError."""
    told = str(values["from_timestamp"]).strip()
    if not told:
        return None
    try:
        seconds = float(told)
    except ValueError:
        found = datetime.fromisoformat(told)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(str(error)) from None


def mode_of(values: Mapping[str, Value], ontology: Ontology, dated: str) -> Mode:
    """How masks are asked for."""
    colors = {number: color for number, (_, color) in colors_of(ontology).items()}
    kind, own = str(values["mask_format"]), str(values["binary_mask"])
    return Mode(kind, values["semantic_mask"] is True, own, colors, paths_of(ontology), dated)


def class_map(ontology: Ontology, *, painted: bool) -> dict[str, tuple[int, int, int]]:
    """The colour of each class (with `painted`, that masks have) by its name; those called alike have their number
    behind it."""
    found: dict[str, tuple[int, int, int]] = {}
    for number, (title, color) in colors_of(ontology, painted=painted).items():
        found[f"{title} ({number})" if title in found else title] = color
    return found
