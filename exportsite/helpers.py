"""Processes that share one piece of work: forked from this one, so that they begin at once with all that it knows.

    with closing(shared(work, batches, helpers=2)) as found:
        for batch, result in found: ...

Results come in the order of what was asked, the same whatever the number of helpers. A helper that ends early is not
missed: what it had is done here, and so is what it failed at, which then fails here, in words. Helpers end with the
generator, with this process, and with its death (on Linux; elsewhere when they next ask for work).
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from queue import SimpleQueue
from typing import Any, TypeVar

from exportsite.processes import die_with

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 8
"""Items for each helper that wait, or lie finished: what is in memory beside what it works on. Items come in gusts."""


def shared(
    work: Callable[[T], R], items: Iterable[T], *, helpers: int, begin: Callable[[], None] = lambda: None
) -> Generator[tuple[T, R], None, None]:
    """Each item with what `work` makes of it; both can be pickled. `begin` is called in each helper, first of all.

    Items are taken in this thread, some ahead of the results. Close the generator.
    """
    waiting: deque[tuple[T, Future[bytes | None]]] = deque()
    team = _Team(work, helpers, begin)
    try:
        for item in items:
            waiting.append((item, team.ask(item)))
            if len(waiting) > helpers * AHEAD:
                yield _answer(work, *waiting.popleft())
        while waiting:
            yield _answer(work, *waiting.popleft())
    finally:
        team.end()


def _answer(work: Callable[[T], R], item: T, asked: Future[bytes | None]) -> tuple[T, R]:
    answer = asked.result()
    return item, work(item) if answer is None else pickle.loads(answer)  # noqa: S301 - from a process of ours


@dataclass(frozen=True, slots=True)
class _Helper:
    pid: int
    line: Connection[bytes, bytes]


class _Team:
    """The helpers, and a thread for each that waits for its answers."""

    def __init__(self, work: Callable[[Any], Any], count: int, begin: Callable[[], None]) -> None:
        self._helpers: list[_Helper] = []
        gc.freeze()  # Looking for garbage writes to all there is, and pages that are written to are shared no more.
        for _ in range(count):
            self._helpers.append(_fork(work, begin, self._helpers))
        self._idle: SimpleQueue[_Helper | None] = SimpleQueue()
        for helper in self._helpers:
            self._idle.put(helper)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="helper")

    def ask(self, item: object) -> Future[bytes | None]:
        """The pickled answer, when it comes; None where no helper has one."""
        return self._threads.submit(self._exchange, pickle.dumps(item, pickle.HIGHEST_PROTOCOL))

    def _exchange(self, question: bytes) -> bytes | None:
        helper = self._idle.get()
        try:
            if helper is not None:
                helper.line.send_bytes(question)
                return helper.line.recv_bytes()
        except (EOFError, OSError):
            helper = None  # It has ended, and others ask in vain in its place.
        finally:
            self._idle.put(helper)
        return None

    def end(self) -> None:
        """End the helpers, whatever they do."""
        for helper in self._helpers:
            with suppress(ProcessLookupError):
                os.kill(helper.pid, signal.SIGKILL)
        self._threads.shutdown()
        for helper in self._helpers:
            helper.line.close()
            with suppress(ChildProcessError):
                os.waitpid(helper.pid, 0)
        gc.unfreeze()


def _fork(work: Callable[[Any], Any], begin: Callable[[], None], others: list[_Helper]) -> _Helper:
    ours, its = Pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            die_with(parent)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # It is for the whole group; the parent decides.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            for line in (ours, *(other.line for other in others)):
                line.close()
            begin()
            _help(work, its)
        finally:
            os._exit(1)  # Nothing of the parent's is to be tidied up here.
    its.close()
    return _Helper(pid, ours)


def _help(work: Callable[[Any], Any], line: Connection[bytes, bytes]) -> None:
    with suppress(EOFError):
        while True:
            found = work(pickle.loads(line.recv_bytes()))  # noqa: S301 - from a process of ours
            line.send_bytes(pickle.dumps(found, pickle.HIGHEST_PROTOCOL))
