"""Labelbox as the sync reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import IO

import msgspec

from audit.sources.ahead import side_by_side
from audit.sources.base import (
    FileRef,
    LiveSource,
    ProjectDetails,
    SourceError,
    SourceEvent,
    TaskHistory,
    TaskPage,
)
from audit.sources.joint import Joint
from audit.sources.labelbox import wire
from audit.sources.labelbox.client import LabelboxClient, NotAllowed
from audit.sources.labelbox.export import Export, exported, lines, raise_errors
from audit.sources.labelbox.project import (
    LabelboxProject,
    member_events,
    project_of,
    settings_event,
    thing_events,
)
from audit.sources.labelbox.reading import LabelboxReading
from audit.sources.labelbox.rows import history_of, row_id
from audit.sources.labelbox.runs import with_runs
from audit.sources.labelbox.told import Asked, Kept, Teller
from audit.sources.values import instant, item, part, whole

PAGE_ROWS = 50
PAGE_BYTES = 4 * 1024 * 1024
"""Of exported lines; a page ends at whichever comes first. Several pages wait to be written."""

_Row = tuple[bytes, bytes | None]


class LabelboxSource(LiveSource):
    """One project of Labelbox. People and models are asked for once, and again with `project_events`."""

    cannot_tell = (
        "Labelbox records a version of a label when it is handed on, not when it is saved in between; labels that are "
        "older than its record have none.",
        "Labelbox tells versions of labels that were deleted, and of data rows that left the project, only together "
        "with their data row: those of data rows that are no longer in the project are not read.",
        "Labelbox names people by e-mail in exports and by id elsewhere: somebody who is no longer a user stays known "
        "by e-mail there.",
        "Labelbox keeps active time as sums for each label, without a history, and does not say who reviewed or "
        "reworked; nor when it was.",
        "Labelbox lists only issues that are about a label, and does not say when an issue was opened again.",
        "Labelbox lists no deleted data rows: they are found by a full pass.",
        "Labelbox tells who is a member now, not who was, nor since when.",
        "Of users, models, datasets and slices of a workspace Labelbox tells only those that the key may see.",
        "Which data rows a slice finds is read by full passes, and of slices of at most 100,000 data rows.",
    )

    def __init__(self, client: LabelboxClient) -> None:
        self.client = client
        self._project: LabelboxProject | None = None

    def check(self) -> ProjectDetails:
        """Name, description and queues of the project."""
        return LabelboxReading().project_details(settings_event(self._settings()).content or b"")

    def project_events(self) -> Iterator[SourceEvent]:
        """Settings with ontology, queues, workflow, tags and batches; members; datasets and slices of the workspace."""
        yield settings_event(self._settings())
        lists = {"members": self._members, "users": self._users, "DATASET": self._datasets, "SLICE": self._slices}
        with ThreadPoolExecutor(1, "labelbox") as threads:
            models = threads.submit(self._has_models)
            found = dict(side_by_side(lists))
            self._project = self._known(found["members"], found["users"], models.result())
        yield from member_events(found["members"])
        for kind in ("DATASET", "SLICE"):
            yield from thing_events(kind, found[kind])

    def count(self) -> int:
        """How many data rows the project has."""
        what = "the number of its data rows"
        found = whole(item(self.client.project_field(wire.PROJECT, "project", what=what)), "dataRowCount")
        if found is None:
            raise self.client.web.nonsense(what, "it has none")
        return found

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Data rows in the order of the export, each with what is told beside it."""
        if since is None:
            joint = Joint()
            with closing(Kept(self.client, joint)) as kept:
                # What is told beside the export is read while it is made. Its clock is that of its beginning: whatever
                # happens meanwhile is read again by the next pass.
                opened = partial(self._opened, check=joint.check)
                export, pages = joint.done(opened, kept.read_versions, kept.read_issues, kept.read_slices)
                yield from self._told_pages(export, pages, kept)
        else:
            yield from self._told_pages(*self._opened(since), Asked(self.client))

    def task(self, external_id: str) -> TaskHistory | None:
        """One data row; None when it is not in the project."""
        return dict(self.tasks([external_id]))[external_id]

    def tasks(self, external_ids: Iterable[str]) -> Iterator[tuple[str, TaskHistory | None]]:
        """Many data rows with one export: an export takes seconds, and only some may be under way."""
        project, wanted = self.project(), iter(external_ids)
        while ids := dict.fromkeys(islice(wanted, wire.MAX_IDS)):
            export = exported(self.client, "Project", wire.project_export(project.id, ids=list(ids)))
            for rows in _pages(self._rows(export, project)):
                for history in self._histories(rows, Asked(self.client), project):
                    if history.task not in ids:
                        shown = self.client.web.shown(history.task)
                        raise SourceError("answer", f"Labelbox sent the data row {shown}, which was not asked for")
                    del ids[history.task]
                    yield history.task, history
            raise_errors(self.client, export)  # What could not be exported is not gone.
            yield from ((id_, None) for id_ in ids)

    def time_pages(self) -> Iterator[tuple[SourceEvent, ...]]:
        """Nothing: active time comes with the labels."""
        yield from ()

    def file(self, ref: FileRef, into: IO[bytes]) -> None:
        """Fetch it; masks with the key, which goes to Labelbox's own host alone."""
        self.client.fetch(ref.where, ref.what, into)

    def close(self) -> None:
        """Close all connections."""
        self.client.close()

    def project(self) -> LabelboxProject:
        """The project as it was when it was last asked for."""
        if self._project is None:
            self._project = self._known(self._members(), self._users(), self._has_models())
        return self._project

    def _opened(
        self, since: datetime | None = None, check: Callable[[], None] = lambda: None
    ) -> tuple[Export, Iterator[list[_Row]]]:
        """An export that is ready, and the pages of its rows; the first of them is there."""
        export = exported(self.client, "Project", wire.project_export(self.client.project, since=since), check)
        pages = _pages(self._rows(export, self.project()))
        first = list(islice(pages, 1))
        return export, chain(first, pages)

    def _told_pages(self, export: Export, pages: Iterator[list[_Row]], teller: Teller) -> Iterator[TaskPage]:
        project, clock = self.project(), self._clock(export)
        for rows in pages:
            yield TaskPage(tuple(self._histories(rows, teller, project)), clock)
        raise_errors(self.client, export)

    def _settings(self) -> dict[str, bytes]:
        field = self.client.project_field
        own = partial(field, experimental=True)
        asks: dict[str, Callable[[], bytes]] = {
            "project": self._settings_alone,
            "ontology": partial(field, wire.ONTOLOGY, "project", "ontology", what="its ontology"),
            "task_queues": partial(own, wire.TASK_QUEUES, "project", "taskQueues", what="its task queues"),
            "workflow": partial(field, wire.WORKFLOW, "projectWorkflow", what="its workflow"),
            "tags": partial(field, wire.TAGS, "project", "resourceTags", what="its tags"),
            "issue_categories": partial(
                field, wire.CATEGORIES, "project", "issueCategories", what="categories of its issues"
            ),
            "batches": self._batches,
        }
        return dict(side_by_side(asks))

    def _settings_alone(self) -> bytes:
        found = self.client.project_field(wire.PROJECT, "project", what="its settings")
        if found == b"null":
            raise self.client.missing("its settings")
        return found

    def _batches(self) -> bytes:
        variables = {"projectId": self.client.project}
        batches = self.client.connected(
            wire.BATCHES, variables, "project", "batches", what="its batches", at=wire.EXPERIMENTAL
        )
        return b"[" + b",".join(batches) + b"]"

    def _members(self) -> tuple[bytes, ...]:
        variables = {"projectId": self.client.project}
        return tuple(self.client.listed(wire.MEMBERS, variables, "project", "members", what="its members"))

    def _users(self) -> tuple[bytes, ...]:
        return _allowed(self.client.listed(wire.USERS, {}, "users", what="the users of its workspace"))

    def _known(self, members: Sequence[bytes], users: Sequence[bytes], with_models: bool | None) -> LabelboxProject:
        of_members = [msgspec.json.encode(part(item(raw), "user")) for raw in members]
        return project_of(self.client.project, [*of_members, *users], with_models=with_models)

    def _has_models(self) -> bool | None:
        """Whether the workspace has models; None where the key may not see them."""
        try:
            models = self.client.listed(wire.MODELS, {}, "models", what="the models of its workspace")
            return next(models, None) is not None
        except NotAllowed:
            return None

    def _datasets(self) -> tuple[bytes, ...]:
        what = "the datasets of its workspace"
        return _allowed(self.client.listed(wire.DATASETS, {"param_0": False}, "datasets", what=what))

    def _slices(self) -> tuple[bytes, ...]:
        return _allowed(self.client.slices())

    def _rows(self, export: Export, project: LabelboxProject) -> Iterator[_Row]:
        found = (line for line in lines(self.client, export) if line.strip())
        return with_runs(self.client, found) if project.with_models else ((line, None) for line in found)

    def _histories(self, rows: Sequence[_Row], teller: Teller, project: LabelboxProject) -> Iterator[TaskHistory]:
        beside = teller.of([row_id(line) for line, _ in rows])
        for (line, runs), told in zip(rows, beside, strict=True):
            yield history_of(line, told, runs, project)

    def _clock(self, export: Export) -> datetime | None:
        """When the platform began the export, by its own clock."""
        if export.created_at is None:
            return None
        try:
            return instant(export.created_at)
        except ValueError:
            shown = self.client.web.shown(export.created_at)
            raise SourceError("answer", f"Labelbox's clock says {shown!r}, which is no time") from None


def _allowed(found: Iterator[bytes]) -> tuple[bytes, ...]:
    """What the key may see of the workspace: nothing, when it is of somebody who may see this project alone."""
    kept: list[bytes] = []
    with suppress(NotAllowed):
        kept.extend(found)
    return tuple(kept)


def _pages(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    """Rows by pages; an error comes after what came before it."""
    page: list[_Row] = []
    size = 0
    failed: SourceError | None = None
    try:
        for row in rows:
            page.append(row)
            size += len(row[0]) + len(row[1] or b"")
            if len(page) >= PAGE_ROWS or size >= PAGE_BYTES:
                yield page
                page, size = [], 0
    except SourceError as error:
        failed = error
    if page:
        yield page
    if failed is not None:
        raise failed
