"""What a process can do about its parent and its orphans, where the kernel helps (Linux)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# Looked up once, and not in a child: another thread of its parent may have been loading a library.
_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, however that ends; at once, when it is gone already.

    Elsewhere than on Linux this does nothing: what an orphan holds is taken from it when its lease ends.
    """
    if _prctl is None:
        return
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def die_with_parent_when_forked() -> None:
    """Every process forked from now on, and every one forked by those, ends with its parent."""
    parents = [os.getpid()]

    def remember() -> None:
        parents[0] = os.getpid()

    os.register_at_fork(before=remember, after_in_child=lambda: die_with(parents[0]))


def go_first() -> None:
    """Have the kernel end this process before others of ours when the machine runs out of memory (on Linux)."""
    with suppress(OSError):  # Nobody may lower what somebody set higher.
        Path("/proc/self/oom_score_adj").write_text("500")


def is_alive(pid: int) -> bool:
    """Whether there is such a process; one that ended and was not waited for does not count."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with suppress(OSError):
        return _stat(pid)[0] != "Z"
    return True


def ticks(pid: int) -> int | None:
    """Clock ticks that a process has worked; None when that can't be told, or it has to wait for a processor."""
    with suppress(OSError):
        state, *rest = _stat(pid)
        return None if state == "R" else int(rest[10]) + int(rest[11])
    return None


def _stat(pid: int) -> list[str]:
    """A process's state, and what stands behind it in its line (proc_pid_stat(5), from field 3 on)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


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
