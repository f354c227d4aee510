"""Erasing a person takes who they were and leaves what happened, provably."""

from __future__ import annotations

import json

import pytest
from django.db import connection, transaction

from audit.erase import NothingToErase, RevealingReason, erase_person, plan
from audit.log.append import Appender
from audit.log.create import create_project
from audit.log.envelope import unseal
from audit.log.verify import verify
from audit.models import Disclosure, Event, EventWords, Identity, Log, Person, Project
from audit.people import names_of, restorer
from audit.sources.base import PersonRef
from tests.factories import AMARA, MEI, make_event, make_project, worked_task

pytestmark = pytest.mark.django_db
EVENTS = [
    make_event("T1", "task.created", 0, MEI),
    make_event("T1", "task.assigned", 1, MEI, {"to": "Amara Okafor"}, assignee=AMARA),
    make_event("T1", "comment.added", 2, AMARA, {"text": "The margin looks wrong."}, text="The margin looks wrong."),
    make_event("T1", "comment.added", 3, MEI, {"text": "I agree."}, text="I agree."),
    make_event("T1", "task.submitted", 4, AMARA, {"name": "Amara Okafor"}),
]


@pytest.fixture
def project() -> Project:
    return make_project(EVENTS)


@pytest.fixture
def amara(project) -> Person:
    return person_of(project, AMARA)


def person_of(project: Project, ref: PersonRef) -> Person:
    found = names_of(Person.objects.filter(project=project))
    (pk,) = (pk for pk, shown in found.items() if shown.external_id == ref.external_id)
    return Person.objects.get(pk=pk)


def append(project: Project, *events) -> None:
    with Appender(Project.objects.get(pk=project.pk)) as log:
        for event in events:
            log.add(event)


def last_event(project: Project) -> tuple[Event, dict]:
    event = Event.objects.filter(log=project.log).order_by("-id").first()
    return event, json.loads(bytes(event.disclosures.get(group="content").data))


def found_anywhere(needle: str) -> list[str]:
    """Columns of any table, also Django's own, that hold the text: as text, as bytes, or in a search vector."""
    found = []
    with connection.cursor() as db:
        db.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        )
        for table, column, kind in db.fetchall():
            if kind == "bytea":
                db.execute(f'SELECT 1 FROM "{table}" WHERE position(%s::bytea in "{column}") > 0', [needle.encode()])
            else:
                db.execute(
                    f'SELECT 1 FROM "{table}" WHERE position(%s in lower("{column}"::text)) > 0', [needle.lower()]
                )
            if db.fetchone():
                found.append(f"{table}.{column}")
    return found


def test_identity_and_tombstone(amara):
    erase_person(amara.identity, reason="Asked for it", with_texts=False)
    row = Identity.objects.get(pk=amara.identity_id)
    assert (row.data, row.key_id) == (None, None)
    assert row.erased_at is not None
    assert names_of([amara])[amara.pk].label == amara.pseudonym


def test_no_table_holds_a_value_of_the_person_afterwards_nor_did_in_the_clear_before(project, amara):
    assert found_anywhere("Amara") == []
    assert "audit_disclosure.data" in found_anywhere("margin"), "the search finds what is there"
    erase_person(amara.identity, reason="Asked for it", with_texts=True)
    for value in ("Amara", "Okafor", "amara@example.org", "margin"):
        assert found_anywhere(value) == []


def test_the_log_says_who_why_and_what(project, amara):
    erase_person(amara.identity, reason="Asked for it", with_texts=False)
    event, content = last_event(project)
    envelope = unseal(bytes(event.envelope))
    assert (envelope.type, envelope.task, envelope.actor_kind) == ("privacy.erased", None, "system")
    assert envelope.assignee == amara.pseudonym
    assert content == {"person": amara.pseudonym, "groups": [], "indices": [], "reason": "Asked for it"}


def test_the_log_still_holds_afterwards(project, amara):
    for with_texts in (False, True):
        erase_person(amara.identity, reason="Asked for it", with_texts=with_texts)
        result = verify(project.log)
        assert result.problems == []
    assert result.erased == 2


def test_with_texts_what_the_person_wrote_goes_and_what_others_wrote_stays(project, amara):
    erase_person(amara.identity, reason="Asked for it", with_texts=True)
    _, content = last_event(project)
    assert (content["groups"], content["indices"]) == (["content", "text"], [2])
    theirs = project.log.event_id(2)
    assert not Disclosure.objects.filter(event=theirs).exists()
    assert not EventWords.objects.filter(event=theirs).exists()
    others = project.log.event_id(3)
    assert bytes(Disclosure.objects.get(event=others, group="text").data) == b"I agree."
    assert EventWords.objects.filter(event=others).exists()


def test_without_texts_texts_stay(project, amara):
    erase_person(amara.identity, reason="Asked for it", with_texts=False)
    assert Disclosure.objects.filter(event=project.log.event_id(2)).count() == 2
    assert EventWords.objects.filter(event=project.log.event_id(2)).exists()


def test_a_payload_that_makes_the_task_what_it_is_stays_when_its_text_goes():
    project = make_project([make_event("T1", "task.updated", 0, AMARA, {"name": "Scan 1"}, text="Renamed it.")])
    erase_person(person_of(project, AMARA).identity, reason="Asked for it", with_texts=True)
    assert list(Disclosure.objects.filter(event=project.log.event_id(0)).values_list("group", flat=True)) == ["content"]
    assert verify(project.log).problems == []


