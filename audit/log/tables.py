"""The tables that repeat the log, compared with what its events make: tasks, versions, active time, labels, words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q

from audit.log import read
from audit.log.envelope import clean
from audit.log.problems import Result
from audit.log.trails import History, histories
from audit.models import ActiveTime, EventWords, LabelVersion, Log, Superseded, Task, TaskVersion
from audit.models.log import INDEX_BITS
from audit.words import words_of

SHOWN = 10
"""Rows of one kind of surplus that are named."""

Progress = Callable[[str, int, int], None]
_LABEL = ("external_id", "kind", "created_at", "milliseconds", "step", "skipped", "sent_back")


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
        labels = _labels(ids)
        superseded = _superseded(log, ids)
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
            first = _difference(labels.get(task.pk, []), _expected_labels(history, log.project_id), last)
            if first is not None:
                fault(first, f"the labels of task {task.external_id!r} are not those it was told from here on")
            if wrong := superseded.get(task.pk, {}).items() ^ history.superseded.items():
                first = min(by for _, by in wrong)
                fault(first, f"which events of task {task.external_id!r} are superseded is not what its events say")
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


def _labels(task_ids: list[int]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    rows = LabelVersion.objects.filter(task__in=task_ids).order_by("from_index")
    columns = ("event_id", "project_id", "person_id", "number", *_LABEL, "from_index", "to_index")
    for task_id, *values in rows.values_list("task_id", *columns):
        found.setdefault(task_id, []).append(tuple(values))
    return found


def _expected_labels(history: History, project_id: int) -> list[tuple[Any, ...]]:
    numbers: Counter[str] = Counter()
    ends: dict[int, int] = {}
    newest: dict[str, int] = {}
    for row in history.labels:
        id_ = clean(row.details.external_id)
        if id_ in newest:
            ends[newest.pop(id_)] = row.index
        if not row.deleted:
            newest[id_] = row.index
    made: list[tuple[Any, ...]] = []
    for row in history.labels:
        if not row.deleted:
            told = row.details
            id_ = clean(told.external_id)
            numbers[id_] += 1
            texts = (id_, clean(told.kind), told.created_at, told.milliseconds, clean(told.step))
            flags = (told.skipped, told.sent_back)
            keys = (row.event_id, project_id, row.person_id, numbers[id_])
            made.append((*keys, *texts, *flags, row.index, ends.get(row.index)))
    return made


def _superseded(log: Log, task_ids: list[int]) -> dict[int, dict[int, int]]:
    """For each task, the indices of its superseded events with those of the events that say so."""
    found: dict[int, dict[int, int]] = {}
    rows = Superseded.objects.filter(event__task__in=task_ids, event__log=log)
    for task_id, event_id, by in rows.values_list("event__task_id", "event_id", "from_index"):
        found.setdefault(task_id, {})[event_id - log.event_id(0)] = by
    return found


def _check_strays(log: Log, fault: Callable[[int, str], None]) -> None:
    """Rows of the log's events, or of the project, that belong to no task of it."""
    tasks = Task.objects.filter(project=log.project).values("pk")
    first, end = log.event_id(0), log.event_id(1 << INDEX_BITS)
    versions = TaskVersion.objects.filter(event_id__gte=first, event_id__lt=end).exclude(task__in=tasks)
    times = ActiveTime.objects.filter(Q(event_id__gte=first, event_id__lt=end) | Q(project=log.project))
    labels = LabelVersion.objects.filter(Q(event_id__gte=first, event_id__lt=end) | Q(project=log.project))
    superseded = Superseded.objects.filter(event_id__gte=first, event_id__lt=end)
    strays = (
        (superseded.exclude(event__task__in=tasks), "the word that it is superseded"),
        (versions, "a version"),
        (times.exclude(task__in=tasks), "an active time"),
        (labels.exclude(task__in=tasks), "a label"),
    )
    for rows, what in strays:
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
