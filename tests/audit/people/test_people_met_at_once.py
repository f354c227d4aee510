"""Sessions that meet the same new people at the same time store them once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from audit.log.create import create_project
from audit.models import Identity, Person, Source
from audit.people import restorer
from audit.sources.base import PersonRef
from tests.audit.people.conftest import session

pytestmark = pytest.mark.django_db(transaction=True)
REFS = [PersonRef(f"u{at}", email=f"u{at}@example.org", name=f"Näme {at}") for at in range(40)]


def test_two_sessions_that_flush_the_same_new_people_share_their_identities():
    source = Source.objects.create(kind="file", name="Clinic")
    projects = [create_project(source, name, name) for name in ("lungs", "hearts")]
    barrier = Barrier(2)

    def load(at: int) -> list[bytes]:
        try:
            people = session(projects[at])
            stored = [people.tokenise(f'["{ref.name}"]'.encode(), [ref]) for ref in (REFS if at else reversed(REFS))]
            barrier.wait(timeout=60)
            with transaction.atomic():
                people.flush()
            return stored
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(load, range(2))
    assert Identity.objects.count() == len(REFS)
    assert Person.objects.count() == 2 * len(REFS)
    expected = [f'["{ref.name}"]'.encode() for ref in REFS]
    assert [restorer(projects[0])(data) for data in reversed(first)] == expected
    assert [restorer(projects[1])(data) for data in second] == expected


def test_a_session_waits_for_the_one_that_is_about_to_store_the_person():
    source = Source.objects.create(kind="file", name="Clinic")
    projects = [create_project(source, name, name) for name in ("lungs", "hearts")]
    ours = session(projects[0])
    ours.pseudonym_of(REFS[0])

    def theirs() -> int:
        try:
            people = session(projects[1])
            people.pseudonym_of(PersonRef("u0", name="Another name"))
            with transaction.atomic():
                people.flush()
            return people.person_id("u0")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            ours.flush()
            waiting = pool.submit(theirs)
        waiting.result(timeout=60)
    assert Identity.objects.count() == 1
    assert Person.objects.count() == 2
