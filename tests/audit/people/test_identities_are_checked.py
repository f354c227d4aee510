"""`verify` finds people whose rows are not what they were."""

from __future__ import annotations

import pytest

from audit.log.create import create_project
from audit.models import Identity, Person, Source
from audit.people import check_identities
from audit.sources.base import PersonRef
from tests.audit.people.conftest import session


@pytest.fixture
def people(project) -> list[Person]:
    met = session(project)
    for name in ("ann", "bob"):
        met.pseudonym_of(PersonRef(name, name=name.title()))
    met.flush()
    return [Person.objects.get(pk=met.person_id(name)) for name in ("ann", "bob")]


def faults(project) -> list[str]:
    found: list[str] = []
    assert check_identities(project, found.append) == 2
    return found


def test_people_as_they_were_stored_hold(project, people):
    assert faults(project) == []


def test_an_erased_person_holds(project, people):
    Identity.objects.filter(people=people[0]).update(data=None, key_id=None, erased_at="2026-01-01T00:00:00Z")
    assert faults(project) == []


def test_a_changed_byte_is_found(project, people):
    row = Identity.objects.get(people=people[0])
    Identity.objects.filter(pk=row.pk).update(data=bytes(row.data)[:-1] + bytes([bytes(row.data)[-1] ^ 1]))
    (fault,) = faults(project)
    assert people[0].pseudonym in fault
    assert "changed" in fault


def test_two_people_who_changed_places_are_found(project, people):
    Person.objects.filter(pk=people[0].pk).update(identity=people[1].identity)
    (fault,) = faults(project)
    assert people[0].pseudonym in fault


def test_a_changed_pseudonym_is_found(project, people):
    Person.objects.filter(pk=people[0].pk).update(pseudonym="a" * 16)
    (fault,) = faults(project)
    assert "a" * 16 in fault


def test_a_changed_subject_is_found(project, people):
    Identity.objects.filter(people=people[0]).update(subject=b"s" * 32)
    assert len(faults(project)) == 1


@pytest.mark.parametrize("changes", [{"data": None, "key_id": None}, {"erased_at": "2026-01-01T00:00:00Z"}])
def test_an_identity_half_erased_is_found(project, people, changes):
    Identity.objects.filter(people=people[0]).update(**changes)
    (fault,) = faults(project)
    assert "neither whole nor erased" in fault


def test_an_identity_of_another_source_is_found(project, people):
    elsewhere = create_project(Source.objects.create(kind="file", name="Lab"), "lab", "Lab")
    met = session(elsewhere)
    met.pseudonym("ann")
    met.flush()
    Person.objects.filter(pk=people[0].pk).update(identity=Person.objects.get(project=elsewhere).identity)
    assert any("another source" in fault for fault in faults(project))
