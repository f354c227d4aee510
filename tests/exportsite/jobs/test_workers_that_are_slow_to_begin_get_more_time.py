"""A cluster that took no message in time is started anew; each time in a row the next one gets twice as long."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from exportsite.jobs import reaper, supervisor
from exportsite.jobs.run import State
from exportsite.jobs.supervisor import STUCK, Supervisor

KNOCK = 2.0


class Run:
    """A run that waits until `state` says otherwise."""

    state: str = State.QUEUED

    def refresh_from_db(self, fields: list[str]) -> None:
        """Nothing is stored."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Run:
    settings.RUN_KNOCK, settings.WORKERS = KNOCK, 2
    waiting = Run()
    monkeypatch.setattr(reaper, "overdue", lambda seconds: waiting)
    monkeypatch.setattr(reaper, "repeat", lambda one: None)
    monkeypatch.setattr(reaper, "last_claim", lambda cluster: None)
    return waiting


def seconds_until_stuck(watch: Supervisor, monkeypatch: pytest.MonkeyPatch, limit: float = 1000.0) -> float | None:
    """How long a new cluster that takes nothing is left alone."""
    now = [0.0]
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: now[0])
    cluster: Any = SimpleNamespace(id="c", knock=None)
    while now[0] < limit:
        if watch._stuck(cluster, busy=0) == STUCK:
            watch._vain += 1  # As _serve does.
            return now[0]
        now[0] += 0.5
    return None


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    monkeypatch.setattr(supervisor, "Slot", lambda number: None)
    return Supervisor(1)


def test_each_one_gets_twice_as_long_up_to_a_limit(
    run: Run, watch: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = [seconds_until_stuck(watch, monkeypatch) for _ in range(8)]
    assert waits == [2, 4, 8, 16, 32, 64, 64, 64]


def test_one_that_took_the_message_is_left_alone_and_the_next_is_not_spoilt(
    run: Run, watch: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [seconds_until_stuck(watch, monkeypatch) for _ in range(3)] == [2, 4, 8]
    run.state = State.RUNNING
    assert seconds_until_stuck(watch, monkeypatch, limit=100) is None
    run.state = State.QUEUED
    assert seconds_until_stuck(watch, monkeypatch) == 2
