from __future__ import annotations

from tests.crash.trial.models import Trial
from tests.crash.workers import Worker, ended, queue


def test_an_expected_failure_keeps_its_words(worker: Worker) -> None:
    trial = ended(queue(Trial(deed="fail")))
    assert trial.error == {"code": "refused", "text": "The trial was told to fail."}
    assert trial.attempts == 1


def test_an_unforeseen_one_tells_no_paths(worker: Worker) -> None:
    trial = ended(queue(Trial(deed="stumble")))
    assert (trial.state, trial.error_code, trial.attempts) == ("failed", "unforeseen", 1)
    assert "KeyError" in trial.error_text
    assert "/some/secret/path" not in trial.error_text
