"""What a pass adds to the log: in batches, each task's events when the files they name have come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress

from audit.live import held as record
from audit.live.fetched import Completing, Fetcher
from audit.live.held import Held
from audit.log.append import Appender
from audit.models import Log, Media, Project, SyncRun
from audit.sources.base import LiveSource, SourceError, SourceEvent
from exportsite.jobs import Lease

BATCH = 2_000
"""Events after which they are written: larger batches take hardly less time, and more memory."""


class Recording:
    """Adds events to a project's log, and reads what it holds; `new` were given to it, `written` are in it for good.

    The appender compares no more: what the log holds is read (`held`) before anything is added.
    """

    def __init__(self, project: Project, log: Log, source: LiveSource, lease: Lease[SyncRun]) -> None:
        self.new = 0
        self._log = log
        self._completing = Completing(Fetcher(source, with_media=project.media == Media.KEEP))
        self._appender = Appender(project, fence=lease.committed, compared=True)
        self._unwritten: set[str | None] = set()

    @property
    def waiting(self) -> int:
        """How many events were added and are not written."""
        return self._appender.waiting

    @property
    def written(self) -> int:
        """How many events were written."""
        return self._appender.added

    def held(
        self, tasks: Collection[str], types: Collection[str] | None = None, source_types: Collection[str] = ()
    ) -> dict[str, Held]:
        """What the log holds of these tasks, those of their events that wait written first."""
        if not self._unwritten.isdisjoint(tasks) or self._completing.waits_for(tasks):
            self.flush()
        return record.of_tasks(self._log, tasks, types, source_types)

    def held_of_project(self, kinds: Collection[tuple[str, str]]) -> Held:
        """What the log holds of the project itself, events of these types and source's types."""
        if None in self._unwritten:
            self.flush()
        return record.of_project(self._log, kinds)

    def add(self, events: Sequence[SourceEvent]) -> None:
        """Add events that name no files."""
        for event in events:
            if not self._appender.waiting:
                self._unwritten.clear()  # The batch was full, and was written.
            self._appender.add(event)
            self._unwritten.add(event.task)
        self.new += len(events)
        if self._appender.waiting >= BATCH:
            self._write()

    def add_with_files(self, task: str, events: Sequence[SourceEvent]) -> None:
        """Add a task's events as soon as their files have come, and after those of the tasks before it."""
        self._completing.add(task, events)

    def take_some(self) -> None:
        """Add what has its files, and wait for more until few are on their way. Raises SourceError of one that can't be
        fetched, as do all that follow but `keep`."""
        self._take(self._completing.some())

    def take_all(self) -> None:
        """Add all that waits for files, each when these are there."""
        self._take(self._completing.all())

    def write_done(self) -> None:
        """Write what waits for no file: there is time for it."""
        self._take(self._completing.done())
        self._write()

    def flush(self) -> None:
        """Write all that came, when its files have come."""
        self.take_all()
        self._write()

    def keep(self) -> None:
        """Write what came before the first file that can't be fetched."""
        with suppress(SourceError):
            self.take_all()
        self._write()

    def close(self) -> None:
        """Fetch no more files."""
        self._completing.close()

    def _take(self, histories: Iterable[Sequence[SourceEvent]]) -> None:
        for events in histories:
            self.add(events)

    def _write(self) -> None:
        self._appender.flush()
        self._unwritten.clear()
