"""What is made of a snapshot's tasks by processes that read them for themselves, where there are many.

Reading a label takes as long as most formats need to say it. So those who make something of tasks are only told which:
each reads them through a connection of its own, and hands back what it made.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import connection

from exports import labels
from exports.formats.base import LabelledTask, R
from exports.selection import Selection, TaskRow
from exportsite.helpers import shared
from exportsite.stopping import go_on

FEW = 200
"""Tasks that one process has done sooner than others could be started."""
FIRST_TASKS, BATCH_EVENTS, BATCH_BYTES = 16, 6_000, 5 << 19
"""How many tasks a helper gets at first; later so many as have this many events, or bytes of what is said of them and
made of that."""

AHEAD = 3
"""Parts for each helper that wait, or lie finished: large ones, but none has to be waited for."""

_left_alone: list[Any] = []
"""Connections of the parent: closed by nobody here, for that would be a word on them."""


def each(selection: Selection, make: Callable[[LabelledTask], R]) -> Generator[R, None, None]:
    """What `make` makes of each of the selection's tasks, in their order. Close the generator.

    `make` may be called in another process, which may ask the database for what it likes; but not where tasks were
    recorded in a transaction that still goes on, for others can't see them yet.
    """
    helpers = settings.LABELTRAIL_EXPORT_PROCESSES
    batches = selection.batches(BATCH_EVENTS)
    first = _with(FEW, batches)
    if helpers < 2 or connection.in_atomic_block or sum(map(len, first)) < FEW:
        yield from (make(task) for batch in chain(first, batches) for task in labels.of_batch(selection, batch))
        return

    def work(tasks: list[TaskRow]) -> tuple[int, list[R]]:
        size, results = 0, []
        for task in labels.of_batch(selection, tasks):
            size += len(task.details or b"") + sum(len(row.content) for row in task.labels)
            results.append(make(task))
        return size, results

    parts = _Parts(chain(first, batches))
    begin, weigh = _with_a_connection_of_its_own, parts.weigh
    with closing(shared(work, parts, helpers=helpers, ahead=AHEAD, begin=begin, check=go_on, weigh=weigh)) as done:
        for tasks, (size, results) in done:
            parts.learn(len(tasks), size)
            yield from results


class _Parts:
    """Batches of tasks in parts of about BATCH_BYTES, as those before let expect."""

    def __init__(self, batches: Iterator[list[TaskRow]]) -> None:
        self._batches = batches
        self._most = FIRST_TASKS
        self._made = 0

    def weigh(self, size: int) -> None:
        """What was made of a part has so many bytes."""
        self._made = size

    def learn(self, tasks: int, size: int) -> None:
        """Of so many tasks so many bytes were said, from which that was made which was weighed last."""
        self._most = max(1, min(2 * self._most, BATCH_BYTES * tasks // max(1, size + self._made)))

    def __iter__(self) -> Iterator[list[TaskRow]]:
        for batch in self._batches:
            at = 0
            while at < len(batch):
                part = batch[at : at + self._most]
                yield part
                at += len(part)


def _with(most: int, batches: Iterator[list[TaskRow]]) -> list[list[TaskRow]]:
    """The first batches, which have so many tasks together, or all that there are."""
    found: list[list[TaskRow]] = []
    count = 0
    for batch in batches:
        found.append(batch)
        count += len(batch)
        if count >= most:
            break
    return found


def _with_a_connection_of_its_own() -> None:
    """Leave the parent's to it: what is asked on it would be an answer to somebody else."""
    _left_alone.append(connection.connection)
    connection.connection = None  # Django opens another when it needs one.
