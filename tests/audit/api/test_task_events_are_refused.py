"""`task-events/` and its kin name what they can't answer."""

from __future__ import annotations

import pytest

from audit.models import Project
from tests.audit.api.conftest import Get
from tests.factories import make_project, worked_task


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"only_groundtruth": "false"}, "only_groundtruth"),
        ({"only_ground_truth": "no"}, "only_ground_truth"),
        ({"as_sdk": "1"}, "as_sdk"),
        ({"from_timestamp": "yesterday"}, "from_timestamp"),
        ({"from_timestamp": "1e300"}, "from_timestamp"),
        ({"from_timestamp": "nan"}, "from_timestamp"),
        ({"limit": "501"}, "limit"),
        ({"cursor": "abc"}, "cursor"),
    ],
)
def test_a_wrong_parameter_is_named(get: Get, synced: dict[str, Project], query: dict[str, str], field: str) -> None:
    answer = get(f"projects/{synced['project'].pk}/task-events/", 400, **query)
    assert [error["field"] for error in answer["errors"]] == [field]


def test_a_project_of_another_kind_has_none(get: Get, db: None) -> None:
    project = make_project(worked_task())
    for address in ("task-events/", "active-time/?stage_name=Label", "tasks/?search=ALL"):
        assert "no project of RedBrick AI" in get(f"projects/{project.pk}/{address}", 404)["detail"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"search": "QUEUE"}, "search"),
        ({"stage_name": "Labels"}, "stage_name"),
        ({"user_id": "nobody@example.org"}, "user_id"),
        ({"completed_at": "now"}, "completed_at"),
        ({"search": "ALL", "stage": "Label"}, "stage"),
    ],
)
def test_a_wrong_search_is_named(get: Get, synced: dict[str, Project], query: dict[str, str], field: str) -> None:
    answer = get(f"projects/{synced['project'].pk}/tasks/", 400, **query)
    assert [error["field"] for error in answer["errors"]] == [field]
