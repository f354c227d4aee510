"""isahit lab as the sync reads it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import IO

from audit.sources.ahead import ahead
from audit.sources.base import (
    FileRef,
    LiveSource,
    ProjectDetails,
    SourceError,
    SourceEvent,
    TaskHistory,
    TaskPage,
)
from audit.sources.isahit.client import IsahitClient
from audit.sources.isahit.events import history_of
from audit.sources.isahit.label import write_picture
from audit.sources.isahit.project import IsahitProject, batch_events, details_of, project_of, settings_event


class IsahitSource(LiveSource):
    """One project of isahit lab. Its configuration is asked for once, and again with `project_events`."""

    cannot_tell = (
        "isahit lab keeps no list of events: creation, submissions, reviews and states are concluded from the times, "
        "the data, the status and the jobs of a task; only entries of a job's history are its own record.",
        "isahit lab does not say when a task's status changed, or who changed it: such events have no time.",
        "isahit lab keeps the newest data of a task alone: what it said before the first sync, and between two syncs, "
        "is not told. Whether a review changed the data is not told either: it is recorded as accepted.",
        "isahit lab does not document its metrics: they are kept as they come, and are not counted as active time.",
        "isahit lab lists no members of a project: people are known by the tasks that name them.",
        "isahit lab does not list deleted tasks: they are found by a full pass.",
        "isahit lab's API gives files by id only inside of its own pages: only files that have an address of their own "
        "can be fetched.",
    )

    def __init__(self, client: IsahitClient) -> None:
        self.client = client
        self._project: IsahitProject | None = None

    def check(self) -> ProjectDetails:
        """Name and description of the project; that its configuration may be read."""
        configuration, project = self._settings()
        project_of(configuration)
        content = settings_event(project, configuration).content
        return details_of(content or b"{}")

    def project_events(self) -> Iterator[SourceEvent]:
        """The project with its configuration, then each batch."""
        configuration, project = self._settings()
        self._project = project_of(configuration)
        yield settings_event(project, configuration)
        yield from batch_events(self.client.batches())

    def count(self) -> int:
        """How many tasks the project has."""
        return self.client.count()

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Pages of tasks with their data, jobs and metrics."""
        project = self.project()
        for page in ahead(self.client.task_pages(since), 1):  # The next answer comes while this one is taken apart.
            yield TaskPage(tuple(history_of(raw, project) for raw in page.items), page.clock)

    def task(self, external_id: str) -> TaskHistory | None:
        """One task. Raises SourceError when another one came than was asked for."""
        raw = self.client.task(external_id)
        if raw is None:
            return None
        history = history_of(raw, self.project())
        if history.task != external_id:
            raise SourceError("answer", f"isahit lab was asked for task {external_id} and sent {history.task[:80]}")
        return history

    def time_pages(self) -> Iterator[tuple[SourceEvent, ...]]:
        """isahit lab tells no active time."""
        return iter(())

    def file(self, ref: FileRef, into: IO[bytes]) -> None:
        """A mask, which came inside of the data, or a medium from its address."""
        if ref.media:
            self.client.web.fetch(ref.where, ref.what, into)
        else:
            write_picture(ref, into)

    def close(self) -> None:
        """Close all connections."""
        self.client.close()

    def project(self) -> IsahitProject:
        """What the project is made of."""
        if self._project is None:
            self._project = project_of(self.client.configuration())
        return self._project

    def _settings(self) -> tuple[bytes, bytes]:
        """The configuration, and the project as it is listed; an empty one where the key may not list it."""
        configuration = self.client.configuration()
        return configuration, next(self.client.projects(self.client.project), b"{}")
