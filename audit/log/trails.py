"""Task histories folded anew: the states, versions and times that the log makes, for `verify` and `rebuild`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from audit.eventtypes import TYPES
from audit.log import read
from audit.log.envelope import Envelope, EnvelopeError, unseal, unstamp
from audit.log.fold import TaskState, begin, fold
from audit.log.problems import Part, Result
from audit.log.projection import TimeRow
from audit.log.projects import zone_of
from audit.models import ActiveTime, EventWords, Log, Person, Task, TaskVersion
from audit.models.log import INDEX_BITS
from audit.sources import reading
from audit.sources.base import Reading
from audit.words import words_of

SHOWN = 10
"""Rows of one kind of surplus that are named."""

Fault = Callable[[int, str, Part], None]
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class History:
    """What one task's events make of it. `versions` are (event id, index), `times` in log order."""

    task_id: int
    external_id: str
    state: TaskState
    versions: list[tuple[int, int]] = field(default_factory=list)
    times: list[TimeRow] = field(default_factory=list)


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
        try:
            instant = self.reading.instant(envelope.occurred_at, self.zone) if envelope.occurred_at else None
            if event.content is not None and envelope.type in ("task.created", "task.updated"):
                details = self.reading.task_details(bytes(event.content))
                history.versions.append((event.id, index))
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
                    self.persons.get(envelope.actor) if envelope.actor is not None else None,
                    envelope.stage or "",
                    envelope.cycle,
                    replaces,
                    span,
                )
            )
        late = fold(history.state, envelope, index, instant, details, span)
        if late != event.late:
            self.fault(index, f"its column late is {event.late}, its trail says {late}", "column")


def check_trails(log: Log, result: Result, progress: Progress) -> None:
    """Compare the tables that repeat the log with what its events make."""

    def fault(index: int, text: str) -> None:
        result.fault(index, text, "projection")

    count = strays = 0
    previous_id = -(1 << 63)
    for chunk in _chunks(histories(log, result.fault)):
        ids = [history.task_id for history in chunk]
        stored = Task.objects.select_related("assignee").in_bulk(ids)
        between = Task.objects.filter(project=log.project, id__gt=previous_id, id__lte=ids[-1]).exclude(id__in=ids)
        for stray in between:
            strays += 1
            fault(-1, f"task {stray.external_id!r} has no event in the log")
        previous_id = ids[-1]
        versions = _versions(ids)
        times = _times(ids)
        for history in chunk:
            task = stored.get(history.task_id)
            if task is None or task.project_id != log.project_id:
                fault(history.state.from_index, f"the row of its task {history.external_id!r} is missing")
                continue
            _compare_task(task, history, fault)
            last = history.state.last_index
            first = _difference(versions.get(task.pk, []), _expected_versions(history), last)
            if first is not None:
                fault(first, f"the versions of task {task.external_id!r} are not those of its events from here on")
            first = _difference(times.get(task.pk, []), _expected_times(history, log.project_id), last)
            if first is not None:
                fault(first, f"the active times of task {task.external_id!r} are not those it was told from here on")
        count += len(chunk)
        result.tasks = count
        progress("tasks", count, log.project.tasks)
    for stray in Task.objects.filter(project=log.project, id__gt=previous_id):
        strays += 1
        fault(-1, f"task {stray.external_id!r} has no event in the log")
    if not strays:
        _check_numbers(log, count, fault)
    _check_strays(log, fault)
    _check_words(log, fault)


def _chunks(items: Iterator[History], size: int = 500) -> Iterator[list[History]]:
    chunk: list[History] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _compare_task(task: Task, history: History, fault: Callable[[int, str], None]) -> None:
    state = history.state
    pairs = [
        (name, getattr(task, name), getattr(state, name))
        for name in (
            "name",
            "stage",
            "status",
            "cycle",
            "events",
            "first_at",
            "last_at",
            "dated",
            "active_ms",
            "from_index",
            "last_index",
        )
    ]
    pairs.append(("external_id", task.external_id, history.external_id))
    assignee = task.assignee.pseudonym if task.assignee else None
    if task.assignee is None and task.assignee_id is not None:
        assignee = f"person {task.assignee_id}, of whom there is no row"
    pairs.append(("assignee", assignee, state.assignee))
    pairs.append(("words", _stored_words(task.words), set(words_of(f"{state.name} {history.external_id}"))))
    for name, held, made in pairs:
        if held != made:
            fault(state.last_index, f"task {history.external_id!r} has {name} {held!r}, its events make it {made!r}")


def _stored_words(vector: str) -> set[str]:
    return {word.strip("'") for word in str(vector).split()}


