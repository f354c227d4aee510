"""Appending to a log: numbered, hashed and stored in one transaction a batch, under the head's row lock.

The index of an event is decided under the lock, never by a sequence: those leave gaps and invert the order of commits.
What can be done before the lock (people, payloads, salts, commits) is done before it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType

from django.db import connection, transaction

from audit.eventtypes import TYPES
from audit.log import projection, rows
from audit.log.envelope import MAX_DISCLOSURE, SALT_SIZE, Envelope, EnvelopeError, clean, commit, seal, stamp, unseal
from audit.log.fold import begin, fold
from audit.log.keys import VERSION_TYPES, SourceKeys
from audit.log.merkle import Edge, leaf_hash
from audit.log.projects import ProjectFold
from audit.models import Event, Log, Person, Project, Tile
from audit.people import Outdated, People
from audit.sources import reading
from audit.sources.base import SourceEvent

BATCH = 10_000
SLICE = 500
"""Rows sent to the server at a time, so that it indexes the last ones while we build the next."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An event with everything that does not depend on its place in the log."""

    event: SourceEvent
    key: str
    actor: str | None
    assignee: str | None
    content: bytes | None
    content_commit: str | None
    text: bytes | None
    text_commit: str | None
    salts: bytes


class Appender:
    """Appends events to a project's log. Those that it holds already (by source key) are left out and counted.

    Histories come one after the other: all events of a task without another task's between them, since equal events of
    one history are told apart by counting. A batch is one transaction; when it fails nothing of it is stored, and
    appending the same events again continues where it stopped.

    `with Appender(project) as log: log.add(event)`; leaving the block without an error writes the rest.
    """

    def __init__(self, project: Project, *, now: Callable[[], datetime] | None = None) -> None:
        self.project = project
        self.source = project.source
        self.reading = reading(self.source.kind)
        self.people = People(project, project.log, self.source)
        self.keys = SourceKeys(self.people.project_key)
        self.now = now or (lambda: datetime.now(UTC))
        self.added = 0
        self.known = 0
        self._history: str | None = None
        self._batch: list[Prepared] = []

    def __enter__(self) -> Appender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush()

    def add(self, event: SourceEvent) -> None:
        """Take one more event; writes a batch when there are enough."""
        self._batch.append(self.prepare(event))
        if len(self._batch) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what was added so far, in one transaction. When that fails, it is as if it had not been added."""
        batch, self._batch = self._batch, []
        if not batch:
            return
        try:
            added = self._commit(batch)
        except Outdated:
            # Another session met the same people first and spelled them in another order: take its spellings.
            self.people.forget()
            added = self._commit([self._disclosed(item.event, item.key) for item in batch])
        self.added += added
        self.known += len(batch) - added

    def _commit(self, batch: Sequence[Prepared]) -> int:
        try:
            with transaction.atomic():
                return self.write(batch)
        except BaseException:
            self.people.forget()
            raise

    def prepare(self, event: SourceEvent) -> Prepared:
        """The event with its source key, its people replaced and its payloads committed to."""
        if event.type not in TYPES:
            raise ValueError(f"{event.type!r} is not a type of event; audit.eventtypes lists them")
        event = _cleaned(event)
        if event.task != self._history:
            self._history = event.task
            self.keys.next_history()
        actor = self.people.pseudonym_of(event.actor) if event.actor else None
        assignee = self.people.pseudonym_of(event.assignee) if event.assignee else None
        return self._disclosed(event, self.keys.key(event, actor, assignee))

    def _disclosed(self, event: SourceEvent, key: str) -> Prepared:
        # A payload that we concluded holds no person unless it says so: its words are ours, not values to replace.
        refs = () if event.derived else tuple(ref for ref in (event.actor, event.assignee) if ref is not None)
        content = self.people.tokenise(event.content, (*refs, *event.people)) if event.content is not None else None
        text = event.text.encode() if event.text is not None else None
        for group, data in (("content", content), ("text", text)):
            if data is not None and len(data) > MAX_DISCLOSURE:
                raise EnvelopeError(
                    f"the {group} of an event of task {str(event.task)[:80]!r} has {len(data):,} bytes; "
                    f"at most {MAX_DISCLOSURE:,} can be kept"
                )
        salts = os.urandom(2 * SALT_SIZE)
        return Prepared(
            event,
            key,
            self.people.pseudonym_of(event.actor) if event.actor else None,
            self.people.pseudonym_of(event.assignee) if event.assignee else None,
            content,
            commit(salts[:SALT_SIZE], content) if content is not None else None,
            text,
            commit(salts[SALT_SIZE:], text) if text is not None else None,
            salts,
        )

    def write(self, batch: Sequence[Prepared]) -> int:
        """Append what is new in `batch` within the caller's transaction; how many events that was."""
        log = Log.objects.select_for_update(no_key=True).get(project=self.project)
        self.people.flush()
        return _Write(self, log, batch).run()


