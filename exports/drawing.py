"""Labels drawn by several processes, where there are many; in order, as one process would draw them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from itertools import chain, islice
from typing import Any, NoReturn

from django.conf import settings
from django.db import connection

from exports.formats.base import LabelledTask, R
from exportsite.helpers import shared
from exportsite.stopping import go_on

FEW = 200
"""Tasks that one process draws sooner than others could be started."""
BATCH_TASKS, BATCH_BYTES = 50, 1 << 20
"""How many tasks a helper gets at a time, and how many bytes of labels."""


def drawn(
    tasks: Iterator[LabelledTask], draw: Callable[[LabelledTask], R], *, alone: bool
) -> Generator[tuple[LabelledTask, R], None, None]:
    """Each task with what `draw` makes of it. `alone`: in this process, when each task comes."""
    helpers = settings.LABELTRAIL_EXPORT_PROCESSES
    first = list(islice(tasks, FEW)) if helpers > 1 and not alone else []
    if len(first) < FEW:
        yield from ((task, draw(task)) for task in chain(first, tasks))
        return

    def draw_all(batch: list[LabelledTask]) -> list[R]:
        return [draw(task) for task in batch]

    batches = _batches(chain(first, tasks))
    with closing(shared(draw_all, batches, helpers=helpers, begin=_without_database, check=go_on)) as found:
        for batch, drawings in found:
            yield from zip(batch, drawings, strict=True)


def _batches(tasks: Iterable[LabelledTask]) -> Iterator[list[LabelledTask]]:
    batch: list[LabelledTask] = []
    size = 0
    for task in tasks:
        batch.append(task)
        size += sum(len(row.content) for row in task.labels)
        if len(batch) == BATCH_TASKS or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _without_database() -> None:
    """The connection is the parent's: a word of ours on it would be an answer to somebody else."""
    connection.execute_wrappers.append(_refuse)


def _refuse(*_: Any) -> NoReturn:
    raise RuntimeError("a process that draws labels has no database")
