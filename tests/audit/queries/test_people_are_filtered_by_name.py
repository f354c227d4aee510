"""The filter `person` takes what somebody is called, over API, pages and exports; what is nobody's name is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from audit.models import Project, SavedView, ServiceOutbox
from audit.people import find_person
from audit.queries import lists
from audit.queries.filters import EVENT_FILTERS, parse
from audit.sources.base import PersonRef
from exports import noted
from exports.models import Export
from exports.run import ask_for
from exports.wanted import wanted
from exportsite.problems import WrongRequest
from tests.factories import make_event, make_project, worked_task

MEI = "Mei Tanaka"


@pytest.fixture
def project(db: None) -> Project:
    """Two of the people are called alike."""
    named = [PersonRef("u-81", "a@example.org", "Sam Roe"), PersonRef("u-82", "b@example.org", "Sam Roe")]
    return make_project(worked_task("T1") + [make_event("T2", minute=n, actor=ref) for n, ref in enumerate(named)])


def people(project: Project, *values: str) -> tuple[int, ...]:
    return parse({"person": values}, EVENT_FILTERS, project).people


def test_a_name_an_address_and_an_id_mean_the_same_person(project: Project) -> None:
    mei = find_person(project, MEI)
    assert {people(project, text) for text in (MEI, "mei@example.org", mei.pseudonym, str(mei.pk))} == {(mei.pk,)}
    sam = find_person(project, "u-81")
    assert people(project, "u-81", MEI, "a@example.org") == (sam.pk, mei.pk)


@pytest.mark.parametrize("value", ["mei tanaka", "Mei", "nobody@example.org", "999999999"])
def test_a_name_that_is_not_somebodys_is_refused(project: Project, value: str) -> None:
    with pytest.raises(WrongRequest) as refused:
        people(project, MEI, value)
    [problem] = refused.value.problems
    assert (problem.field, problem.code) == ("person", "unknown")
    assert f"“{value}”; capitals and blanks count" in problem.text


def test_a_name_of_several_people_names_them(project: Project) -> None:
    with pytest.raises(WrongRequest) as refused:
        people(project, "Sam Roe")
    [problem] = refused.value.problems
    both = [find_person(project, id_).pseudonym for id_ in ("u-81", "u-82")]
    assert problem.code == "ambiguous"
    assert all(pseudonym in problem.text for pseudonym in both)


def test_a_name_of_another_project_is_unknown_here(project: Project) -> None:
    other = make_project([make_event("T1", actor=PersonRef("u-9", None, "Ada Doe"))])
    assert people(other, "Ada Doe")
    with pytest.raises(WrongRequest):
        people(project, "Ada Doe")


def test_pages_and_api_take_a_name(project: Project, client: Client, admin_user: Any) -> None:
    client.force_login(admin_user)
    answer = client.get(f"/api/v1/projects/{project.pk}/events/", {"person": MEI}).json()
    assert {event["actor"]["name"] for event in answer["results"]} == {MEI}
    page = client.get(f"/projects/{project.pk}/events/", {"person": MEI})
    assert page.status_code == 200
    assert MEI in page.content.decode()
    refused = client.get(f"/api/v1/projects/{project.pk}/events/", {"person": "Sam Roe"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "ambiguous")


def test_what_is_kept_of_a_request_holds_no_name(project: Project, client: Client, admin_user: Any) -> None:
    mei = find_person(project, MEI)
    asked = wanted(project, "trail", {}, {"person": MEI, "type": "review.accepted"}, None, "", strict=False)
    export = ask_for(asked, "somebody")
    noted.requested(admin_user, export)
    assert export.asked["filters"] == {"person": [mei.pseudonym], "type": "review.accepted"}
    assert MEI not in str(list(ServiceOutbox.objects.values()))
    assert MEI not in str(Export.objects.values().get(pk=export.pk))
    client.force_login(admin_user)
    client.post(f"/projects/{project.pk}/events/views/", {"name": "Hers", "query": f"person={MEI}"})
    assert SavedView.objects.get().query == f"person={mei.pseudonym}"
    assert lists.events(project, parse({"person": [mei.pseudonym]}, EVENT_FILTERS, project)).rows


def test_several_projects_are_not_filtered_by_person(project: Project) -> None:
    other = make_project(worked_task("T1"))
    with pytest.raises(WrongRequest, match="one by one"):
        ask_for(wanted([project, other], "trail", {}, {"person": MEI}, None, "", strict=False), "somebody")
