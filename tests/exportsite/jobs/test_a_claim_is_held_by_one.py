from __future__ import annotations

import uuid

import pytest
from django.db import transaction

from exportsite.jobs import Cancelled, LeaseLost, State, cancel, claim
from tests.crash.trial.models import Mark, Trial

pytestmark = pytest.mark.django_db


def taken_by_another(trial: Trial) -> None:
    Trial.objects.filter(pk=trial.pk).update(lease_token=uuid.uuid4(), attempts=2)


def test_a_queued_run_is_claimed_once() -> None:
    trial = Trial.objects.create()
    lease = claim(Trial, trial.pk)
    assert lease is not None
    assert (lease.run.state, lease.run.attempts, lease.run.lease_token) == ("running", 1, lease.token)
    assert lease.run.lease_until is not None
    assert claim(Trial, trial.pk) is None


@pytest.mark.parametrize("state", [State.RUNNING, State.CANCELLING, State.SUCCEEDED, State.FAILED, State.CANCELLED])
def test_no_other_run_is(state: State) -> None:
    trial = Trial.objects.create(state=state)
    assert claim(Trial, trial.pk) is None
    assert claim(Trial, trial.pk + 1) is None


def test_nothing_is_committed_without_the_claim() -> None:
    lease = claim(Trial, Trial.objects.create().pk)
    assert lease is not None
    taken_by_another(lease.run)
    with pytest.raises(LeaseLost), transaction.atomic():
        Mark.objects.create(trial=lease.run, what="batch", pid=0, attempt=1)
        lease.committed()
    assert not Mark.objects.exists()


def test_nothing_is_published_without_the_claim() -> None:
    lease = claim(Trial, Trial.objects.create().pk)
    assert lease is not None
    named = []
    taken_by_another(lease.run)
    with pytest.raises(LeaseLost), lease, lease.publishing(message="mine"):
        named.append("a file")
    lease.run.refresh_from_db()
    assert named == []
    assert (lease.run.state, lease.run.message, lease.run.attempts) == ("running", "", 2)


def test_a_cancelled_run_commits_and_publishes_nothing() -> None:
    lease = claim(Trial, Trial.objects.create().pk)
    assert lease is not None
    assert cancel(lease.run)
    with pytest.raises(Cancelled), lease, lease.publishing():
        Mark.objects.create(trial=lease.run, what="published", pid=0, attempt=1)
    lease.run.refresh_from_db()
    assert (lease.run.state, lease.run.lease_token) == ("cancelled", None)
    assert not Mark.objects.exists()


def test_a_file_that_can_not_get_its_name_keeps_the_run_from_success() -> None:
    lease = claim(Trial, Trial.objects.create().pk)
    assert lease is not None
    with pytest.raises(OSError, match="no room"), lease, lease.publishing(message="done"):
        raise OSError("no room")
    lease.run.refresh_from_db()
    assert (lease.run.state, lease.run.message) == ("failed", "")


def test_a_committed_batch_lets_attempts_count_anew() -> None:
    trial = Trial.objects.create(attempts=2)
    lease = claim(Trial, trial.pk)
    assert lease is not None
    lease.committed()
    trial.refresh_from_db()
    assert trial.attempts == 1
