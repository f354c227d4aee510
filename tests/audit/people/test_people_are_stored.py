"""A session gives pseudonyms and tokens at once and stores whom they stand for when it is told to."""

from __future__ import annotations

import base64
import hmac

import pytest
from django.db import transaction

from audit.log.create import create_project
from audit.models import Identity, Person, Source
from audit.people import Outdated, names_of, restorer
from audit.sources.base import PersonRef
from exportsite.canonical import dumps
from exportsite.keys import keyring
from tests.audit.people.conftest import RENE, session


def test_a_pseudonym_is_computed_as_the_contracts_say(project, source):
    key = hmac.new(keyring().pseudonym_key, b"labeltrail/v1/project\0" + project.log.uuid.bytes, "sha256").digest()
    said = hmac.new(key, dumps(["file", str(source.pk), "u/17"]), "sha256").digest()
    expected = base64.b32encode(said).decode()[:16].lower()
    assert session(project).pseudonym("u/17") == session(project).pseudonym_of(RENE) == expected


def test_people_differ_between_projects_and_sources_and_when_only_capitals_differ(project, source):
    other = create_project(source, "hearts", "Hearts")
    elsewhere = create_project(Source.objects.create(kind="file", name="Lab"), "lungs", "Lungs")
    found = {session(where).pseudonym(who) for where in (project, other, elsewhere) for who in ("ann", "Ann")}
    assert len(found) == 6


def test_nothing_is_stored_before_flush_and_one_row_each_afterwards(project):
    people = session(project)
    pseudonym = people.pseudonym_of(RENE)
    people.tokenise(b'{"by":"u/17"}', [RENE])
    assert not Identity.objects.exists()
    with pytest.raises(LookupError, match="flush"):
        people.person_id("u/17")
    people.flush()
    people.flush()
    person = Person.objects.get()
    assert (person.project, person.pseudonym, person.identity) == (project, pseudonym, Identity.objects.get())
    assert people.person_id("u/17") == person.pk


def test_the_next_session_finds_the_person_and_gives_the_same_tokens(project):
    first = session(project)
    stored = first.tokenise(r'["Ren\u00e9 Dubois","René Dubois"]'.encode(), [RENE])
    first.flush()
    second = session(project)
    assert second.tokenise(r'["Ren\u00e9 Dubois","René Dubois"]'.encode(), [RENE]) == stored
    second.flush()
    assert second.person_id("u/17") == first.person_id("u/17")
    assert Identity.objects.count() == Person.objects.count() == 1


def test_a_name_learned_later_is_added_and_earlier_payloads_still_come_back(project):
    sent = [b'{"name":"Ann Lee"}', b'{"name":"Ann Kim"}', b'{"was":"Ann Lee","name":"Ann\\u0020Kim"}']
    stored = []
    for data, name in zip(sent, ("Ann Lee", "Ann Kim", "Ann Kim"), strict=True):
        people = session(project)
        stored.append(people.tokenise(data, [PersonRef("ann", name=name)]))
        people.flush()
    assert stored[0].endswith(b'/name"}')
    assert stored[1].endswith(b'/name.1"}')
    assert b"Ann" not in stored[2]
    assert [restorer(project)(data) for data in stored] == sent
    assert names_of(Person.objects.all())[people.person_id("ann")].name == "Ann Kim"


def test_a_name_learned_within_a_session_is_replaced_in_payloads_that_follow(project):
    people = session(project)
    assert people.tokenise(b'["ann","Ann Lee"]', [PersonRef("ann")]).endswith(b',"Ann Lee"]')
    people.pseudonym_of(PersonRef("ann", name="Ann Lee"))
    assert people.tokenise(b'["ann","Ann Lee"]', [PersonRef("ann")]).endswith(b'/name"]')


def test_two_projects_of_a_source_share_the_identity(project, source):
    other = create_project(source, "hearts", "Hearts")
    for where in (project, other):
        people = session(where)
        people.tokenise(rb'"Ren\u00e9 Dubois"', [RENE])
        people.flush()
    first, second = Person.objects.order_by("pk")
    assert first.identity == second.identity
    assert first.pseudonym != second.pseudonym
    assert [shown.name for shown in names_of([first, second]).values()] == ["René Dubois", "René Dubois"]


def test_after_a_rollback_and_forget_people_are_stored_again(project):
    people = session(project)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        people.tokenise(b'"u/17"', [RENE])
        people.flush()
        _ = 1 / 0
    assert not Person.objects.exists()
    people.forget()
    people.tokenise(b'"u/17"', [RENE])
    people.flush()
    assert people.person_id("u/17") == Person.objects.get().pk


def test_thousands_of_people_cost_a_handful_of_queries(project, django_assert_max_num_queries):
    refs = [PersonRef(f"u{at}", email=f"u{at}@example.org", name=f"Name {at}") for at in range(3000)]
    people = session(project)
    with django_assert_max_num_queries(15):
        for ref in refs:
            people.tokenise(b'{"by":"%b"}' % ref.external_id.encode(), [ref])
        people.flush()
    assert Person.objects.count() == 3000
    again = session(project)
    with django_assert_max_num_queries(15):
        for ref in refs:
            again.tokenise(b'{"by":"%b"}' % ref.external_id.encode(), [ref])
        again.flush()
    assert again.person_id("u2999") == people.person_id("u2999")


def test_a_spelling_that_another_session_stored_first_is_never_overwritten(project, source):
    ours, theirs = session(project), session(create_project(source, "hearts", "Hearts"))
    ours.tokenise(rb'"Ren\u00e9 Dubois"', [RENE])
    theirs.tokenise('"René Dubois"'.encode(), [RENE])
    theirs.flush()
    with pytest.raises(Outdated), transaction.atomic():
        ours.flush()
    ours.forget()
    stored = ours.tokenise(rb'"Ren\u00e9 Dubois"', [RENE])
    ours.flush()
    assert stored.endswith(b'/name.1"')
    assert restorer(project)(stored) == rb'"Ren\u00e9 Dubois"'


def test_forms_of_two_sessions_that_fit_together_are_merged(project, source):
    ours, theirs = session(project), session(create_project(source, "hearts", "Hearts"))
    mine = ours.tokenise(b'["u/17","rene@example.org"]', [PersonRef("u/17", email="rene@example.org")])
    theirs.tokenise('["u/17","René Dubois"]'.encode(), [PersonRef("u/17", name="René Dubois")])
    theirs.flush()
    ours.flush()
    (shown,) = names_of([Person.objects.get(project=project)]).values()
    assert (shown.external_id, shown.email, shown.name) == ("u/17", "rene@example.org", "René Dubois")
    assert restorer(project)(mine) == b'["u/17","rene@example.org"]'


def test_values_are_stored_encrypted_only(project):
    people = session(project)
    people.tokenise('["u/17","rene@example.org","René Dubois"]'.encode(), [RENE])
    people.flush()
    row = Identity.objects.get()
    assert row.key_id == keyring().field_key_id
    held = bytes(row.data) + bytes(row.subject)
    assert not any(value in held for value in (b"u/17", b"rene@", b"Dubois"))
