"""Filters are resolved to what the queries need; what is wrong is named, all of it at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from audit.models import Person, Project
from audit.queries.asked import asked
from audit.queries.filters import EVENT_FILTERS, TASK_FILTERS, parse
from exportsite.problems import WrongRequest
from tests.factories import AMARA, make_event, make_project


@pytest.fixture
def project(db: None) -> Project:
    return make_project([make_event(actor=AMARA)])


def refused(query: str, known: tuple[str, ...], project: Project | None) -> list[tuple[str, str, str | None]]:
    with pytest.raises(WrongRequest) as caught:
        asked(QueryDict(query), known, project)
    return [(problem.field, problem.code, problem.nearest) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("stge=Label", ("stge", "unknown", "stage")),
        ("status=acepted", ("status", "unknown", "accepted")),
        ("type=task.created", ("type", "unknown", None)),
        ("person=nobody", ("person", "unknown", None)),
        ("person=99999999999999999999", ("person", "unknown", None)),
        ("from=yesterday", ("from", "invalid", None)),
        ("from=2026-13-01", ("from", "invalid", None)),
        ("from=2026-01-01T10:00", ("from", "no_zone", "2026-01-01T10:00Z")),
        ("from=2026-01-01T10:00 01:00", ("from", "invalid", None)),
        ("from=0001-01-01T00:00:00%2B14:00", ("from", "invalid", None)),
        ("from=2026-01-01&from=2026-01-02", ("from", "repeated", None)),
        ("from=2026-01-02&to=2026-01-01", ("to", "invalid", None)),
        ("words=%21%21", ("words", "invalid", None)),
        ("words=" + "+".join(f"w{n}" for n in range(60)), ("words", "too_many", None)),
        ("stage=" + "x" * 10_001, ("stage", "too_long", None)),
        ("&".join(f"stage={n}" for n in range(51)), ("stage", "too_many", None)),
        ("order=up", ("order", "unknown", None)),
        ("limit=0", ("limit", "invalid", None)),
        ("limit=501", ("limit", "invalid", None)),
        ("limit=ten", ("limit", "invalid", None)),
        ("limit=٣", ("limit", "invalid", None)),
    ],
)
def test_a_wrong_value_is_named(project: Project, query: str, problem: tuple[str, str, str | None]) -> None:
    assert refused(query, TASK_FILTERS, project) == [problem]


def test_everything_wrong_is_named_at_once(project: Project) -> None:
    fields = [field for field, _, _ in refused("stge=x&status=y&from=z&limit=0", TASK_FILTERS, project)]
    assert fields == ["stge", "status", "from", "limit"]


def test_a_date_means_its_whole_day(project: Project) -> None:
    found = parse({"from": ["2026-03-01"], "to": ["2026-03-02"]}, EVENT_FILTERS, project)
    assert (found.since, found.until) == (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))


def test_the_last_day_there_is_has_no_end(project: Project) -> None:
    assert parse({"to": ["9999-12-31"]}, EVENT_FILTERS, project).until is None


def test_a_time_with_an_offset_is_resolved_to_utc(project: Project) -> None:
    found = parse({"from": ["2026-03-01T01:00:00+02:00"]}, EVENT_FILTERS, project)
    assert found.since == datetime(2026, 2, 28, 23, tzinfo=UTC)


@pytest.mark.parametrize("by", ["id", "pseudonym"])
def test_people_are_found_by_id_and_by_pseudonym(project: Project, by: str) -> None:
    person = Person.objects.get(project=project)
    assert parse({"person": [str(getattr(person, by))]}, EVENT_FILTERS, project).people == (person.pk,)


def test_people_of_another_project_are_not_known(project: Project) -> None:
    other = make_project([make_event(actor=AMARA)])
    person = Person.objects.get(project=other)
    with pytest.raises(WrongRequest, match="Nobody in this project"):
        parse({"person": [person.pseudonym]}, EVENT_FILTERS, project)


def test_empty_values_do_not_filter(project: Project) -> None:
    found = asked(QueryDict("stage=&words=+&from=&person="), TASK_FILTERS, project)
    assert not found.filters.any


def test_a_nul_is_what_columns_hold_instead(project: Project) -> None:
    assert parse({"stage": ["a\0b"]}, TASK_FILTERS, project).stages == ("a\ufffdb",)


def test_without_a_project_nobody_is_found(db: None) -> None:
    assert refused("person=amara@example.org", ("person",), None) == [("person", "unknown", None)]
