from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from exportsite.jobs import HandedBack, RunFailed, cancel, claim, perform, worker
from exportsite.jobs.lease import Lease
from exportsite.jobs.queue import waiting
from exportsite.jobs.reaper import reap
from tests.crash.trial.models import Trial

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(hours=1)


def held(**columns: object) -> Trial:
    """A run whose lease has ended."""
    lease = claim(Trial, Trial.objects.create().pk)
    assert lease is not None
    Trial.objects.filter(pk=lease.run.pk).update(lease_until=LONG_AGO, **columns)
    return lease.run


def state_of(trial: Trial) -> tuple[str, int, str]:
    trial.refresh_from_db()
    return trial.state, trial.attempts, trial.error_code


def test_work_that_publishes_succeeds() -> None:
    trial = Trial.objects.create(steps=2)
    perform(Trial, trial.pk)
    assert state_of(trial) == ("succeeded", 1, "")
    assert (trial.message, trial.progress["done"], trial.progress["total"]) == ("done", 1, 2)
    assert trial.finished_at is not None


def test_work_that_can_not_even_begin_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trial, "work", "tests.crash.nowhere.work")
    trial = Trial.objects.create()
    perform(Trial, trial.pk)
    assert state_of(trial) == ("failed", 1, "unforeseen")


def test_a_heart_beats_while_the_work_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    under: list[object] = []

    def imported(name: str) -> object:
        under.append(Lease.current)
        return lambda run, lease: None

    monkeypatch.setattr(worker, "import_string", imported)
    perform(Trial, Trial.objects.create().pk)
    assert under != [None]


def test_a_lost_run_is_queued_with_a_message() -> None:
    trial = held()
    reap()
    assert state_of(trial) == ("queued", 1, "")
    assert waiting() == {("trial.trial", str(trial.pk))}


def test_a_run_that_is_alive_is_left_alone() -> None:
    lease = claim(Trial, Trial.objects.create().pk)
    assert lease is not None
    reap()
    assert state_of(lease.run) == ("running", 1, "")


def test_after_three_attempts_it_fails() -> None:
    trial = held(attempts=3)
    reap()
    assert state_of(trial) == ("failed", 3, "lost")


def test_one_that_was_being_cancelled_is_cancelled() -> None:
    trial = held()
    cancel(trial)
    reap()
    assert state_of(trial) == ("cancelled", 1, "")


def test_one_that_belongs_to_a_command_that_is_gone_fails() -> None:
    running, begun = held(attached=True), Trial.objects.create(attached=True, queued_at=LONG_AGO)
    reap()
    assert state_of(running) == ("failed", 1, "left")
    assert state_of(begun) == ("failed", 0, "left")
    assert not OrmQ.objects.exists()


def test_a_queued_run_without_a_message_gets_one_and_not_a_second() -> None:
    trial = Trial.objects.create(queued_at=LONG_AGO)
    fresh = Trial.objects.create()
    reap()
    Trial.objects.update(queued_at=LONG_AGO)
    Trial.objects.filter(pk=fresh.pk).update(queued_at=timezone.now())
    reap()
    assert OrmQ.objects.count() == 1
    assert waiting() == {("trial.trial", str(trial.pk))}


def test_a_run_that_is_handed_back_has_not_been_tried() -> None:
    lease = claim(Trial, Trial.objects.create().pk)
    assert lease is not None
    with pytest.raises(HandedBack), lease:
        lease.stop(HandedBack)
        lease.progress("stepping")
    assert state_of(lease.run) == ("queued", 0, "")


def test_what_the_work_raises_after_it_was_told_to_stop_does_not_count() -> None:
    lease = claim(Trial, Trial.objects.create().pk)
    assert lease is not None
    with pytest.raises(ValueError, match="cut off"), lease:
        lease.stop(HandedBack)
        raise ValueError("cut off")
    assert state_of(lease.run) == ("queued", 0, "")


def test_ctrl_c_cancels() -> None:
    lease = claim(Trial, Trial.objects.create(attached=True).pk)
    assert lease is not None
    with pytest.raises(KeyboardInterrupt), lease:
        raise KeyboardInterrupt
    assert state_of(lease.run) == ("cancelled", 1, "")
    assert Lease.current is None


def test_texts_of_expected_exceptions_are_kept() -> None:
    for error, code in ((RunFailed("full", "No room."), "full"), (LookupError("No such row."), "refused")):
        lease = claim(Trial, Trial.objects.create().pk, expected=(LookupError,))
        assert lease is not None
        with pytest.raises(type(error)), lease:
            raise error
        assert state_of(lease.run) == ("failed", 1, code)
        assert lease.run.error_text in ("No room.", "'No such row.'", "No such row.")


def test_a_run_that_is_over_can_not_be_cancelled() -> None:
    trial = Trial.objects.create()
    perform(Trial, trial.pk)
    assert not cancel(trial)
    assert state_of(trial) == ("succeeded", 1, "")
