"""`labelbox`: data rows as Labelbox's exports have them, one a line (NDJSON); of any source.

Labelbox's own rows are put together from the bytes that it sent (`rows`); what other platforms' labels say is
said in its words (`said`). Parameters are those of `Project.export(params=…)` of its SDK 7.17.0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import ClassVar

from msgspec.structs import replace

from audit.annotations import Annotation, VolumeMask
from audit.sources import file_kind
from audit.sources.unread import why
from exports.archive.build import Archive
from exports.formats.base import (
    PEOPLE,
    Files,
    LabelledTask,
    OneOf,
    Parameter,
    Progress,
    ProjectInfo,
    R,
    Reads,
    Snapshot,
    Together,
    Unfit,
    Value,
    Written,
    flag,
)
from exports.formats.labelbox.datarow import DataRow
from exports.formats.labelbox.filters import FILTERS, Named, Wanted, unfit_filters
from exports.formats.labelbox.merged import Merged
from exports.formats.labelbox.rows import EMBEDDING, RowMaker, project_id
from exports.formats.labelbox.said import HELD, Sayer
from exports.formats.labels.annotated import EXPORT_TYPE, SENT_BACK, AnnotatedFormat, chosen, ontology_of
from exports.formats.labels.flat_volumes import FlatVolumes
from exports.formats.labels.left_out import leave_out
from exports.formats.labels.made import Kept, made, write_lines, written
from exports.formats.labels.mask_files import counted

OWN = ("labelbox", file_kind("labelbox"))
"""Kinds of sources whose payloads are Labelbox's."""

NAME = "data_rows.ndjson"

Rows = tuple[Named | None, Sequence[DataRow]]
"""The data rows of a task, and what it is called if it passes the filters."""
RowsOf = Callable[[LabelledTask], Rows | None]
"""None: no row can be made of the task."""

ALL_TYPES = Parameter(
    "label_type_in",
    (),
    "",
    "labels of these kinds, every kind where none is named: DEFAULT, REVIEW, PREDICTION, MODEL_RUN, INFERENCE, "
    "CONSENSUS, or a word of the source's own",
    several=True,
)
ALL_LABELS = Parameter("export_type", EXPORT_TYPE.choices, "normal", EXPORT_TYPE.help)

BLOCKS = (
    flag("attachments", False, "with the data row's attachments"),
    flag("metadata_fields", False, "with its metadata"),
    flag("embeddings", False, "with its embeddings, which are larger than all the rest"),
    flag("data_row_details", False, "with its dataset, times and creator"),
    flag("project_details", False, "with its batch, priority, status and way through the workflow"),
    flag("label_details", False, "with each label's author, times and reviews"),
    flag("performance_details", False, "with the seconds that each label took"),
    flag("interpolated_frames", False, "with what the platform filled in between key frames"),
    flag("all_model_runs", False, "with the labels of model runs"),
    flag("predictions", False, "with what models said"),
    flag("model_run_details", False, "with the split of each model run, and its ids"),
)


