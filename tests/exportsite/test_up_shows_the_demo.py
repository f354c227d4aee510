"""`up` as a person runs it, in a process of its own on a home of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 240  # seconds, on a machine that is busy with other tests


Up = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def up(home: Path, plain_environment: dict[str, str]) -> Up:
    """Start `up` on the test's home."""

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "up", *arguments],
            cwd=CHECKOUT,
            env={**plain_environment, "LABELTRAIL_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_demo_leaves_files_that_their_own_verifier_accepts(up: Up) -> None:
    process = up("--demo", "--once")
    printed, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    paths = [Path(line) for line in printed.splitlines()]
    assert [path.suffix for path in paths] == [".zip", ".xes", ".zip", ".pdf", ".pdf"]
    archive, xes = paths[0], paths[1]
    for path in (archive, xes):
        verifier = CHECKOUT / "exports" / "verify.py"
        told = subprocess.run([sys.executable, "-I", verifier, path], capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout
    assert "HOLDS" in said


def test_pages_answer_until_it_is_told_to_stop(up: Up) -> None:
    port = free_port()
    process = up("--port", str(port))
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
                    page = answer.read().decode()
                    break
            except OSError:
                assert process.poll() is None, "it ended before it answered"
                assert time.monotonic() < deadline, "no page in time"
                time.sleep(0.3)
        assert "load" in page, "an empty installation says what to do first"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/")


def test_a_port_that_is_taken_is_named(up: Up) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = up("--port", str(port))
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert f"Port {port} can't be used" in said
