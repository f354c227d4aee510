"""A home for private servers, and commands that hold one."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from exportsite.postgres import cluster, place

CHECKOUT = Path(__file__).resolve().parents[2]

# As on a terminal: a shell starts what goes on in the background, as tests may, with SIGINT ignored.
HOLD = """
import signal
import sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from exportsite import postgres

with postgres.ensure(Path(sys.argv[1]), durable=False) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


class Holder:
    """Another process that holds the server of `home` until `leave`, or `kill`, which lets it tidy up nothing."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, home],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
            process_group=0,  # as a shell does it, so that a test can press Ctrl-C
        )

    def url(self) -> str:
        """Wait until it has the server, and say where that is."""
        return self._pipe(self.process.stdout).readline().strip()

    def leave(self) -> int:
        self._pipe(self.process.stdin).close()
        return self.process.wait()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that every account of the machine can reach, as in most checkouts; its server is stopped afterwards."""
    above = Path(tempfile.mkdtemp(prefix="lt-"))
    above.chmod(0o711)
    made = above / "home"
    yield made
    if made.exists():
        cluster.stop(place.find_place(made), lambda text: None)
    shutil.rmtree(above)


@pytest.fixture
def hold(home: Path) -> Iterator[Callable[[], Holder]]:
    """Start processes that hold the home's server; those still there are killed at the end of the test."""
    holders: list[Holder] = []

    def start() -> Holder:
        holders.append(Holder(home))
        return holders[-1]

    yield start
    for holder in holders:
        with contextlib.suppress(ProcessLookupError):
            holder.kill()
        for pipe in (holder.process.stdin, holder.process.stdout):
            if pipe:
                pipe.close()


@pytest.fixture
def plain_environment() -> dict[str, str]:
    """The environment of a shell: nothing of the tests' own server in it."""
    ours = ("LABELTRAIL_", "DATABASE_URL", "DJANGO_", "PYTEST_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
