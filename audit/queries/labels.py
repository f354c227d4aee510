"""The lists of labels: of a project, and of a task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from audit.models import Disclosure, LabelVersion, Project, Task
from audit.models.log import INDEX_BITS
from audit.people import restorer
from audit.queries.filters import Filters
from audit.queries.lists import read
from audit.queries.records import Listed, People, TaskRef, Who, task_refs
from exportsite import keyset
from exportsite.keyset import Condition, Scan, one_of

EARLIER = 5
"""Earlier versions that a label beside a trail leads to."""
LABEL_FILTERS = ("person", "stage", "kind")
COLUMNS = (
    "event_id", "project_id", "task_id", "external_id", "number", "kind", "person_id", "created_at", "milliseconds",
    "step", "skipped", "sent_back", "from_index", "to_index",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A version of a label. `number` counts them, `index` is the place of the event that brought it.

    `until` is the place of the event that replaced or removed it; None: it holds now.
    `payload` is what its source says of it, people put back; None when it was not asked for, or erased.
    """

    id: int
    index: int
    project_id: int
    task: TaskRef
    external_id: str
    number: int
    kind: str
    person: Who | None
    created_at: datetime | None
    milliseconds: int | None
    stage: str
    skipped: bool
    sent_back: bool
    until: int | None
    payload: str | None


def labels(
    project: Project, filters: Filters, *, limit: int = 50, cursor: str | None = None, payload: bool = False
) -> Listed[LabelRow]:
    """Labels of a project that hold now, in the order of the log."""
    scan = Scan(
        "audit_labelversion",
        COLUMNS,
        ("event_id",),
        within=(("project_id = %s", (project.pk,)),),
        tests=(("to_index IS NULL", ()), *_tests(filters)),
        newest_first=not filters.oldest_first,
    )
    if filters.people:
        scan = replace(scan, one_of=("person_id", filters.people))
    page = read(scan, limit, cursor)
    return Listed.of(page, label_rows(project, page.rows, payload=payload), keyset.count(scan))


def task_labels(
    task: Task,
    filters: Filters,
    *,
    limit: int = 500,
    cursor: str | None = None,
    payload: bool = False,
    versions: bool = False,
) -> Listed[LabelRow]:
    """Labels of a task that hold now, with `versions` all that ever did, in the order of the log."""
    within: list[Condition] = [("task_id = %s", (task.pk,)), *_tests(filters)]
    within += [] if versions else [("to_index IS NULL", ())]
    within += [one_of("person_id", filters.people)] if filters.people else []
    scan = Scan(
        "audit_labelversion", COLUMNS, ("event_id",), within=tuple(within), newest_first=not filters.oldest_first
    )
    page = read(scan, limit, cursor)
    return Listed.of(page, label_rows(task.project, page.rows, payload=payload), keyset.count(scan))


@dataclass(frozen=True, slots=True)
class HeldLabel:
    """A label that holds now, and the places in the log of its earlier versions, oldest first."""

    row: LabelRow
    earlier: Sequence[tuple[int, int]] = ()
    """Number and index of each."""


def newest_labels(task: Task, most: int) -> list[HeldLabel]:
    """The newest labels of a task that hold now, the newest first; one more than `most` when there are more."""
    held = LabelVersion.objects.filter(task=task, to_index=None).order_by("-event_id")
    found = [dict(row) for row in held.values(*COLUMNS)[: most + 1]]
    rows = label_rows(task.project, found, payload=False, task=task) if found else []
    earlier: dict[str, list[tuple[int, int]]] = {}
    if changed := [row.external_id for row in rows if row.number > 1]:
        # Of a label that changes all the time the newest of them are enough: the timeline has every one.
        before = LabelVersion.objects.filter(task=task, external_id__in=changed).exclude(to_index=None)
        for id_, number, index in before.order_by("-event_id").values_list("external_id", "number", "from_index")[:200]:
            earlier.setdefault(id_, []).insert(0, (number, index))
    return [HeldLabel(row, earlier.get(row.external_id, ())[-EARLIER:]) for row in rows]


def label_rows(
    project: Project, rows: Sequence[dict[str, Any]], *, payload: bool, task: Task | None = None
) -> list[LabelRow]:
    """Labels with their people and tasks, and their payloads where they are asked for."""
    people = People(project, [row["person_id"] for row in rows])
    if task is None:
        tasks = task_refs(row["task_id"] for row in rows)
    else:
        tasks = {task.pk: TaskRef(task.pk, task.external_id, task.name)}
    payloads = _payloads(project, [row["event_id"] for row in rows]) if payload and rows else {}
    return [
        LabelRow(
            id=row["event_id"],
            index=row["event_id"] & ((1 << INDEX_BITS) - 1),
            project_id=row["project_id"],
            task=tasks[row["task_id"]],
            external_id=row["external_id"],
            number=row["number"],
            kind=row["kind"],
            person=people.by_id.get(row["person_id"]),
            created_at=row["created_at"],
            milliseconds=row["milliseconds"],
            stage=row["step"],
            skipped=row["skipped"],
            sent_back=row["sent_back"],
            until=row["to_index"],
            payload=payloads.get(row["event_id"]),
        )
        for row in rows
    ]


def _tests(filters: Filters) -> tuple[Condition, ...]:
    given = (("step", filters.stages), ("kind", filters.kinds))
    return tuple(one_of(column, values) for column, values in given if values)


def _payloads(project: Project, events: Sequence[int]) -> dict[int, str]:
    restore = restorer(project)
    found = Disclosure.objects.filter(event_id__in=events, group="content").values_list("event_id", "data")
    return {event: restore(bytes(data)).decode(errors="replace") for event, data in found}
