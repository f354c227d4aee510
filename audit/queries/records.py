"""What lists and trails are made of: rows with the people, tasks and texts that belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Q

from audit.eventtypes import TYPES, EventType
from audit.log.envelope import Envelope, EnvelopeError, unseal, unstamp
from audit.models import Disclosure, Event, Person, Project, Superseded, Task
from audit.models.log import INDEX_BITS
from audit.people import Shown, names_of
from exportsite.keys import Tampered, UnknownKey
from exportsite.keyset import Count, Page

T = TypeVar("T")
TEXT_SHOWN = 200_000
"""Characters of a text that are read into a list or a trail; the entry's own page has all of it."""
_PLAIN = EventType("", "activity", "dot", "", "{what}", "[ by {actor}][ at {stage}]")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A page of a list: its rows, the cursors beside it, and how many rows match in all."""

    rows: list[T]
    next: str | None
    previous: str | None
    handed_over: bool
    count: Count

    @classmethod
    def of(cls, page: Page, rows: list[T], count: Count) -> Listed[T]:
        """The page with its raw rows replaced."""
        return cls(rows, page.next, page.previous, page.handed_over, count)


@dataclass(frozen=True, slots=True)
class Who:
    """A person as they may be shown: `label` is the best name there is; after erasure only the pseudonym is left."""

    id: int
    pseudonym: str
    label: str
    name: str | None = None
    email: str | None = None
    external_id: str | None = None
    erased: bool = False


@dataclass(frozen=True, slots=True)
class TaskRef:
    """The task of an event."""

    id: int
    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event with what belongs to it. Times are UTC; `occurred_text` is the source's own text of the time, or None.

    `superseded` is the index of the event that says of a conclusion that its source tells it itself by now.
    `occurred_at` is the instant of receipt where the source recorded no time. `text_missing` says that the event has a
    text which is not here any more (erased). `damaged` says that the stored envelope is no envelope: then only columns
    are shown.
    """

    id: int
    index: int
    n: int
    type: str
    kind: EventType
    source_type: str
    occurred_at: datetime
    occurred_text: str | None
    received_at: datetime | None
    actor: Who | None
    actor_kind: str
    assignee: Who | None
    stage: str
    to_stage: str
    cycle: int | None
    derived: bool
    superseded: int | None
    late: bool
    task: TaskRef | None
    text: str | None
    text_missing: bool
    damaged: bool
    envelope: bytes

    @property
    def envelope_text(self) -> str:
        """The envelope's bytes, which are UTF-8, as text."""
        return self.envelope.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as a list shows it. `active_ms` in milliseconds; `dated` says whether its times are the source's."""

    id: int
    project_id: int
    external_id: str
    number: int
    name: str
    stage: str
    status: str
    assignee: Who | None
    cycle: int | None
    events: int
    first_at: datetime
    last_at: datetime
    dated: bool
    active_ms: int
    from_index: int
    last_index: int


@dataclass(frozen=True, slots=True)
class TimeRow:
    """An active time that holds now, in `milliseconds`; from when to when, where that was said; its event's time."""

    id: int
    index: int
    project_id: int
    task: TaskRef
    person: Who | None
    stage: str
    cycle: int | None
    milliseconds: int
    started_at: datetime | None
    ended_at: datetime | None
    recorded_at: datetime


class People:
    """The people of a page, looked up together. Without a project they are found by their ids alone."""

    def __init__(
        self, project: Project | None, ids: Iterable[int | None] = (), pseudonyms: Iterable[str | None] = ()
    ) -> None:
        wanted = Q(id__in={pk for pk in ids if pk is not None})
        if project is not None:
            wanted = Q(project=project) & (wanted | Q(pseudonym__in={name for name in pseudonyms if name}))
        persons = list(Person.objects.filter(wanted))
        self.by_id: dict[int, Who] = {}
        self.by_pseudonym: dict[str, Who] = {}
        for person, found in _shown(persons):
            who = Who(person.pk, person.pseudonym, person.pseudonym)
            if found:
                names = (found.name, found.email, found.external_id)
                who = Who(person.pk, person.pseudonym, found.label, *names, found.erased)
            self.by_id[who.id] = self.by_pseudonym[who.pseudonym] = who

    def of(self, pseudonym: str | None) -> Who | None:
        """Who an envelope names; a pseudonym without a row (it should have one) is shown as it is."""
        if pseudonym is None:
            return None
        return self.by_pseudonym.get(pseudonym) or Who(0, pseudonym, pseudonym)


def _shown(persons: Sequence[Person]) -> Iterator[tuple[Person, Shown | None]]:
    """Each person with what may be shown; None where the identity can't be decrypted: the record is still readable."""
    try:
        names = names_of(persons)
        yield from ((person, names[person.pk]) for person in persons)
    except (Tampered, UnknownKey):
        for person in persons:
            try:
                yield person, names_of([person])[person.pk]
            except (Tampered, UnknownKey):
                yield person, None


