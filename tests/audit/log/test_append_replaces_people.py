"""No person is in what is hashed and stored; payloads come back byte for byte; odd characters do no harm."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from audit.log.append import Appender
from audit.log.envelope import unseal
from audit.log.verify import verify
from audit.models import Disclosure, Person, Task
from audit.people import Outdated, People, restorer
from audit.sources.base import PersonRef
from tests.audit.log.tables import RECORD, contents, envelopes, trail
from tests.factories import AMARA, MEI, TOMAS, make_event, make_project, worked_task

pytestmark = pytest.mark.django_db


def test_nothing_of_the_record_names_a_person():
    make_project([*worked_task(), make_event("T2", people=(MEI,), payload={"cc": MEI.email, "who": "Nobody"})])
    stored = str(contents(*RECORD))
    assert b"Nobody".hex() in stored, "payloads are searched"
    for ref in (AMARA, MEI, TOMAS):
        for value in (ref.external_id, ref.name):
            assert value not in stored
            assert value.encode().hex() not in stored


def test_payloads_come_back_byte_for_byte():
    payload = b'{ "by":"amara@example.org", "n":1.0, "n":1e400,"who":"Amara\\u0020Okafor", "odd":"@p:x" }'
    project = make_project([make_event("T1", content=payload)])
    stored = bytes(Disclosure.objects.get(event__log=project.log, group="content").data)
    assert b"Amara" not in stored
    assert restorer(project)(stored) == payload


def test_envelopes_name_people_by_pseudonym_and_rows_by_id():
    project = make_project([make_event("T1", "task.assigned", 0, TOMAS, assignee=AMARA), make_event("T1", minute=1)])
    first, second = (unseal(data) for data in envelopes(project))
    assert first.assignee == second.actor
    assert first.actor != second.actor
    assert [event.actor.pseudonym for event in trail(project)] == [first.actor, second.actor]
    assert Task.objects.get(project=project).assignee is None, "submitting takes the task from its assignee"


def test_a_payload_that_was_concluded_keeps_words_that_are_also_names():
    ref = PersonRef("duration", name="duration")
    payload = json.dumps({"milliseconds": 5, "rule": "duration"}).encode()
    project = make_project([make_event("T1", "time.recorded", 0, ref, derived=True, content=payload)])
    assert bytes(Disclosure.objects.get(event__log=project.log).data) == payload


@pytest.mark.parametrize("name", ["task", "source_type", "stage", "to_stage", "source_key", "text"])
@pytest.mark.parametrize("odd", ["a\0b", "\ud800", "x\udfffy"])
def test_nul_and_lone_surrogates_are_replaced(name, odd):
    event = make_event(**{"task": "T1", name: odd})
    project = make_project([event])
    envelope = unseal(envelopes(project)[0])
    fixed = odd.translate({0: 0xFFFD, 0xD800: 0xFFFD, 0xDFFF: 0xFFFD})
    if name == "text":
        assert bytes(Disclosure.objects.get(event__log=project.log, group="text").data).decode() == fixed
    else:
        assert getattr(envelope, name) == fixed
    with Appender(project) as log:
        log.add(event)
    assert (log.added, log.known) == (0, 1)
    assert verify(project.log).problems == []


def test_odd_characters_in_names_that_payloads_give_are_replaced():
    project = make_project(
        [
            make_event("T1", "task.updated", content=b'{"name":"a\\u0000b"}', derived=True),
            make_event(None, "project.updated", content=b'{"name":"P\\u0000","zone":"Europe/Paris"}', derived=True),
        ]
    )
    assert Task.objects.get(project=project).name == "a\ufffdb"
    assert project.name == "P\ufffd"
    assert project.source.zone == "Europe/Paris"
    assert verify(project.log).problems == []


def test_key_fields_may_hold_anything():
    project = make_project([make_event("T1", key_fields=("\ud800", "\0"))])
    assert len(trail(project)) == 1


def test_a_batch_is_tried_again_when_another_session_spelled_its_people_first(monkeypatch):
    """The other session is simulated: between our looking at the identity and storing it, it learns a spelling."""
    escaped = b'{"by":"\\u0061mara@example.org"}'
    plain = b'{"by":"amara@example.org"}'
    ours = make_project()
    theirs = People(ours, ours.log, ours.source)
    log = Appender(ours)
    log.add(make_event("T1", content=plain))
    flush = People.flush
    told: list[str] = []

    def flush_after_them(self: People) -> None:
        if self is log.people and not told:
            told.append("once")
            theirs.pseudonym_of(AMARA)
            theirs.tokenise(escaped, [AMARA])
            flush(theirs)
            raise Outdated("as if it had committed meanwhile")
        flush(self)

    monkeypatch.setattr(People, "flush", flush_after_them)
    log.flush()
    assert (log.added, told) == (1, ["once"])
    assert restorer(ours)(bytes(Disclosure.objects.get(event__log=ours.log).data)) == plain
    assert verify(ours.log).problems == []


def test_trying_again_has_an_end_and_stores_nothing(monkeypatch):
    project = make_project()
    attempts: list[int] = []

    def never(self: People) -> None:
        attempts.append(1)
        raise Outdated("always")

    monkeypatch.setattr(People, "flush", never)
    with pytest.raises(Outdated), Appender(project) as log:
        log.add(make_event("T1"))
    assert len(attempts) == 10
    assert envelopes(project) == []
    assert not connection.needs_rollback


def test_events_known_already_still_leave_the_people_they_name():
    project = make_project([make_event("T1")])
    with Appender(project) as log:
        log.add(make_event("T1", people=(MEI,), payload={"cc": MEI.email}))
    assert log.known == 1
    assert Person.objects.filter(project=project).count() == 1, "a payload that is not stored names nobody"
