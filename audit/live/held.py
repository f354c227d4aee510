"""What the log holds of some tasks, or of the project itself: as much as tells what is new."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

import msgspec
from django.db import connection
from django.db.models import Q

from audit.live.versions import parts_of
from audit.log.keys import VERSION_TYPES
from audit.models import Event, Log
from exportsite.jobs import RunFailed

OTHER = "activity.recorded"

_OF_TASKS = (
    "SELECT e.id, e.envelope FROM audit_event e WHERE e.task_id = ANY(ARRAY("
    "SELECT t.id FROM audit_task t WHERE t.project_id = %s AND t.external_id = ANY(%s)))"
)
_OF_KINDS = " AND (e.type = ANY(%s) OR (e.type = 'activity.recorded' AND e.source_type = ANY(%s)))"
_CONTENTS = "SELECT event_id, data FROM audit_disclosure WHERE event_id = ANY(%s) AND grp = 'content'"


class HeldEvent(msgspec.Struct, gc=False):
    """As much of an event's envelope as is compared; `id` is `Event.id`. That it is whole is for `verify` to see."""

    task: str | None
    type: str
    source_key: str
    n: int
    derived: bool
    source_type: str = ""
    occurred_at: str | None = None
    id: int = 0


_decode = msgspec.json.Decoder(HeldEvent).decode


@dataclass(slots=True)
class Held:
    """Events of one task, or of the project itself, by their keys; the newest state of each thing that has versions."""

    events: dict[str, HeldEvent] = field(default_factory=dict)
    newest: dict[str, str] = field(default_factory=dict)
    times: dict[tuple[str, str], int] = field(default_factory=dict)

    def take(self, event: HeldEvent) -> None:
        """The next event, in the order of the log."""
        key = event.source_key
        self.events[key] = event
        if event.type in VERSION_TYPES:
            self.newest[event.type] = key.rpartition(".")[0]
        elif parts := parts_of(key):
            self.newest[parts[0]] = parts[1]
            self.times[parts] = self.times.get(parts, 0) + 1


def of_tasks(
    log: Log, external_ids: Collection[str], types: Collection[str] | None = None, source_types: Collection[str] = ()
) -> dict[str, Held]:
    """What is held of each of these tasks.

    `types` narrows it to events of these types, and those of the type `activity.recorded` with one of `source_types`.
    """
    found = {task: Held() for task in external_ids}
    query, kinds = (_OF_TASKS, []) if types is None else (_OF_TASKS + _OF_KINDS, [list(types), list(source_types)])
    with connection.cursor() as cursor:
        cursor.execute(f"{query} ORDER BY e.task_id, e.n", [log.project_id, list(found), *kinds])
        for event in _read(cursor):
            found[event.task or ""].take(event)
    return found


def of_project(log: Log, kinds: Iterable[tuple[str, str]]) -> Held:
    """What is held of the project itself, of these (type, source type) pairs; each is a look into an index."""
    wanted = Q()
    for type_, source_type in kinds:
        wanted |= Q(type=type_, source_type=source_type) if type_ == OTHER else Q(type=type_)
    held = Held()
    if wanted:
        rows = Event.objects.filter(wanted, log=log, task=None).order_by("id").values_list("id", "envelope")
        for event in _read(rows.iterator(chunk_size=5000)):
            held.take(event)
    return held


def contents(events: Iterable[HeldEvent]) -> dict[int, bytes]:
    """The payloads of these events, by event id; those that were erased are not there."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTENTS, [[event.id for event in events]])
        return {event_id: bytes(data) for event_id, data in cursor}


def _read(rows: Iterable[tuple[int, bytes | memoryview[int]]]) -> Iterator[HeldEvent]:
    for id_, envelope in rows:
        try:
            event = _decode(envelope)
        except msgspec.MsgspecError as problem:
            raise RunFailed(
                "record", f"The log's event {id_} can't be read: {problem}. Run manage.py verify to see what is wrong."
            ) from None
        event.id = id_
        yield event