class LabelboxFormat(AnnotatedFormat):
    """A data row a line."""

    slug: ClassVar[str] = "labelbox"
    title: ClassVar[str] = "Labelbox NDJSON"
    extension: ClassVar[str] = "ndjson"
    beside: ClassVar[bool] = True
    merges: ClassVar[bool] = True
    holds: ClassVar[tuple[type[Annotation], ...]] = HELD
    parameters: ClassVar[tuple[Parameter, ...]] = (*BLOCKS, *FILTERS, ALL_TYPES, ALL_LABELS, SENT_BACK, PEOPLE)

    def reads(self, values: Mapping[str, Value]) -> Reads:
        """Tasks with labels; the workflow's steps and embeddings are events of theirs."""
        steps, embeddings = bool(values["project_details"]), bool(values["embeddings"])
        told = (*(("task.moved",) if steps else ()), *(("activity.recorded",) if steps or embeddings else ()))
        untold = () if embeddings else (EMBEDDING,)
        return Reads(kinds=("tasks", "labels"), texts=False, details=True, told=told, untold=untold)

    def of_volume(self, volumes: FlatVolumes, one: VolumeMask) -> Annotation:
        """A mask of several slices stays one: Labelbox has a mask for each."""
        return one if volumes.depth(one) != 1 else volumes.counted(one)

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> Iterator[Unfit]:
        """Filters that can't be understood, or ask what only Labelbox says."""
        return unfit_filters(project, values, own=project.source in OWN)

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """A line for each task; of a task with several media one for each of these."""
        count = Counter[str]()
        wanted = Wanted(values, own=snapshot.project.source in OWN)

        def lines() -> Generator[bytes, None, None]:
            with closing(self._rows(archive, snapshot, values, wanted, count, DataRow.line)) as found:
                for done, rows in enumerate(found, 1):
                    yield from rows
                    progress(done)

        with archive.file(NAME) as target:
            write_lines(target, lines())
        wanted.missing(archive)
        return written(count)

    def merge(
        self, files: Files, projects: Sequence[OneOf], values: Mapping[str, Value], progress: Progress
    ) -> Together:
        """A line for each data row, with the labels of all projects that have it; by the data row's id."""
        counts: list[Written] = []
        wanted = [Wanted(values, own=project.snapshot.project.source in OWN) for project in projects]
        done = lines = 0
        with closing(Merged()) as merged:
            for place, project in enumerate(projects):
                count = Counter[str]()
                archive, snapshot = project.archive, project.snapshot
                with closing(self._rows(archive, snapshot, values, wanted[place], count, _as_it_is)) as found:
                    for rows in found:
                        merged.add(rows, place)
                        done += 1
                        progress(done)
                counts.append(written(count))

            def together() -> Generator[bytes, None, None]:
                nonlocal lines
                for line in merged.lines():
                    yield line
                    lines += 1
                    progress(done)

            with files.file(NAME) as target:
                write_lines(target, together())
        wanted[0].missing(projects[0].archive, *wanted[1:])
        return Together(counts, {"data_rows": lines})

    def apart(self, projects: Sequence[ProjectInfo]) -> str:
        """Two records of one project of Labelbox would stand under the same id."""
        names: dict[str, str] = {}
        for project in projects:
            if project.source in OWN and (id_ := project_id(project)) in names:
                return f"{names[id_]} and {project.name} are both the project {id_} of Labelbox: name one of them"
            if project.source in OWN:
                names[id_] = project.name
        return ""

    def _rows(
        self,
        archive: Archive,
        snapshot: Snapshot,
        values: Mapping[str, Value],
        wanted: Wanted,
        count: Counter[str],
        form: Callable[[DataRow], R],
    ) -> Generator[Sequence[R], None, None]:
        """The data rows of each task in a form; tasks that were gone through are counted, written or filtered out."""
        kept = Kept()
        if snapshot.project.source in OWN:
            rows_of = self._own(kept, snapshot, values, wanted, merging=form is _as_it_is)
        else:
            rows_of = self._others(kept, snapshot, values, wanted)

        def make(task: LabelledTask) -> tuple[Named | None, list[R]] | None:
            found = rows_of(task)
            return None if found is None else (found[0], [form(row) for row in found[1]])

        with closing(made(archive, snapshot, make, kept)) as found:
            for labels, one in found:
                if one is None:
                    yield ()
                    continue
                count["tasks"] += 1
                count["labels"] += labels
                named, rows = one
                if named is not None:
                    wanted.saw(named)
                yield rows

    def _own(
        self, kept: Kept, snapshot: Snapshot, values: Mapping[str, Value], wanted: Wanted, *, merging: bool
    ) -> RowsOf:
        maker = RowMaker(kept, snapshot.project, values, merging=merging)

        def rows_of(task: LabelledTask) -> Rows | None:
            try:
                named = wanted.named(task)
                return named, () if named is None else (maker.row(task, chosen(task, every_kind(task, values))),)
            except Exception as error:
                leave_out(kept, task, "unreadable", f"its payload is none of Labelbox's: {why(error)}")
                return None

        return rows_of

    def _others(self, kept: Kept, snapshot: Snapshot, values: Mapping[str, Value], wanted: Wanted) -> RowsOf:
        ontology = ontology_of(snapshot.project)
        say = Sayer(kept, snapshot, ontology)

        def rows_of(task: LabelledTask) -> Rows | None:
            named = wanted.named(task)
            if named is None:
                return None, ()
            asset = self.asset(kept, snapshot, ontology, task, every_kind(task, values))
            items = tuple(counted(kept, snapshot, task, item) for item in asset.labels)
            return named, say.rows(replace(asset, labels=items), values)

        return rows_of


def _as_it_is(row: DataRow) -> DataRow:
    return row


def every_kind(task: LabelledTask, values: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters with every kind of label that the task has, where none is named."""
    kinds = values["label_type_in"] or tuple(dict.fromkeys(row.kind for row in task.labels))
    return {**values, "label_type_in": kinds}
