from __future__ import annotations

from datetime import timedelta

import pytest

from exportsite.jobs.block import Run
from tests.crash.trial.models import Trial


def trial(**progress: object) -> Trial:
    return Trial(state="running", progress=progress)


def test_rate_and_rest_come_from_the_step_under_way() -> None:
    run = trial(step="writing", done=300, total=1000, unit="tasks", seconds=6.0)
    assert run.rate == 50.0
    assert run.eta == timedelta(seconds=14)


@pytest.mark.parametrize(
    "progress",
    [
        {},
        {"step": "counting", "done": 0, "total": None, "unit": "", "seconds": 9.0},
        {"done": 5, "total": 9, "seconds": 0},
    ],
)
def test_what_is_not_known_is_null(progress: dict[str, object]) -> None:
    told = Run(trial(**progress)).data
    assert (told["rate"], told["eta"]) == (None, None)


def test_without_a_total_there_is_a_rate_and_no_rest() -> None:
    run = trial(step="reading", done=10, total=None, unit="events", seconds=2.0)
    assert (run.rate, run.eta) == (5.0, None)


def test_more_than_expected_leaves_nothing_to_do() -> None:
    assert trial(step="x", done=12, total=10, unit="", seconds=1.0).eta == timedelta(0)


def test_a_run_that_is_over_has_neither() -> None:
    run = Trial(state="succeeded", progress={"step": "x", "done": 1, "total": 2, "seconds": 1.0})
    assert (run.rate, run.eta) == (None, None)
