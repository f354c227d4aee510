"""The filters of the SDK's `tasks()`: asked for as the SDK does, and applied as the server does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from audit.sources.isahit import IsahitClient
from audit.sources.isahit.search import BadSearch, TaskSearch
from tests.audit.sources.isahit.conftest import GOLDEN
from tests.fakes.isahit import FakeIsahit

RECORDED = [parse_qsl(urlsplit(path).query) for _, path, _ in json.loads((GOLDEN / "wire_log.json").read_bytes())]
FULL = TaskSearch(
    batch_id_in=("b1", "b2"),
    status_in=("complete", "reviewed"),
    task_id_in=("t1", "t2"),
    name_in=("n1",),
    name_like="im.*",
    created_at_gte="2024-12-25 00:00:00",
    updated_at_gte="2024-12-25 00:00:00",
    updated_at_lt="2025-01-01 00:00:00",
)


@pytest.mark.parametrize(
    ("search", "recorded"),
    [(FULL, RECORDED[1]), (TaskSearch(data={"title": "x"}, properties={"k": 1}), RECORDED[4])],
)
def test_a_search_is_asked_for_as_the_sdk_does(
    connect: Callable[..., IsahitClient], fake: FakeIsahit, search: TaskSearch, recorded: list[tuple[str, str]]
) -> None:
    list(connect(project="proj1").search_pages(search))
    asked = dict(fake.requests)["tasks"]
    ours = [pair for pair in asked if pair[0] != "optionalFields"]
    assert ours == [pair for pair in recorded if pair[0] != "optionalFields"]
    assert {pair for pair in recorded if pair[0] == "optionalFields"} <= set(asked)


TASK: Any = {
    "_id": "t1",
    "name": "img1.jpg",
    "status": "complete",
    "batchId": "b1",
    "createdAt": "2024-12-25T00:00:00.000Z",
    "updatedAt": "2024-12-26T00:00:00.000Z",
    "properties": {"k": 1},
}


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({}, True),
        ({"batch_id_in": ("b0", "b1")}, True),
        ({"batch_id_in": ("b0",)}, False),
        ({"status_in": ("reviewed",)}, False),
        ({"task_id_in": ("T1",)}, False),
        ({"name_in": ("img1.jpg",)}, True),
        ({"name_like": "^img\\d"}, True),
        ({"name_like": "^g"}, False),
        ({"created_at_gte": "2024-12-25 00:00:00"}, True),
        ({"created_at_gt": "2024-12-25 00:00:00"}, False),
        ({"created_at_lte": "2024-12-25 00:00:00"}, True),
        ({"created_at_lt": "2024-12-25 00:00:00"}, False),
        ({"updated_at_gt": "2024-12-25 00:00:00", "updated_at_lt": "2024-12-27 00:00:00"}, True),
        ({"data": {"title": "x"}}, True),
        ({"data": {"title": "y"}}, False),
        ({"properties": {"k": "1"}}, True),
        ({"properties": {"missing": 1}}, False),
        ({"status_in": ("complete",), "name_in": ("other",)}, False),
    ],
)
def test_a_search_means_tasks_for_which_all_conditions_hold(conditions: dict[str, Any], found: bool) -> None:
    assert TaskSearch(**conditions).matches(TASK, {"title": "x"}) is found


def test_the_server_and_the_record_find_the_same(connect: Callable[..., IsahitClient], fake: FakeIsahit) -> None:
    search = TaskSearch(status_in=("complete",), name_like="img", updated_at_gte="2026-02-02 00:00:00")
    served = [json.loads(raw)["_id"] for page in connect().search_pages(search) for raw in page.items]
    assert served == [task["_id"] for task in fake.account.tasks if search.matches(task, {})]
    assert served


def test_a_time_that_a_task_does_not_have_matches_nothing() -> None:
    assert not TaskSearch(created_at_gt="2000-01-01 00:00:00").matches({"createdAt": "yesterday"}, {})


@pytest.mark.parametrize(
    ("conditions", "why"),
    [
        ({"status_in": ("done",)}, '"done" is no status'),
        ({"created_at_gt": "last week"}, "created"),
        ({"name_like": "("}, "no regular expression"),
    ],
)
def test_what_can_not_be_searched_for_is_refused(conditions: dict[str, Any], why: str) -> None:
    with pytest.raises(BadSearch, match=why):
        TaskSearch(**conditions)
