"""The cluster: django-q2's guard, its workers, pusher and monitor, in a process group of their own.

The guard runs in this process itself, without django-q2's `Cluster` above it: the supervisor is its parent. Every
process of the group ends with its parent, so that none works on as an orphan.
"""

from __future__ import annotations

import os
import signal
import time
import uuid
from contextlib import suppress
from typing import Any

from django.conf import settings
from django_q.cluster import Sentinel
from django_q.signals import post_spawn

from exportsite.jobs import worker
from exportsite.processes import die_with, die_with_parent_when_forked


class Guard(Sentinel):  # type: ignore[misc]  # django-q2 has no types
    """Starts processes anew that end; ends them all when it is told to."""

    def stop(self) -> None:
        """Let no message in, let the workers hand back what they do, and end."""
        self.pusher.kill()
        for process in self.pool:
            process.terminate()
        until = time.monotonic() + settings.RUN_GRACE
        for process in self.pool:
            process.join(max(0.0, until - time.monotonic()))
        for process in (*self.pool, self.monitor):
            process.kill()


def main(parent: int) -> None:
    """Run a cluster until SIGTERM. `parent` is the supervisor, with whom it ends."""
    die_with(parent)
    die_with_parent_when_forked()
    post_spawn.connect(_ready, weak=False)
    stop = _Flag()
    guard = Guard(stop, _Flag(), uuid.uuid4(), start=False)
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    with suppress(KeyboardInterrupt):
        guard.start()
    os._exit(0)


def _ready(**about: Any) -> None:
    """In each worker's process, before its first message."""
    signal.signal(signal.SIGTERM, worker.leave)


class _Flag:
    """An event that a signal handler may set: without a lock, in one process."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        self._set = True

    def is_set(self) -> bool:
        return self._set

    def wait(self, seconds: float) -> bool:
        """Sleep, and say whether it is set."""
        if not self._set:
            time.sleep(seconds)
        return self._set
