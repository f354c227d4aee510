"""A worker is killed while it fetches media for an export: the next attempt fetches the rest, and all are in it."""

from __future__ import annotations

import os
import random
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.demo.redbrick.scripts import AGREEMENT
from audit.live.run import sync
from audit.log.verify import verify
from audit.models import Event, Log, Media, Mode, Project
from exports.run import make_export, request_export
from tests.audit.live.conftest import connected
from tests.crash.workers import Worker, begun, ended, wait_for

SLOW = 0.1
"""Seconds that an answer takes, so that there is a fetch to be killed in."""


@pytest.fixture
def platform(
    settings: Any, monkeypatch: pytest.MonkeyPatch, transactional_db: None, tmp_path: Path
) -> Iterator[FakeRedBrick]:
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    monkeypatch.setenv("LABELTRAIL_ALLOW_HOSTS", "127.0.0.1")  # For the processes that tests start.
    with FakeRedBrick(World(24, Clock(), labels=True)) as fake:
        yield fake


@pytest.fixture
def project(platform: FakeRedBrick, monkeypatch: pytest.MonkeyPatch) -> Project:
    found = connected(platform, AGREEMENT.id)
    found.schedules.all().delete()
    sync(found, Mode.FULL)
    Project.objects.filter(pk=found.pk).update(media=Media.ON_EXPORT)
    platform.requests.clear()
    return Project.objects.get(pk=found.pk)


@pytest.mark.parametrize("seed", range(2))
def test_a_worker_is_killed_while_it_fetches(
    project: Project, platform: FakeRedBrick, start_worker: Callable[..., Worker], seed: int
) -> None:
    platform.fail("", times=10**6, delay=SLOW)
    start_worker().ready()
    run = request_export(project, "coco", parameters={"with_assets": "true"})
    pid = begun(run)
    wait_for(lambda: platform.asked("file") > 0, "the first file to be asked for")
    time.sleep(random.Random(seed).uniform(0, 5 * SLOW))
    os.kill(pid, signal.SIGKILL)
    assert ended(run, 60).state == "succeeded", run.error_text
    assert Event.objects.filter(type="media.kept").count() == len(set(_kept()))
    assert verify(Log.objects.get(project=project)).holds
    platform.faults.clear()
    asked = platform.asked("file")
    again = make_export(project, "coco", parameters={"with_assets": "true"}, as_of=run.as_of)
    assert platform.asked("file") == asked
    run.refresh_from_db()
    first, second = Path(run.files[0]["path"]).read_bytes(), Path(again.files[0]["path"]).read_bytes()
    assert first == second
    with zipfile.ZipFile(run.files[0]["path"]) as archive:
        assert b"no_file" not in archive.read("errors.ndjson")


def _kept() -> list[int | None]:
    return list(Event.objects.filter(type="media.kept").values_list("task_id", flat=True))
