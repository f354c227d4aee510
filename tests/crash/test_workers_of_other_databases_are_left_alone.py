"""Two installations on one machine: each has a worker in its first slot."""

from __future__ import annotations

from django.db import connection

from tests.crash.conftest import Start
from tests.crash.trial.models import Trial
from tests.crash.workers import Worker, database_url, ended, queue, wait_for


def test_a_worker_kills_no_processes_of_another_database(worker: Worker, start_worker: Start) -> None:
    before = worker.ready()
    guard = worker.guard
    maintenance = database_url({**connection.settings_dict, "NAME": "postgres"})
    other = start_worker(DATABASE_URL=maintenance)
    wait_for(lambda: other.guard, "the other cluster to start")
    assert other.guard in other.alive()
    assert (worker.guard, worker.ready()) == (guard, before)
    assert ended(queue(Trial())).state == "succeeded"
