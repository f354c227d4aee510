"""projects/{id}/schedule/: GET shows, PUT sets both, DELETE removes both."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from audit.models import Project, Schedule
from tests.factories import make_project


def put(client: Client, project: Project, body: object) -> Any:
    return client.put(f"/api/v1/projects/{project.pk}/schedule/", body, content_type="application/json")


def test_the_usual_ones_are_shown(client: Client, project: Project) -> None:
    told = client.get(f"/api/v1/projects/{project.pk}/schedule/").json()
    assert (told["incremental"]["minutes"], told["incremental"]["at"]) == (15, None)
    full = told["full"]
    assert (full["at"], full["zone"], full["weekday"], full["paused"]) == ("02:00", "UTC", None, False)
    assert full["next_at"].endswith("T02:00:00Z")


def test_both_are_set_at_once(client: Client, project: Project) -> None:
    rule = {"at": "06:30", "zone": "Europe/Berlin", "weekday": "mon", "paused": True}
    told = put(client, project, {"full": rule, "incremental": {"minutes": 30}}).json()
    assert {name: told["full"][name] for name in rule} == rule
    assert (told["full"]["next_at"], told["full"]["words"]) == (None, "Mondays at 06:30 (Europe/Berlin)")
    assert told["incremental"]["words"] == "every 30 minutes"


def test_what_is_left_out_or_null_is_removed_and_what_stays_keeps_its_time(client: Client, project: Project) -> None:
    before = Schedule.objects.get(mode="incremental").next_at
    told = put(client, project, {"incremental": {"minutes": 15}}).json()
    assert told["full"] is None
    assert Schedule.objects.get().next_at == before
    assert put(client, project, {"incremental": None}).json() == {"incremental": None, "full": None}


def test_delete_removes_both(client: Client, project: Project) -> None:
    assert client.delete(f"/api/v1/projects/{project.pk}/schedule/").status_code == 204
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        ({"full": {}}, "full.minutes", "either minutes, or a time"),
        ({"full": {"minutes": 5, "zone": "UTC"}}, "full.zone", "goes with a time of day"),
        ({"full": {"minutes": 0}}, "full.minutes", "from 1 to 44,640"),
        ({"full": {"at": "2 o'clock", "zone": "UTC"}}, "full.at", "no time of day"),
        ({"full": {"at": "02:00"}}, "full.zone", "is missing"),
        ({"full": {"at": "02:00", "zone": "Europe/Belrin"}}, "full.zone", "no time zone"),
        ({"full": {"at": "02:00", "zone": "UTC", "weekday": "mno"}}, "full.weekday", "did you mean mon"),
        ({"full": {"minuts": 5}}, "full.minuts", "Did you mean “minutes”"),
        ({"full": {"minutes": "5"}}, "full.minutes", "a whole number"),
        ({"ful": {"minutes": 5}}, "ful", "Did you mean “full”"),
        ({"full": 5}, "full", "an object"),
        ([], "", "JSON object"),
    ],
)
def test_a_wrong_request_is_named_and_changes_nothing(
    client: Client, project: Project, body: object, field: str, text: str
) -> None:
    before = list(Schedule.objects.order_by("mode").values())
    answer = put(client, project, body)
    (problem,) = answer.json()["errors"]
    assert (answer.status_code, problem["field"]) == (400, field)
    assert text in problem["text"]
    assert list(Schedule.objects.order_by("mode").values()) == before


def test_all_that_is_wrong_is_named_at_once(client: Client, project: Project) -> None:
    answer = put(client, project, {"full": {"minutes": 0}, "incremental": {"at": "x", "zone": "UTC"}})
    assert {problem["field"] for problem in answer.json()["errors"]} == {"full.minutes", "incremental.at"}


def test_a_file_project_and_one_that_is_not_there_have_none(client: Client, db: None) -> None:
    project = make_project(name="From a file")
    assert client.get(f"/api/v1/projects/{project.pk}/schedule/").json() == {"incremental": None, "full": None}
    answer = put(client, project, {"full": {"minutes": 5}})
    assert (answer.status_code, "not read over an API" in answer.json()["detail"]) == (400, True)
    assert client.get(f"/api/v1/projects/{10**17}/schedule/").status_code == 404
