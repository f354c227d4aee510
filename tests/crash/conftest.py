"""Real workers on the test's database, and a way to wait."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from tests.crash.workers import Worker, database_url


@pytest.fixture
def start_worker(transactional_db: None) -> Iterator[Callable[..., Worker]]:
    """Start workers on the test's database; those that still run are killed at the end."""
    started: list[Worker] = []
    environment = {**os.environ, "DATABASE_URL": database_url(connection.settings_dict)}
    environment.pop("LABELTRAIL_PRIVATE_POSTGRES", None)  # The tests hold the server; its own database is not theirs.

    def start(slot: int = 1) -> Worker:
        started.append(Worker(environment, slot))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


@pytest.fixture
def worker(start_worker: Callable[..., Worker]) -> Worker:
    return start_worker()
