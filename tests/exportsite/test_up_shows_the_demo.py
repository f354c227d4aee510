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


def alive(session: int) -> list[str]:
    """What is still there of a session of processes: their command lines, without the private server's."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if int((entry / "stat").read_text().rpartition(")")[2].split()[3]) == session:
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [line for line in found if line and "postgres" not in line]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_demo_leaves_files_that_their_own_verifier_accepts(up: Up) -> None:
    process = up("--demo", "--once")
    printed, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    paths = [Path(line) for line in printed.splitlines()]
    assert [path.suffix for path in paths[:3]] == [".zip", ".xes", ".zip"]
    assert {path.suffix for path in paths[3:]} == {".pdf"}
    assert all(path.is_file() for path in paths)
    archive, xes = paths[0], paths[1]
    for path in (archive, xes):
        verifier = CHECKOUT / "exports" / "verify.py"
        told = subprocess.run([sys.executable, "-I", verifier, path], capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout
    assert said.count("\nHOLDS") == 2, "two projects"
    assert not alive(process.pid), "nothing of it works on"


def test_the_demo_may_be_watched_and_stopped_before_all_of_it_is_there(up: Up, home: Path) -> None:
    port = free_port()
    process = up("--demo", "--port", str(port))
    try:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "Sign in as operator with the password" in line:
                break
        assert f"Labeltrail answers at http://127.0.0.1:{port}/" in "".join(said)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert answer.status == 200
        assert (home / "demo" / "clock").read_text() > "2026-09-20T06:00", "time passes there"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert not alive(process.pid), "the platform, the worker and the pages ended with it"


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
        assert "manage.py user NAME" in page, "an empty installation says what to do first"
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
