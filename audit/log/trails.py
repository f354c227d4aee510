"""Task histories folded anew: the states, versions and times that the log makes, for `verify` and `rebuild`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from audit.log import read
from audit.log.envelope import Envelope, EnvelopeError, unseal, unstamp
from audit.log.fold import TaskState, begin, fold
from audit.log.projection import TimeRow
from audit.models import ActiveTime, EventWords, Log, Task, TaskVersion
from audit.sources import reading
from audit.sources.base import Reading
from audit.words import words_of

Fault = Callable[[int, str], None]
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
    source = log.project.source
    current: _Folder | None = None
    project_events = _Numbers(fault)
    for event in read.trails(log, log.size):
        index = event.id - log.event_id(0)
        try:
            envelope = unseal(event.envelope)
        except EnvelopeError:
            continue  # The pass by index names it.
        if event.task_id is None:
            project_events.take(index, envelope)
            continue
        if current is None or current.history.task_id != event.task_id:
            if current is not None:
                yield current.history
            current = _Folder(event.task_id, envelope, index, reading(source.kind), source.zone, fault)
        current.take(index, event, envelope)
    if current is not None:
        yield current.history
    if project_events.last != log.project_events:
        fault(-1, f"the head counts {log.project_events} events of the project itself, the log has {project_events.last}")


class _Numbers:
    """`n` counts from 1 without a gap, and no source key stands twice."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.last = 0
        self.keys: set[str] = set()

    def take(self, index: int, event: Envelope) -> None:
        if event.n != self.last + 1:
            self.fault(index, f"it is number {event.n} of {event.task!r}; {self.last + 1} should come here")
        self.last = event.n
        if event.source_key in self.keys:
            self.fault(index, f"its source key {event.source_key!r} stands twice in {event.task!r}")
        self.keys.add(event.source_key)


class _Folder:
    def __init__(
        self, task_id: int, first: Envelope, index: int, source: Reading, zone: str, fault: Fault
    ) -> None:
        received = unstamp(first.received_at)
        self.history = History(task_id, first.task or "", begin(first.task or "", index, received))
        self.reading = source
        self.zone = zone
        self.fault = fault
        self.numbers = _Numbers(fault)

    def take(self, index: int, event: read.StoredEvent, envelope: Envelope) -> None:
        history = self.history
        if envelope.task != history.external_id:
            self.fault(index, f"it is filed under task {history.external_id!r}, the envelope says {envelope.task!r}")
        self.numbers.take(index, envelope)
        details = span = None
        try:
            instant = self.reading.instant(envelope.occurred_at, self.zone) if envelope.occurred_at else None
            if event.content is not None and envelope.type in ("task.created", "task.updated"):
                details = self.reading.task_details(bytes(event.content))
                history.versions.append((event.id, index))
            elif event.content is not None:
                span = self.reading.active_span(bytes(event.content))
        except ValueError as problem:
            self.fault(index, f"its payload or time can't be read: {problem}")
            return
        if span is not None:
            replaces = envelope.type == "time.revised"
            history.times.append(
                TimeRow(event.id, index, history.task_id, event.actor_id, envelope.stage or "", envelope.cycle,
                        replaces, span)
            )
        late = fold(history.state, envelope, index, instant, details, span)
        if late != event.late:
            self.fault(index, f"its column late is {event.late}, its trail says {late}")


def check_trails(log: Log, fault: Fault, progress: Progress) -> int:
    """Compare the tables that repeat the log with what its events make; how many tasks there are."""
    count = 0
    previous_id = 0
    for chunk in _chunks(histories(log, fault)):
        ids = [history.task_id for history in chunk]
        stored = Task.objects.select_related("assignee").in_bulk(ids)
        between = Task.objects.filter(project=log.project, id__gt=previous_id, id__lte=ids[-1]).exclude(id__in=ids)
        for task in between:
            fault(-1, f"task {task.external_id!r} has no event in the log")
        previous_id = ids[-1]
        versions = _versions(ids)
        times = _times(ids)
        for history in chunk:
            task = stored.get(history.task_id)
            if task is None or task.project_id != log.project_id:
                fault(history.state.from_index, f"the row of its task {history.external_id!r} is missing")
                continue
            _compare_task(task, history, fault)
            if versions.get(task.pk, []) != _expected_versions(history):
                fault(history.state.from_index, f"the versions of task {task.external_id!r} are not those of its events")
            if times.get(task.pk, []) != _expected_times(history):
                fault(history.state.from_index, f"the active times of task {task.external_id!r} are not those it was told")
        count += len(chunk)
        progress("tasks", count, log.project.tasks)
    for task in Task.objects.filter(project=log.project, id__gt=previous_id):
        fault(-1, f"task {task.external_id!r} has no event in the log")
    _check_numbers(log, count, fault)
    _check_words(log, fault)
    return count


