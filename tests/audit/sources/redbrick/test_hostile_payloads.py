from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from audit.log.checks import checked
from audit.sources.base import SourceError, SourceEvent
from audit.sources.redbrick import events_of
from audit.sources.redbrick.project import project_of

Tell = Callable[..., list[SourceEvent]]
NOBODY = project_of(b"{}")

SKELETONS: list[dict[str, Any]] = [
    {"__typename": "TaskEvent", "createEvent": {"currentStageName": "Input"}, "taskData": None},
    {"__typename": "TaskEvent", "inputEvent": {"currentStageName": "Label"}, "taskData": None},
    {"__typename": "TaskEvent", "outputEvent": {"currentStageName": "Label"}, "taskData": None},
    {"__typename": "TaskEvent"},
    {"__typename": "Comment", "replies": [{}]},
    {"__typename": "TaskStateChanges"},
    {"__typename": "SomethingNew"},
    {},
]
FIELDS = {
    "TaskEvent": "eventId createdAt updatedBy createEvent inputEvent outputEvent taskData",
    "Comment": "commentId createdAt createdBy textVal stageName issueComment pin",
    "TaskStateChanges": "stageNameAfter createdAt updatedBy statusBefore statusAfter assignedToBeforeEntity "
    "assignedToAfterEntity consensusAssigneesAfter reviewResultAfter",
}
VALUES = [None, "", "x", 7, -1, True, [], [1], {}, {"userId": 5}, {"currentStageName": 3}]


def kept(events: list[SourceEvent]) -> list[SourceEvent]:
    """The events, each as the log would take it; raises for what the log would refuse."""
    return [checked(form) for event in events for form in (event, event.opening()) if form is not None]


@pytest.mark.parametrize("skeleton", SKELETONS, ids=str)
def test_events_with_hardly_a_field_are_kept(tell: Tell, skeleton: dict[str, Any]) -> None:
    assert len(kept(tell(skeleton))) >= 2


@pytest.mark.parametrize(
    "value", [None, "", "x", 7, -1, True, [], [1], {}, {"userId": 5}, {"currentStageName": 3}], ids=str
)
@pytest.mark.parametrize(
    ("typename", "name"), [(kind, name) for kind, names in FIELDS.items() for name in names.split()]
)
def test_a_field_of_any_kind_breaks_nothing(tell: Tell, typename: str, name: str, value: object) -> None:
    assert kept(tell({"__typename": typename, name: value}))


def test_members_without_an_address_and_strangers_are_known_by_their_id(tell: Tell) -> None:
    rows = [
        {"__typename": "TaskStateChanges", "updatedBy": "u-2", "assignedToAfterEntity": {"userId": "stranger"}},
    ]
    event = tell(*rows)[0]
    assert event.actor is not None
    assert event.assignee is not None
    assert (event.actor.external_id, event.actor.email) == ("u-2", None)
    assert event.assignee.external_id == "stranger"


def test_an_unreadable_time_leaves_the_event_without_one(tell: Tell) -> None:
    event = tell({"__typename": "TaskEvent", "eventId": "e", "createdAt": "yesterday"})[0]
    assert (event.occurred_at, event.instant) == (None, None)
    assert b"yesterday" in (event.content or b"")


def test_people_inside_of_a_payload_are_named_as_known_and_as_written(tell: Tell) -> None:
    labels = [{"user": {"userId": "u-1", "email": "old@example.org", "givenName": "U."}, "taskData": None}]
    output = {"currentStageName": "Label", "multiLabels": labels}
    data = {"createdBy": "u-3"}
    event = tell({"__typename": "TaskEvent", "eventId": "e", "outputEvent": output, "taskData": data})[0]
    assert {(ref.external_id, ref.email, ref.name) for ref in event.people} == {
        ("u-1", "one@example.org", "Una One"),
        ("u-1", "old@example.org", "U."),
        ("u-3", None, None),
    }


def test_words_that_are_no_unicode_are_kept(tell: Tell) -> None:
    (event, _) = tell({"__typename": "Comment", "commentId": "c", "textVal": "caf\ufffd"})
    assert event.text == "caf\ufffd"


def test_a_task_without_events_is_the_task_alone() -> None:
    (details,) = events_of(b'{"taskId":"t-1","genericEvents":null}', NOBODY)
    assert details.type == "task.updated"


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"taskId":7}', b'{"taskId":"t","genericEvents":{}}'])
def test_what_is_no_task_is_refused(raw: bytes) -> None:
    with pytest.raises(SourceError, match="something that is no task"):
        list(events_of(raw, NOBODY))


def test_an_endless_nesting_is_refused() -> None:
    deep = json.dumps({"taskId": "t", "genericEvents": ["@"]}).replace('"@"', "[" * 5000 + "]" * 5000)
    with pytest.raises(SourceError, match="something that is no task"):
        list(events_of(deep.encode(), NOBODY))


@pytest.mark.parametrize("status", ["CREATING", "REMOVING"])
def test_a_project_that_is_being_made_or_removed_is_refused_by_its_state(status: str) -> None:
    with pytest.raises(SourceError, match=f"in the state {status}") as caught:
        project_of(json.dumps({"name": "A", "status": status}).encode())
    assert caught.value.code == "missing"
