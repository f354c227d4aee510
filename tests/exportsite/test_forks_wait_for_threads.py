"""A process is forked while no thread beside the work holds anything; it does not wait for one for ever."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.db import connection

from exportsite import forks
from exportsite.helpers import shared
from exportsite.jobs.heart import Heart

pytestmark = pytest.mark.skipif(not forks.AVAILABLE, reason="processes are forked on Linux only")


class Beat:
    """A heartbeat that takes until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        self.let_go.wait()


@pytest.fixture
def beat(settings) -> Iterator[Beat]:
    """A beat that is under way."""
    settings.RUN_BEAT, settings.RUN_LEASE = 0.01, 60.0
    found = Beat()
    heart = Heart(found, type("Connection", (), {"connection": None})())
    heart.start()
    found.begun.wait()
    yield found
    found.let_go.set()
    heart.stop()


def pids(helpers: int) -> set[int]:
    """Who works."""
    with closing(shared(lambda item: os.getpid(), range(20), helpers=helpers)) as found:
        return {pid for _, pid in found}


def test_helpers_wait_for_a_heartbeat(beat: Beat) -> None:
    threading.Timer(0.2, beat.let_go.set).start()
    assert os.getpid() not in pids(2)
    assert beat.let_go.is_set()


def test_work_that_can_not_be_shared_meanwhile_is_done_here(
    beat: Beat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(forks, "PATIENCE", 0.1)
    assert pids(2) == {os.getpid()}
    assert "0 of 2 helpers could be started: another thread was busy" in caplog.text


def test_hearts_beat_on_after_a_fork(beat: Beat) -> None:
    beat.let_go.set()
    pids(2)
    beat.begun.clear()
    assert beat.begun.wait(30)


def test_a_thread_keeps_its_connection_to_the_database(transactional_db: None) -> None:
    """In the child it is let go of without a word."""
    asked, forked = threading.Event(), threading.Event()
    answers: list[tuple[int]] = []

    def ask() -> None:
        for waited in (True, False):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                answers.append(cursor.fetchone())
            asked.set()
            if waited:
                forked.wait()
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    assert asked.wait(60)
    assert os.getpid() not in pids(2)
    forked.set()
    thread.join()
    assert len(answers) == 2
    assert answers[0] == answers[1]
