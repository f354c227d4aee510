"""What a process can do about its parent and its orphans, where the kernel helps (Linux)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, however that ends; at once, when it is gone already.

    Elsewhere than on Linux this does nothing: what an orphan holds is taken from it when its lease ends.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def die_with_parent_when_forked() -> None:
    """Every process forked from now on, and every one forked by those, ends with its parent."""
    parents = [os.getpid()]

    def remember() -> None:
        parents[0] = os.getpid()

    os.register_at_fork(before=remember, after_in_child=lambda: die_with(parents[0]))


def is_alive(pid: int) -> bool:
    """Whether there is such a process; one that ended and was not waited for does not count."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def kill_orphans(variable: str, value: str) -> int:
    """Kill every other process of ours that was started with this in its environment; how many there were."""
    wanted = f"{variable}={value}".encode()
    found = 0
    for entry in Path("/proc").iterdir() if sys.platform == "linux" else ():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)
                found += 1
    return found
