from __future__ import annotations

from pathlib import Path

import pytest

from exports.models import Export
from exports.run import request_export
from exportsite.jobs import State, cancel
from tests.crash.conftest import Start
from tests.crash.trial.models import Trial
from tests.crash.workers import Worker, begun, ended, queue, wait_for
from tests.factories import make_project, worked_task


def test_between_two_steps(worker: Worker) -> None:
    trial = queue(Trial(steps=200, pace=0.1))
    begun(trial)
    assert cancel(trial)
    ended(trial)
    assert trial.state == "cancelled"
    assert trial.marks.filter(what="step").count() < 100
    assert not trial.marks.filter(what="published").exists()
    assert ended(queue(Trial())).state == "succeeded"


def test_in_a_long_query(worker: Worker) -> None:
    trial = queue(Trial(deed="query"))
    pid = begun(trial)
    wait_for(lambda: trial.marks.exists(), "the query to begin")
    assert cancel(trial)
    assert ended(trial, 20).state == "cancelled"
    assert pid in worker.alive()  # The query was cut off; nobody had to kill the process.


def test_while_it_waits_for_a_worker(start_worker: Start) -> None:
    trial = queue(Trial())
    assert cancel(trial)
    start_worker()
    assert ended(queue(Trial())).state == "succeeded"
    trial.refresh_from_db()
    assert (trial.state, trial.attempts, trial.marks.count()) == ("cancelled", 0, 0)


@pytest.mark.parametrize("step", ["counting", "writing", "adding the record"])
def test_in_every_step_of_an_export(start_worker: Start, artefacts: Path, step: str) -> None:
    start_worker(TEST_PACE="0.4")
    export = request_export(make_project([event for n in range(12) for event in worked_task(f"T{n}", n)]), "trail")

    def there() -> bool:
        export.refresh_from_db()
        return export.progress.get("step") == step or export.over

    wait_for(there, f"the step {step}")
    assert cancel(export)
    assert ended(export).state == State.CANCELLED
    assert list(artefacts.iterdir()) == []
    assert Export.objects.get().files == []
