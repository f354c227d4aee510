from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from audit.sources import reading
from audit.sources.base import SourceEvent, TaskDetails
from audit.sources.redbrick import RedBrickReading
from audit.sources.redbrick.project import member_events, settings_event

Trail = Callable[[int], list[SourceEvent]]
READING = RedBrickReading()


def test_the_kind_redbrick_is_read_by_this_package() -> None:
    assert isinstance(reading("redbrick"), RedBrickReading)


def test_a_tasks_name_comes_from_its_details_only(trail: Trail) -> None:
    events = trail(2)
    found = {event.type: READING.task_details(event.content or b"") for event in events}
    assert found["task.updated"] == TaskDetails(name="site 02/CASE-0002")
    assert found["task.created"] == TaskDetails()


def test_a_project_says_its_name_and_stages_in_their_order(golden: dict[str, Any]) -> None:
    event = settings_event(json.dumps(golden["project"]).encode())
    details = READING.project_details(event.content or b"")
    assert (details.name, details.stages) == (
        "Chest CT pilot",
        ("Input", "Label", "Review_1", "Failed_Review_1", "Output"),
    )


@pytest.mark.parametrize("nothing", [b"", b"[]", b"{}", b'{"datapoint":null,"stages":7}'])
def test_payloads_that_say_nothing_are_read_as_nothing(nothing: bytes) -> None:
    assert READING.task_details(nothing) == TaskDetails()
    assert READING.project_details(nothing).stages is None


def test_a_time_without_offset_is_utc() -> None:
    assert READING.instant("2025-03-01T09:00:00", "Europe/Paris") == datetime(2025, 3, 1, 9, tzinfo=UTC)


def test_the_time_of_the_last_update_makes_no_new_version_of_the_project(golden: dict[str, Any]) -> None:
    later = {**golden["project"], "updatedAt": "2027-01-01T00:00:00+00:00"}
    renamed = {**golden["project"], "name": "Another"}
    first, second, third = (settings_event(json.dumps(one).encode()) for one in (golden["project"], later, renamed))
    assert first.key_fields == second.key_fields != third.key_fields


def test_members_are_told_with_their_role_those_who_left_too(golden: dict[str, Any]) -> None:
    events = list(member_events([json.dumps(member).encode() for member in golden["members"]]))
    added = [event.opening() for event in events]
    assert [event and event.type for event in added] == ["person.added"] * len(golden["members"])
    states = [json.loads(event.content or b"") for event in events]
    assert [state["active"] for state in states if state["user"]["email"] == "left@example.org"] == [False]


def test_a_member_seen_later_is_no_news_and_one_with_another_role_is(golden: dict[str, Any]) -> None:
    member = golden["members"][0]
    versions = [
        next(member_events([json.dumps(one).encode()])).version
        for one in (member, {**member, "lastSeen": "2027-01-01"}, {**member, "role": "MEMBER"})
    ]
    states = [version and version.state for version in versions]
    assert states[0] == states[1] != states[2]


def test_what_settles_an_event_is_not_what_people_are_called_now() -> None:
    event = {"eventId": "e", "multiLabels": [{"user": {"userId": "u", "email": "a@b", "givenName": "A"}}]}
    called = json.loads(json.dumps(event).replace("a@b", "@p:abc/email.2").replace('"A"', "null"))
    assert READING.settled(json.dumps(event).encode()) == READING.settled(json.dumps(called).encode())


def test_what_settles_an_event_is_everything_else() -> None:
    assert READING.settled(b'{"eventId":"e","timeSpentMs":1}') != READING.settled(b'{"eventId":"e","timeSpentMs":2}')


def test_a_comment_is_settled_but_for_its_words_and_state() -> None:
    said = {"__typename": "Comment", "commentId": "c", "createdAt": "1", "stageName": "Label", "createdBy": None}
    one = READING.settled(json.dumps({**said, "textVal": "a", "issueResolved": False, "replies": []}).encode())
    two = READING.settled(json.dumps({**said, "textVal": "b", "issueResolved": True, "replies": [1]}).encode())
    other = READING.settled(json.dumps({**said, "createdAt": "2"}).encode())
    assert one == two != other
