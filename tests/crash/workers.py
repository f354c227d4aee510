"""Workers as processes of their own, and what tests do to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import quote

from django.db import DatabaseError, InterfaceError, connection

from exportsite.jobs import LeasedRun, dispatch

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = float(os.environ.get("TEST_PATIENCE", "90"))
R = TypeVar("R", bound=LeasedRun)
T = TypeVar("T")


def database_url(database: Mapping[str, Any]) -> str:
    """An entry of DATABASES as DATABASE_URL takes it."""
    options = f"host={quote(database['HOST'], safe='')}&port={database['PORT']}"
    return f"postgresql://{database['USER']}:{quote(database['PASSWORD'])}@/{database['NAME']}?{options}"


def wait_for(what: Callable[[], T], text: str, seconds: float = PATIENCE) -> T:
    """What `what` returns once that is true; fails when it takes too long."""
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, f"waited {seconds:.0f} s: {text}"
        time.sleep(0.05)
    return found


def queue(run: R) -> R:
    """Store the run, and send its message."""
    run.save()
    dispatch(run)
    return run


def ended(run: R, seconds: float = PATIENCE) -> R:
    """The run once it is over. An outage of the database is waited for."""

    def over() -> bool:
        try:
            run.refresh_from_db()
        except (DatabaseError, InterfaceError):
            connection.close()
            return False
        return run.over

    wait_for(over, f"the end of {run.label()} {run.pk}", seconds)
    return run


def begun(run: R, attempt: int = 1) -> int:
    """The number of the process that works on the run, once one does."""

    def claimed() -> int:
        run.refresh_from_db()
        return int(run.holder.rpartition("/")[2]) if run.state == "running" and run.attempts >= attempt else 0

    return wait_for(claimed, "somebody to claim the run")


class Worker:
    """`manage.py worker`, its guard and the guard's children."""

    def __init__(self, environment: Mapping[str, str], slot: int = 1, said: IO[bytes] | None = None) -> None:
        self.mark = uuid.uuid4().hex
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "worker", "--slot", str(slot)],
            cwd=ROOT,
            env={**environment, "DJANGO_SETTINGS_MODULE": "tests.crash.settings", "TEST_MARK": self.mark},
            stdin=subprocess.DEVNULL,
            stderr=said,
            process_group=0,
        )

    @property
    def guard(self) -> int:
        """The process that watches the cluster."""
        return wait_for(lambda: next(iter(children(self.process.pid)), 0), "the cluster to start")

    def ready(self) -> list[int]:
        """The workers' processes, once all are there."""

        def all_there() -> list[int]:
            found = children(self.guard)
            return found if len(found) >= 4 else []

        return wait_for(all_there, "the cluster's processes")[:2]

    def alive(self) -> list[int]:
        """Every process that was started for this worker and is still there."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                if f"TEST_MARK={self.mark}".encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
        return found

    def stop(self) -> int:
        """Ask it to end, and wait for that."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """Kill all of it, and see that nothing stays."""
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        for pid in self.alive():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not self.alive(), "the end of all its processes")


def children(pid: int) -> list[int]:
    """A process's children, the oldest first."""
    with suppress(OSError):
        return sorted(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    return []
