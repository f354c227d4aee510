"""Task histories folded anew: the states, versions and times that the log makes, for `verify` and `rebuild`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from audit.eventtypes import TYPES
from audit.log import read
from audit.log.details import task_details
from audit.log.envelope import Envelope, EnvelopeError, unseal, unstamp
from audit.log.fold import LABEL_TYPES, TaskState, begin, fold, is_version
from audit.log.labels import details_of
from audit.log.problems import Part
from audit.log.projection import LabelRow, TimeRow
from audit.log.projects import zone_of
from audit.log.superseded import SUPERSEDED, index_of
from audit.models import Log, Person
from audit.sources import reading
from audit.sources.base import Reading

Fault = Callable[[int, str, Part], None]


@dataclass(slots=True)
class History:
    """What one task's events make of it. `versions` are (event id, index), `times` and `labels` in log order.

    `superseded` maps the index of an event to that of the first one which says that it counts no more.
    """

    task_id: int
    external_id: str
    state: TaskState
    versions: list[tuple[int, int]] = field(default_factory=list)
    times: list[TimeRow] = field(default_factory=list)
    labels: list[LabelRow] = field(default_factory=list)
    superseded: dict[int, int] = field(default_factory=dict)


def histories(log: Log, fault: Fault) -> Iterator[History]:
    """Fold every task of the log, by task id. What can't be read, is numbered wrongly or stands twice is a fault."""
    kept, zone = reading(log.project.source.kind), zone_of(log)
    persons = dict(Person.objects.filter(project=log.project).values_list("pseudonym", "id"))
    current: _Folder | None = None
    project_events = _Numbers(fault)
    for event in read.trails(log, log.size):
        index = event.id - log.event_id(0)
        try:
            envelope = unseal(event.envelope)
            unstamp(envelope.received_at)
        except EnvelopeError as problem:
            fault(index, str(problem), "log")
            continue
        if event.task_id is None:
            project_events.take(index, envelope)
            continue
        if current is None or current.history.task_id != event.task_id:
            if current is not None:
                yield current.history
            current = _Folder(event.task_id, envelope, index, kept, zone, persons, fault)
        current.take(index, event, envelope)
    if current is not None:
        yield current.history
    if project_events.last != log.project_events:
        text = f"the head counts {log.project_events} events of the project itself, the log has {project_events.last}"
        fault(-1, text, "log")


class _Numbers:
    """`n` counts from 1 without a gap, and no source key stands twice."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.last = 0
        self.keys: set[str] = set()

    def take(self, index: int, event: Envelope) -> None:
        if event.n != self.last + 1:
            self.fault(index, f"it is number {event.n} of {event.task!r}; {self.last + 1} should come here", "log")
        self.last = event.n
        if event.source_key in self.keys:
            self.fault(index, f"its source key {event.source_key!r} stands twice in {event.task!r}", "log")
        self.keys.add(event.source_key)


class _Folder:
    def __init__(
        self,
        task_id: int,
        first: Envelope,
        index: int,
        kept: Reading,
        zone: str,
        persons: dict[str, int],
        fault: Fault,
    ) -> None:
        received = unstamp(first.received_at)
        self.history = History(task_id, first.task or "", begin(first.task or "", index, received))
        self.reading = kept
        self.zone = zone
        self.persons = persons
        self.fault = fault
        self.numbers = _Numbers(fault)
        self.concluded: set[int] = set()

    def take(self, index: int, event: read.StoredEvent, envelope: Envelope) -> None:
        history = self.history
        if envelope.task != history.external_id:
            text = f"it is filed under task {history.external_id!r}, the envelope says {envelope.task!r}"
            self.fault(index, text, "log")
        self.numbers.take(index, envelope)
        if envelope.type not in TYPES:
            self.fault(index, f"{envelope.type!r} is not a type of event", "log")
            return
        details = span = None
        actor_id = self.persons.get(envelope.actor) if envelope.actor is not None else None
        try:
            instant = self.reading.instant(envelope.occurred_at, self.zone) if envelope.occurred_at else None
            if event.content is not None and envelope.type in ("task.created", "task.updated"):
                details = task_details(self.reading, bytes(event.content))
                if is_version(envelope):
                    history.versions.append((event.id, index))
            elif event.content is not None and envelope.type in LABEL_TYPES:
                if (label := details_of(self.reading, envelope.source_type, bytes(event.content))) is not None:
                    deleted = envelope.type == "label.deleted"
                    history.labels.append(LabelRow(event.id, index, history.task_id, actor_id, label, deleted))
            elif event.content is not None and envelope.type == SUPERSEDED:
                if (told := index_of(bytes(event.content))) in self.concluded:
                    history.superseded.setdefault(told, index)
            elif event.content is not None:
                span = self.reading.active_span(bytes(event.content))
        except Exception as problem:  # A reading may trip over anything in bytes that no source sent.
            self.fault(index, f"its payload or time can't be read: {problem}", "log")
            return
        if span is not None:
            replaces = envelope.type == "time.revised"
            history.times.append(
                TimeRow(
                    event.id,
                    index,
                    history.task_id,
                    actor_id,
                    envelope.stage or "",
                    envelope.cycle,
                    replaces,
                    span,
                )
            )
        if envelope.derived:
            self.concluded.add(index)
        late = fold(history.state, envelope, index, instant, details, span)
        if late != event.late:
            self.fault(index, f"its column late is {event.late}, its trail says {late}", "column")
