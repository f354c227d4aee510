"""`kill -9` of PostgreSQL while exports are written: on a server of the test's own, for the other tests use theirs."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.crash.workers import ROOT

FAULTS = ("kill_postgres", "kill_backend")
"""The server, and one process of it, in turn."""


def test_every_run_ends_once_as_if_nothing_had_happened() -> None:
    ours = ("LABELTRAIL_", "DATABASE_URL", "DJANGO_", "PYTEST_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "tests/crash/storm.py", "--rounds", "4", "--seed", "3", "--only", *FAULTS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "4 rounds: 0 lost, 0 doubled, 0 half-published" in done.stdout
