"""The heartbeat's own connection sees what others commit: these tests commit."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from django.db import OperationalError, connection

from exportsite.jobs import Cancelled, LeaseLost, Stopped, cancel, claim
from exportsite.jobs.lease import Lease
from tests.crash.trial.models import Trial

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def impatient(settings: Any) -> None:
    settings.RUN_LEASE, settings.RUN_BEAT = 5.0, 0.05


def lease_of_new() -> Lease[Trial]:
    lease = claim(Trial, Trial.objects.create().pk)
    assert lease is not None
    return lease


def work_until_stopped(lease: Lease[Trial]) -> None:
    for step in range(2_000):
        lease.progress("stepping", step, 2_000, "steps")
        time.sleep(0.005)


def test_it_renews_the_lease_and_writes_the_progress() -> None:
    lease = lease_of_new()
    first = lease.run.lease_until
    with lease:
        lease.progress("stepping", 3, 10, "steps")
        for _ in range(200):
            time.sleep(0.02)
            lease.run.refresh_from_db()
            if lease.run.progress:
                break
        assert first is not None
        assert lease.run.lease_until is not None
        assert lease.run.lease_until > first
        assert {key: lease.run.progress[key] for key in ("step", "done", "total", "unit")} == {
            "step": "stepping",
            "done": 3,
            "total": 10,
            "unit": "steps",
        }


def test_it_brings_the_cancelling_to_the_work() -> None:
    lease = lease_of_new()
    with pytest.raises(Cancelled), lease:
        cancel(lease.run)
        work_until_stopped(lease)


def test_it_brings_the_loss_of_the_claim_to_the_work() -> None:
    lease = lease_of_new()
    with pytest.raises(LeaseLost), lease:
        Trial.objects.update(lease_token=uuid.uuid4())
        work_until_stopped(lease)
    lease.run.refresh_from_db()
    assert lease.run.state == "running"


def test_it_cuts_off_a_long_query() -> None:
    lease = lease_of_new()
    with pytest.raises(OperationalError, match="canceling statement"), lease, connection.cursor() as cursor:
        cancel(lease.run)
        cursor.execute("SELECT pg_sleep(60)")
    lease.run.refresh_from_db()
    assert lease.run.state == "cancelled"


def test_without_the_database_the_lease_is_taken_for_lost(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RUN_LEASE = 0.2
    lease = lease_of_new()

    def unreachable() -> type[Stopped] | None:
        raise OperationalError("no route")

    monkeypatch.setattr(lease._heart, "_beat", unreachable)
    with pytest.raises(LeaseLost), lease:
        work_until_stopped(lease)
