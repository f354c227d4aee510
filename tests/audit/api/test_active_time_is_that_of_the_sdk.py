"""`active-time/?stage_name=` and `tasks/?search=` against the vendor's SDK's answers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from audit.models import Project
from tests.audit.api.conftest import Get


def test_active_time_is_as_the_sdk_tells_it(get: Get, synced: dict[str, Project], golden: dict[str, Any]) -> None:
    address = f"projects/{synced['project'].pk}/active-time/"
    compared = 0
    for call in golden["calls"]:
        if call["operation"] == "taskActiveTimeSDK":
            asked = call["variables"][0]
            query = {"stage_name": asked["stageName"]}
            if asked.get("taskId"):
                query["task_id"] = asked["taskId"]
            assert get(address, **query)["results"] == call["returned"]
            compared += len(call["returned"])
    assert compared == 10


def test_the_own_shape_is_as_it_was(get: Get, synced: dict[str, Project]) -> None:
    assert "milliseconds" in get(f"projects/{synced['project'].pk}/active-time/")["results"][0]


@pytest.mark.parametrize("mark", ["list_tasks()", "GROUNDTRUTH", "list_tasks(task_id=", "exact_match="])
def test_searches_find_what_the_sdk_finds(
    get: Get, synced: dict[str, Project], golden: dict[str, Any], mark: str
) -> None:
    (call,) = [call for call in golden["calls"] if mark in call["call"] and call["operation"] == "tasksListSDK"]
    query: dict[str, str] = {"search": "ALL"}
    if found := re.search(r"TaskFilters\.(\w+)", call["call"]):
        query["search"] = found[1]
    if found := re.search(r"task_id='([^']+)'", call["call"]):
        query["task_id"] = found[1]
    if found := re.search(r"task_name='([^']+)'", call["call"]):
        query |= {"task_name": found[1], "exact_match": "true"}
    answer = get(f"projects/{synced['project'].pk}/tasks/", **query)
    assert sorted(task["taskId"] for task in answer["results"]) == sorted(
        task if isinstance(task, str) else task["taskId"] for task in call["returned"]
    )
    for task in answer["results"]:
        meant = golden["listed"][task["taskId"]]
        assert {key: task.get(key) for key in ("name", "currentStageName", "createdBy")} == {
            key: meant.get(key) for key in ("name", "currentStageName", "createdBy")
        }
