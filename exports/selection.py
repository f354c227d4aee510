"""Options to rows: one state of a project's log, in a defined order, without holding it.

An export shows the log at a size (`as_of`): events of a lower index, tasks and active times as those events leave
them. What is recorded meanwhile is not seen, so no transaction spans an export: tasks are read in batches by number,
each batch in a short transaction of its own.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
from msgspec.structs import replace

from audit.log import superseded
from audit.log.envelope import Envelope, unseal, unstamp
from audit.log.fold import begin, fold
from audit.models import Log, Person
from audit.people import names_of, restorer
from audit.queries.filters import Filters
from audit.sources import reading
from audit.words import words_of
from exports.formats.base import Reads
from exports.streamed import batch, rows

BATCH_TASKS = 500
BATCH_EVENTS = 20_000

HELD = "a.from_index < %s AND (a.to_index IS NULL OR a.to_index >= %s)"

# `as_of` when events are read by task. The sum keeps the planner from walking the log once for each batch of tasks, as
# it does before it has statistics.
BEFORE = "(e.id + 0) < %s"

Condition = tuple[str, list[Any]]
"""SQL over events `e` and their tasks `t`, and its values."""


_TASK_COLUMNS = {
    "id": "int8",
    "external_id": "text",
    "number": "int4",
    "name": "text",
    "stage": "text",
    "status": "text",
    "events": "int4",
    "last_index": "int8",
    "assignee_id": "int8",
    "last_at": "timestamptz",
}


class TaskRow(msgspec.Struct, frozen=True, gc=False):
    """A task as of the snapshot; `last_index` and `events` are those of now. Made and handed on by the million."""

    id: int
    external_id: str
    number: int
    name: str
    stage: str
    status: str
    events: int
    last_index: int
    assignee: int | None
    last_at: datetime


@dataclass
class Selection:
    """The rows of one export. `reads` says which events count, and what of them is fetched; `with_media`, that files
    which people look at will be asked for.

    `filters` choose events, and tasks by their status; `tasks` choose tasks by what else they are as of the snapshot.
    """

    log: Log
    as_of: int
    filters: Filters
    reads: Reads
    pseudonyms: bool = False
    tasks: Filters = field(default_factory=Filters)
    with_media: bool = False

    @property
    def end(self) -> int:
        """The id that the event at index `as_of` has or will have."""
        return self.log.event_id(self.as_of)

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return self.filters.any or self.tasks.any

    def batches(self, most: int | None = None) -> Iterator[list[TaskRow]]:
        """The tasks that come into question, as of the snapshot, by number, with at most so many events at a time
        (BATCH_EVENTS); a task's are whole."""
        number = 0
        sql = (
            f"SELECT {', '.join(_TASK_COLUMNS)} "  # noqa: S608 - our own column names
            "FROM audit_task WHERE project_id = %s AND number > %s AND from_index < %s "
            "AND (%s::text[] IS NULL OR external_id = ANY(%s::text[])) "
            "ORDER BY number LIMIT %s"
        )
        only = list(self.filters.external_ids) or None
        while True:
            values = [self.log.project_id, number, self.as_of, only, only, BATCH_TASKS]
            found = [TaskRow(*row) for row in batch(sql, values, list(_TASK_COLUMNS.values()))]
            if not found:
                return
            number = found[-1].number
            for part in _with_at_most(most or BATCH_EVENTS, found):
                if wanted := [task for task in map(self._as_of, part) if self._is_wanted(task)]:
                    yield wanted

    @cached_property
    def where(self) -> Condition:
        """Which events of the tasks in question are selected, but for `as_of`."""
        filters = self.filters
        chosen: list[Condition] = [("e.task_id IS NOT NULL", [])]
        if not self.reads.derived:
            chosen.append(("position(%s::bytea IN e.envelope) = 0", [superseded.DERIVED]))
        if superseded.has_any(self.log, self.as_of):
            told = "NOT EXISTS (SELECT FROM audit_superseded s WHERE s.event_id = e.id AND s.from_index < %s)"
            chosen.append((told, [self.as_of]))
        if filters.source_types:
            # A source's own name is a filter of the events that keep it as theirs, as on pages.
            chosen.append(("e.type = 'activity.recorded'", []))
        for column, admitted in (
            ("e.type", filters.types),
            ("e.source_type", filters.source_types),
            ("e.actor_id", filters.people),
            ("e.stage", filters.stages),
        ):
            if admitted:
                chosen.append((f"{column} = ANY(%s)", [list(admitted)]))
        if filters.since:
            chosen.append(("e.occurred_at >= %s", [filters.since]))
        if filters.until:
            chosen.append(("e.occurred_at < %s", [filters.until]))
        if filters.words:
            test = "(SELECT w.words @@ %s::tsquery FROM audit_eventwords w WHERE w.event_id = e.id)"
            chosen.append((test, [filters.words]))
        if filters.external_ids:
            chosen.append(("t.external_id = ANY(%s)", [list(filters.external_ids)]))
        return " AND ".join(sql for sql, _ in chosen), [value for _, values in chosen for value in values]

    @property
    def of_tasks(self) -> Condition:
        """The same over all tasks at once: those in question are named where a filter leaves some out."""
        where, values = self.where
        if not (self.filters.statuses or self.tasks.any):
            return where, values
        return f"{where} AND e.task_id = ANY(%s)", [*values, list(self._task_ids)]

    @cached_property
    def _task_ids(self) -> array[int]:
        return array("q", [task.id for batch in self.batches() for task in batch])

    def _is_wanted(self, task: TaskRow) -> bool:
        """Whether the task comes into question, as the list of tasks would have found it then."""
        tasks = self.tasks
        if self.filters.statuses and task.status not in self.filters.statuses:
            return False
        if (tasks.people and task.assignee not in tasks.people) or (tasks.stages and task.stage not in tasks.stages):
            return False
        if (tasks.since and task.last_at < tasks.since) or (tasks.until and task.last_at >= tasks.until):
            return False
        if not tasks.words:
            return True
        words = words_of(f"{task.name} {task.external_id}")
        return all(any(word.startswith(start) for word in words) for start in words_of(tasks.words))

    def called(self, person: int | None) -> frozenset[str]:
        """All that a person is called, by our id of them."""
        return self._called.get(person, frozenset()) if person is not None else frozenset()

    @cached_property
    def _called(self) -> dict[int, frozenset[str]]:
        people = list(Person.objects.filter(project=self.log.project_id))
        if self.pseudonyms:
            return {who.pk: frozenset({who.pseudonym}) for who in people}
        shown = names_of(people)
        known = {pk: (one.pseudonym, one.external_id, one.email, one.name) for pk, one in shown.items()}
        return {pk: frozenset(name for name in names if name) for pk, names in known.items()}

    @cached_property
    def _assignees(self) -> dict[str, int]:
        """The project's people: pseudonyms to our ids."""
        return dict(Person.objects.filter(project=self.log.project_id).values_list("pseudonym", "pk"))

    def _as_of(self, task: TaskRow) -> TaskRow:
        """The task as the events before `as_of` leave it: its row, unless later ones changed that."""
        if task.last_index < self.as_of:
            return task
        state = None
        told = reading(self.log.project.source.kind)
        sql = (
            "SELECT e.id, e.occurred_at, e.envelope, d.data FROM audit_event e LEFT JOIN audit_disclosure d "  # noqa: S608 - our own column names
            "ON d.event_id = e.id AND d.grp = 'content' AND e.type IN ('task.created', 'task.updated') "
            f"WHERE e.task_id = %s AND {BEFORE} ORDER BY e.n"
        )
        for id_, occurred_at, data, content in rows(sql, [task.id, self.end]):
            event = unseal(bytes(data))
            index = id_ - self.log.event_id(0)
            state = state or begin(task.external_id, index, unstamp(event.received_at))
            details = told.task_details(bytes(content)) if content is not None else None
            fold(state, event, index, instant_of(event, occurred_at), details)
        if state is None:
            raise RuntimeError(f"task {task.external_id!r} has no event before {self.as_of}, but should: rebuild it")
        assignee = self._assignees.get(state.assignee) if state.assignee else None
        return replace(
            task,
            name=state.name,
            stage=state.stage,
            status=state.status,
            assignee=assignee,
            last_at=state.last_at,
        )

    def details(self, tasks: list[TaskRow]) -> dict[int, bytes | None]:
        """The payload of each task's newest version as of the snapshot."""
        # Looked up row by row, as those of labels are.
        sql = (
            "SELECT a.task_id, (SELECT d.data FROM audit_disclosure d WHERE d.event_id = a.event_id "  # noqa: S608 - our own column names
            f"AND d.grp = 'content') FROM audit_taskversion a WHERE a.task_id = ANY(%s) AND {HELD}"
        )
        found = batch(sql, [[task.id for task in tasks], self.as_of, self.as_of], ("int8", "bytea"))
        return {task: self.shown(content) for task, content in found if content is not None}

    def shown(self, content: bytes) -> bytes:
        """The payload with its people put back, unless pseudonyms were asked for."""
        return content if self.pseudonyms else self._restore(content)

    @cached_property
    def _restore(self) -> Any:
        return restorer(self.log.project)


def _with_at_most(most: int, tasks: list[TaskRow]) -> Iterator[list[TaskRow]]:
    """The tasks in parts that have at most so many events, or are one task."""
    part: list[TaskRow] = []
    events = 0
    for task in tasks:
        if part and events + task.events > most:
            yield part
            part, events = [], 0
        part.append(task)
        events += task.events
    yield part


def instant_of(event: Envelope, column: Any) -> Any:
    """What the source's time means; the column falls back to the time of receipt."""
    return column if event.occurred_at is not None else None
