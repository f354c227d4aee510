"""A database server that is killed while events are appended: after its recovery nothing reported is lost."""

from __future__ import annotations

import time

from tests.crash.ground import Ground, reported, rest
from tests.crash.work import BATCH, EVENTS


def test_a_server_killed_at_any_moment_loses_nothing_that_was_reported(crash_ground: Ground) -> None:
    size = 0
    for number, wait in enumerate((0.0, 0.005, 0.011, 0.024)):
        load = crash_ground.start("load")
        certain = reported(load, size // BATCH + 1 + number % 2)
        time.sleep(wait)
        crash_ground.kill_server()
        certain = rest(load, certain)
        assert load.returncode != 0
        crash_ground.restart()
        size = crash_ground.check(max(certain, size))
        assert size < EVENTS, "it was killed too late to tell anything"
    assert int(crash_ground.run("load").split()[-1]) == EVENTS
    assert crash_ground.check(EVENTS) == EVENTS


def test_a_server_killed_in_the_middle_of_a_copy_forgets_it(crash_ground: Ground) -> None:
    load = crash_ground.start("load", "copying", "3")
    assert load.stdout is not None
    certain = [int(line) for line in iter(load.stdout.readline, "here\n")]
    crash_ground.kill_server()
    load.kill()
    load.communicate()
    crash_ground.restart()
    assert crash_ground.check(certain[-1]) == 2 * BATCH
    assert int(crash_ground.run("load").split()[-1]) == EVENTS