def event_rows(project: Project, rows: Sequence[dict[str, Any]]) -> list[EventRow]:
    """Events with their people, tasks and texts: three or four queries, however many rows."""
    stated = [_stated(bytes(row["envelope"])) for row in rows]
    pseudonyms = [name for envelope in stated if envelope for name in (envelope.actor, envelope.assignee)]
    people = People(project, [row["actor_id"] for row in rows], pseudonyms)
    tasks = task_refs(row["task_id"] for row in rows)
    texts = _texts(row["id"] for row in rows)
    concluded = [row["id"] for row, envelope in zip(rows, stated, strict=True) if envelope and envelope.derived]
    superseded = _superseded(concluded) if concluded else {}
    return [
        _event_row(row, envelope, people, tasks, texts, superseded) for row, envelope in zip(rows, stated, strict=True)
    ]


def _event_row(
    row: dict[str, Any],
    stated: Envelope | None,
    people: People,
    tasks: dict[int, TaskRef],
    texts: dict[int, str],
    superseded: dict[int, int],
) -> EventRow:
    actor = people.of(stated.actor) if stated else people.by_id.get(row["actor_id"])
    return EventRow(
        id=row["id"],
        index=row["id"] & ((1 << INDEX_BITS) - 1),
        n=row["n"],
        type=row["type"],
        kind=TYPES.get(row["type"], _PLAIN),
        source_type=row["source_type"],
        occurred_at=row["occurred_at"],
        occurred_text=stated.occurred_at if stated else None,
        received_at=_received(stated),
        actor=actor,
        actor_kind=stated.actor_kind if stated else "unknown",
        assignee=people.of(stated.assignee) if stated else None,
        stage=row["stage"],
        to_stage=(stated.to_stage or "") if stated else "",
        cycle=stated.cycle if stated else None,
        derived=stated.derived if stated else False,
        superseded=superseded.get(row["id"]),
        late=row["late"],
        task=tasks.get(row["task_id"]),
        text=texts.get(row["id"]),
        text_missing=bool(stated and stated.text and row["id"] not in texts),
        damaged=stated is None,
        envelope=bytes(row["envelope"]),
    )


def _stated(envelope: bytes) -> Envelope | None:
    """What the envelope states; None when it is none (the page must still show that it is there)."""
    try:
        return unseal(envelope)
    except EnvelopeError:
        return None


def received_at(envelope: bytes) -> datetime | None:
    """When the event of these bytes was received; None when they don't say."""
    return _received(_stated(envelope))


def _received(stated: Envelope | None) -> datetime | None:
    try:
        return unstamp(stated.received_at) if stated else None
    except EnvelopeError:
        return None


def task_refs(ids: Iterable[int | None]) -> dict[int, TaskRef]:
    """The tasks with these ids."""
    wanted = {pk for pk in ids if pk is not None}
    found = Task.objects.filter(id__in=wanted).values_list("id", "external_id", "name")
    return {pk: TaskRef(pk, external_id, name) for pk, external_id, name in found}


def _texts(ids: Iterable[int]) -> dict[int, str]:
    """What people wrote, by event."""
    found = Disclosure.objects.filter(event_id__in=list(ids), group="text").values_list("event_id", "data")
    return {pk: bytes(data).decode(errors="replace")[:TEXT_SHOWN] for pk, data in found}


def _superseded(ids: Sequence[int]) -> dict[int, int]:
    """The indices of the events that say of these that they count no more."""
    return dict(Superseded.objects.filter(event_id__in=ids).values_list("event_id", "from_index"))


def task_rows(project: Project, rows: Sequence[dict[str, Any]]) -> list[TaskRow]:
    """Tasks with the people who have them."""
    people = People(project, [row["assignee_id"] for row in rows])
    return [
        TaskRow(
            assignee=people.by_id.get(row["assignee_id"]),
            **{name: row[name] for name in TaskRow.__slots__ if name != "assignee"},
        )
        for row in rows
    ]


def time_rows(project: Project, rows: Sequence[dict[str, Any]]) -> list[TimeRow]:
    """Active times with their people and tasks."""
    people = People(project, [row["person_id"] for row in rows])
    tasks = task_refs(row["task_id"] for row in rows)
    ids = [row["event_id"] for row in rows]
    recorded = dict(Event.objects.filter(id__in=ids).values_list("id", "occurred_at"))
    return [
        TimeRow(
            id=row["event_id"],
            index=row["event_id"] & ((1 << INDEX_BITS) - 1),
            project_id=row["project_id"],
            task=tasks[row["task_id"]],
            person=people.by_id.get(row["person_id"]),
            stage=row["stage"],
            cycle=row["cycle"],
            milliseconds=row["milliseconds"],
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            recorded_at=recorded[row["event_id"]],
        )
        for row in rows
    ]
