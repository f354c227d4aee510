"""What of the log goes into an archive: entries with what they disclose, and proofs when they are a selection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db import transaction

from audit.log import merkle, proof
from audit.models import Log
from exports.archive import AuditMode, Disclosed, Entry, Last, Record
from exports.selection import BEFORE, Condition, Selection
from exports.streamed import rows
from exportsite.jobs import Lease

ENTRIES = 10_000
"""Indices that are read in one transaction."""


def record(selection: Selection, mode: AuditMode, selected: int, lease: Lease[Any]) -> Record:
    """The record of an export: the whole log up to `as_of`, the `selected` events, or nothing of it."""
    if mode == "all":
        return whole(selection.log, selection.as_of, lease)
    if mode == "selection":
        entries = _entries(selection.log, selection.as_of, selection.of_tasks, lease)
        prove = Prover(selection.log, selection.as_of).prove
        return Record(mode, selected, entries, prove, _last(selection, lease))
    return Record(mode)


def whole(log: Log, as_of: int, lease: Lease[Any], *, disclosed: bool = True) -> Record:
    """All of the log up to `as_of`; without payloads and texts unless `disclosed`."""
    entries = _entries(log, as_of, ("true", []), lease)
    return Record("all", as_of, entries if disclosed else (replace(entry, disclosed=()) for entry in entries))


def _entries(log: Log, as_of: int, condition: Condition, lease: Lease[Any]) -> Iterator[Entry]:
    """Entries by index. What was erased is not there."""
    where, values = condition
    sql = (
        "SELECT e.id, e.envelope, d.grp, d.salt, d.data FROM audit_event e LEFT JOIN audit_task t ON t.id = e.task_id "  # noqa: S608 - our own column names
        "LEFT JOIN audit_disclosure d ON d.event_id = e.id AND d.event_id >= %s AND d.event_id < %s "
        f"WHERE e.id >= %s AND e.id < %s AND {where} ORDER BY e.id, d.grp"
    )
    for start in range(0, as_of, ENTRIES):
        lease.progress("adding the record", start, as_of, "events")
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


class Prover:
    """Inclusion proofs in the log of `size` entries, for indices in rising order.

    Neighbours share most of their path, so what was hashed is kept for a while: `merkle.inclusion_proof`, which says
    the same, hashes half a tile for each.
    """

    def __init__(self, log: Log, size: int) -> None:
        self._log = Log.objects.get(pk=log.pk)
        self._size = size
        self._chunk = -1
        self._roots: dict[tuple[int, int], bytes] = {}
        self._read_tile = proof.tile_reader(self._log)

    def prove(self, index: int) -> list[bytes]:
        """The path of 32-byte hashes, lowest first (RFC 6962 section 2.1.1)."""
        if index // ENTRIES != self._chunk:
            # The reader keeps every tile that it read: begin anew, or memory grows with the log.
            self._chunk = index // ENTRIES
            self._roots = {}
            self._read_tile = proof.tile_reader(self._log)
        path = []
        start, end = 0, self._size
        while end - start > 1:
            middle = start + _left(end - start)
            if index < middle:
                path.append(self._root(middle, end))
                end = middle
            else:
                path.append(self._root(start, middle))
                start = middle
        return path[::-1]

    def _root(self, start: int, end: int) -> bytes:
        """The root over entries start..end-1, a subtree of the log's tree."""
        found = self._roots.get((start, end))
        if found is None:
            found = self._roots[start, end] = self._computed(start, end)
        return found

    def _computed(self, start: int, end: int) -> bytes:
        width = end - start
        height = width.bit_length() - 1
        if width == 1 << height and height % merkle.TILE_HEIGHT == 0:
            level = height // merkle.TILE_HEIGHT
            tile, place = divmod(start >> height, merkle.TILE_WIDTH)
            most = min(merkle.TILE_WIDTH, (self._size >> height) - tile * merkle.TILE_WIDTH)
            at = place * merkle.HASH_SIZE
            return self._read_tile(level, tile, most)[at : at + merkle.HASH_SIZE]
        middle = start + _left(width)
        return merkle.node_hash(self._root(start, middle), self._root(middle, end))


def _left(width: int) -> int:
    """How many of so many entries go to the left: the largest power of two below (RFC 6962 section 2.1)."""
    return 1 << (width - 1).bit_length() - 1


def _last(selection: Selection, lease: Lease[Any]) -> Iterator[Last]:
    """The last event, as of the snapshot, of each task that has selected ones; by task number."""
    first = selection.log.event_id(0)
    where, values = selection.where
    sql = (
        "SELECT t.external_id, max(e.n), max(e.id) FROM audit_event e JOIN audit_task t ON t.id = e.task_id "  # noqa: S608 - our own column names
        f"WHERE e.task_id = ANY(%s) AND {BEFORE} GROUP BY t.id HAVING bool_or({where}) ORDER BY t.number"
    )
    for tasks in selection.batches():
        lease.check()
        with transaction.atomic():
            for task, n, id_ in rows(sql, [[task.id for task in tasks], selection.end, *values]):
                yield Last(task, n, id_ - first)
