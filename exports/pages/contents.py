"""What an export would contain, as far as it can be told at once: counts that read a bounded number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from audit.models import Log, Project
from audit.queries import lists, scans
from exports.formats.base import Format
from exports.options import Resolved
from exportsite import keyset
from exportsite.keyset import Condition, Count, Scan


@dataclass(frozen=True, slots=True)
class Contents:
    """Counts; None: only the export counts it, or the format has none of it."""

    tasks: Count | None
    events: Count | None
    labels: Count | None
    counted_now: bool

    @property
    def empty(self) -> bool:
        """Whether it is certain that there is nothing."""
        counts = (self.tasks, self.events, self.labels)
        return any(count is not None and count.exact and not count.value for count in counts)


NOTHING = Count(0, True)


def contents_of(project: Project, log: Log, format_: Format, resolved: Resolved) -> Contents:
    """What is there now; of an earlier state only what can be told without going through all of it."""
    kinds = format_.reads(resolved.parameters).kinds
    filters, now = resolved.filters, resolved.as_of == log.size
    chosen = replace(resolved.tasks, statuses=filters.statuses, external_ids=filters.external_ids)
    if not (filters.any or chosen.any):
        tasks = Count(project.tasks, True) if now else None
        events = Count(resolved.as_of, True) if "events" in kinds else None
        return Contents(tasks, events, _labels(project, kinds, resolved.as_of, ()), now)
    tasks = keyset.count(scans.tasks(project, chosen)) if chosen.any else None
    of_events = replace(filters, statuses=(), external_ids=())
    of_tasks: list[int] = []
    if filters.external_ids:
        of_tasks = lists.ids_of(project, filters.external_ids)
        if not of_tasks:
            return Contents(NOTHING, NOTHING, NOTHING if "labels" in kinds else None, now)
    events = keyset.count(scans.events(log, of_events, *of_tasks)) if of_events.any or of_tasks else None
    alone = of_tasks and not (of_events.any or filters.statuses or resolved.tasks.any)
    return Contents(tasks, events, _labels(project, kinds, resolved.as_of, of_tasks) if alone else None, now)


def _labels(project: Project, kinds: Sequence[str], as_of: int, of_tasks: Sequence[int]) -> Count | None:
    """Labels that hold at this size, of all tasks or of some."""
    if "labels" not in kinds:
        return None
    where: Condition = ("task_id = ANY(%s)", (list(of_tasks),)) if of_tasks else ("project_id = %s", (project.pk,))
    held: Condition = ("from_index < %s AND (to_index IS NULL OR to_index >= %s)", (as_of, as_of))
    columns = ("event_id", "from_index", "to_index")
    return keyset.count(Scan("audit_labelversion", columns, ("event_id",), within=(where,), tests=(held,)))


def together(contents: Sequence[Contents]) -> Contents | None:
    """What several projects contain; None when nothing can be told."""
    if not contents:
        return None
    return Contents(
        _sum([one.tasks for one in contents]),
        _sum([one.events for one in contents]),
        _sum([one.labels for one in contents]),
        all(one.counted_now for one in contents),
    )


def _sum(counts: Sequence[Count | None]) -> Count | None:
    told = [count for count in counts if count is not None]
    if len(told) < len(counts):
        return None
    return Count(sum(count.value for count in told), all(count.exact for count in told))
