"""`task-events/` against what the vendor's SDK made of the same answers."""

from __future__ import annotations

from typing import Any

from audit.models import Project
from audit.sources.redbrick.walk import NAMES
from tests.audit.api.conftest import Get

ALL = {"only_ground_truth": "false"}


def test_all_fifteen_types_are_as_the_sdk_tells_them(
    get: Get, synced: dict[str, Project], golden: dict[str, Any]
) -> None:
    told: dict[str, Any] = {}
    for project in synced.values():
        answer = get(f"projects/{project.pk}/task-events/", as_sdk="true", **ALL)
        assert answer["count"] == {"value": len(answer["results"]), "exact": True}
        told |= {task["taskId"]: task for task in answer["results"]}
    assert told == golden["trails"]
    assert {event["eventType"] for task in told.values() for event in task["events"]} == NAMES


def test_only_ground_truth_is_the_default(get: Get, synced: dict[str, Project], golden: dict[str, Any]) -> None:
    (call,) = [call for call in golden["calls"] if call["call"] == "project.export.get_task_events()"]
    found = get(f"projects/{synced['project'].pk}/task-events/")["results"]
    assert [task["taskId"] for task in found] == call["returned"]
    assert {task["currentStageName"] for task in found} == {"END"}


def test_tasks_since_a_moment_come_with_their_whole_history(
    get: Get, synced: dict[str, Project], golden: dict[str, Any]
) -> None:
    (call,) = [call for call in golden["calls"] if "from_timestamp" in call["call"]]
    address = f"projects/{synced['project'].pk}/task-events/"
    found = get(address, from_timestamp="1741219200.0", as_sdk="true", **ALL)["results"]
    assert [task["taskId"] for task in found] == call["returned"]
    assert found == [golden["trails"][task] for task in call["returned"]]


def test_one_task_is_told_wherever_it_is(get: Get, synced: dict[str, Project], golden: dict[str, Any]) -> None:
    task = next(id_ for id_, trail in golden["trails"].items() if trail["currentStageName"] != "END")
    address = f"projects/{synced['project'].pk}/task-events/"
    assert get(address, task_id=task, as_sdk="true")["results"] == [golden["trails"][task]]
    assert get(address, task_id="nobody")["results"] == []


def test_pages_follow_each_other(get: Get, synced: dict[str, Project]) -> None:
    address = f"projects/{synced['project'].pk}/task-events/"
    whole = get(address, **ALL)["results"]
    paged, query = [], {"limit": "4", **ALL}
    while True:
        answer = get(address, **query)
        paged += answer["results"]
        if answer["next"] is None:
            break
        query["cursor"] = answer["next"].partition("cursor=")[2].partition("&")[0].replace("%3A", ":")
    assert paged == whole


def test_the_true_answer_names_who_moved_a_task(get: Get, synced: dict[str, Project]) -> None:
    address = f"projects/{synced['project'].pk}/task-events/"

    def moves(**query: str) -> list[dict[str, Any]]:
        tasks = get(address, **ALL, **query)["results"]
        return [event for task in tasks for event in task["events"] if event["eventType"] == "TASK_MOVED"]

    true, sdk = moves(), moves(as_sdk="true")
    assert [event["createdAt"] for event in true] == [event["createdAt"] for event in sdk]
    assert [event["updatedBy"] for event in true] != [event["updatedBy"] for event in sdk]
    assert all("toStage" in event for event in true)
    assert not any("toStage" in event for event in sdk)


def test_fields_leave_the_rest_out(get: Get, synced: dict[str, Project]) -> None:
    pk = synced["project"].pk
    for path, fields, expected in (
        ("task-events/?only_ground_truth=false", "taskId,events.eventType", {"taskId", "events"}),
        ("active-time/?stage_name=Label", "taskId,timeSpent", {"taskId", "timeSpent"}),
        ("tasks/?search=ALL", "taskId,currentStageName", {"taskId", "currentStageName"}),
    ):
        rows = get(f"projects/{pk}/{path}&fields={fields}")["results"]
        assert rows
        for row in rows:
            assert set(row) == expected
            assert all(set(event) == {"eventType"} for event in row.get("events", ()))
        assert get(f"projects/{pk}/{path}&fields=taskID", 400)["errors"][0]["nearest"] == "taskId"
