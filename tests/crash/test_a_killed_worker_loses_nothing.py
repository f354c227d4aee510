"""`kill -9` of a process that works on a run."""

from __future__ import annotations

import os
import signal

from tests.crash.trial.models import Trial
from tests.crash.workers import Worker, begun, ended, queue


def test_a_run_whose_worker_is_killed_is_begun_anew_and_published_once(worker: Worker) -> None:
    trial = queue(Trial(steps=20, pace=0.1))
    killed = begun(trial)
    os.kill(killed, signal.SIGKILL)
    ended(trial)
    assert (trial.state, trial.attempts) == ("succeeded", 2)
    published = trial.marks.get(what="published")
    assert published.attempt == 2
    assert published.pid != killed


def test_a_run_that_kills_its_worker_each_time_fails_in_words_after_three_attempts(worker: Worker) -> None:
    trial = queue(Trial(steps=3, deed="die", at=1))
    ended(trial)
    assert (trial.state, trial.attempts, trial.error_code) == ("failed", 3, "lost")
    assert "It was begun 3 times" in trial.error_text
    assert not trial.marks.filter(what="published").exists()
    assert ended(queue(Trial())).state == "succeeded"
