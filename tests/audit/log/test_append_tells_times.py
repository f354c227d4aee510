"""Receipt never goes back; an event that tells of the past is marked late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from audit.log.append import Appender
from audit.log.envelope import unseal
from audit.log.verify import verify
from audit.models import Event, Log, Task
from tests.audit.log.tables import trail
from tests.factories import START, make_event, make_project

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def received(project) -> list[str]:
    events = Event.objects.filter(log__project=project).order_by("id")
    return [unseal(bytes(event.envelope)).received_at for event in events]


def test_the_time_of_receipt_never_decreases_even_when_the_clock_goes_back():
    project = make_project()
    clock = [NOON, NOON - timedelta(hours=1), NOON - timedelta(days=900), NOON + timedelta(microseconds=1)]
    for minute, now in enumerate(clock):
        with Appender(project, now=lambda now=now: now) as log:
            log.add(make_event("T1", minute=minute))
    noon = "2026-11-01T12:00:00.000000Z"
    assert received(project) == [noon, noon, noon, "2026-11-01T12:00:00.000001Z"]
    assert Log.objects.get(project=project).received_at == NOON + timedelta(microseconds=1)
    assert verify(project.log).problems == []


def test_a_load_of_nothing_new_does_not_move_the_time_of_receipt():
    project = make_project()
    for now in (NOON, NOON + timedelta(days=1)):
        with Appender(project, now=lambda now=now: now) as log:
            log.add(make_event("T1"))
    assert Log.objects.get(project=project).received_at == NOON


def test_an_event_before_the_last_of_its_task_is_late():
    project = make_project(
        [make_event("T1", minute=10), make_event("T1", minute=5), make_event("T1", minute=10, stage="Review")]
    )
    assert [event.late for event in trail(project)] == [False, True, False]


def test_an_event_is_late_by_its_own_task_and_by_what_was_stored_before():
    project = make_project([make_event("T1", minute=10), make_event("T2", minute=5)])
    with Appender(project) as log:
        log.add(make_event("T1", minute=9))
        log.add(make_event("T2", minute=9))
    assert [event.late for event in trail(project, "T1")] == [False, True]
    assert [event.late for event in trail(project, "T2")] == [False, False]


def test_a_late_event_does_not_undo_what_later_ones_said():
    project = make_project(
        [
            make_event("T1", "review.accepted", 10, stage="Review", to_stage="Ground truth"),
            make_event("T1", "task.submitted", 5, stage="Label", to_stage="Review"),
        ]
    )
    task = Task.objects.get(project=project)
    assert (task.stage, task.status) == ("Ground truth", "accepted")
    assert (task.first_at, task.last_at) == (START + timedelta(minutes=5), START + timedelta(minutes=10))


def test_an_event_without_a_time_stands_at_its_receipt_and_is_never_late():
    project = make_project()
    with Appender(project, now=lambda: NOON) as log:
        log.add(make_event("T1", "task.updated", occurred_at=None, instant=None))
        log.add(make_event("T1", minute=0))
        log.add(make_event("T1", "task.updated", occurred_at=None, instant=None, key_fields=("2",)))
    events = trail(project)
    assert [event.occurred_at for event in events] == [NOON, START, NOON]
    assert [event.late for event in events] == [False, False, False]
    task = Task.objects.get(project=project)
    assert (task.dated, task.first_at, task.last_at) == (True, START, START)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59Z"])
def test_times_at_the_ends_of_the_calendar_are_kept(text):
    instant = datetime.fromisoformat(text)
    project = make_project([make_event("T1", occurred_at=text, instant=instant)])
    assert trail(project)[0].occurred_at == instant
    assert verify(project.log).problems == []


def test_digits_beyond_microseconds_stay_in_the_envelope():
    text = "2026-03-02T08:00:00.123456789+01:00"
    project = make_project([make_event("T1", occurred_at=text, instant=datetime.fromisoformat(text))])
    assert unseal(bytes(trail(project)[0].envelope)).occurred_at == text
    assert verify(project.log).problems == []
