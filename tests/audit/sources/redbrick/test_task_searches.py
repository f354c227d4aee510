from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from audit.sources.redbrick.listing import matches
from audit.sources.redbrick.project import RedBrickProject
from audit.sources.redbrick.search import MODES, BadSearch, TaskSearch, resolve

STAGES: dict[str, Any] = {"label_stages": ["Label"], "review_stages": ["Review_1"], "output_stage": "Output"}
PROJECT = RedBrickProject(
    "p", "P", {"Label": "manual-labeling", "Review_1": "expert-review", "Output": "labelset-output"}
)
MARCH = {"completed_from": datetime(2025, 3, 1, tzinfo=UTC), "completed_to": datetime(2025, 3, 8, tzinfo=UTC)}

ASKED: list[tuple[str, TaskSearch]] = [
    ("list_tasks()", resolve(None, **STAGES)),
    ("<TaskFilters.GROUNDTRUTH", resolve("GROUNDTRUTH", **STAGES)),
    ("<TaskFilters.UNASSIGNED", resolve("UNASSIGNED", **STAGES)),
    ("<TaskFilters.QUEUED", resolve("QUEUED", user="labeler@example.org", **STAGES)),
    ("<TaskFilters.DRAFT", resolve("DRAFT", **STAGES)),
    ("<TaskFilters.SKIPPED", resolve("SKIPPED", **STAGES)),
    ("completed_at=", resolve(None, stage="Label", **MARCH, **STAGES)),
    ("<TaskFilters.FAILED", resolve("FAILED", **STAGES)),
    ("<TaskFilters.ISSUES", resolve("ISSUES", **STAGES)),
    ("list_tasks(task_id=", resolve(None, task="70000000-0000-4000-8000-000000000001", **STAGES)),
    ("list_tasks(task_name=", resolve(None, name="CASE-0001", exact=True, **STAGES)),
    ("list_tasks(stage_name='Review_1')", resolve(None, stage="Review_1", **STAGES)),
]


@pytest.mark.parametrize(("call", "search"), ASKED, ids=[call for call, _ in ASKED])
def test_a_search_asks_what_the_sdk_asks(golden: dict[str, Any], call: str, search: TaskSearch) -> None:
    (recorded,) = [one for one in golden["calls"] if re.search(re.escape(call), one["call"])]
    sent = recorded["variables"][0]
    assert search.variables() == {name: sent[name] for name in ("stageName", "taskSearch", "manualLabelingFilters")}


def test_failed_tasks_are_refused_where_nothing_is_reviewed() -> None:
    with pytest.raises(BadSearch, match="FAILED looks at a review stage, and the project has none"):
        resolve("FAILED", label_stages=["Label"], review_stages=[], output_stage="Output")


def test_issues_are_refused_where_nothing_is_labelled() -> None:
    with pytest.raises(BadSearch, match="ISSUES looks at the first label stage"):
        resolve("ISSUES", label_stages=[], review_stages=["Check"], output_stage="Output")


def change(status: str, user: str | None, at: str = "2025-03-02T09:00:00+00:00") -> dict[str, Any]:
    return {
        "__typename": "TaskStateChanges",
        "stageNameAfter": "Label",
        "statusAfter": status,
        "createdAt": at,
        "assignedToAfterEntity": user and {"userId": user},
    }


def output(stage: str, passed: bool | None, at: str = "2025-03-03T09:00:00+00:00") -> dict[str, Any]:
    event = {"currentStageName": stage, "outputBool": passed}
    return {"__typename": "TaskEvent", "createdAt": at, "updatedBy": "u-1", "outputEvent": event}


TASKS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "waiting": ("Label", [change("UNASSIGNED", None)]),
    "assigned": ("Label", [change("ASSIGNED", "u-1")]),
    "draft": ("Label", [change("STAGED", "u-2")]),
    "skipped": ("Label", [change("SKIPPED", "u-1")]),
    "issue": ("Label", [change("PROBLEM", "u-1")]),
    "review": ("Review_1", [change("COMPLETED", "u-1"), output("Label", None)]),
    "rejected": ("Label", [output("Label", None), output("Review_1", False), change("ASSIGNED", "u-1")]),
    "done": ("END", [output("Label", None), output("Review_1", True)]),
}
FOUND: dict[str, set[str]] = {
    "ALL": set(TASKS),
    "GROUNDTRUTH": {"done"},
    "UNASSIGNED": {"waiting"},
    "QUEUED": {"waiting", "assigned", "draft", "skipped", "issue", "rejected"},
    "DRAFT": {"draft"},
    "SKIPPED": {"skipped"},
    "COMPLETED": {"review", "rejected", "done"},
    "FAILED": {"rejected"},
    "ISSUES": {"issue"},
}


def found(search: TaskSearch) -> set[str]:
    """The names of the tasks that a search finds."""
    return {
        name
        for name, (stage, events) in TASKS.items()
        if matches(
            {
                "taskId": name,
                "currentStageName": stage,
                "priority": None,
                "datapoint": {"name": f"CASE-{name}"},
                "genericEvents": events,
            },
            search,
            PROJECT,
        )
    }


def test_there_are_nine_modes() -> None:
    assert len(MODES) == 9
    assert set(FOUND) == set(MODES)


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_finds_its_tasks_in_the_record(mode: Any) -> None:
    assert found(resolve(mode, **STAGES)) == FOUND[mode]


def test_a_search_for_a_persons_tasks_finds_theirs() -> None:
    assert found(resolve("QUEUED", user="u-2", **STAGES)) == {"draft"}
    assert found(resolve("COMPLETED", user="u-9", **STAGES)) == set()


def test_a_search_by_name_finds_beginnings_or_the_whole() -> None:
    assert found(resolve("ALL", name="CASE-re", **STAGES)) == {"review", "rejected"}
    assert found(resolve("ALL", name="CASE-re", exact=True, **STAGES)) == set()
    assert found(resolve("ALL", name="CASE-done", exact=True, **STAGES)) == {"done"}


def test_a_search_by_id_finds_one() -> None:
    assert found(resolve("ALL", task="draft", **STAGES)) == {"draft"}


def test_completed_tasks_are_those_of_the_time_asked_for() -> None:
    april = {"completed_from": datetime(2025, 4, 1, tzinfo=UTC)}
    assert found(resolve("COMPLETED", **MARCH, **STAGES)) == FOUND["COMPLETED"]
    assert found(resolve("COMPLETED", **april, **STAGES)) == set()
