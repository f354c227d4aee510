from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from audit.sources.base import SourceEvent
from audit.sources.redbrick.activetime import time_event
from audit.sources.redbrick.as_sdk import active_time, called, task_entry, task_events
from audit.sources.redbrick.listing import listed, standing
from audit.sources.redbrick.project import RedBrickProject
from audit.sources.redbrick.walk import NAMES
from audit.sources.values import item

Trail = Callable[[int], list[SourceEvent]]
Projects = Callable[[str], RedBrickProject]

GOLDEN = (1, 2, 3, 4, 5, 6, 11, 12)


@pytest.fixture
def entry(golden: dict[str, Any], trail: Trail) -> Callable[[int], dict[str, Any]]:
    """A recorded task from the payloads of its events."""

    def run(number: int) -> dict[str, Any]:
        task = f"70000000-0000-4000-8000-{number:012d}"
        stage = golden["tasks"][task]["currentStageName"]
        return task_entry(task, stage, [event.content for event in trail(number) if event.content is not None])

    return run


@pytest.fixture
def answer(
    entry: Callable[[int], dict[str, Any]], projects: Projects, users: dict[str, str]
) -> Callable[..., dict[str, Any]]:
    """What `get_task_events` says of a recorded task."""

    def run(number: int, *, as_sdk: bool = False) -> dict[str, Any]:
        found = entry(number)
        return task_events(found, users, projects(found["taskId"]), as_sdk=as_sdk)

    return run


def of_name(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [event for event in answer["events"] if event["eventType"] == name]


@pytest.mark.parametrize("number", GOLDEN)
def test_task_events_are_those_of_the_sdk(golden: dict[str, Any], answer: Callable[..., Any], number: int) -> None:
    found = answer(number, as_sdk=True)
    assert found == golden["trails"][found["taskId"]]


def test_the_recorded_answers_have_all_fifteen_types(golden: dict[str, Any]) -> None:
    assert {event["eventType"] for trail in golden["trails"].values() for event in trail["events"]} == NAMES


def test_active_time_is_that_of_the_sdk(golden: dict[str, Any], projects: Projects, users: dict[str, str]) -> None:
    compared = 0
    for call in golden["calls"]:
        if call["operation"] != "taskActiveTimeSDK":
            continue
        asked = call["variables"][0]
        stored = [time_event(json.dumps(row).encode(), asked["stageName"], projects("01")) for row in call["rows"]]
        rows = [item(event.content or b"") for event in stored]
        answers = [active_time(row, asked["stageName"], asked["orgId"], asked["projectId"], users) for row in rows]
        assert answers == call["returned"]
        compared += len(answers)
    assert compared == 10


def test_listed_tasks_are_those_of_the_sdk(golden: dict[str, Any], users: dict[str, str]) -> None:
    assert len(golden["rows"]) == len(golden["listed"]) == 6
    for task, row in golden["rows"].items():
        assert listed(row, users) == golden["listed"][task]


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_listed_tasks_follow_from_the_record_alone(
    golden: dict[str, Any], entry: Callable[[int], dict[str, Any]], users: dict[str, str], number: int
) -> None:
    times = {("Label", "a0000000-0000-4000-8000-000000000002"): 95_000}
    found = listed(standing(entry(number), times), users)
    # The recording's server says one time of creation for all tasks, whatever their events say.
    assert {**found, "createdAt": None} == {**golden["listed"][found["taskId"]], "createdAt": None}


def test_the_true_answer_names_who_moved_a_task(answer: Callable[..., Any]) -> None:
    (true,), (sdk,) = (of_name(answer(6, as_sdk=as_sdk), "TASK_MOVED") for as_sdk in (False, True))
    assert (sdk["updatedBy"], true["updatedBy"]) == ("reviewer@example.org", "admin@example.org")
    assert true["toStage"] == "Label"


def test_the_true_answer_names_who_assigned(answer: Callable[..., Any]) -> None:
    assert {event["updatedBy"] for event in of_name(answer(6), "TASK_ASSIGNED")} == {"admin@example.org"}


def test_the_true_answer_has_no_submission_of_the_platforms_own_stage(answer: Callable[..., Any]) -> None:
    stages = [{event["stage"] for event in of_name(answer(2, as_sdk=sdk), "TASK_SUBMITTED")} for sdk in (False, True)]
    assert stages == [{"Label"}, {"Label", "Failed_Review_1"}]


def test_the_true_answer_says_when_a_reply_came(answer: Callable[..., Any]) -> None:
    (reply,) = of_name(answer(2), "COMMENT_ADDED")[0]["replies"]
    assert reply["createdAt"] == "2025-03-01T12:00:00.000000+00:00"


def test_the_true_answer_counts_cycles_and_keeps_ids(answer: Callable[..., Any]) -> None:
    assert [event["cycle"] for event in of_name(answer(2), "TASK_SUBMITTED")] == [0, 1]
    assert all(event["eventId"] for event in of_name(answer(2), "TASK_SUBMITTED"))


def test_the_true_answer_calls_an_api_key_by_its_name_wherever_one_event_tells_it(
    entry: Callable[[int], dict[str, Any]], projects: Projects, users: dict[str, str]
) -> None:
    found = entry(3)
    key = found["genericEvents"][0]["updatedBy"]
    found["datapoint"]["createdByEntity"] = {"userId": key, "email": "", "givenName": "ci-pipeline"}
    created = [
        of_name(task_events(found, users, projects("03"), as_sdk=sdk), "TASK_CREATED")[0] for sdk in (False, True)
    ]
    assert [event["createdBy"] for event in created] == ["API Key - ci-pipeline", f"API Key - {key}"]


def test_a_saved_task_is_told_while_nothing_followed(answer: Callable[..., Any]) -> None:
    assert answer(3)["events"][-1]["eventType"] == "TASK_SAVED"
    assert of_name(answer(2), "TASK_SAVED") == of_name(answer(1), "TASK_SAVED") == []


def test_of_comments_the_latest_state_counts_with_every_reply_that_came(trail: Trail) -> None:
    payloads = [event.content or b"" for event in trail(2)]
    comment = next(item(raw) for raw in payloads if item(raw).get("commentId", "").endswith("1"))
    later = {**comment, "issueResolved": False, "replies": []}
    entry = task_entry("t", "Label", [*payloads, json.dumps(later).encode()])
    (found,) = [one for one in entry["genericEvents"] if one.get("commentId") == comment["commentId"]]
    assert found["issueResolved"] is False
    assert [reply["textVal"] for reply in found["replies"]] == ["Yes, include it."]


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ("RB:anything", "System"),
        ({"userId": "API:1", "email": "", "givenName": "robot"}, "API Key - robot"),
        ("API:1", "API Key - API:1"),
        ({"userId": "u", "email": "own@example.org"}, "own@example.org"),
        ({"userId": "known", "email": "old@example.org"}, "new@example.org"),
        ("stranger", "stranger"),
        (None, None),
        ({}, None),
    ],
)
def test_users_are_called_as_the_sdk_calls_them(user: object, name: str | None) -> None:
    assert called(user, {"known": "new@example.org"}) == name


