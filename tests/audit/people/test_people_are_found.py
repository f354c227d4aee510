"""Whom a text means, for commands and filters."""

from __future__ import annotations

import pytest

from audit.log.create import create_project
from audit.models import Identity, Person
from audit.people import AmbiguousPerson, UnknownPerson, find_person
from audit.sources.base import PersonRef
from tests.audit.people.conftest import RENE, session


def store(project, *refs: PersonRef) -> list[Person]:
    people = session(project)
    for ref in refs:
        people.pseudonym_of(ref)
    people.flush()
    return [Person.objects.get(pk=people.person_id(ref.external_id)) for ref in refs]


@pytest.fixture
def rene(project) -> Person:
    return store(project, RENE, PersonRef("u/18", email="mei@example.org", name="Mei Tanaka"))[0]


@pytest.mark.parametrize("text", ["u/17", "rene@example.org", "René Dubois"])
def test_a_person_is_found_by_what_the_source_says(project, rene, text):
    assert find_person(project, text) == rene


def test_a_person_is_found_by_id_and_pseudonym(project, rene):
    assert find_person(project, str(rene.pk)) == rene
    assert find_person(project, rene.pseudonym) == rene


def test_a_person_is_found_by_an_earlier_name(project, rene):
    store(project, PersonRef("u/17", name="René Martin"))
    assert find_person(project, "René Dubois") == find_person(project, "René Martin") == rene


@pytest.mark.parametrize("text", ["rené dubois", "René", "René Dubois ", "", "999999999", "\ud800", "a" * 16])
def test_what_is_not_exactly_so_is_nobody_and_said_with_the_text(project, rene, text):
    with pytest.raises(UnknownPerson) as caught:
        find_person(project, text)
    assert repr(text) in str(caught.value)
    assert "Lungs" in str(caught.value)


def test_people_of_another_project_are_not_found(project, source, rene):
    other = create_project(source, "hearts", "Hearts")
    with pytest.raises(UnknownPerson):
        find_person(other, "u/17")
    with pytest.raises(UnknownPerson):
        find_person(other, rene.pseudonym)


def test_a_name_of_two_people_is_refused_with_both(project):
    people = store(project, PersonRef("u1", name="Kim"), PersonRef("u2", name="Kim"), PersonRef("u3", name="Lee"))
    with pytest.raises(AmbiguousPerson) as caught:
        find_person(project, "Kim")
    assert set(caught.value.candidates) == set(people[:2])
    assert all(f"{person.pk} ({person.pseudonym}, Kim)" in str(caught.value) for person in people[:2])


def test_a_number_that_is_one_persons_row_and_anothers_id_is_refused(project, rene):
    other = store(project, PersonRef(str(rene.pk)))[0]
    with pytest.raises(AmbiguousPerson) as caught:
        find_person(project, str(rene.pk))
    assert set(caught.value.candidates) == {rene, other}


def test_an_erased_person_is_found_by_id_pseudonym_and_id_at_the_source_only(project, rene):
    Identity.objects.filter(pk=rene.identity_id).update(data=None, key_id=None, erased_at="2026-01-01T00:00:00Z")
    for text in ("u/17", str(rene.pk), rene.pseudonym):
        assert find_person(project, text) == rene
    with pytest.raises(UnknownPerson):
        find_person(project, "René Dubois")
