"""One batch on its way into the tables: what is new is numbered, hashed, copied and folded, and the head moves on."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from audit.log import projection, rows, superseded
from audit.log.checks import described
from audit.log.copies import Copies
from audit.log.details import task_details
from audit.log.envelope import (
    MAX_DISCLOSURE,
    SALT_SIZE,
    Envelope,
    EnvelopeError,
    commit,
    seal,
    stamp,
    unseal,
)
from audit.log.fold import LABEL_TYPES, begin, fold, is_version
from audit.log.keys import VERSION_TYPES, SourceKeys
from audit.log.labels import details_of
from audit.log.merkle import Edge, leaf_hash
from audit.log.projects import ProjectFold
from audit.log.superseded import SUPERSEDED
from audit.models import Event, Log
from audit.people import People
from audit.sources.base import ActiveSpan, LabelDetails, Reading, SourceEvent

STEP = 20
"""Events, less than a millisecond's work, after which the server gets what waits for it."""
MAX_SPAN = 10**15
"""Milliseconds of active time in one event: more would overflow the task's sum, and no one worked 30,000 years."""


class Batch:
    """Events to be appended to a log; the caller's transaction locked its row and its project, and ends after this."""

    def __init__(
        self,
        log: Log,
        events: Sequence[SourceEvent],
        people: People,
        keys: SourceKeys,
        reading: Reading,
        now: datetime,
        *,
        compared: bool = False,
    ) -> None:
        self.log = log
        self.log_id = int(log.pk)  # Django's pk is slow to ask for, and asked for with every event.
        self.next_id = log.event_id(log.size)
        self.events = events
        self.people = people
        self.keys = keys
        self.reading = reading
        self.compared = compared
        self.project = log.project
        self.received = max(now, log.received_at) if log.received_at else now
        self.received_text = stamp(self.received)
        self.salts = _random_salts()
        self.leaves: list[bytes] = []
        self.texts: list[tuple[int, str]] = []
        self.versions: list[tuple[int, int, int]] = []
        self.times: list[projection.TimeRow] = []
        self.labels: list[projection.LabelRow] = []
        self.superseded: list[tuple[int, int, int]] = []
        self.touched: dict[str, projection.TaskRow] = {}
        self.project_fold = ProjectFold(self.project, reading)

    def write(self) -> int:
        """Append what is new; how many events that was. Raises Outdated when other sessions spelled people first."""
        self._meet_people()
        self._read_tasks()
        self._read_held()
        with Copies() as copies:
            self._write_events(copies)
            self._write_tree(copies)
        self.people.flush()  # The spellings met in payloads meanwhile.
        if not self.leaves:
            return 0
        self._write_projections()
        self._write_head()
        return len(self.leaves)

    def _meet_people(self) -> None:
        """Rows for all actors and assignees, since events name them by id."""
        refs = {event.actor for event in self.events} | {event.assignee for event in self.events}
        known = {self.people.pseudonym_of(ref): ref.external_id for ref in refs if ref is not None}
        self.people.flush()
        self.persons = {pseudonym: self.people.person_id(external_id) for pseudonym, external_id in known.items()}

    def _read_tasks(self) -> None:
        """The rows of the batch's tasks; new ones are numbered on from the project's last."""
        names = dict.fromkeys(event.task for event in self.events if event.task is not None)
        with_times = any(event.type == "time.revised" for event in self.events)
        self.tasks = projection.read_tasks(self.project, list(names), with_times=with_times)
        self.held_tasks = set(self.tasks)
        missing = [name for name in names if name not in self.tasks]
        for name, task_id in zip(missing, projection.new_task_ids(len(missing)), strict=True):
            self.project.tasks += 1
            state = begin(name, self.log.size, self.received)
            self.tasks[name] = projection.TaskRow(task_id, name, self.project.tasks, state)

    def _read_held(self) -> None:
        """The source keys that the log holds of the batch's tasks, and of the project when the batch names it."""
        self.held: set[tuple[str | None, str]] = set()
        self.newest: dict[tuple[str | None, str], str] = {}
        self.versions_held: Counter[str] = Counter()
        for envelope in self._held_events():
            self.held.add((envelope.task, envelope.source_key))
            if envelope.type in VERSION_TYPES and envelope.occurred_at is None:
                base = envelope.source_key.rpartition(".")[0]
                self.newest[envelope.task, envelope.type] = base
                self.versions_held[base] += 1

    def _held_events(self) -> Iterator[Envelope]:
        looked_up = [event.task for event in self.events if not self.compared or event.source_key is None]
        held_tasks = [self.tasks[task].id for task in dict.fromkeys(looked_up) if task in self.held_tasks]
        trails = Event.objects.filter(task__in=held_tasks).order_by("task_id", "n")
        of_project = Event.objects.filter(log=self.log, task=None).order_by("id")
        wanted = [trails] if held_tasks else []
        if None in looked_up:
            wanted.append(of_project)
        for events in wanted:
            for envelope in events.values_list("envelope", flat=True).iterator(chunk_size=5000):
                yield unseal(bytes(envelope))

    def _new_key(self, event: SourceEvent, actor: str | None, assignee: str | None) -> str | None:
        """The key under which the log will hold the event; None when it holds it already."""
        key = self.keys.key(event, actor, assignee)
        if event.type in VERSION_TYPES and event.occurred_at is None and event.source_key is None:
            if self.newest.get((event.task, event.type)) == key:
                return None
            self.newest[event.task, event.type] = key
            self.versions_held[key] += 1
            return f"{key}.{self.versions_held[key] - 1}"
        if (event.task, key) in self.held:
            return None
        self.held.add((event.task, key))
        return key

    def _write_events(self, copies: Copies) -> None:
        """Make rows of the events that are new."""
        add_event = copies.into(rows.COPY_EVENTS)
        self.add_disclosure = copies.into(rows.COPY_DISCLOSURES)
        pseudonym_of = self.people.pseudonym_of
        for number, event in enumerate(self.events):
            actor = pseudonym_of(event.actor) if event.actor is not None else None
            assignee = pseudonym_of(event.assignee) if event.assignee is not None else None
            key = self._new_key(event, actor, assignee)
            if key is not None:
                add_event(self._row(event, key, actor, assignee))
            if not number % STEP:
                copies.go_on()

    def _row(self, event: SourceEvent, key: str, actor: str | None, assignee: str | None) -> bytes:
        """Number and hash one event, note what it discloses and changes, and pack its row."""
        index = self.log.size + len(self.leaves)
        event_id = self.next_id + len(self.leaves)
        task = self.tasks[event.task] if event.task is not None else None
        if task is None:
            self.log.project_events += 1
            n = self.log.project_events
        else:
            n = task.state.events + 1
        content = self._content(event)
        envelope = Envelope(
            v=1,
            log=self.log.origin,
            task=event.task,
            n=n,
            type=event.type,
            source_type=event.source_type,
            source_key=key,
            occurred_at=event.occurred_at,
            received_at=self.received_text,
            actor=actor,
            actor_kind=event.actor_kind,
            assignee=assignee,
            stage=event.stage,
            to_stage=event.to_stage,
            cycle=event.cycle,
            derived=event.derived,
            content=None if content is None else self._disclose(event_id, b"content", content),
            text=None if event.text is None else self._disclose_text(event_id, event, event.text),
        )
        data = seal(envelope)
        self.leaves.append(leaf_hash(data))
        self.project_fold.take(envelope, content)
        actor_id = None if actor is None else self.persons[actor]
        return rows.event_row(
            event_id,
            self.log_id,
            None if task is None else task.id,
            n,
            rows.names(event.type, event.source_type),
            event.instant or self.received,
            rows.text(event.stage or ""),
            actor_id,
            False if task is None else self._fold(task, event, envelope, index, event_id, actor_id, content),
            data,
        )

    def _content(self, event: SourceEvent) -> bytes | None:
        """The payload with its people replaced."""
        if event.content is None:
            return None
        # A payload that we concluded holds no person unless it says so: its words are ours, not values to replace.
        refs = event.people
        if not event.derived:
            if event.assignee is not None:
                refs = (event.assignee, *refs)
            if event.actor is not None:
                refs = (event.actor, *refs)
        content = self.people.tokenise(event.content, refs)
        _check_size(event, "content", content)
        return content

    def _disclose(self, event_id: int, group: bytes, data: bytes) -> str:
        salt = next(self.salts)
        self.add_disclosure(rows.disclosure_row(event_id, group, salt, data))
        return commit(salt, data)

    def _disclose_text(self, event_id: int, event: SourceEvent, text: str) -> str:
        data = text.encode()
        _check_size(event, "text", data)
        self.texts.append((event_id, text))
        return self._disclose(event_id, b"text", data)

    def _fold(
        self,
        task: projection.TaskRow,
        event: SourceEvent,
        envelope: Envelope,
        index: int,
        event_id: int,
        actor_id: int | None,
        content: bytes | None,
    ) -> bool:
        """What the event changes in the task's row and beside it; whether it is late."""
        if not task.state.events:
            task.state.from_index = index
        self.touched[task.external_id] = task
        details = span = None
        if content is not None:
            if event.type in ("task.created", "task.updated"):
                details = task_details(self.reading, content)
                if is_version(envelope):
                    self.versions.append((event_id, index, task.id))
            elif event.type in ("time.recorded", "time.revised"):
                span = self._span(event, content)
                replaces = event.type == "time.revised"
                self.times.append(
                    projection.TimeRow(
                        event_id, index, task.id, actor_id, event.stage or "", event.cycle, replaces, span
                    )
                )
            elif event.type in LABEL_TYPES and (label := self._label(event, content)) is not None:
                deleted = event.type == "label.deleted"
                self.labels.append(projection.LabelRow(event_id, index, task.id, actor_id, label, deleted))
            elif event.type == SUPERSEDED:
                self.superseded.append((self._superseded(event, content), index, task.id))
        return fold(task.state, envelope, index, event.instant, details, span)

    def _label(self, event: SourceEvent, content: bytes) -> LabelDetails | None:
        try:
            details = details_of(self.reading, event.source_type, content)
        except ValueError as problem:
            raise EnvelopeError(f"{described(event)}: {problem}") from problem
        if details and details.milliseconds is not None and abs(details.milliseconds) > MAX_SPAN:
            raise EnvelopeError(f"{described(event)}: {details.milliseconds:,} ms is no time that anybody worked")
        return details

    def _superseded(self, event: SourceEvent, content: bytes) -> int:
        try:
            return superseded.index_of(content)
        except ValueError as problem:
            raise EnvelopeError(f"{described(event)}: {problem}") from problem

    def _span(self, event: SourceEvent, content: bytes) -> ActiveSpan:
        try:
            span = self.reading.active_span(content)
        except ValueError as problem:
            raise EnvelopeError(f"{described(event)}: {problem}") from problem
        if abs(span.milliseconds) > MAX_SPAN:
            raise EnvelopeError(f"{described(event)}: {span.milliseconds:,} ms is no time that anybody worked")
        return span

    def _write_projections(self) -> None:
        projection.write_tasks(self.project, self.touched.values())
        projection.write_versions(self.versions)
        projection.write_times(self.project, self.times)
        projection.write_labels(self.project, self.labels)
        projection.write_words(self.texts)
        superseded.write(self.log, self.superseded)
        self.project_fold.save()

    def _write_tree(self, copies: Copies) -> None:
        self.edge = Edge.parse(self.log.size, bytes(self.log.edge))
        add_tile = copies.into(rows.COPY_TILES)
        for tile in self.edge.extend(self.leaves):
            add_tile(rows.tile_row(self.log_id, tile))

    def _write_head(self) -> None:
        self.log.size = self.edge.size
        self.log.edge = self.edge.encode()
        self.log.received_at = self.received
        self.log.save(update_fields=["size", "edge", "received_at", "project_events"])


def _check_size(event: SourceEvent, group: str, data: bytes) -> None:
    if len(data) > MAX_DISCLOSURE:
        raise EnvelopeError(
            f"{described(event)}: its {group} has {len(data):,} bytes; at most {MAX_DISCLOSURE:,} can be kept"
        )


def _random_salts() -> Iterator[bytes]:
    """Random bytes, asked for many salts at a time."""
    while True:
        pool = os.urandom(256 * SALT_SIZE)
        yield from (pool[start : start + SALT_SIZE] for start in range(0, len(pool), SALT_SIZE))
