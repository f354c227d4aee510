"""Files of several tasks are fetched at a time; the tasks still come in their order, each whole."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import IO, cast

import pytest

from audit.live.fetched import COMING, Completing, Fetcher
from audit.sources.base import FileRef, LiveSource, SourceError, SourceEvent

Write = Callable[[FileRef, IO[bytes]], object]


class Files:
    """A source of nothing but files."""

    def __init__(self, write: Write) -> None:
        self.write = write

    def file(self, ref: FileRef, into: IO[bytes]) -> None:
        """What `write` puts there."""
        self.write(ref, into)


@pytest.fixture
def completing() -> Iterator[Callable[[Write], Completing]]:
    """Makes one that is closed afterwards."""
    made: list[Completing] = []

    def make(write: Write) -> Completing:
        made.append(Completing(Fetcher(cast(LiveSource, Files(write)), with_media=False)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def event(task: str, *names: str) -> SourceEvent:
    files = tuple(FileRef(name, f"https://e.org/{name}", name) for name in names)
    return SourceEvent(
        task=task, type="label.created", source_type="label", occurred_at=None, instant=None, content=b"{}", files=files
    )


def test_tasks_come_in_their_order_however_long_their_files_take(completing: Callable[[Write], Completing]) -> None:
    second = threading.Event()

    def write(ref: FileRef, into: IO[bytes]) -> None:
        if ref.name == "a":
            assert second.wait(10), "the first file waits for the second"
        into.write(ref.name.encode())
        if ref.name == "b":
            second.set()

    waiting = completing(write)
    waiting.add("one", [event("one", "a")])
    waiting.add("two", [event("two", "b")])
    waiting.add("three", [event("three")])
    found = list(waiting.all())
    assert [events[0].task for events in found] == ["one", "two", "three"]
    assert [b'"files":[{' in (events[0].content or b"") for events in found] == [True, True, False]


def test_a_task_that_waits_for_no_file_comes_at_once(completing: Callable[[Write], Completing]) -> None:
    waiting = completing(lambda ref, into: into.write(b"x"))
    waiting.add("one", [event("one")])
    assert waiting.waits_for(["one"])
    assert [events[0].task for events in waiting.done()] == ["one"]
    assert not waiting.waits_for(["one"])


def test_no_more_files_are_on_their_way_than_there_may_be(completing: Callable[[Write], Completing]) -> None:
    go = threading.Event()

    def write(ref: FileRef, into: IO[bytes]) -> None:
        assert go.wait(10)
        into.write(ref.name.encode())

    waiting = completing(write)
    for number in range(COMING):
        waiting.add(f"t{number}", [event(f"t{number}", f"f{number}")])
    assert list(waiting.some()) == [], "as many as may be"
    waiting.add("last", [event("last", "g")])
    go.set()
    assert next(waiting.some())[0].task == "t0"


def test_a_file_that_can_not_be_had_is_said_in_its_tasks_place(completing: Callable[[Write], Completing]) -> None:
    def write(ref: FileRef, into: IO[bytes]) -> None:
        if ref.name == "b":
            raise SourceError("missing", "no file b")
        into.write(b"x")

    waiting = completing(write)
    for task, name in (("one", "a"), ("two", "b"), ("three", "c")):
        waiting.add(task, [event(task, name)])
    coming = waiting.all()
    assert next(coming)[0].task == "one"
    with pytest.raises(SourceError, match="no file b"):
        next(coming)
    with pytest.raises(SourceError, match="no file b"):
        list(waiting.all())
    assert waiting.waits_for(["three"])
