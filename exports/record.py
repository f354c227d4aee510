"""What of the log goes into an archive: entries with what they disclose, and proofs when they are a selection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db import transaction

from audit.log import merkle, proof
from audit.models import Log
from exports.archive import AuditMode, Disclosed, Entry, Last, Record
from exports.selection import BEFORE, Condition, Selection, rows

ENTRIES = 10_000
"""Indices that are read in one transaction."""


def record(selection: Selection, mode: AuditMode, selected: int) -> Record:
    """The record of an export: the whole log up to `as_of`, the `selected` events, or nothing of it."""
    if mode == "all":
        return whole(selection.log, selection.as_of)
    if mode == "selection":
        entries = _entries(selection.log, selection.as_of, selection.of_tasks)
        return Record(mode, selected, entries, _prover(selection), _last(selection))
    return Record(mode)


def whole(log: Log, as_of: int, *, disclosed: bool = True) -> Record:
    """All of the log up to `as_of`; without payloads and texts unless `disclosed`."""
    entries = _entries(log, as_of, ("true", []))
    return Record("all", as_of, entries if disclosed else (replace(entry, disclosed=()) for entry in entries))


def _entries(log: Log, as_of: int, condition: Condition) -> Iterator[Entry]:
    """Entries by index. What was erased is not there."""
    where, values = condition
    sql = (
        "SELECT e.id, e.envelope, d.grp, d.salt, d.data FROM audit_event e LEFT JOIN audit_task t ON t.id = e.task_id "  # noqa: S608 - our own column names
        "LEFT JOIN audit_disclosure d ON d.event_id = e.id AND d.event_id >= %s AND d.event_id < %s "
        f"WHERE e.id >= %s AND e.id < %s AND {where} ORDER BY e.id, d.grp"
    )
    for start in range(0, as_of, ENTRIES):
        limits = [log.event_id(start), log.event_id(min(start + ENTRIES, as_of))]
        with transaction.atomic():
            yield from _grouped(rows(sql, [*limits, *limits, *values]), log.event_id(0))


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


def _last(selection: Selection) -> Iterator[Last]:
    """The last event, as of the snapshot, of each task that has selected ones; by task number."""
    first = selection.log.event_id(0)
    where, values = selection.where
    sql = (
        "SELECT t.external_id, max(e.n), max(e.id) FROM audit_event e JOIN audit_task t ON t.id = e.task_id "  # noqa: S608 - our own column names
        f"WHERE e.task_id = ANY(%s) AND {BEFORE} GROUP BY t.id HAVING bool_or({where}) ORDER BY t.number"
    )
    for tasks in selection.batches():
        with transaction.atomic():
            for task, n, id_ in rows(sql, [[task.id for task in tasks], selection.end, *values]):
                yield Last(task, n, id_ - first)
