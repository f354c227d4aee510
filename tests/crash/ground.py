"""A durable server of the test's own, and processes that work on it until they are killed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exportsite import postgres
from exportsite.postgres import cluster, place
from tests.crash.work import BATCH, EVENTS

CHECKOUT = Path(__file__).resolve().parents[2]


class Ground:
    """A home with a running server and a project without events."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.server = postgres.ensure(home, durable=True, say=lambda text: None)
        self.run("prepare")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        ours = ("LABELTRAIL_", "DATABASE_URL", "DJANGO_", "PYTEST_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        environment |= {
            "DATABASE_URL": self.server.url,
            "LABELTRAIL_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "exportsite.settings",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "tests.crash.work", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
            env=environment,
        )

    def run(self, *arguments: str) -> str:
        """Let it come to its end, which must be a good one; what it printed."""
        process = self.start(*arguments)
        said, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        return said

    def load(self, certain: int, *arguments: str) -> tuple[subprocess.Popen[str], int]:
        """A load that begins, and what the log held before it, as `holds` has it."""
        load = self.start("load", *arguments)
        assert load.stdout is not None
        return load, self.holds(load.stdout.readline(), certain)

    def load_all(self, certain: int) -> None:
        """Load the rest; what was there before is as `holds` has it, and afterwards all of it is."""
        found, *lines = self.run("load").splitlines()
        self.holds(found, certain)
        assert int(lines[-1]) == EVENTS
        self.holds(self.run("check"), EVENTS)

    def holds(self, said: str, certain: int) -> int:
        """How much the log holds, as a process says: it verifies, has what was reported committed, and at most the one
        batch more that nobody could report."""
        found: dict[str, Any] = json.loads(said)
        assert found["problems"] == []
        assert found["size"] == found["rows"] == found["keys"]
        assert found["size"] % BATCH == 0, "half a batch was stored"
        assert certain <= found["size"] <= certain + BATCH
        return int(found["size"])

    def kill_server(self) -> None:
        """Kill all its processes at once, as a power failure does, and start it again."""
        for process in cluster._processes_in(place.find_place(self.home).data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def restart(self) -> None:
        killed, self.server = self.server, postgres.ensure(self.home, durable=True, say=lambda text: None)
        killed.close()


@pytest.fixture
def crash_ground() -> Iterator[Ground]:
    above = Path(tempfile.mkdtemp(prefix="lt-crash-"))
    above.chmod(0o711)
    made = Ground(above / "home")
    yield made
    made.server.close()
    cluster.stop(place.find_place(made.home), lambda text: None)
    shutil.rmtree(above)


def reported(process: subprocess.Popen[str], lines: int) -> int:
    """Read so many commits of a load; how many events are certain then."""
    assert process.stdout is not None
    certain = 0
    for _ in range(lines):
        certain = int(process.stdout.readline())
    return certain


def rest(process: subprocess.Popen[str], certain: int) -> int:
    """What a dead process had reported besides."""
    said, _ = process.communicate(timeout=60)
    return max([certain, *map(int, said.split())])
