"""`kill -9` of a worker that waits: it takes the lock of the queue between the processes with it."""

from __future__ import annotations

import os
import signal

from tests.crash.trial.models import Trial
from tests.crash.workers import Worker, ended, queue


def test_a_cluster_that_takes_no_work_any_more_is_started_anew(worker: Worker) -> None:
    assert ended(queue(Trial())).state == "succeeded"
    for pid in worker.ready():
        os.kill(pid, signal.SIGKILL)
    trials = [queue(Trial(steps=2, pace=0.1)) for _ in range(3)]
    for trial in trials:
        assert ended(trial).state == "succeeded"
        assert trial.marks.filter(what="published").count() == 1
