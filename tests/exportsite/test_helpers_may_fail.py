"""Helpers that hang, fail or can't be had: the results are those of one process, and nobody waits for ever."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from exportsite import forks, helpers
from exportsite.helpers import shared
from tests.crash.workers import children

pytestmark = pytest.mark.skipif(not forks.AVAILABLE, reason="helpers are forked on Linux only")
HERE = os.getpid()


@pytest.fixture(autouse=True)
def nobody_stays() -> Iterator[None]:
    """No test leaves a helper behind."""
    before, threads = children(os.getpid()), threading.active_count()
    yield
    assert children(os.getpid()) == before
    assert threading.active_count() == threads


@pytest.fixture
def once(tmp_path: Path) -> Path:
    """A file that the first helper makes which is to do something once."""
    return tmp_path / "once"


def first(once: Path) -> bool:
    """Whether this is the first helper that asks."""
    if os.getpid() == HERE:
        return False
    try:
        once.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM])
def test_what_a_helper_did_not_do_is_done_without_it(
    monkeypatch: pytest.MonkeyPatch, once: Path, caplog: pytest.LogCaptureFixture, number: signal.Signals
) -> None:
    monkeypatch.setattr(helpers, "SILENCE", 1.0)

    def work(item: int) -> int:
        if item > 4 and first(once):
            os.kill(os.getpid(), number)
        return item * item

    with closing(shared(work, range(40), helpers=2)) as found:
        assert list(found) == [(item, item * item) for item in range(40)]
    stopped = number == signal.SIGSTOP
    assert ("did nothing for 1 seconds; it is ended" in caplog.text) is stopped
    assert f"was killed ({'SIGKILL' if stopped else number.name})" in caplog.text


def test_a_helper_that_waits_for_what_another_thread_held_is_ended(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(helpers, "SILENCE", 1.0)
    held = threading.Lock()

    def work(item: int) -> int:
        if os.getpid() != HERE:
            held.acquire()
        return -item

    with held, closing(shared(work, range(9), helpers=2)) as found:
        assert [result for _, result in found] == [-item for item in range(9)]
    assert "it is ended" in caplog.text


def test_one_that_works_for_long_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(helpers, "SILENCE", 0.2)

    def work(item: int) -> int:
        began = time.process_time()  # Of a processor, not by the clock.
        while time.process_time() - began < 0.6:
            pass
        return os.getpid()

    with closing(shared(work, range(2), helpers=2)) as found:
        assert HERE not in {pid for _, pid in found}
    assert caplog.text == ""


def test_a_helper_says_in_the_log_why_it_fails(tmp_path: Path) -> None:
    def work(item: int) -> int:
        if os.getpid() != HERE:
            raise OSError("too many clients")
        return item

    handler = logging.FileHandler(tmp_path / "log")
    helpers.log.addHandler(handler)
    try:
        with closing(shared(work, range(3), helpers=1)) as found:
            assert [result for _, result in found] == [0, 1, 2]
    finally:
        helpers.log.removeHandler(handler)
        handler.close()
    said = (tmp_path / "log").read_text().splitlines()
    assert said == [
        "a helper can't go on: OSError: too many clients",
        "a helper failed: what it did is done without it",
    ]


def test_a_failure_has_the_text_of_one_process(caplog: pytest.LogCaptureFixture) -> None:
    def work(item: int) -> int:
        if item == 7:
            raise ValueError("item 7 has no outline")
        return item

    said = []
    for count in (0, 3):
        with closing(shared(work, range(20), helpers=count)) as found, pytest.raises(ValueError, match="7") as failed:
            list(found)
        said.append(str(failed.value))
    assert said == ["item 7 has no outline"] * 2
    assert "a helper failed: what it did is done without it" in caplog.text


def test_an_answer_that_can_not_be_sent_is_made_here() -> None:
    with closing(shared(lambda item: lambda: item, range(5), helpers=2)) as found:
        assert [result() for _, result in found] == list(range(5))


def test_whoever_waits_for_helpers_may_stop() -> None:
    asked: list[int] = []

    def check() -> None:
        asked.append(1)
        if len(asked) == 3:
            raise InterruptedError("the run was cancelled")

    def work(item: int) -> None:
        threading.Event().wait(600)

    found = shared(work, range(9), helpers=2, check=check)
    with pytest.raises(InterruptedError, match="the run was cancelled"):
        next(found)


def test_where_no_process_can_be_had_all_is_done_here(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    forked: list[int] = []

    def fork() -> int:
        if forked:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        forked.append(1)
        return original()

    original = os.fork
    monkeypatch.setattr(os, "fork", fork)
    with closing(shared(lambda item: os.getpid(), range(40), helpers=3)) as found:
        assert len({pid for _, pid in found} - {HERE}) == 1
    assert "1 of 3 helpers could be started" in caplog.text
    caplog.clear()
    with closing(shared(lambda item: os.getpid(), range(40), helpers=3)) as found:
        assert {pid for _, pid in found} == {HERE}
    assert "0 of 3 helpers could be started: [Errno 11] Resource temporarily unavailable" in caplog.text


def test_elsewhere_than_on_linux_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "AVAILABLE", False)
    with closing(shared(lambda item: os.getpid(), range(9), helpers=3)) as found:
        assert {pid for _, pid in found} == {HERE}


def test_helpers_go_before_their_parent_when_memory_is_short() -> None:
    def adjusted(item: int) -> int:
        return int(Path("/proc/self/oom_score_adj").read_text())

    with closing(shared(adjusted, range(4), helpers=1)) as found:
        assert {told for _, told in found} == {max(500, adjusted(0))}


def test_a_helper_has_its_own_way_with_signals() -> None:
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        with closing(shared(lambda item: _signals(), range(4), helpers=1)) as found:
            seen = {said for _, said in found}
        assert signal.getsignal(signal.SIGTERM) not in (signal.SIG_DFL, signal.SIG_IGN)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == {(int(signal.SIG_IGN), int(signal.SIG_DFL), False)}
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) & {signal.SIGTERM, signal.SIGINT} == set()


def _signals() -> tuple[int, int, bool]:
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    found = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    return int(found[0]), int(found[1]), bool(blocked & {signal.SIGTERM, signal.SIGINT})  # type: ignore[call-overload]


def test_it_logs_although_another_thread_was_logging(once: Path) -> None:
    """A handler's lock that another thread holds is free in the child."""
    handler, busy, over = logging.FileHandler(once), threading.Event(), threading.Event()

    def hold() -> None:
        with handler.lock:  # type: ignore[union-attr]
            busy.set()
            over.wait()

    def work(item: int) -> int:
        if os.getpid() != HERE:
            handler.handle(logging.makeLogRecord({"msg": "drawn"}))
        return os.getpid()

    thread = threading.Thread(target=hold)
    thread.start()
    busy.wait()
    try:
        with closing(shared(work, range(3), helpers=1)) as found:
            assert HERE not in {pid for _, pid in found}
    finally:
        over.set()
        thread.join()
        handler.close()
