"""Making the tables that repeat the log anew from its events: after damage, or when a better reading is shipped.

Events, disclosures, tiles and checkpoints are not touched; neither are the columns of events beside their envelopes,
which the guard protects: where `verify` finds one of those wrong, the table has to come back from a backup.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction
from django.db.models import Q

from audit.log import projection, read, superseded
from audit.log.envelope import unseal
from audit.log.problems import Part, Result
from audit.log.projects import ProjectFold
from audit.log.record import Record
from audit.log.trails import History, histories
from audit.models import (
    ActiveTime,
    Disclosure,
    Event,
    EventWords,
    LabelVersion,
    Log,
    Project,
    Superseded,
    Task,
    TaskVersion,
)
from audit.models.log import INDEX_BITS
from audit.sources import reading

Progress = Callable[[str, int, int], None]
CHUNK = 2_000


class CannotRebuild(Exception):
    """The log itself does not hold, so that nothing can be made from it."""


def rebuild(log: Log, progress: Progress = lambda step, done, total: None) -> int:
    """Rebuild all projections of `log` under its head lock, in one transaction; how many tasks it has.

    Raises CannotRebuild when what was hashed and signed does not hold: nothing is changed then.
    """
    with read.any_time(), transaction.atomic():
        log = Log.objects.select_for_update(no_key=True).get(pk=log.pk)
        project = Project.objects.select_for_update(no_key=True).get(pk=log.project_id)
        log.project = project
        _check(log, progress)
        _clear(log)
        count = 0
        chunk: list[History] = []
        for history in histories(log, _refuse):
            chunk.append(history)
            if len(chunk) == CHUNK:
                count += _write(log, chunk, count)
                chunk = []
                progress("tasks", count, project.tasks)
        count += _write(log, chunk, count)
        _number(project)
        _words(log)
        _project(log, project, count)
        return count


def _check(log: Log, progress: Progress) -> None:
    result = Result(log.size)
    Record(log, result, progress).check()
    for problem in sorted(result.problems):
        _refuse(problem.index, problem.text, problem.part)


def _refuse(index: int, text: str, part: Part) -> None:
    # Columns beside the envelopes do not matter: nothing here is made from them, and `verify` names them.
    if part == "log":
        where = f"index {index}: " if index >= 0 else ""
        raise CannotRebuild(f"{where}{text}. The log does not hold, so nothing is made from it: see verify")


def _clear(log: Log) -> None:
    in_range = Q(event_id__gte=log.event_id(0), event_id__lt=log.event_id(1 << INDEX_BITS))
    tasks = Task.objects.filter(project=log.project).values("pk")
    TaskVersion.objects.filter(in_range | Q(task__in=tasks)).delete()
    ActiveTime.objects.filter(in_range | Q(project=log.project) | Q(task__in=tasks)).delete()
    LabelVersion.objects.filter(in_range | Q(project=log.project) | Q(task__in=tasks)).delete()
    EventWords.objects.filter(in_range).delete()
    Superseded.objects.filter(in_range).delete()
    # All rows go, since any of their columns may be wrong; they come back under the ids that events know. Other tables
    # that point to them are checked at the end of the transaction.
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM audit_task t WHERE project_id = %s OR id IN "
            "(SELECT task_id FROM audit_event WHERE id >= %s AND id < %s)",
            [log.project_id, log.event_id(0), log.event_id(log.size)],
        )


def _write(log: Log, chunk: list[History], written: int) -> int:
    project = log.project
    rows = [
        # Numbers follow the first events; they are given when all rows are there.
        projection.TaskRow(history.task_id, history.external_id, -written - position, history.state)
        for position, history in enumerate(chunk, start=1)
    ]
    projection.write_tasks(project, rows)
    projection.write_versions(
        sorted((event_id, index, history.task_id) for history in chunk for event_id, index in history.versions)
    )
    projection.write_times(project, sorted((row for h in chunk for row in h.times), key=lambda row: row.index))
    projection.write_labels(project, sorted((row for h in chunk for row in h.labels), key=lambda row: row.index))
    superseded.write(log, [(index, by, one.task_id) for one in chunk for index, by in one.superseded.items()])
    return len(chunk)


def _number(project: Project) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_task t SET number = r.number FROM "
            "(SELECT id, row_number() OVER (ORDER BY from_index) AS number FROM audit_task WHERE project_id = %s) r "
            "WHERE t.id = r.id",
            [project.pk],
        )


def _words(log: Log) -> None:
    texts: list[tuple[int, str]] = []
    groups = Disclosure.objects.filter(
        group="text", event_id__gte=log.event_id(0), event_id__lt=log.event_id(log.size)
    ).order_by("event_id")
    for event_id, data in groups.values_list("event_id", "data").iterator(chunk_size=CHUNK):
        texts.append((event_id, bytes(data).decode(errors="replace")))
        if len(texts) == CHUNK:
            projection.write_words(texts)
            texts = []
    projection.write_words(texts)


def _project(log: Log, project: Project, tasks: int) -> None:
    project.tasks = tasks
    project.stages = []
    project.description = ""
    fold = ProjectFold(project, reading(project.source.kind))
    contents = _project_contents(log)
    for event in read.events(log, 0, log.size):
        index = event.id - log.event_id(0)
        fold.take(unseal(event.envelope), contents.get(index))
    fold.save(always=True)


def _project_contents(log: Log) -> dict[int, bytes]:
    first, end = log.event_id(0), log.event_id(log.size)
    told = Event.objects.filter(id__gte=first, id__lt=end, type="project.updated")
    rows = Disclosure.objects.filter(event__in=told, group="content")
    return {event_id - first: bytes(data) for event_id, data in rows.values_list("event_id", "data")}
