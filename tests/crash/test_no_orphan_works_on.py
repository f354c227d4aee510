"""`kill -9` of those above the workers."""

from __future__ import annotations

import os
import signal

from tests.crash.conftest import Start
from tests.crash.trial.models import Trial
from tests.crash.workers import Worker, begun, ended, queue, wait_for


def test_the_end_of_the_supervisor_ends_every_process_and_the_next_one_takes_up_the_run(start_worker: Start) -> None:
    first = start_worker()
    trial = queue(Trial(steps=20, pace=0.1))
    begun(trial)
    first.process.kill()
    first.process.wait()
    wait_for(lambda: not first.alive(), "the end of the orphans")
    left = trial.marks.count()
    start_worker()
    ended(trial)
    assert (trial.state, trial.attempts) == ("succeeded", 2)
    assert trial.marks.filter(attempt=1).count() == left
    assert trial.marks.filter(what="published").count() == 1


def test_the_end_of_the_guard_is_followed_by_a_new_cluster(worker: Worker) -> None:
    trial = queue(Trial(steps=20, pace=0.1))
    killed, guard = begun(trial), worker.guard
    os.kill(guard, signal.SIGKILL)
    ended(trial)
    assert (trial.state, trial.attempts) == ("succeeded", 2)
    assert trial.marks.get(what="published").pid != killed
    assert worker.guard != guard
    assert killed not in worker.alive()