def _difference(stored: list[tuple[Any, ...]], made: list[tuple[Any, ...]], last: int) -> int | None:
    """The index from which rows differ, None when they don't. A row ends with from where to where it holds."""
    if stored == made:
        return None
    for held, should in zip(stored, made, strict=False):
        if held != should:
            return int(should[-2])
    return int(made[len(stored)][-2]) if len(stored) < len(made) else last


def _versions(task_ids: list[int]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    rows = TaskVersion.objects.filter(task__in=task_ids).order_by("from_index")
    for task_id, event_id, start, end in rows.values_list("task_id", "event_id", "from_index", "to_index"):
        found.setdefault(task_id, []).append((event_id, start, end))
    return found


def _expected_versions(history: History) -> list[tuple[Any, ...]]:
    ends = [index for _, index in history.versions[1:]] + [None]
    return [(event_id, index, end) for (event_id, index), end in zip(history.versions, ends, strict=False)]


def _times(task_ids: list[int]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    rows = ActiveTime.objects.filter(task__in=task_ids).order_by("from_index")
    for task_id, *columns in rows.values_list(
        "task_id",
        "event_id",
        "project_id",
        "person_id",
        "stage",
        "cycle",
        "milliseconds",
        "started_at",
        "ended_at",
        "from_index",
        "to_index",
    ):
        found.setdefault(task_id, []).append(tuple(columns))
    return found


def _expected_times(history: History, project_id: int) -> list[tuple[Any, ...]]:
    ends: dict[int, int] = {}
    for row in history.times:
        if row.replaces:
            for earlier in history.times:
                same = (earlier.stage, earlier.cycle, earlier.person_id) == (row.stage, row.cycle, row.person_id)
                if same and earlier.index < row.index and earlier.index not in ends:
                    ends[earlier.index] = row.index
    return [
        (
            row.event_id,
            project_id,
            row.person_id,
            row.stage,
            row.cycle,
            row.span.milliseconds,
            row.span.started_at,
            row.span.ended_at,
            row.index,
            ends.get(row.index),
        )
        for row in history.times
    ]


def _check_strays(log: Log, fault: Callable[[int, str], None]) -> None:
    """Versions and times of the log's events, or of the project, that belong to no task of it."""
    tasks = Task.objects.filter(project=log.project).values("pk")
    first, end = log.event_id(0), log.event_id(1 << INDEX_BITS)
    versions = TaskVersion.objects.filter(event_id__gte=first, event_id__lt=end).exclude(task__in=tasks)
    times = ActiveTime.objects.filter(Q(event_id__gte=first, event_id__lt=end) | Q(project=log.project))
    for rows, what in ((versions, "a version"), (times.exclude(task__in=tasks), "an active time")):
        for event_id in rows.order_by("event_id").values_list("event_id", flat=True)[:SHOWN]:
            fault(max(event_id - first, -1), f"{what} of event {event_id} belongs to no task of the project")


def _check_numbers(log: Log, count: int, fault: Callable[[int, str], None]) -> None:
    """Tasks are numbered in the order of their first events. (That `from_index` is right was compared before.)"""
    if log.project.tasks != count:
        fault(-1, f"the project counts {log.project.tasks} tasks, the log has {count}")
    in_order = Task.objects.filter(project=log.project).order_by("from_index").values_list("number", "from_index")
    for expected, (number, first) in enumerate(in_order.iterator(), start=1):
        if number != expected:
            fault(first, f"its task has number {number}; {expected} should come here")
            return


def _check_words(log: Log, fault: Callable[[int, str], None]) -> None:
    """The words kept for searching are those of the texts."""
    texts = {}
    for row in read.disclosures(log, 0, log.size):
        if row.group == "text":
            texts[row.event_id] = row
        if len(texts) >= read.CHUNK:
            _compare_words(log, texts, fault)
            texts = {}
    _compare_words(log, texts, fault)
    first, end = log.event_id(0), log.event_id(1 << INDEX_BITS)
    orphan = EventWords.objects.filter(event_id__gte=first, event_id__lt=end).exclude(event__disclosures__group="text")
    for event_id in orphan.order_by("event_id").values_list("event_id", flat=True)[:SHOWN]:
        fault(event_id - first, "words of a text are kept that is not there")


def _compare_words(log: Log, texts: dict[int, read.StoredDisclosure], fault: Callable[[int, str], None]) -> None:
    kept = dict(EventWords.objects.filter(event_id__in=list(texts)).values_list("event_id", "words"))
    for event_id, row in texts.items():
        words = set(words_of(bytes(row.data).decode(errors="replace")))
        if _stored_words(kept.get(event_id, "")) != words or event_id not in kept:
            fault(event_id - log.event_id(0), "the words kept for searching are not those of its text")
