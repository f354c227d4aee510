"""Rows that shift between pages, what comes twice or out of order, a clock that is wrong: each is held, once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit.live.run import sync
from audit.models import Mode
from tests.audit.live.contract.bench import Bench


def test_rows_that_shift_between_pages_are_found(bench: Bench) -> None:
    bench.shift()
    assert sync(bench.project, Mode.FULL).state == "succeeded"
    assert [found.operation for found in bench.fake.faults if found.times] == [], "they shifted"
    assert bench.differences() == []
    assert sync(bench.project, Mode.FULL).added == 0


def test_what_comes_twice_and_out_of_order_is_held_once(bench: Bench) -> None:
    bench.stir()
    assert sync(bench.project, Mode.FULL).state == "succeeded"
    assert bench.differences() == []
    bench.fake.faults.clear()
    run = sync(bench.project, Mode.FULL)
    assert (run.added, run.result["diverged"]) == (0, 0), "in its right order it is the same"
    assert bench.differences() == []


@pytest.mark.parametrize("days", [-3, 3])
def test_a_clock_that_is_wrong_loses_nothing(bench: Bench, days: float) -> None:
    bench.clock(days)
    sync(bench.project, Mode.FULL)
    bench.project.refresh_from_db()
    assert bench.project.watermark is not None
    sync(bench.project, Mode.INCREMENTAL)
    bench.clock(0)
    sync(bench.project, Mode.INCREMENTAL)
    run = sync(bench.project, Mode.FULL)
    assert run.result["diverged"] == 0
    assert bench.differences() == []
    bench.project.refresh_from_db()
    assert bench.project.watermark is not None
    assert bench.project.complete_at is not None
    assert bench.project.complete_at <= datetime.now(UTC), "when a pass was, our own clock says"
