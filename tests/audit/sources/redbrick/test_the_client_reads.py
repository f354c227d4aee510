from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.demo.redbrick.scripts import AGREEMENT, LIVER, ORG
from audit.sources.base import LiveSource
from audit.sources.redbrick import RedBrickClient, RedBrickSource
from audit.sources.redbrick.client import endpoint
from audit.sources.redbrick.search import resolve
from audit.sources.redbrick.walk import NAMES
from audit.sources.web import Conditions

from .conftest import TASKS, kept


def test_it_reads_every_task_page_by_page(source: RedBrickSource, fake: FakeRedBrick) -> None:
    pages = [[history.task for history in page.histories] for page in source.task_pages()]
    assert [len(page) for page in pages] == [5, 5, 2]
    assert len({task for page in pages for task in page}) == source.count() == TASKS
    asked = [variables for name, variables in fake.requests if name == "taskEventsSDK"]
    assert [variables["first"] for variables in asked] == [5, 5, 5]
    assert asked[0]["after"] is None
    assert all(variables["after"] for variables in asked[1:])


def test_the_two_invented_projects_have_all_fifteen_types() -> None:
    with FakeRedBrick(World(60)) as fake:
        names: set[str] = set()
        for script in (LIVER, AGREEMENT):
            client = RedBrickClient(fake.url, fake.world.key, ORG, script.id, Conditions(allow_hosts=["127.0.0.1"]))
            for page in RedBrickSource(client).task_pages():
                names |= {event.source_type for history in page.histories for event in history.events}
            client.close()
    assert names >= NAMES


def test_items_are_the_bytes_of_the_answer(client: RedBrickClient, fake: FakeRedBrick) -> None:
    exact = b'{"taskId" : "t-1",\n "n": 1.50, "n": 1.5e0, "genericEvents":[ {"__typename":"Comment" , "x":1.0} ]}'
    body = b'{"data": {"tasksPaged": {"entries": [ ' + exact + b' , {"taskId":"t-2"}], "cursor": null}}}'
    fake.fail("taskEventsSDK", body=body)
    (page,) = client.task_pages()
    assert page.items == (exact, b'{"taskId":"t-2"}')


def test_half_a_character_does_not_stop_the_reading(source: RedBrickSource, fake: FakeRedBrick) -> None:
    event = rb'{"__typename":"Comment","commentId":"c","textVal":"\ud83d\ude00 \ud800 \\ud800"}'
    task = b'{"taskId":"t-1","genericEvents":[' + event + b"]}"
    fake.fail("taskEventsSDK", body=b'{"data":{"tasksPaged":{"entries":[' + task + b'],"cursor":null}}}')
    (page,) = source.task_pages()
    assert page.histories[0].events[0].text == "\U0001f600 \ufffd \\ud800"


def test_the_servers_own_clock_comes_with_each_page(source: RedBrickSource, world: World) -> None:
    assert {page.clock for page in source.task_pages()} == {world.clock()}


def test_a_reading_since_a_moment_asks_for_what_was_updated_since(source: RedBrickSource, fake: FakeRedBrick) -> None:
    since = datetime(2026, 9, 20, 12, tzinfo=UTC)
    found = [history for page in source.task_pages(since) for history in page.histories]
    assert 0 < len(found) < TASKS
    assert fake.requests[-1][1]["cacheTime"] == "2026-09-20T12:00:00+00:00"
    assert all(max(event.instant for event in one.events if event.instant) >= since for one in found)


def test_one_task_is_read_by_its_id(source: RedBrickSource) -> None:
    first = next(source.task_pages()).histories[0]
    assert source.task(first.task) == first


def test_a_task_that_is_not_there_is_none(source: RedBrickSource) -> None:
    assert source.task("00000000-0000-4000-8000-000000000000") is None


def test_settings_and_members_are_told_those_who_left_too(source: RedBrickSource, world: World) -> None:
    events = kept(source.project_events())
    assert [event.type for event in events] == ["project.updated"] + ["person.added"] * len(world.members)
    assert sum(json.loads(event.content or b"")["active"] is False for event in events[1:]) == 1


def test_active_time_is_read_at_every_stage_where_people_work(source: RedBrickSource, fake: FakeRedBrick) -> None:
    rows = [event for page in source.time_pages() for event in page]
    asked = [variables["stageName"] for name, variables in fake.requests if name == "taskActiveTimeSDK"]
    assert set(asked) == {"Label", "Review_1", "Review_2"}
    assert {event.stage for event in rows} <= {"Label", "Review_1", "Review_2"}
    assert {event.type for event in kept(rows)} == {"time.recorded"}


def test_active_time_grows_with_the_work(fake: FakeRedBrick, source: RedBrickSource, at: Callable[..., Clock]) -> None:
    sums: list[Counter[str]] = []
    for day in (5, 28):
        fake.world.clock = at(day)
        events = [event for page in source.time_pages() for event in page]
        sums.append(Counter(event.version.thing for event in events if event.version))
    assert sums[0].keys() < sums[1].keys()


def test_check_says_what_the_project_is_called(source: RedBrickSource) -> None:
    assert source.check().name == LIVER.name


def test_tasks_are_searched_for(client: RedBrickClient) -> None:
    search = resolve("GROUNDTRUTH", label_stages=["Label"], review_stages=[], output_stage="Output")
    found = [json.loads(item) for page in client.search_pages(search) for item in page.items]
    assert {row["currentStageName"] for row in found} == {"END"}


def test_requests_have_the_sdks_form(source: RedBrickSource, fake: FakeRedBrick) -> None:
    source.check()
    next(source.task_pages())
    list(source.time_pages())
    names = {name for name, _ in fake.requests}
    assert names == {"getProjectSDK", "membersSDK", "taskEventsSDK", "taskActiveTimeSDK"}
    variables = next(variables for name, variables in fake.requests if name == "taskEventsSDK")
    assert set(variables) == {"orgId", "projectId", "stageName", "cacheTime", "first", "after"}


def test_a_source_is_what_a_sync_needs(source: RedBrickSource) -> None:
    live: LiveSource = source
    assert all(sentence.endswith(".") for sentence in live.cannot_tell)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://api.redbrickai.com", "https://api.redbrickai.com/graphql/"),
        ("HTTPS://API.redbrickai.com/", "https://api.redbrickai.com/graphql/"),
        ("http://localhost:4000", "http://localhost:4000/graphql/"),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4000/graphql/"),
        ("https://onprem.example.org", "https://onprem.example.org/api/graphql/"),
        ("https://onprem.example.org/x", "https://onprem.example.org/api/graphql/"),
        ("https://onprem.example.org/X/graphql", "https://onprem.example.org/X/graphql/"),
    ],
)
def test_addresses_lead_to_the_api(given: str, used: str) -> None:
    assert endpoint(given) == used
