"""What the log holds of some tasks, or of the project itself: as much as tells what is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from audit.live.versions import parts_of
from audit.log.envelope import Envelope, unseal
from audit.log.keys import VERSION_TYPES
from audit.models import Disclosure, Event, Log, Task

OTHER = "activity.recorded"


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """An event with its id (`Event.id`)."""

    id: int
    envelope: Envelope


@dataclass(slots=True)
class Held:
    """Events of one task, or of the project itself, by their keys; the newest state of each thing that has versions."""

    events: dict[str, HeldEvent] = field(default_factory=dict)
    newest: dict[str, str] = field(default_factory=dict)
    times: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, id_: int, envelope: Envelope) -> None:
        """The next event, in the order of the log."""
        self.events[envelope.source_key] = HeldEvent(id_, envelope)
        if envelope.type in VERSION_TYPES:
            self.newest[envelope.type] = envelope.source_key.rpartition(".")[0]
        elif parts := parts_of(envelope.source_key):
            self.newest[parts[0]] = parts[1]
            self.times[parts] += 1


def of_tasks(log: Log, external_ids: Collection[str], types: Iterable[str] | None = None) -> dict[str, Held]:
    """What is held of each of these tasks; `types` narrows it to events of these types."""
    tasks = Task.objects.filter(project=log.project_id, external_id__in=list(external_ids)).values_list("id", flat=True)
    events = Event.objects.filter(task__in=list(tasks)).order_by("task_id", "n")
    if types is not None:
        events = events.filter(type__in=list(types))
    found = {task: Held() for task in external_ids}
    for id_, envelope in _read(events):
        found.setdefault(envelope.task or "", Held()).take(id_, envelope)
    return found


def of_project(log: Log, kinds: Iterable[tuple[str, str]]) -> Held:
    """What is held of the project itself, of these (type, source type) pairs; each is a look into an index."""
    wanted = Q()
    for type_, source_type in kinds:
        wanted |= Q(type=type_, source_type=source_type) if type_ == OTHER else Q(type=type_)
    held = Held()
    if wanted:
        for id_, envelope in _read(Event.objects.filter(wanted, log=log, task=None).order_by("id")):
            held.take(id_, envelope)
    return held


def contents(held: Mapping[str, Held]) -> dict[int, bytes]:
    """The payloads of all these events, by event id; those that were erased are not there."""
    ids = [event.id for one in held.values() for event in one.events.values()]
    rows = Disclosure.objects.filter(event__in=ids, group="content").values_list("event_id", "data")
    return {event_id: bytes(data) for event_id, data in rows}


def _read(events: QuerySet[Event]) -> Iterable[tuple[int, Envelope]]:
    for id_, envelope in events.values_list("id", "envelope").iterator(chunk_size=5000):
        yield id_, unseal(bytes(envelope))
