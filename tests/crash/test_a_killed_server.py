"""A database server that is killed while events are appended: after its recovery nothing reported is lost."""

from __future__ import annotations

import time

from tests.crash.ground import Ground, reported, rest
from tests.crash.work import BATCH, EVENTS


def test_a_server_killed_at_any_moment_loses_nothing_that_was_reported(crash_ground: Ground) -> None:
    certain = 0
    for number, wait in enumerate((0.0, 0.005, 0.011, 0.024)):
        load, size = crash_ground.load(certain)
        assert size < EVENTS, "it was killed too late to tell anything"
        certain = reported(load, size // BATCH + 1 + number % 2)
        time.sleep(wait)
        crash_ground.kill_server()
        certain = max(rest(load, certain), size)
        assert load.returncode != 0
        crash_ground.restart()
    assert certain < EVENTS, "it was killed too late to tell anything"
    crash_ground.load_all(certain)


def test_a_server_killed_in_the_middle_of_a_copy_forgets_it(crash_ground: Ground) -> None:
    load, size = crash_ground.load(0, "copying", "3")
    assert size == 0
    assert load.stdout is not None
    certain = [int(line) for line in iter(load.stdout.readline, "here\n")]
    assert certain[-1] == 2 * BATCH
    crash_ground.kill_server()
    load.kill()
    load.communicate()
    crash_ground.restart()
    load, size = crash_ground.load(2 * BATCH)
    load.kill()
    load.communicate()
    assert size == 2 * BATCH
    crash_ground.load_all(size)