def test_texts_can_go_after_the_identity(project, amara):
    erase_person(amara.identity, reason="Asked for it", with_texts=False)
    erase_person(amara.identity, reason="Asked again", with_texts=True)
    _, content = last_event(project)
    assert (content["person"], content["indices"]) == (amara.pseudonym, [2])
    assert Identity.objects.get(pk=amara.identity_id).erased_at is not None


@pytest.mark.parametrize("with_texts", [False, True])
def test_erasing_again_is_refused(project, amara, with_texts):
    erase_person(amara.identity, reason="Asked for it", with_texts=True)
    size = Log.objects.get(project=project).size
    with pytest.raises(NothingToErase, match="erased on"):
        erase_person(amara.identity, reason="Asked for it", with_texts=with_texts)
    assert Log.objects.get(project=project).size == size


@pytest.mark.parametrize("reason", ["Amara Okafor asked for it", "mail from AMARA@example.org", "", "  "])
def test_a_reason_that_is_empty_or_names_the_person_is_refused_and_nothing_is_erased(project, amara, reason):
    with pytest.raises(RevealingReason):
        erase_person(amara.identity, reason=reason, with_texts=True)
    assert Identity.objects.get(pk=amara.identity_id).data is not None
    assert Disclosure.objects.filter(group="text").count() == 2


def test_all_projects_of_the_source_say_it_in_their_logs(project, amara):
    other = create_project(project.source, "second", "Second")
    append(other, make_event("X1", "comment.added", 0, AMARA, text="Here too."))
    done = erase_person(amara.identity, reason="Asked for it", with_texts=True)
    assert [part.person.project.name for part in done.parts] == [project.name, "Second"]
    for where, indices in ((project, [2]), (other, [0])):
        event, content = last_event(where)
        assert event.type == "privacy.erased"
        assert content["person"] == person_pseudonym(where, amara)
        assert content["indices"] == indices


def person_pseudonym(project: Project, person: Person) -> str:
    return Person.objects.get(project=project, identity=person.identity_id).pseudonym


def test_reading_the_source_again_brings_nothing_back_and_keeps_the_pseudonym(project, amara):
    erase_person(amara.identity, reason="Asked for it", with_texts=False)
    append(project, *EVENTS, make_event("T2", "task.submitted", 9, AMARA, {"name": "Amara Okafor", "was": "Amara \\o"}))
    row = Identity.objects.get(pk=amara.identity_id)
    assert row.data is None
    event, content = last_event(project)
    assert unseal(bytes(event.envelope)).actor == amara.pseudonym
    assert event.actor_id == amara.pk
    assert content["name"] == f"@p:{amara.pseudonym}/name"
    assert Person.objects.filter(project=project).count() == 2
    assert found_anywhere("Okafor") == []
    assert verify(project.log).problems == []


def test_a_session_that_knew_the_person_before_does_not_bring_them_back(project, amara):
    session = Appender(Project.objects.get(pk=project.pk))
    session.add(make_event("T2", "task.submitted", 9, AMARA, {"name": "Amara \u004fkafor"}))
    erase_person(amara.identity, reason="Asked for it", with_texts=False)
    session.add(
        make_event("T2", "task.saved", 10, PersonRef(AMARA.external_id, name="Amara Musa"), {"x": "Amara Musa"})
    )
    session.flush()
    assert Identity.objects.get(pk=amara.identity_id).data is None
    assert found_anywhere("Amara") == []


def test_payloads_keep_the_tokens_of_the_erased_and_give_back_everybody_else(project, amara):
    erase_person(amara.identity, reason="Asked for it", with_texts=False)
    restore = restorer(project)
    stored = {index: content_of(project, index) for index in (1, 4)}
    mei = json.loads(restore(stored[1]))
    assert (mei["by"], mei["to"]) == (MEI.external_id, f"@p:{amara.pseudonym}/name")
    assert restore(stored[4]) == stored[4]


def content_of(project: Project, index: int) -> bytes:
    return bytes(Disclosure.objects.get(event=project.log.event_id(index), group="content").data)


def test_a_plan_counts_and_changes_nothing(project, amara):
    held = plan(amara.identity)
    assert held.values == 2, "a name, and an id that is the e-mail as well"
    (part,) = held.parts
    assert (part.events, list(part.texts)) == (2, [2])
    assert Identity.objects.get(pk=amara.identity_id).data is not None


def test_an_erasure_that_fails_leaves_everything(project, amara):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        erase_person(amara.identity, reason="Asked for it", with_texts=True)
        _ = 1 / 0
    assert Identity.objects.get(pk=amara.identity_id).data is not None
    assert verify(project.log).problems == []


def test_other_people_are_untouched():
    project = make_project(worked_task())
    before = names_of(Person.objects.filter(project=project))
    gone = person_of(project, AMARA)
    erase_person(gone.identity, reason="Asked for it", with_texts=True)
    after = names_of(Person.objects.filter(project=project))
    assert {pk: shown for pk, shown in after.items() if pk != gone.pk} == {
        pk: shown for pk, shown in before.items() if pk != gone.pk
    }
