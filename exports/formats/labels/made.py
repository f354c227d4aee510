"""What a format makes of each task, by several processes where that pays; what it has to note, in the tasks' order.

What is made of a task must not depend on the tasks before it: numbers that go on counting, and names that may be taken,
are given where the results come together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing

from exports.archive.build import Archive, Skipped, Target
from exports.formats.base import LabelledTask, Progress, R, Snapshot, Written

PIECE = 1 << 18
"""Bytes that are written at once."""

Noted = tuple[str | None, Skipped]
"""What an archive is to be told: an item of a kind that was left out, or, without a kind, one that was changed."""


class Kept:
    """Keeps what an archive is to be told of one task."""

    def __init__(self) -> None:
        self._found: list[Noted] = []

    def warn(self, error: Skipped) -> None:
        """Note an item that can't be written as it is."""
        self._found.append((None, error))

    def skip(self, kind: str, error: Skipped) -> None:
        """Note an item of a kind (tasks, labels) that could not be written."""
        self._found.append((kind, error))

    def taken(self) -> list[Noted]:
        """What was kept, which is forgotten."""
        found, self._found = self._found, []
        return found


def made(
    archive: Archive, snapshot: Snapshot, make: Callable[[LabelledTask], R], kept: Kept
) -> Generator[tuple[int, R], None, None]:
    """Of each task the number of its labels and what `make` makes of it, perhaps in another process, noting in `kept`.

    Close the generator.
    """

    def make_one(task: LabelledTask) -> tuple[int, R, list[Noted]]:
        return len(task.labels), make(task), kept.taken()

    with closing(snapshot.each(make_one)) as found:
        for labels, one, noted in found:
            for kind, error in noted:
                if kind is None:
                    archive.warn(error)
                else:
                    archive.skip(kind, error)
            yield labels, one


def told(
    archive: Archive,
    snapshot: Snapshot,
    make: Callable[[LabelledTask], R | None],
    kept: Kept,
    count: Counter[str],
    progress: Progress,
) -> Generator[R, None, None]:
    """What `make` makes of tasks, those of which it makes None left out; the others and their labels are counted.

    Close the generator.
    """
    with closing(made(archive, snapshot, make, kept)) as found:
        for done, (labels, one) in enumerate(found, 1):
            if one is not None:
                count["tasks"] += 1
                count["labels"] += labels
                yield one
            progress(done)


def written(count: Counter[str]) -> Written:
    """The check values of one project."""
    return {"tasks": count["tasks"], "labels": count["labels"]}


def array(rows: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    """Rows as a JSON array, a row a line or more."""
    begin = b"["
    with closing(rows):
        for row in rows:
            yield begin + b"\n" + row
            begin = b","
    yield b"[]\n" if begin == b"[" else b"\n]\n"


def write_lines(target: Target, lines: Generator[bytes, None, None]) -> None:
    """Write the lines, many at a time, and close their generator."""
    waiting: list[bytes] = []
    size = 0
    with closing(lines):
        for line in lines:
            waiting.append(line)
            size += len(line)
            if size >= PIECE:
                target.write(b"".join(waiting))
                waiting, size = [], 0
    target.write(b"".join(waiting))
