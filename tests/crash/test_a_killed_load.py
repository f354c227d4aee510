"""A load that is killed, wherever it is: what it reported is there, the rest is as if it had never begun."""

from __future__ import annotations

import time

from tests.crash.ground import Ground, reported, rest
from tests.crash.work import BATCH, EVENTS, POINTS

SECONDS = (0.0, 0.003, 0.007, 0.013, 0.021, 0.034)
"""How long after a commit the process is killed: somewhere in one of the batches that follow."""


def test_a_load_killed_at_any_moment_goes_on_with_what_is_missing(crash_ground: Ground) -> None:
    certain = 0
    for number, wait in enumerate(SECONDS):
        load, size = crash_ground.load(certain)
        assert size < EVENTS, "it was killed too late to tell anything"
        certain = reported(load, size // BATCH + 1 + number % 2)
        time.sleep(wait)
        load.kill()
        certain = max(rest(load, certain), size)
    assert certain < EVENTS, "it was killed too late to tell anything"
    crash_ground.load_all(certain)


def test_a_load_killed_at_each_step_of_a_batch_leaves_no_trace_of_it(crash_ground: Ground) -> None:
    size = 0
    for point, always in POINTS.items():
        load, found = crash_ground.load(size, point, str(size // BATCH + 3 if always else 3))
        assert found == size, f"before {point}"
        assert load.stdout is not None
        certain = [int(line) for line in iter(load.stdout.readline, "here\n")]
        load.kill()
        load.communicate()
        assert certain[-1] == size + 2 * BATCH, point
        size = certain[-1]
    assert crash_ground.holds(crash_ground.run("check"), size) == size, point
    crash_ground.load_all(size)
