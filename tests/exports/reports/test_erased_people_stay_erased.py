"""What was erased is said to be erased, with the event that says so; it is not the same as never recorded."""

import pytest

from audit.erase import erase_person
from audit.models import Person, Project
from exports.reports import evidence, page
from exports.reports.definition import Options, define
from exports.reports.gather import gather
from exports.reports.names import ERASED
from exports.reports.service import resolve
from tests.factories import make_project, worked_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def erased():
    """A project whose reviewer, who wrote the only text, was erased with what they wrote."""
    project = make_project(worked_task())
    pseudonym = next(
        person.pseudonym
        for person in gather(resolve(project, None, None, Options())).people
        if person.name == "Mei Tanaka"
    )
    identity = Person.objects.get(project=project, pseudonym=pseudonym).identity
    erase_person(identity, reason="asked for it", with_texts=True)
    return Project.objects.get(pk=project.pk), pseudonym


def test_the_person_is_a_pseudonym_that_is_said_to_be_erased(erased):
    project, pseudonym = erased
    found = gather(resolve(project, None, None, Options()))
    person = next(item for item in found.people if item.pseudonym == pseudonym)
    assert (person.name, person.unnamed, person.events) == (None, ERASED, 2)
    assert "Mei" not in repr(found)


def test_the_text_names_the_event_that_erased_it(erased):
    project, _ = erased
    found = gather(resolve(project, None, None, Options()))
    row = next(row for row in found.printed.trails[0].rows if row.event == "review.rejected")
    assert (row.text, row.text_withheld) == (None, "erased by event 8")


def test_an_earlier_state_says_that_it_was_erased_later(erased):
    project, _ = erased
    found = gather(resolve(project, None, 8, Options()))
    row = next(row for row in found.printed.trails[0].rows if row.event == "review.rejected")
    assert row.text_withheld == "erased after this state of the log"


def test_completeness_counts_what_was_erased(erased):
    project, _ = erased
    texts = next(
        check for check in gather(resolve(project, None, None, Options())).completeness.checks if check.what == "Texts"
    )
    assert (texts.expected, texts.found, texts.result) == (1, 0, "1 erased")
    assert gather(resolve(project, None, None, Options())).completeness.agrees
    assert gather(resolve(project, None, 8, Options())).completeness.agrees


def test_the_report_still_verifies(erased, sample):
    from dataclasses import replace

    project, _ = erased
    subject = resolve(project, None, None, Options())
    found = gather(subject)
    proven = evidence.collect(subject, define(subject, Options(), found.findings), found)
    assert proven.integrity.output.endswith("HOLDS")
    html, _ = page.write(
        replace(sample(), integrity=proven.integrity, people=found.people, completeness=found.completeness)
    )
    assert "erased" in html
