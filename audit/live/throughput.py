"""The interpreter's settings while a pass runs."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS = 10_000
"""Objects, more than before, after which cycles are looked for."""
SWITCH = 0.001
"""Seconds after which a thread that waits gets its turn."""


@contextmanager
def for_throughput() -> Iterator[None]:
    """Thousands of events live at a time, none in a cycle: to look for cycles as often as usual takes a tenth more. Too
    seldom would be too much memory: each answer of a platform leaves a cycle behind, of a hundred objects.

    A thread that comes back from the network waits for as long as the switch interval until this one lets it go on: at
    the usual 5 ms, several times an answer, the next page would be asked for that much later.
    """
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(OBJECTS, *thresholds[1:])
    sys.setswitchinterval(SWITCH)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval)
