"""Making the tables that repeat the log anew from its events: after damage, or when a better reading is shipped.

Events, disclosures, tiles and checkpoints are not touched; neither are the columns of events beside their envelopes,
which the guard protects: where `verify` finds one of those wrong, the table has to come back from a backup.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction

from audit.log import projection, read
from audit.log.envelope import unseal
from audit.log.projects import ProjectFold
from audit.log.trails import History, histories
from audit.models import ActiveTime, Disclosure, EventWords, Log, Project, Task, TaskVersion
from audit.sources import reading

Progress = Callable[[str, int, int], None]
CHUNK = 2_000
LOST = -(1 << 30)
"""Below all numbers that are negative because they are about to be given anew."""


class CannotRebuild(Exception):
    """The log itself does not hold, so that nothing can be made from it."""


@transaction.atomic
def rebuild(log: Log, progress: Progress = lambda step, done, total: None) -> int:
    """Rebuild all projections of `log` under its head lock, in one transaction; how many tasks it has."""
    log = Log.objects.select_for_update(no_key=True).get(pk=log.pk)
    project = Project.objects.select_related("source").select_for_update(no_key=True, of=("self",)).get(
            pk=log.project_id
        )
    log.project = project
    _clear(log)
    count = 0
    chunk: list[History] = []
    for history in histories(log, _refuse):
        chunk.append(history)
        if len(chunk) == CHUNK:
            count += _write(project, chunk, count)
            chunk = []
            progress("tasks", count, project.tasks)
    count += _write(project, chunk, count)
    _number(project)
    _words(log)
    _project(log, project, count)
    return count


def _refuse(index: int, text: str) -> None:
    # A wrong `late` is a column of the event: nothing here depends on it, and `verify` names it.
    if not text.startswith("its column"):
        raise CannotRebuild(f"index {index}: {text}. Run verify: the log does not hold.")


def _clear(log: Log) -> None:
    first, end = log.event_id(0), log.event_id(log.size)
    TaskVersion.objects.filter(task__project=log.project).delete()
    ActiveTime.objects.filter(project=log.project).delete()
    EventWords.objects.filter(event_id__gte=first, event_id__lt=end).delete()
    # Numbers are given anew at the end; out of the way until then, since they are unique.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_task SET number = -number WHERE project_id = %s", [log.project_id])
        cursor.execute(
            "DELETE FROM audit_task t WHERE project_id = %s "
            "AND NOT EXISTS (SELECT 1 FROM audit_event e WHERE e.task_id = t.id)",
            [log.project_id],
        )


def _write(project: Project, chunk: list[History], written: int) -> int:
    rows = [
        # Only a row that was lost takes this number: it comes back under its id, which its events name.
        projection.TaskRow(history.task_id, history.external_id, LOST - written - position, history.state)
        for position, history in enumerate(chunk)
    ]
    projection.write_tasks(project, rows)
    projection.write_versions(
        sorted((event_id, index, history.task_id) for history in chunk for event_id, index in history.versions)
    )
    projection.write_times(project, sorted((row for h in chunk for row in h.times), key=lambda row: row.index))
    return len(chunk)


def _number(project: Project) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_task t SET number = r.number FROM (SELECT id, row_number() OVER (ORDER BY from_index) AS number "
            "FROM audit_task WHERE project_id = %s) r WHERE t.id = r.id",
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
    fold.save()


def _project_contents(log: Log) -> dict[int, bytes]:
    rows = Disclosure.objects.filter(event__log=log, event__type="project.updated", group="content")
    return {event_id - log.event_id(0): bytes(data) for event_id, data in rows.values_list("event_id", "data")}