def _chunks(items: Iterator[History], size: int = 500) -> Iterator[list[History]]:
    chunk: list[History] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _compare_task(task: Task, history: History, fault: Fault) -> None:
    state = history.state
    pairs = [(name, getattr(task, name), getattr(state, name)) for name in (
        "name", "stage", "status", "cycle", "events", "first_at", "last_at", "dated", "active_ms", "from_index",
        "last_index",
    )]
    pairs.append(("external_id", task.external_id, history.external_id))
    pairs.append(("assignee", task.assignee.pseudonym if task.assignee else None, state.assignee))
    pairs.append(("words", _stored_words(task.words), set(words_of(f"{state.name} {history.external_id}"))))
    for name, held, made in pairs:
        if held != made:
            fault(state.last_index, f"task {history.external_id!r} has {name} {held!r}, its events make it {made!r}")


def _stored_words(vector: str) -> set[str]:
    return {word.strip("'") for word in str(vector).split()}


def _versions(task_ids: list[int]) -> dict[int, list[tuple[int, int, int | None]]]:
    found: dict[int, list[tuple[int, int, int | None]]] = {}
    rows = TaskVersion.objects.filter(task__in=task_ids).order_by("from_index")
    for task_id, event_id, start, end in rows.values_list("task_id", "event_id", "from_index", "to_index"):
        found.setdefault(task_id, []).append((event_id, start, end))
    return found


def _expected_versions(history: History) -> list[tuple[int, int, int | None]]:
    ends = [index for _, index in history.versions[1:]] + [None]
    return [(event_id, index, end) for (event_id, index), end in zip(history.versions, ends, strict=False)]


def _times(task_ids: list[int]) -> dict[int, list[tuple[object, ...]]]:
    found: dict[int, list[tuple[object, ...]]] = {}
    rows = ActiveTime.objects.filter(task__in=task_ids).order_by("from_index")
    for task_id, *columns in rows.values_list(
        "task_id", "event_id", "person_id", "stage", "cycle", "milliseconds", "started_at", "ended_at", "from_index",
        "to_index",
    ):
        found.setdefault(task_id, []).append(tuple(columns))
    return found


def _expected_times(history: History) -> list[tuple[object, ...]]:
    ends: dict[int, int] = {}
    for row in history.times:
        if row.replaces:
            for earlier in history.times:
                same = (earlier.stage, earlier.cycle, earlier.person_id) == (row.stage, row.cycle, row.person_id)
                if same and earlier.index < row.index and earlier.index not in ends:
                    ends[earlier.index] = row.index
    return [
        (row.event_id, row.person_id, row.stage, row.cycle, row.span.milliseconds, row.span.started_at,
         row.span.ended_at, row.index, ends.get(row.index))
        for row in history.times
    ]


def _check_numbers(log: Log, count: int, fault: Fault) -> None:
    """Tasks are numbered in the order of their first events. (That `from_index` is right was compared before.)"""
    if log.project.tasks != count:
        fault(-1, f"the project counts {log.project.tasks} tasks, the log has {count}")
    in_order = Task.objects.filter(project=log.project).order_by("from_index").values_list("number", "from_index")
    for expected, (number, first) in enumerate(in_order.iterator(), start=1):
        if number != expected:
            fault(first, f"its task has number {number}; {expected} should come here")
            return


def _check_words(log: Log, fault: Fault) -> None:
    """The words kept for searching are those of the texts."""
    texts = {}
    for row in read.disclosures(log, 0, log.size):
        if row.group == "text":
            texts[row.event_id] = row
        if len(texts) >= read.CHUNK:
            _compare_words(log, texts, fault)
            texts = {}
    _compare_words(log, texts, fault)
    first, end = log.event_id(0), log.event_id(log.size)
    orphan = EventWords.objects.filter(event_id__gte=first, event_id__lt=end).exclude(
        event__disclosures__group="text"
    )
    for event_id in orphan.values_list("event_id", flat=True)[:10]:
        fault(event_id - first, "words of a text are kept that is not there")


def _compare_words(log: Log, texts: dict[int, read.StoredDisclosure], fault: Fault) -> None:
    kept = dict(EventWords.objects.filter(event_id__in=list(texts)).values_list("event_id", "words"))
    for event_id, row in texts.items():
        words = set(words_of(bytes(row.data).decode(errors="replace")))
        if _stored_words(kept.get(event_id, "")) != words or event_id not in kept:
            fault(event_id - log.event_id(0), "the words kept for searching are not those of its text")