def append_in_transaction(log: Log, events: Iterable[SourceEvent]) -> int:
    """Append events as a part of the caller's transaction; how many were new."""
    appender = Appender(log.project)
    return appender.write([appender.prepare(event) for event in events])


def _cleaned(event: SourceEvent) -> SourceEvent:
    """The event with texts that columns and envelopes can hold; the payload keeps what was replaced."""
    changes: dict[str, str | None] = {}
    for name in ("task", "source_type", "occurred_at", "source_key", "stage", "to_stage", "text"):
        value = getattr(event, name)
        if value is not None and not value.isprintable():
            changes[name] = clean(value)
    return replace(event, **changes) if changes else event  # type: ignore[arg-type]


class _Write:
    """One batch on its way into the tables; lives as long as its transaction."""

    def __init__(self, appender: Appender, log: Log, batch: Sequence[Prepared]) -> None:
        self.appender = appender
        self.project = Project.objects.select_for_update(no_key=True).get(pk=log.project_id)
        self.log = log
        self.batch = batch
        now = appender.now()
        self.received = max(now, log.received_at) if log.received_at else now
        self.received_text = stamp(self.received)
        self.leaves: list[bytes] = []
        self.disclosures: list[bytes] = []
        self.texts: list[tuple[int, str]] = []
        self.versions: list[tuple[int, int, int]] = []
        self.times: list[projection.TimeRow] = []
        self.project_fold = ProjectFold(self.project, appender.reading)

    def run(self) -> int:
        tasks = list(dict.fromkeys(item.event.task for item in self.batch if item.event.task is not None))
        with_times = any(item.event.type == "time.revised" for item in self.batch)
        self.tasks = projection.read_tasks(self.project, tasks, with_times=with_times)
        fresh = self._fresh()
        if not fresh:
            return 0
        self._number_new_tasks(fresh)
        pseudonyms = {item.actor for item in fresh if item.actor is not None}
        self.persons = dict(
            Person.objects.filter(project=self.project, pseudonym__in=pseudonyms).values_list("pseudonym", "id")
        )
        with connection.cursor() as cursor:
            with cursor.copy(rows.COPY_EVENTS) as copy:
                copy.write(rows.HEADER)
                for start in range(0, len(fresh), SLICE):
                    copy.write(b"".join([self._row(item) for item in fresh[start : start + SLICE]]))
                copy.write(rows.TRAILER)
            if self.disclosures:
                with cursor.copy(rows.COPY_DISCLOSURES) as copy:
                    copy.write(rows.HEADER)
                    for start in range(0, len(self.disclosures), SLICE):
                        copy.write(b"".join(self.disclosures[start : start + SLICE]))
                    copy.write(rows.TRAILER)
        self._write_projections(fresh)
        self._write_head()
        return len(fresh)

    def _fresh(self) -> list[Prepared]:
        """The events of the batch that the log does not hold, with the keys under which it will hold them."""
        held: set[tuple[str | None, str]] = set()
        newest: dict[tuple[str | None, str], str] = {}
        versions: Counter[str] = Counter()
        for envelope in self._held_events():
            held.add((envelope.task, envelope.source_key))
            if envelope.type in VERSION_TYPES:
                base = envelope.source_key.rpartition(".")[0]
                newest[envelope.task, envelope.type] = base
                versions[base] += 1
        fresh = []
        for item in self.batch:
            task, kind = item.event.task, item.event.type
            if kind in VERSION_TYPES and item.event.source_key is None:
                if newest.get((task, kind)) == item.key:
                    continue
                newest[task, kind] = item.key
                versions[item.key] += 1
                fresh.append(replace(item, key=f"{item.key}.{versions[item.key] - 1}"))
            elif (task, item.key) not in held:
                held.add((task, item.key))
                fresh.append(item)
        return fresh

    def _held_events(self) -> Iterator[Envelope]:
        """What the log holds of the tasks in the batch, and of the project when the batch says something of it."""
        trails = Event.objects.filter(task__in=[row.id for row in self.tasks.values()]).order_by("task_id", "n")
        of_project = Event.objects.filter(
            task=None, id__gte=self.log.event_id(0), id__lt=self.log.event_id(self.log.size)
        ).order_by("id")
        wanted = [trails] if self.tasks else []
        if any(item.event.task is None for item in self.batch):
            wanted.append(of_project)
        for events in wanted:
            for envelope in events.values_list("envelope", flat=True).iterator(chunk_size=5000):
                yield unseal(bytes(envelope))

    def _number_new_tasks(self, fresh: Sequence[Prepared]) -> None:
        """Rows for tasks seen for the first time, numbered on from the project's last."""
        names = dict.fromkeys(item.event.task for item in fresh if item.event.task is not None)
        missing = [name for name in names if name not in self.tasks]
        ids = projection.new_task_ids(len(missing)) if missing else iter(())
        for name in missing:
            self.project.tasks += 1
            state = begin(name, -1, self.received)
            self.tasks[name] = projection.TaskRow(next(ids), name, self.project.tasks, state)

    def _row(self, item: Prepared) -> bytes:
        """Number and hash one event, note what it discloses and changes, and pack its row."""
        event = item.event
        index = self.log.size + len(self.leaves)
        event_id = self.log.event_id(index)
        task = self.tasks[event.task] if event.task is not None else None
        if task is None:
            self.log.project_events += 1
            n = self.log.project_events
        else:
            n = task.state.events + 1
        envelope = Envelope(
            v=1,
            log=self.log.origin,
            task=event.task,
            n=n,
            type=event.type,
            source_type=event.source_type,
            source_key=item.key,
            occurred_at=event.occurred_at,
            received_at=self.received_text,
            actor=item.actor,
            actor_kind=event.actor_kind,
            assignee=item.assignee,
            stage=event.stage,
            to_stage=event.to_stage,
            cycle=event.cycle,
            derived=event.derived,
            content=item.content_commit,
            text=item.text_commit,
        )
        data = seal(envelope)
        self.leaves.append(leaf_hash(data))
        late = self._project(item, envelope, index, event_id)
        if item.content is not None:
            self.disclosures.append(rows.disclosure_row(event_id, b"content", item.salts[:SALT_SIZE], item.content))
        if item.text is not None:
            self.disclosures.append(rows.disclosure_row(event_id, b"text", item.salts[SALT_SIZE:], item.text))
            self.texts.append((event_id, event.text or ""))
        return rows.event_row(
            event_id,
            self.log.pk,
            task.id if task else None,
            n,
            event.type.encode(),
            event.source_type.encode(),
            event.instant or self.received,
            (event.stage or "").encode(),
            self.persons[item.actor] if item.actor is not None else None,
            late,
            data,
        )

    def _project(self, item: Prepared, envelope: Envelope, index: int, event_id: int) -> bool:
        """What the event changes in the tables that repeat the log; whether it is late."""
        event = item.event
        self.project_fold.take(envelope, item.content)
        if event.task is None:
            return False
        task = self.tasks[event.task]
        if task.state.from_index < 0:
            task.state.from_index = index
        details = span = None
        if item.content is not None:
            if event.type in ("task.created", "task.updated"):
                details = self.appender.reading.task_details(item.content)
                self.versions.append((event_id, index, task.id))
            elif event.type in ("time.recorded", "time.revised"):
                span = self.appender.reading.active_span(item.content)
                person_id = self.persons[item.actor] if item.actor is not None else None
                replaces = event.type == "time.revised"
                self.times.append(
                    projection.TimeRow(
                        event_id, index, task.id, person_id, event.stage or "", event.cycle, replaces, span
                    )
                )
        return fold(task.state, envelope, index, event.instant, details, span)

    def _write_projections(self, fresh: Sequence[Prepared]) -> None:
        touched = dict.fromkeys(item.event.task for item in fresh if item.event.task is not None)
        projection.write_tasks(self.project, [self.tasks[name] for name in touched])
        projection.write_versions(self.versions)
        projection.write_times(self.project, self.times)
        projection.write_words(self.texts)
        self.project_fold.save()

    def _write_head(self) -> None:
        edge = Edge.parse(self.log.size, bytes(self.log.edge))
        tiles = edge.extend(self.leaves)
        Tile.objects.bulk_create(
            [Tile(log=self.log, level=tile.level, index=tile.index, hashes=tile.hashes) for tile in tiles]
        )
        self.log.size = edge.size
        self.log.edge = edge.encode()
        self.log.received_at = self.received
        self.log.save(update_fields=["size", "edge", "received_at", "project_events"])
