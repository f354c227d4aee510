"""A process that stops without ending: its heart stops as well, so its lease ends."""

from __future__ import annotations

import os
import signal

from tests.crash.conftest import Start
from tests.crash.trial.models import Trial
from tests.crash.workers import Worker, begun, ended, queue, wait_for


def test_its_run_is_begun_anew_and_the_process_is_killed(worker: Worker) -> None:
    trial = queue(Trial(steps=3, deed="hang once"))
    hanging = begun(trial)
    ended(trial)
    assert (trial.state, trial.attempts) == ("succeeded", 2)
    assert trial.marks.get(what="published").pid != hanging
    wait_for(lambda: hanging not in worker.alive(), "the end of the process that hung")


def test_one_that_awakes_too_late_publishes_nothing(start_worker: Start) -> None:
    first = start_worker()
    trial = queue(Trial(steps=30, pace=0.1))
    asleep = begun(trial)
    everyone = first.alive()
    for pid in everyone:
        os.kill(pid, signal.SIGSTOP)
    start_worker(slot=2)
    begun(trial, attempt=2)
    for pid in everyone:
        os.kill(pid, signal.SIGCONT)
    ended(trial)
    assert (trial.state, trial.attempts) == ("succeeded", 2)
    assert trial.marks.get(what="published").pid != asleep
