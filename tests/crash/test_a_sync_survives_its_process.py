"""A sync whose process is killed, whenever: the next one ends with exactly what the source has."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.live.run import request_sync, sync
from audit.models import Event, Mode, Project, SyncRun
from tests.audit.live.compare import differences
from tests.audit.live.conftest import connected
from tests.crash.workers import ROOT, Worker, begun, database_url, ended, wait_for

TASKS, SLOW = 120, 0.25
"""Three pages of tasks, and seconds that an answer takes, so that there is a sync to be killed."""


@pytest.fixture
def platform(settings: Any, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[FakeRedBrick]:
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    monkeypatch.setenv("LABELTRAIL_ALLOW_HOSTS", "127.0.0.1")  # For the processes that tests start.
    with FakeRedBrick(World(TASKS, Clock())) as fake:
        yield fake


@pytest.fixture
def project(platform: FakeRedBrick) -> Project:
    found = connected(platform)
    found.schedules.all().delete()
    platform.fail("", times=10**6, delay=SLOW)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_a_worker_is_killed_in_the_middle(
    project: Project, platform: FakeRedBrick, start_worker: Callable[..., Worker], seed: int
) -> None:
    worker = start_worker()
    worker.ready()
    run = request_sync(project, Mode.FULL)
    pid = begun(run)
    time.sleep(random.Random(seed).uniform(0, 12 * SLOW))
    os.kill(pid, signal.SIGKILL)
    assert ended(run, 60).state == "succeeded", run.error_text
    assert differences(project, platform.world) == []
    assert Event.objects.filter(type="sync.completed").count() == 1


@pytest.mark.parametrize("seed", range(2))
def test_a_command_is_killed_in_the_middle(project: Project, platform: FakeRedBrick, seed: int) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url(connection.settings_dict)}
    environment.pop("LABELTRAIL_PRIVATE_POSTGRES", None)
    command = subprocess.Popen(
        [sys.executable, "manage.py", "sync", str(project.pk)],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "tests.crash.settings"},
        stdout=subprocess.DEVNULL,
    )
    wait_for(SyncRun.objects.filter(state="running").exists, "the command to begin")
    time.sleep(random.Random(seed).uniform(0, 8 * SLOW))
    command.kill()
    command.wait()
    platform.faults.clear()
    assert sync(project, Mode.FULL).state == "succeeded", "the killed one does not keep it out"
    assert differences(project, platform.world) == []
    assert sorted(SyncRun.objects.values_list("state", flat=True)) == ["failed", "succeeded"]