@pytest.mark.parametrize("value", [None, "x", 7, -1, [], [1], [None], {}, {"a": 1}], ids=str)
@pytest.mark.parametrize("as_sdk", [True, False])
def test_values_of_any_kind_are_answered(value: object, as_sdk: bool, projects: Projects) -> None:
    events = [
        {"__typename": "TaskEvent", "eventId": "1", "inputEvent": {"overallConsensusScore": value}},
        {"__typename": "TaskEvent", "eventId": "2", "inputEvent": {"overallConsensusScore": 1, "consensusInfo": value}},
        {"__typename": "TaskEvent", "eventId": "3", "createdAt": value, "outputEvent": {"multiLabels": value}},
        {"__typename": "TaskEvent", "eventId": "4", "createEvent": {"priority": value}, "taskData": value},
        {"__typename": "Comment", "commentId": "5", "createdBy": value, "pin": value, "replies": value},
        {"__typename": "TaskStateChanges", "statusAfter": value, "assignedToAfterEntity": value},
        {"__typename": "TaskStateChanges", "consensusAssigneesAfter": value, "consensusStatusesAfter": value},
    ]
    details = {"datapoint": {"seriesInfo": value, "metaData": value, "name": value}, "priority": value}
    entry = task_entry("t", "Label", [json.dumps(one).encode() for one in [*events, details]])
    assert task_events(entry, {}, projects("01"), as_sdk=as_sdk)["taskId"] == "t"
    assert listed(standing(entry), {})["taskId"] == "t"
