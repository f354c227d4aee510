"""Appending to a log: numbered, hashed and stored in one transaction a batch, under the head's row lock.

The index of an event is decided under the lock, never by a sequence: those leave gaps and invert the order of commits.
No event is waited for while the lock is held: a batch is complete before it is taken. What costs time then (people
replaced, hashes, packing: `write`) goes on beside the server's own work on the rows before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from types import TracebackType

from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected

from audit.log.checks import checked
from audit.log.keys import SourceKeys
from audit.log.write import Batch
from audit.models import Log, Project
from audit.people import Outdated, People
from audit.sources import reading
from audit.sources.base import SourceEvent

BATCH = 10_000
BATCH_BYTES = 64 * 1024 * 1024
"""Payload of a batch after which it is written although it has fewer events."""
ATTEMPTS = 10
"""How often a batch is tried while other sessions store the same people; each time one of them goes ahead."""


class Appender:
    """Appends events to a project's log. Those that it holds already (by source key) are left out and counted.

    Histories come one after the other: all events of a task without another task's between them, since equal events of
    one history are told apart by counting. A batch is one transaction; when it fails nothing of it is stored. After an
    error what was added since the last batch is dropped; adding the same histories again continues there.

    `with Appender(project) as log: log.add(event)`; leaving the block without an error writes the rest. `fence` is the
    last word in each batch's transaction: what it raises keeps the batch out. With `compared` the caller
    knows that the log holds none of the events that have a source key: only the others are looked up.
    """

    def __init__(
        self,
        project: Project,
        *,
        now: Callable[[], datetime] | None = None,
        compared: bool = False,
        fence: Callable[[], None] = lambda: None,
    ) -> None:
        self.project = project
        self.reading = reading(project.source.kind)
        self.people = People(project, project.log, project.source)
        self.keys = SourceKeys(self.people.project_key)
        self.now = now or (lambda: datetime.now(UTC))
        self.compared = compared
        self.fence = fence
        self.added = 0
        self.known = 0
        self._batch: list[SourceEvent] = []
        self._bytes = 0

    def __enter__(self) -> Appender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush()

    @property
    def waiting(self) -> int:
        """Events that were added and are not written yet."""
        return len(self._batch)

    def add(self, event: SourceEvent) -> None:
        """Take one more event; writes a batch when there are enough. Raises EnvelopeError for what no log can hold."""
        try:
            self._batch.append(checked(event))
        except BaseException:
            self._drop()
            raise
        if event.content is not None:
            self._bytes += len(event.content)
        if len(self._batch) >= BATCH or self._bytes >= BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was added so far, in one transaction."""
        batch, self._batch, self._bytes = self._batch, [], 0
        if not batch:
            return
        try:
            added = self._stored(batch)
        except BaseException:
            self._drop()
            raise
        self.added += added
        self.known += len(batch) - added

    def write(self, events: Iterable[SourceEvent]) -> int:
        """Append these events as a part of the caller's transaction; how many were new."""
        return self._write([checked(event) for event in events])

    def _stored(self, batch: Sequence[SourceEvent]) -> int:
        before = self.keys.copy()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    added = self._write(batch)
                    self.fence()
                    return added
            except (Outdated, OperationalError) as problem:
                # Another session met the same people meanwhile, and spelled them in another order or waits for ours.
                # Take its spellings. Any other trouble of the database is not ours to try again.
                other = isinstance(problem, OperationalError) and not isinstance(problem.__cause__, DeadlockDetected)
                if other or attempt == ATTEMPTS:
                    raise
                self.people.forget()
                self.keys = before.copy()
        raise AssertionError("the last attempt returns or raises")

    def _write(self, batch: Sequence[SourceEvent]) -> int:
        locked = Log.objects.select_for_update(no_key=True, of=("self", "project")).select_related("project__source")
        log = locked.get(project=self.project)
        return Batch(log, batch, self.people, self.keys, self.reading, self.now(), compared=self.compared).write()

    def _drop(self) -> None:
        """Forget what is not stored: events, the people met with them, and how far their history was counted."""
        self._batch, self._bytes = [], 0
        self.people.forget()
        self.keys = SourceKeys(self.people.project_key)


def append_in_transaction(log: Log, events: Iterable[SourceEvent]) -> int:
    """Append events as a part of the caller's transaction; how many were new."""
    return Appender(log.project).write(events)
