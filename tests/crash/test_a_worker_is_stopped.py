"""SIGTERM: what is under way goes back into the queue, and nothing stays."""

from __future__ import annotations

import signal
import time

import pytest

from tests.crash.conftest import Start
from tests.crash.trial.models import Trial
from tests.crash.workers import begun, ended, queue


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_hands_back_its_runs_without_costing_them_an_attempt(start_worker: Start, number: signal.Signals) -> None:
    worker = start_worker()
    trials = [queue(Trial(steps=100, pace=0.1)) for _ in range(4)]
    begun(trials[0])
    worker.process.send_signal(number)
    assert worker.process.wait(30) == 0
    assert worker.alive() == []
    for trial in trials:
        trial.refresh_from_db()
        assert (trial.state, trial.attempts, trial.lease_token) == ("queued", 0, None)
    Trial.objects.update(pace=0.01)
    start_worker()
    for trial in trials:
        assert (ended(trial).state, trial.attempts) == ("succeeded", 1)


def test_it_ends_what_does_not_listen_after_its_grace(start_worker: Start) -> None:
    worker = start_worker()
    trial = queue(Trial(steps=1, pace=600))
    begun(trial)
    began = time.monotonic()
    assert worker.stop() == 0
    assert time.monotonic() - began < 30
    assert worker.alive() == []
    trial.refresh_from_db()
    assert (trial.state, trial.attempts) == ("queued", 0)
