"""Every event gets the next index of its log and the next number of its task, without a gap."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.log import append
from audit.log.append import Appender, append_in_transaction
from audit.log.envelope import unseal
from audit.log.verify import verify
from audit.models import Event, Log, Project, Task
from tests.audit.log.tables import envelopes, trail
from tests.factories import make_event, make_project, worked_task

pytestmark = pytest.mark.django_db


def test_a_tasks_events_are_numbered_from_one():
    project = make_project([*worked_task("T1"), *worked_task("T2")])
    for task in ("T1", "T2"):
        assert [event.n for event in trail(project, task)] == list(range(1, 9))
        assert [unseal(bytes(event.envelope)).n for event in trail(project, task)] == list(range(1, 9))


def test_numbers_go_on_where_an_earlier_load_ended():
    project = make_project([make_event("T1", minute=minute) for minute in range(3)])
    with Appender(project) as log:
        for minute in range(5):
            log.add(make_event("T1", minute=minute))
    assert (log.added, log.known) == (2, 3)
    assert [event.n for event in trail(project)] == [1, 2, 3, 4, 5]


def test_events_of_the_project_have_a_series_of_their_own():
    project = make_project(
        [make_event(None, "sync.completed", 0), make_event("T1", minute=1), make_event(None, "sync.completed", 2)]
    )
    append_in_transaction(project.log, [make_event(None, "sync.completed", 3)])
    assert [event.n for event in trail(project, None)] == [1, 2, 3]
    assert Log.objects.get(project=project).project_events == 3
    assert verify(project.log).problems == []


def test_the_id_of_an_event_is_its_logs_number_and_its_index():
    make_project(worked_task())
    project = make_project(worked_task())
    ids = Event.objects.filter(log=project.log).order_by("id").values_list("id", flat=True)
    assert list(ids) == [(project.log.pk << 40) + index for index in range(8)]


def test_tasks_are_numbered_in_the_order_of_their_first_events():
    project = make_project([make_event("B"), make_event("A"), make_event("C")])
    with Appender(project) as log:
        log.add(make_event("A", minute=1))
        log.add(make_event("0"))
    numbers = dict(Task.objects.filter(project=project).values_list("external_id", "number"))
    assert numbers == {"B": 1, "A": 2, "C": 3, "0": 4}
    assert Project.objects.get(pk=project.pk).tasks == 4


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 9), st.integers(1, 7))
def test_borders_of_batches_leave_no_trace(batch, tasks):
    events = [event for task in range(tasks) for event in worked_task(f"T{task}")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(append, "BATCH", batch)
        project = make_project(events)
    assert [unseal(data).task for data in envelopes(project)] == [event.task for event in events]
    assert [unseal(data).n for data in envelopes(project)] == [1, 2, 3, 4, 5, 6, 7, 8] * tasks
    assert verify(project.log).problems == []


def test_a_task_longer_than_a_batch_is_one_trail(monkeypatch):
    monkeypatch.setattr(append, "BATCH", 10)
    events = [make_event("T1", minute=minute // 3) for minute in range(47)]  # three equal ones a minute
    project = make_project(events)
    assert [event.n for event in trail(project)] == list(range(1, 48))
    with Appender(project) as log:
        for event in events:
            log.add(event)
    assert (log.added, log.known) == (0, 47)


def test_a_batch_of_large_payloads_is_written_before_it_is_full(monkeypatch):
    monkeypatch.setattr(append, "BATCH_BYTES", 10_000)
    project = make_project()
    log = Appender(project)
    log.add(make_event("T1", content=b'"%b"' % (b"x" * 6_000)))
    assert log.added == 0
    log.add(make_event("T1", minute=1, content=b'"%b"' % (b"x" * 6_000)))
    assert log.added == 2


def test_an_empty_load_changes_nothing():
    project = make_project()
    with Appender(project) as log:
        pass
    assert (log.added, log.known) == (0, 0)
    assert Log.objects.get(project=project).size == 0
    assert verify(project.log).problems == []
