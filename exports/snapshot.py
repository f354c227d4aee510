"""What formats and reports read: one state of one project, in a defined order, without holding it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import cached_property
from typing import IO

from django.db import connection, transaction

from audit.files import files_of
from audit.log.envelope import unseal
from audit.models import Media, Person
from audit.people import names_of
from audit.sources import reading
from exports import labels, sharing
from exports.formats.base import EventRow, LabelledTask, ProjectInfo, R, TimeRow, Trail
from exports.kinds import media_told
from exports.media import KeptMedia
from exports.selection import BEFORE, HELD, Selection, instant_of
from exports.streamed import rows


class LogSnapshot(Selection):
    """A selection's project, tasks, events, active times and labels, as of its size: a `Snapshot` of formats."""

    @cached_property
    def project(self) -> ProjectInfo:
        """The project as of the snapshot."""
        project = self.log.project
        name, details = project.external_id, None
        sql = (
            "SELECT d.data FROM audit_event e JOIN audit_disclosure d ON d.event_id = e.id AND d.grp = 'content' "
            "WHERE e.log_id = %s AND e.type = 'project.updated' AND e.id < %s ORDER BY e.id"
        )
        for (content,) in rows(sql, [self.log.pk, self.end]):
            details = bytes(content)
            name = reading(project.source.kind).project_details(details).name or name
        dated = ""
        for (envelope,) in rows("SELECT envelope FROM audit_event WHERE id = %s", [self.end - 1]):
            dated = unseal(bytes(envelope)).received_at
        shown = details and self.shown(details)
        kept = project.media != Media.REFERENCE
        told = media_told(self, details)
        kinds, texts = told.kinds, told.texts
        source = project.source.kind
        return ProjectInfo(source, project.external_id, name, self.log.origin, shown, dated, kept, kinds, texts)

    def trails(self) -> Iterator[Trail]:
        """Tasks by number; without filters every task, else those with selected events."""
        for tasks in self.batches():
            with transaction.atomic():
                details = self.details(tasks) if self.reads.details else {}
                ahead = _Ahead(self._events([task.id for task in tasks]))
                for task in tasks:
                    if self.filtered and ahead.task != task.id:
                        continue
                    events = ahead.of(task.id)
                    yield Trail(task.external_id, task.number, task.name, task.stage, events, details.get(task.id))
                    if ahead.task == task.id:
                        raise RuntimeError(f"the events of task {task.external_id!r} were not read to the end")

    def times(self) -> Iterator[TimeRow]:
        """Active time of the selected events, by task number, then index."""
        where, values = self.where
        sql = (
            "SELECT a.task_id, a.from_index, a.stage, a.cycle, p.pseudonym, a.milliseconds, a.started_at, a.ended_at, "  # noqa: S608 - our own column names
            "e.occurred_at FROM audit_activetime a JOIN audit_event e ON e.id = a.event_id "
            "JOIN audit_task t ON t.id = a.task_id LEFT JOIN audit_person p ON p.id = a.person_id "
            f"WHERE a.task_id = ANY(%s) AND {HELD} AND {where} ORDER BY t.number, a.from_index"
        )
        for tasks in self.batches():
            names = {task.id: task.external_id for task in tasks}
            with transaction.atomic():
                for task, index, *rest in rows(sql, [list(names), self.as_of, self.as_of, *values]):
                    yield TimeRow(index, names[task], *rest)

    def labelled(self) -> Iterator[LabelledTask]:
        """Tasks by number with their labels; with filters those that have a selected event."""
        for tasks in self.batches(labels.BATCH_EVENTS):
            if self.with_media:
                self.media.begin(tasks)
            yield from labels.of_batch(self, tasks)

    def each(self, make: Callable[[LabelledTask], R]) -> Generator[R, None, None]:
        """What `make` makes of each of the same tasks, by processes that read them for themselves where that pays; in
        this one, when each task comes, where files that lie beside a batch of tasks will be asked for."""
        self.person("")  # Once, before others are forked.
        return (make(task) for task in self.labelled()) if self.with_media else sharing.each(self, make)

    def file(self, content: bytes, name: str) -> IO[bytes]:
        """A kept file of a payload, by the name that the payload gives it. Raises FileNotFoundError."""
        return files_of(content).open(name)

    def medium(self, task: LabelledTask, name: str) -> IO[bytes]:
        """A file that people look at of the task that came last. Raises NoMedium."""
        return self.media.open(task, name)

    @cached_property
    def media(self) -> KeptMedia:
        """What is kept of the tasks' media."""
        return KeptMedia(self)

    def person(self, pseudonym: str | None) -> str | None:
        """How a person is called: e-mail, else name, else id at the source; pseudonym when erased or so asked."""
        if pseudonym is None or self.pseudonyms:
            return pseudonym
        return self._names.get(pseudonym, pseudonym)

    @cached_property
    def _names(self) -> dict[str, str]:
        people = list(Person.objects.filter(project=self.log.project_id))
        shown = names_of(people)
        return {who.pseudonym: shown[who.pk].email or shown[who.pk].label for who in people}

    def expected(self) -> dict[str, int]:
        """The check values: how many items there are to write, by queries that have no part in the writing."""
        where, values = self.of_tasks
        within = [self.log.event_id(0), self.end]
        found = {}
        with connection.cursor() as cursor:
            if self.filtered or "events" in self.reads.kinds:
                cursor.execute(
                    "SELECT count(*), count(DISTINCT e.task_id) FROM audit_event e JOIN audit_task t "  # noqa: S608 - our own column names
                    "ON t.id = e.task_id "
                    f"WHERE e.id >= %s AND e.id < %s AND {where}",
                    [*within, *values],
                )
                found["events"], found["tasks"] = cursor.fetchone() or (0, 0)
            if not self.filtered:
                cursor.execute(
                    "SELECT count(*) FROM audit_task WHERE project_id = %s AND from_index < %s",
                    [self.log.project_id, self.as_of],
                )
                (found["tasks"],) = cursor.fetchone() or (0,)
            if "active_times" in self.reads.kinds:
                cursor.execute(
                    "SELECT count(*) FROM audit_activetime a JOIN audit_event e ON e.id = a.event_id "  # noqa: S608 - our own column names
                    f"JOIN audit_task t ON t.id = a.task_id WHERE a.project_id = %s AND {HELD} AND {where}",
                    [self.log.project_id, self.as_of, self.as_of, *values],
                )
                (found["active_times"],) = cursor.fetchone() or (0,)
        if "labels" in self.reads.kinds:
            found["labels"] = labels.count(self)
        return {kind: found[kind] for kind in self.reads.kinds}

    def _events(self, tasks: list[int]) -> Iterator[tuple[int, EventRow]]:
        """The selected events of these tasks, by the tasks' numbers, then by `n`."""
        where, values = self.where
        wanted = {"content": self.reads.payloads, "text": self.reads.texts}
        # Looked up row by row: a join might read all disclosures there are, for every batch.
        disclosed = [
            f"(SELECT d.data FROM audit_disclosure d WHERE d.event_id = e.id AND d.grp = '{group}')"  # noqa: S608 - our own column names
            if wanted[group]
            else "NULL::bytea"
            for group in ("content", "text")
        ]
        sql = (
            f"SELECT e.task_id, e.id, e.occurred_at, e.late, e.envelope, {', '.join(disclosed)} FROM audit_event e "  # noqa: S608 - our own column names
            f"JOIN audit_task t ON t.id = e.task_id WHERE e.task_id = ANY(%s) AND {BEFORE} AND {where} "
            "ORDER BY t.number, e.n"
        )
        first = self.log.event_id(0)
        for task, id_, occurred_at, late, envelope, content, text in rows(sql, [tasks, self.end, *values]):
            event = unseal(bytes(envelope))
            payload = self.shown(bytes(content)) if content is not None else None
            said = bytes(text) if text is not None else None
            yield task, EventRow(id_ - first, event, instant_of(event, occurred_at), late, payload, said)


class _Ahead:
    """Rows in the order of tasks, one read ahead: whose is the next?"""

    def __init__(self, found: Iterator[tuple[int, EventRow]]) -> None:
        self._rows = found
        self._next = next(found, None)

    @property
    def task(self) -> int | None:
        """The task of the next row."""
        return self._next[0] if self._next else None

    def of(self, task: int) -> Iterator[EventRow]:
        """The rows of this task."""
        while self._next is not None and self._next[0] == task:
            row = self._next[1]
            self._next = next(self._rows, None)
            yield row
