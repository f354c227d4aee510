from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.demo.redbrick.graphql import BadQuery, parse, picked
from audit.demo.redbrick.scripts import DAYS, FIRST_DAY, LIVER, ORG, told
from audit.sources.base import SourceEvent
from audit.sources.redbrick import RedBrickSource

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def entries(world: World) -> list[Any]:
    """All tasks of the first project, as the platform knows them."""
    found: list[Any] = world.answer("tasksPaged", {"orgId": ORG, "projectId": LIVER.id, "first": 1000})["entries"]
    return found


def test_the_same_story_is_told_every_time() -> None:
    assert json.dumps(entries(World(30))) == json.dumps(entries(World(30)))


def test_nothing_happened_before_the_first_day() -> None:
    assert entries(World(30, Clock(LONG_AGO))) == []


def test_more_has_happened_on_later_days_and_nothing_that_happened_changes(at: Callable[..., Clock]) -> None:
    early, late = (entries(World(30, at(day))) for day in (8, 25))
    assert 0 < len(early) < len(late)
    for before, after in zip(early, late, strict=False):
        raw = [
            [event for event in task["genericEvents"] if event["__typename"] != "Comment"] for task in (before, after)
        ]
        assert raw[1][: len(raw[0])] == raw[0]


def test_a_comments_replies_and_its_resolution_come_in_their_time() -> None:
    stories = (told(LIVER, number, 60) for number in range(1, 61))
    comment, story = next(
        (event, story) for story in stories for event in story.events if event.get("resolvedAt") and event["replies"]
    )
    world = World(60)
    states = []
    for moment in (comment["createdAt"], comment["replies"][0]["createdAt"], comment["resolvedAt"]):
        world.clock = Clock(datetime.fromisoformat(moment))
        task = world.answer("task", {"orgId": ORG, "projectId": LIVER.id, "taskId": story.id})
        shown = next(event for event in task["genericEvents"] if event.get("commentId") == comment["commentId"])
        states.append((len(shown["replies"]), shown["issueResolved"]))
    assert states[0] == (0, False)
    assert states[-1] == (1, True)


def test_the_story_ends_within_its_days() -> None:
    last = max(event["createdAt"] for number in range(1, 121) for event in told(LIVER, number, 120).events)
    assert datetime.fromisoformat(last) < Clock().now
    assert (Clock().now - FIRST_DAY).days == DAYS


def test_a_clock_with_a_speed_goes_on() -> None:
    clock = Clock(LONG_AGO, speed=3600)
    first = clock()
    while clock() == first:
        pass
    assert clock() > first >= LONG_AGO


def test_what_a_test_changes_stays_changed(source: RedBrickSource, fake: FakeRedBrick) -> None:
    project = fake.world.projects[LIVER.id]
    project.task(3).name = "renamed"
    project.order.remove(5)
    histories = [history for page in source.task_pages() for history in page.histories]
    contents = [history.events[-1].content or b"" for history in histories]
    assert sum(b'"name": "renamed"' in content for content in contents) == 1
    assert len(histories) == source.count() == project.tasks - 1


def test_payloads_name_people_without_an_address_services_and_strangers(source: RedBrickSource) -> None:
    world = World(120)
    with FakeRedBrick(world) as fake:
        source.client.web.url = f"{fake.url}/graphql/"
        events: list[SourceEvent] = [e for page in source.task_pages() for one in page.histories for e in one.events]
    kinds = {event.actor_kind for event in events}
    assert kinds == {"person", "service", "system", "unknown"}
    assert any(event.assignee and event.assignee.email is None for event in events)


def test_unknown_addresses_and_fields_are_refused(fake: FakeRedBrick) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{fake.url}/elsewhere", data=b"{}")
    with pytest.raises(LookupError, match="Cannot query field"):
        fake.world.answer("secrets", {"orgId": ORG, "projectId": LIVER.id})


def test_a_query_gets_exactly_the_fields_it_asks_for() -> None:
    query = "query q($a: Int) { task(id: $a) { other: name list { n } ... on T { kind } ... on U { no } gone } }"
    operation = parse(query)
    value = {"__typename": "T", "name": "x", "list": [{"n": 1, "m": 2}], "kind": "k", "no": 1, "rest": 3}
    assert operation.name == "q"
    assert picked({"task": value}, operation.fields) == {
        "task": {"other": "x", "list": [{"n": 1}], "kind": "k", "gone": None}
    }


@pytest.mark.parametrize("query", ["", "mutation m { a }", "query q { a", "query q a", "query q { a } }"])
def test_other_queries_are_refused(query: str) -> None:
    with pytest.raises(BadQuery):
        parse(query)
