"""`kill -9` of PostgreSQL while exports are written: on a server of the test's own, for the other tests use theirs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.crash.workers import ROOT


@pytest.mark.parametrize("fault", ["kill_postgres", "kill_backend"])
def test_every_run_ends_once_as_if_nothing_had_happened(fault: str) -> None:
    ours = ("LABELTRAIL_", "DATABASE_URL", "DJANGO_", "PYTEST_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "tests/crash/storm.py", "--rounds", "3", "--seed", "3", "--only", fault],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "3 rounds: 0 lost, 0 doubled, 0 half-published" in done.stdout
