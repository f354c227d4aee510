"""A run whose database went away is begun anew, whatever its connection looks like by then."""

from __future__ import annotations

import psycopg
import pytest
from django.db import DataError, OperationalError

from exportsite.jobs import claim
from tests.crash.trial.models import Trial

pytestmark = pytest.mark.django_db


def settled(error: Exception, cause: Exception | None = None) -> Trial:
    """The run after its work raised this."""
    lease = claim(Trial, Trial.objects.create().pk)
    assert lease is not None
    with pytest.raises(type(error)), lease:
        raise error from cause
    lease.run.refresh_from_db()
    return lease.run


@pytest.mark.parametrize(
    "cause",
    [
        psycopg.OperationalError("server closed the connection unexpectedly"),
        psycopg.errors.AdminShutdown("terminating connection"),
        psycopg.errors.CrashShutdown("terminating connection"),
        psycopg.errors.CannotConnectNow("the database system is in recovery mode"),
        psycopg.errors.ConnectionFailure("gone"),
        psycopg.InterfaceError("the connection is closed"),
    ],
)
def test_it_goes_back_into_the_queue(cause: psycopg.Error) -> None:
    for trial in (settled(OperationalError("wrapped"), cause), settled(cause)):
        assert (trial.state, trial.attempts, trial.error_code) == ("queued", 1, "")


@pytest.mark.parametrize("cause", [psycopg.errors.DeadlockDetected("deadlock"), psycopg.errors.DiskFull("full"), None])
def test_other_errors_of_the_database_are_failures(cause: psycopg.Error | None) -> None:
    assert settled(OperationalError("wrapped"), cause).error_code == "unforeseen"
    assert settled(DataError("wrapped"), psycopg.DataError("out of range")).error_code == "unforeseen"
