from __future__ import annotations

from django_q.models import OrmQ

from exportsite.jobs import dispatch
from tests.crash.conftest import Start
from tests.crash.trial.models import Trial
from tests.crash.workers import Worker, begun, ended, queue, wait_for


def test_a_run_with_many_messages_is_done_once(start_worker: Start) -> None:
    trial = queue(Trial(steps=10, pace=0.1))
    for _ in range(4):
        dispatch(trial)
    start_worker()
    start_worker(slot=2)
    ended(trial)
    assert (trial.state, trial.attempts) == ("succeeded", 1)
    wait_for(lambda: not OrmQ.objects.exists(), "the other messages to be taken")
    assert trial.marks.filter(what="step").count() == 10
    assert trial.marks.filter(what="published").count() == 1


def test_a_run_whose_message_was_lost_gets_another(worker: Worker) -> None:
    worker.ready()
    lost = Trial.objects.create()
    assert ended(lost).state == "succeeded"


def test_a_message_about_nothing_harms_nothing(worker: Worker) -> None:
    done = ended(queue(Trial()))
    dispatch(done)
    dispatch(Trial(pk=10**9))
    assert ended(queue(Trial())).state == "succeeded"
    wait_for(lambda: not OrmQ.objects.exists(), "all messages to be taken")
    done.refresh_from_db()
    assert (done.attempts, done.marks.filter(what="published").count()) == (1, 1)


def test_two_workers_share_the_runs_and_do_each_once(start_worker: Start) -> None:
    workers = [start_worker(slot) for slot in (1, 2)]
    for worker in workers:
        worker.ready()
    trials = [queue(Trial(steps=3, pace=0.1)) for _ in range(12)]
    for trial in trials:
        ended(trial)
        assert (trial.state, trial.attempts, trial.marks.filter(what="published").count()) == ("succeeded", 1, 1)
    assert len({trial.holder.partition("/")[0] for trial in trials}) == 2


def test_a_second_worker_in_the_same_slot_is_refused(worker: Worker, start_worker: Start) -> None:
    begun(queue(Trial(steps=30, pace=0.1)))
    second = start_worker()
    assert second.process.wait(30) == 1
    assert worker.process.poll() is None
