"""Work that forked processes share: in order, never lost, and over when the generator is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from exportsite.helpers import AHEAD, shared
from exportsite.processes import is_alive

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="helpers are forked on Linux only")


def test_results_come_in_order_from_other_processes() -> None:
    with closing(shared(lambda n: (n * n, os.getpid()), range(40), helpers=3)) as found:
        items = list(found)
    assert [(item, square) for item, (square, _) in items] == [(n, n * n) for n in range(40)]
    pids = {pid for _, (_, pid) in items}
    assert os.getpid() not in pids
    assert 1 <= len(pids) <= 3


def test_items_are_taken_only_so_far_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    with closing(shared(str, items(), helpers=2)) as found:
        next(found)
        assert len(taken) <= 2 * AHEAD + 1


def test_the_size_of_each_result_is_told_before_it_comes() -> None:
    told: list[int] = []
    with closing(shared(bytes, [1_000, 3_000, 2_000], helpers=2, weigh=told.append)) as found:
        sizes = [(number, told[-1] // 1_000) for number, _ in found]
    assert sizes == [(1_000, 1), (3_000, 3), (2_000, 2)]
    assert len(told) == 3


def test_what_a_killed_helper_had_is_done_here() -> None:
    here = os.getpid()

    def work(number: int) -> tuple[int, bool]:
        if number in (5, 6, 7) and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return number, os.getpid() == here

    with closing(shared(work, range(30), helpers=2)) as found:
        results = [result for _, result in found]
    assert [number for number, _ in results] == list(range(30))
    assert dict(results)[5] is True
    assert dict(results)[29] is True  # Two helpers died of 5, 6 and 7: nobody else is left.


def test_a_failure_comes_as_it_would_here() -> None:
    def work(number: int) -> int:
        if number == 3:
            raise ValueError("three is no number")
        return number

    with closing(shared(work, range(9), helpers=2)) as found, pytest.raises(ValueError, match="three is no number"):
        list(found)


def test_helpers_end_with_the_generator() -> None:
    def work(number: int) -> int:
        if number:
            time.sleep(600)
        return os.getpid()

    found = shared(work, range(9), helpers=2)
    _, pid = next(found)
    assert is_alive(pid)
    found.close()
    assert not is_alive(pid)


def test_helpers_end_when_their_parent_is_killed() -> None:
    code = (
        "import os, sys, time\n"
        "from exportsite.helpers import shared\n"
        "for _, pid in shared(lambda n: os.getpid(), range(99), helpers=1):\n"
        "    print(pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    for _ in range(200):
        if not is_alive(pid):
            return
        time.sleep(0.05)
    raise AssertionError("the helper outlived its parent")
