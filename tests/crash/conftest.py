"""Real workers on the test's database, and a way to wait."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from tests.crash.ground import crash_ground  # noqa: F401 - a fixture
from tests.crash.workers import Worker, database_url

Start = Callable[..., Worker]


@pytest.fixture
def start_worker(transactional_db: None, artefacts: Path) -> Iterator[Start]:
    """Start workers on the test's database; those that still run are killed at the end."""
    started: list[Worker] = []
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(connection.settings_dict),
        "LABELTRAIL_ARTEFACTS": str(artefacts),
        "LABELTRAIL_SECRET_KEY": django_settings.SECRET_KEY,
    }
    environment.pop("LABELTRAIL_PRIVATE_POSTGRES", None)  # The tests hold the server; its own database is not theirs.

    def start(slot: int = 1, **more: str) -> Worker:
        started.append(Worker({**environment, **more}, slot))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


@pytest.fixture
def worker(start_worker: Start) -> Worker:
    return start_worker()
