"""What may be shown of people, and payloads as they were sent."""

from __future__ import annotations

import pytest

from audit.models import Identity, Person
from audit.people import Shown, names_of, restorer
from audit.sources.base import PersonRef
from exportsite.keys import Tampered, UnknownKey
from tests.audit.people.conftest import RENE, session


@pytest.fixture
def person(project) -> Person:
    people = session(project)
    people.tokenise(rb'["Ren\u00e9 Dubois","u\/17"]', [RENE])
    people.flush()
    return Person.objects.get()


def test_names_of_gives_what_the_source_said(person):
    assert names_of([person]) == {
        person.pk: Shown(person.pseudonym, "René Dubois", "rene@example.org", "u/17", erased=False)
    }


def test_names_of_reads_all_identities_in_one_query(project, django_assert_num_queries):
    people = session(project)
    for at in range(50):
        people.pseudonym_of(PersonRef(f"u{at}", name=f"Name {at}"))
    people.flush()
    persons = list(Person.objects.all())
    with django_assert_num_queries(1):
        assert {shown.name for shown in names_of(persons).values()} == {f"Name {at}" for at in range(50)}


@pytest.mark.parametrize(
    ("ref", "label"),
    [
        (PersonRef("u1", email="e@example.org", name="Name"), "Name"),
        (PersonRef("u1", email="e@example.org"), "e@example.org"),
        (PersonRef("u1", name=""), "u1"),
    ],
)
def test_the_label_is_the_name_else_the_e_mail_else_the_id(project, ref, label):
    people = session(project)
    people.pseudonym_of(ref)
    people.flush()
    (shown,) = names_of(Person.objects.all()).values()
    assert shown.label == label


@pytest.mark.parametrize(
    ("names", "shown_name"),
    [
        (["Ben Ode", "Ben", "Ode", "zben"], "Ben Ode"),
        (["Ben Ode", "Ben Other"], "Ben Other"),
        (["Ben", "Zoe"], "Zoe"),
        (["Ode "], "Ode "),
    ],
)
def test_a_whole_name_goes_before_its_parts_and_user_names(project, names, shown_name):
    people = session(project)
    for name in names:
        people.pseudonym_of(PersonRef("u1", name=name))
    people.flush()
    (shown,) = names_of(Person.objects.all()).values()
    assert shown.name == shown_name


def test_an_erased_person_is_called_by_the_pseudonym(person):
    Identity.objects.update(data=None, key_id=None, erased_at="2026-01-01T00:00:00Z")
    shown = names_of([person])[person.pk]
    assert shown == Shown(person.pseudonym, None, None, None, erased=True)
    assert shown.label == person.pseudonym


@pytest.mark.parametrize("at", [0, 11, 12, 40, -1])
def test_a_changed_byte_of_an_identity_is_found_and_the_row_named(person, at):
    row = Identity.objects.get()
    data = bytearray(row.data)
    data[at] ^= 1
    Identity.objects.update(data=bytes(data))
    with pytest.raises(Tampered, match=f"Identity {row.pk}"):
        names_of([person])


def test_an_identity_moved_to_another_person_is_found(project, person):
    people = session(project)
    people.pseudonym_of(PersonRef("u/18", name="Somebody else"))
    people.flush()
    first, second = Identity.objects.order_by("pk")
    Identity.objects.filter(pk=first.pk).update(data=second.data)
    with pytest.raises(Tampered):
        names_of([person])


def test_an_identity_of_another_key_is_refused_by_the_keys_id(person):
    Identity.objects.update(key_id="00000000")
    with pytest.raises(UnknownKey, match="00000000"):
        names_of([person])


def test_a_restorer_reads_what_was_stored_after_it_was_made(project, person):
    restore = restorer(project)
    assert restore(b'"@p:%b/name"' % person.pseudonym.encode()) == rb'"Ren\u00e9 Dubois"'
    people = session(project)
    later = [people.tokenise('["René Dubois"]'.encode(), [RENE]), people.tokenise(b'["new"]', [PersonRef("new")])]
    people.flush()
    assert [restore(data) for data in later] == ['["René Dubois"]'.encode(), b'["new"]']


def test_a_restorer_leaves_tokens_of_erased_people_and_of_nobody(project, person):
    Identity.objects.update(data=None, key_id=None, erased_at="2026-01-01T00:00:00Z")
    data = b'["@p:%b/name.1","@p:aaaaaaaaaaaaaaaa/id"]' % person.pseudonym.encode()
    assert restorer(project)(data) == data


def test_a_token_of_a_form_that_the_identity_does_not_hold_is_an_error(project, person):
    with pytest.raises(Tampered, match="form 7 of the name"):
        restorer(project)(b'"@p:%b/name.7"' % person.pseudonym.encode())


def test_a_restorer_reads_the_people_of_a_project_at_once(project, django_assert_max_num_queries):
    people = session(project)
    refs = [PersonRef(f"u{at}") for at in range(50)]
    stored = [people.tokenise(f'"u{at}"'.encode(), refs[at : at + 1]) for at in range(50)]
    people.flush()
    with django_assert_max_num_queries(1):
        restore = restorer(project)
        assert [restore(data) for data in stored] == [f'"u{at}"'.encode() for at in range(50)]
