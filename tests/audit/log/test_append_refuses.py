"""What no log can hold is refused with an error that says what and where, before or without any database error."""

from __future__ import annotations

from datetime import datetime

import pytest

from audit.log import write
from audit.log.append import Appender
from audit.log.checks import MAX_NAME
from audit.log.envelope import EnvelopeError
from audit.log.verify import verify
from audit.models import Event, Person
from tests.audit.log.tables import contents, trail
from tests.factories import START, TOMAS, make_event, make_project, time_event, worked_task

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (make_event("T7", "task.finished"), r"'task.finished' is not a type of event; audit.eventtypes lists them"),
        (make_event("T7", cycle=0), r"task.submitted of task 'T7' is of cycle 0; cycles are 1 to 2,147,483,647"),
        (make_event("T7", cycle=-1), r"of cycle -1"),
        (make_event("T7", cycle=2**31), r"of cycle 2147483648"),
        (make_event("T7", instant=None), r"has the time '2026-03-02T08:00:00Z' and the instant None"),
        (make_event("T7", occurred_at=None), r"has the time None and the instant 2026"),
        (make_event("T7", instant=datetime(2026, 1, 1)), r"the instant 2026-01-01 00:00:00, which is of no zone"),
        (make_event("T" * (MAX_NAME + 1)), r"its task has 2,401 bytes; at most 2,400 can be kept"),
        (make_event("T7", stage="é" * 1300), r"its stage has 2,600 bytes"),
        (make_event("T7", to_stage="x" * 5000), r"its to_stage has 5,000 bytes"),
        (make_event(None, source_type="x" * 5000), r"of the project: its source_type has 5,000 bytes"),
        (make_event("T7", source_key="x" * 70_000), r"its source_key is 70,000 characters long"),
        (make_event("T7", occurred_at="2" * 70_000), r"event 2 of task 'T7' .* its occurred_at is 70,000 char"),
        (time_event("T7", 0, 10**15 + 1), r"1,000,000,000,000,001 ms is no time that anybody worked"),
        (make_event("T7", "time.recorded", content=b"{}"), r"the event time.recorded of task 'T7': .*no milliseconds"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_says_what_is_wrong_and_where(event, text):
    project = make_project(worked_task("T1"))
    before = contents()
    with pytest.raises(EnvelopeError, match=text), Appender(project) as log:
        log.add(make_event("T7", minute=-1, actor=TOMAS))
        log.add(event)
    assert contents() == before


@pytest.mark.parametrize("group", ["content", "text"])
def test_too_large_a_disclosure_is_refused(monkeypatch, group):
    monkeypatch.setattr(write, "MAX_DISCLOSURE", 1_000)
    fits = {"content": b'"%b"' % (b"x" * 998), "text": "ü" * 500}
    project = make_project([make_event("T1", **{group: fits[group]})])
    assert len(trail(project)) == 1
    longer = {"content": b'"%b"' % (b"x" * 999), "text": "ü" * 500 + "."}
    with pytest.raises(EnvelopeError, match=rf"of task 'T2': its {group} has 1,001 bytes; at most 1,000 can be kept"):
        make_project([make_event("T2", **{group: longer[group]})])


def test_names_of_the_greatest_length_are_kept_and_found():
    longest = "".join(chr(0x4E00 + place) for place in range(MAX_NAME // 3))
    event = make_event(longest, "activity.recorded", stage=longest[::-1], to_stage=longest, source_type=longest)
    project = make_project([event, make_event(longest, "task.submitted", 1, stage=longest)])
    assert [event.stage for event in trail(project, longest)] == [longest[::-1], longest]
    assert verify(project.log).problems == []


def test_an_error_drops_what_was_not_stored_and_adding_again_goes_on():
    good = [make_event("T1"), make_event("T1"), make_event("T1", minute=2)]
    project = make_project(good[:1])
    log = Appender(project)
    for event in good:
        log.add(event)
    with pytest.raises(EnvelopeError):
        log.add(make_event("T1", "task.finished"))
    log.flush()
    assert (log.added, log.known) == (0, 0)
    for event in good:
        log.add(event)
    log.flush()
    assert (log.added, log.known) == (2, 1)
    assert [event.n for event in trail(project)] == [1, 2, 3]
    assert verify(project.log).problems == []


def test_an_error_while_writing_leaves_nothing_and_adding_again_goes_on(monkeypatch):
    good = [*worked_task("T1"), *worked_task("T1"), make_event(None, "sync.completed", 9)]
    project = make_project()
    before = contents()
    log = Appender(project)
    for event in [*good, time_event("T2", 0, 10**16)]:
        log.add(event)
    with pytest.raises(EnvelopeError, match="T2"):
        log.flush()
    assert contents() == before
    assert not Person.objects.filter(project=project).exists()
    for event in good:
        log.add(event)
    log.flush()
    assert (log.added, log.known) == (len(good), 0)
    assert verify(project.log).problems == []


def test_leaving_the_block_with_an_error_writes_nothing():
    project = make_project()
    with pytest.raises(ZeroDivisionError), Appender(project) as log:
        log.add(make_event("T1"))
        _ = 1 // 0
    assert not Event.objects.filter(log=project.log).exists()


def test_a_damaged_head_is_not_appended_to():
    project = make_project(worked_task())
    project.log.edge = project.log.edge[:-1]
    project.log.save()
    with pytest.raises(ValueError, match="right edge of a tree of 8 leaves"), Appender(project) as log:
        log.add(make_event("T9", instant=START))
