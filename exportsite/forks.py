"""Forking a process whose other threads work meanwhile: none of them may hold what the child will want.

A lock that another thread holds at that moment (of a module that is being imported, of a library) would be held in the
child for ever. Threads that live beside the work do theirs inside of `undisturbed`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

AVAILABLE = sys.platform == "linux"
"""Whether processes are forked at all. Libraries of other systems start threads of their own that do not survive it."""
PATIENCE = 5.0
"""Seconds that a fork waits for the other threads: one may wait for a database that does not answer."""
_HANDLED = {signal.SIGINT, signal.SIGTERM}
_still = threading.Lock()


@contextmanager
def undisturbed() -> Iterator[None]:
    """No process is forked during the block."""
    with _still:
        yield


def fork() -> int:
    """The child's number, and 0 in the child. Raises OSError when there can be none.

    The parent's handlers of signals are not the child's: SIGTERM ends it, SIGINT (it is for the whole group) is the
    parent's to decide on.
    """
    if not _still.acquire(timeout=PATIENCE):
        raise TimeoutError(f"another thread was busy for more than {PATIENCE:.0f} seconds")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
    try:
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # Python 3.12 warns of threads.
            pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return pid
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        _still.release()
