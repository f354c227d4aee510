"""Each filter, alone and with others, gives the rows that it names and no other."""

from __future__ import annotations

import pytest

from audit.models import Person, Project
from audit.queries import lists
from audit.queries.filters import EVENT_FILTERS, TASK_FILTERS, Filters, parse
from tests.factories import AMARA, MEI, TOMAS, make_event, make_project


@pytest.fixture
def project(db: None) -> Project:
    return make_project(
        [
            make_event("T-1", "task.assigned", 1, TOMAS, assignee=AMARA, stage="Label"),
            make_event("T-1", "task.submitted", 2, AMARA, stage="Label", text="Lesion 2, see CT_0417"),
            make_event("T-2", "task.assigned", 3, TOMAS, assignee=MEI, stage="Review"),
            make_event("T-2", "activity.recorded", 4, MEI, stage="Review", source_type="zoomed in"),
            make_event("T-3", "review.accepted", 1440, MEI, stage="Review", text="lesions are fine"),
        ]
    )


def events(project: Project, **asked: str | list[str]) -> list[str]:
    given = {name.rstrip("_"): [value] if isinstance(value, str) else value for name, value in asked.items()}
    found = lists.events(project, parse(given, EVENT_FILTERS, project), limit=50)
    assert found.count.exact
    assert found.count.value == len(found.rows)
    return [row.type for row in found.rows]


def tasks(project: Project, **asked: str | list[str]) -> list[str]:
    given = {name.rstrip("_"): [value] if isinstance(value, str) else value for name, value in asked.items()}
    found = lists.tasks(project, parse(given, TASK_FILTERS, project), limit=50)
    assert found.count.value == len(found.rows)
    return [row.external_id for row in found.rows]


def pseudonym(project: Project, name: str) -> str:
    people = {row.actor.name: row.actor.pseudonym for row in lists.events(project).rows if row.actor}
    return people[name]


def test_events_by_type(project: Project) -> None:
    assert events(project, type="task.assigned") == ["task.assigned"] * 2
    assert events(project, type=["review.accepted", "task.submitted"]) == ["review.accepted", "task.submitted"]


def test_events_by_the_sources_own_name(project: Project) -> None:
    assert events(project, source_type="zoomed in") == ["activity.recorded"]
    assert events(project, source_type="TASK_ASSIGNED") == []


def test_events_by_who_acted(project: Project) -> None:
    assert events(project, person=pseudonym(project, "Mei Tanaka")) == ["review.accepted", "activity.recorded"]


def test_events_by_stage(project: Project) -> None:
    assert events(project, stage="Label") == ["task.submitted", "task.assigned"]
    assert events(project, stage="label") == []


def test_events_by_time(project: Project) -> None:
    assert events(project, from_="2026-03-03") == ["review.accepted"]
    assert len(events(project, to="2026-03-02")) == 4


@pytest.mark.parametrize("words", ["lesion", "LESION", "les fi", "fine"])
def test_events_by_words_that_start_so(project: Project, words: str) -> None:
    assert "review.accepted" in events(project, words=words)


def test_events_by_words_need_all_of_them(project: Project) -> None:
    assert events(project, words="lesion 0417") == ["task.submitted"]
    assert events(project, words="lesion nothing") == []


def test_events_by_the_tasks_id(project: Project) -> None:
    assert events(project, external_id="T-2") == ["activity.recorded", "task.assigned"]
    assert events(project, external_id="T-9") == []


def test_events_of_several_tasks_are_one_list(project: Project) -> None:
    first, second = events(project, external_id="T-1"), events(project, external_id="T-2")
    assert sorted(events(project, external_id=["T-1", "T-2", "T-9"])) == sorted([*first, *second])


def test_events_by_several_filters(project: Project) -> None:
    assert events(project, stage="Review", type="task.assigned") == ["task.assigned"]
    assert events(project, external_id="T-1", words="lesion", stage="Label") == ["task.submitted"]
    assert events(project, external_id="T-1", stage="Review") == []
    assert events(project, words="lesion", type=["review.accepted", "task.assigned"]) == ["review.accepted"]


def test_tasks_by_who_has_them(project: Project) -> None:
    assert tasks(project, person=str(Person.objects.get(pseudonym=pseudonym(project, "Mei Tanaka")).pk)) == ["T-2"]


def test_tasks_by_stage_and_status(project: Project) -> None:
    assert tasks(project, stage="Review") == ["T-3", "T-2"]
    assert tasks(project, stage="Review", status="accepted") == ["T-3"]
    assert tasks(project, status=["submitted", "assigned"]) == ["T-2", "T-1"]


def test_tasks_by_words_of_name_or_id(project: Project) -> None:
    assert tasks(project, words="t 3") == ["T-3"]
    assert tasks(project, words="t") == ["T-3", "T-2", "T-1"]
    assert tasks(project, words="t 3", stage="Label") == []


def test_tasks_by_id_and_by_last_activity(project: Project) -> None:
    assert tasks(project, external_id="T-1") == ["T-1"]
    assert tasks(project, external_id=["T-1", "T-3", "T-9"]) == ["T-3", "T-1"]
    assert tasks(project, external_id="t-1") == []
    assert tasks(project, to="2026-03-02") == ["T-2", "T-1"]


def test_without_filters_counts_come_from_the_project(project: Project) -> None:
    assert lists.tasks(project, Filters(), limit=1).count.value == 3
    assert lists.events(project, Filters(), limit=1).count.value == project.log.size


def test_lists_of_one_project_hold_nothing_of_another(project: Project) -> None:
    other = make_project([make_event("T-1", "task.submitted", 2, AMARA, text="lesion")])
    assert events(other, words="lesion") == ["task.submitted"]
    assert tasks(other, words="t") == ["T-1"]
    assert events(other) == ["task.submitted"]
