"""Processes that share one piece of work: forked from this one, so that they begin at once with all that it knows.

    with closing(shared(work, batches, helpers=2)) as found:
        for batch, result in found: ...

Results come in the order of what was asked, the same whatever the number of helpers. A helper that ends early is not
missed: what it had is done here, and so is what it failed at, which then fails here, in words. One that hangs is ended.
Helpers end with the generator, with this process, and with its death. Where processes can't be forked there are none.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from queue import SimpleQueue
from typing import Any, TypeVar

from exportsite import forks
from exportsite.processes import die_with, go_first, ticks

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 8
"""Items for each helper that wait, or lie finished: what is in memory beside what it works on. Some come in gusts."""
POLL = 0.2
"""Seconds between looks at helpers that are waited for."""
SILENCE = 60.0
"""Seconds for which a helper that has work may not touch it, while a processor is free, before it is ended. It may wait
for the database that long."""

log = logging.getLogger(__name__)


def shared(
    work: Callable[[T], R],
    items: Iterable[T],
    *,
    helpers: int,
    ahead: int = AHEAD,
    begin: Callable[[], None] = lambda: None,
    check: Callable[[], None] = lambda: None,
    weigh: Callable[[int], None] = lambda size: None,
) -> Generator[tuple[T, R], None, None]:
    """Each item with what `work` makes of it; both can be pickled. `begin` is called in each helper, first of all.

    Items are taken in this thread, `ahead` for each helper before their results. `check` is called now and then while
    these are waited for; what it raises ends them. `weigh` is told how many bytes a helper's result has, before that
    comes. Close the generator.
    """
    waiting: deque[tuple[T, Future[bytes | None]]] = deque()

    def answer() -> tuple[T, R]:
        item, asked = waiting.popleft()
        while not wait((asked,), POLL).done:
            check()
            team.watch()
        found = asked.result()
        if found is None:
            return item, work(item)
        weigh(len(found))
        return item, pickle.loads(found)  # noqa: S301 - from a process of ours

    team = _Team(work, helpers, begin)
    try:
        for item in items:
            waiting.append((item, team.ask(item)))
            if len(waiting) > helpers * ahead:
                yield answer()
        while waiting:
            yield answer()
    finally:
        team.end()


@dataclass(slots=True)
class _Helper:
    """`busy`: it was given something to do. `ticks`: what it had worked when it was last looked at, and `still` for how
    many looks it has worked no more."""

    pid: int
    line: Connection[bytes, bytes]
    busy: bool = False
    ticks: int | None = None
    still: int = 0


class _Team:
    """The helpers, and a thread for each that waits for its answers."""

    def __init__(self, work: Callable[[Any], Any], count: int, begin: Callable[[], None]) -> None:
        self._helpers: list[_Helper] = []
        self._ending = False
        gc.freeze()  # Looking for garbage writes to all there is, and pages that are written to are shared no more.
        try:
            for _ in range(count if forks.AVAILABLE else 0):
                self._helpers.append(_fork(work, begin, self._helpers))
        except OSError as problem:
            log.warning("%d of %d helpers could be started: %s", len(self._helpers), count, problem)
        self._idle: SimpleQueue[_Helper | None] = SimpleQueue()
        for helper in self._helpers or (None,):
            self._idle.put(helper)
        self._threads = ThreadPoolExecutor(max(1, len(self._helpers)), thread_name_prefix="helper")

    def ask(self, item: object) -> Future[bytes | None]:
        """The pickled answer, when it comes; None where no helper has one."""
        return self._threads.submit(self._exchange, pickle.dumps(item, pickle.HIGHEST_PROTOCOL))

    def _exchange(self, question: bytes) -> bytes | None:
        helper = self._idle.get()
        try:
            if helper is not None:
                helper.busy = True
                helper.line.send_bytes(question)
                answer = helper.line.recv_bytes()
                helper.busy = False
                return answer
        except (EOFError, OSError):
            if helper is not None and not self._ending:
                log.warning("a helper %s: what it did is done without it", _how_it_ended(helper.pid))
            helper = None  # It has ended, and others ask in vain in its place.
        finally:
            self._idle.put(helper)
        return None

    def watch(self) -> None:
        """End helpers that do nothing although they should. Called every POLL seconds."""
        for helper in self._helpers:
            worked = ticks(helper.pid) if helper.busy else None
            if worked is None or worked != helper.ticks:
                helper.ticks, helper.still = worked, 0
                continue
            helper.still += 1  # Not by the clock: this process may have been stopped as well.
            if helper.still * POLL > SILENCE:
                helper.still = 0
                log.warning("a helper did nothing for %.0f seconds; it is ended", SILENCE)
                _kill(helper.pid)

    def end(self) -> None:
        """End the helpers, whatever they do."""
        self._ending = True
        for helper in self._helpers:
            _kill(helper.pid)
        self._threads.shutdown(cancel_futures=True)
        for helper in self._helpers:
            helper.line.close()
            with suppress(ChildProcessError):
                os.waitpid(helper.pid, 0)
        gc.unfreeze()


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _how_it_ended(pid: int) -> str:
    """Waits for the end of a child, and leaves it to be waited for: its number is nobody else's until then."""
    with suppress(ChildProcessError):
        found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        if found is not None and found.si_code != os.CLD_EXITED:
            return f"was killed ({signal.Signals(found.si_status).name})"
    return "failed"


def _fork(work: Callable[[Any], Any], begin: Callable[[], None], others: list[_Helper]) -> _Helper:
    """Raises OSError where there is no room for another process."""
    ours, its = Pipe()
    parent = os.getpid()
    try:
        pid = forks.fork()
    except OSError:
        ours.close()
        its.close()
        raise
    if pid == 0:
        try:
            die_with(parent)
            go_first()
            for line in (ours, *(other.line for other in others)):
                line.close()
            begin()
            _help(work, its)
        except Exception as problem:  # What it says to people is said where this fails again; this may not.
            log.warning("a helper can't go on: %s: %s", type(problem).__name__, problem)
        finally:
            os._exit(1)  # Nothing of the parent's is to be tidied up here.
    its.close()
    return _Helper(pid, ours)


def _help(work: Callable[[Any], Any], line: Connection[bytes, bytes]) -> None:
    with suppress(EOFError):
        while True:
            found = work(pickle.loads(line.recv_bytes()))  # noqa: S301 - from a process of ours
            line.send_bytes(pickle.dumps(found, pickle.HIGHEST_PROTOCOL))
