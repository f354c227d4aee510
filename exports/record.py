"""What of the log goes into an archive: entries with what they disclose, and proofs when they are a selection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import transaction

from audit.log import merkle, proof
from audit.models import Log
from exports.archive import AuditMode, Disclosed, Entry, Last, Record
from exports.selection import Condition, Selection, rows
from exportsite.jobs import Lease

ENTRIES = 10_000
"""Indices that are read in one transaction."""


def record(selection: Selection, mode: AuditMode, selected: int, lease: Lease[Any]) -> Record:
    """The record of an export: the whole log up to `as_of`, the `selected` events, or nothing of it."""
    if mode == "all":
        return Record(mode, selection.as_of, _entries(selection, ("true", []), lease))
    if mode == "selection":
        entries = _entries(selection, selection.of_tasks, lease)
        return Record(mode, selected, entries, _prover(selection), _last(selection, lease))
    return Record(mode)


def _entries(selection: Selection, condition: Condition, lease: Lease[Any]) -> Iterator[Entry]:
    """Entries by index. What was erased is not there."""
    log = selection.log
    where, values = condition
    sql = (
        "SELECT e.id, e.envelope, d.grp, d.salt, d.data FROM audit_event e LEFT JOIN audit_task t ON t.id = e.task_id "  # noqa: S608 - our own column names
        "LEFT JOIN audit_disclosure d ON d.event_id = e.id "
        f"WHERE e.id >= %s AND e.id < %s AND {where} ORDER BY e.id, d.grp"
    )
    for start in range(0, selection.as_of, ENTRIES):
        lease.progress("adding the record", start, selection.as_of, "events")
        limits = [log.event_id(start), log.event_id(min(start + ENTRIES, selection.as_of))]
        with transaction.atomic():
            yield from _grouped(rows(sql, [*limits, *values]), log.event_id(0))


def _grouped(found: Iterable[tuple[Any, ...]], first: int) -> Iterator[Entry]:
    """One entry of the rows of each event."""
    current: tuple[int, bytes] | None = None
    disclosed: list[Disclosed] = []
    for id_, envelope, group, salt, data in found:
        if current is not None and current[0] != id_:
            yield Entry(current[0] - first, current[1], tuple(disclosed))
            disclosed = []
        current = id_, bytes(envelope)
        if group is not None:
            disclosed.append(Disclosed(group, bytes(salt), bytes(data)))
    if current is not None:
        yield Entry(current[0] - first, current[1], tuple(disclosed))


def _prover(selection: Selection) -> Callable[[int], list[bytes]]:
    """Gives inclusion proofs for indices in rising order."""
    log = Log.objects.get(pk=selection.log.pk)
    state: dict[str, Any] = {"of": -1}

    def prove(index: int) -> list[bytes]:
        if index // ENTRIES != state["of"]:
            # A new reader now and then, for it keeps every tile that it has read.
            state.update(of=index // ENTRIES, read=proof.tile_reader(log))
        return merkle.inclusion_proof(index, selection.as_of, state["read"])

    return prove


def _last(selection: Selection, lease: Lease[Any]) -> Iterator[Last]:
    """The last event, as of the snapshot, of each task that has selected ones; by task number."""
    first = selection.log.event_id(0)
    where, values = selection.where
    sql = (
        "SELECT t.external_id, l.n, l.id FROM audit_task t JOIN LATERAL ("  # noqa: S608 - our own column names
        "SELECT n, id FROM audit_event WHERE task_id = t.id AND id < %s ORDER BY n DESC LIMIT 1) l ON true "
        "WHERE t.id = ANY(%s) AND EXISTS ("
        f"SELECT 1 FROM audit_event e WHERE e.task_id = t.id AND {where}) ORDER BY t.number"
    )
    for tasks in selection.batches():
        lease.check()
        with transaction.atomic():
            for task, n, id_ in rows(sql, [selection.end, [task.id for task in tasks], *values]):
                yield Last(task, n, id_ - first)
