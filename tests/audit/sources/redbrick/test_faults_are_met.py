from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from audit.demo.redbrick import FakeRedBrick, World
from audit.demo.redbrick.scripts import LIVER, ORG
from audit.sources.base import SourceError
from audit.sources.redbrick import RedBrickClient, RedBrickSource
from audit.sources.redbrick.client import EMPTY_PAGES
from audit.sources.web import ATTEMPTS, LONGEST_ASKED, WHOLE, Conditions

from .conftest import TASKS

EVENTS = "taskEventsSDK"


def read(source: RedBrickSource) -> list[str]:
    """The ids of all tasks that are read."""
    return [history.task for page in source.task_pages() for history in page.histories]


def refusal(source: RedBrickSource) -> SourceError:
    """How the reading of all tasks fails."""
    with pytest.raises(SourceError) as caught:
        read(source)
    return caught.value


PASSING: list[dict[str, Any]] = [
    {"status": 429},
    {"status": 500},
    {"status": 503},
    {"drop": True},
    {"truncate": True},
    {"body": b'{"data": {"tasksPaged": {"entr'},
    {"body": b"<html>Bad gateway</html>"},
]


@pytest.mark.parametrize("fault", PASSING, ids=str)
@pytest.mark.parametrize("after", [0, 1])
def test_a_fault_that_passes_costs_nothing_but_time(
    source: RedBrickSource, fake: FakeRedBrick, slept: list[float], fault: dict[str, Any], after: int
) -> None:
    fake.fail(EVENTS, after=after, times=2, **fault)
    assert len(set(read(source))) == TASKS
    assert slept == [1.0, 2.0]


@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_a_fault_that_stays_fails_the_reading_in_words(
    source: RedBrickSource, fake: FakeRedBrick, slept: list[float], fault: dict[str, Any]
) -> None:
    fake.fail(EVENTS, after=1, times=99, **fault)
    error = refusal(source)
    assert error.code == ("busy" if fault.get("status") == 429 else "unavailable")
    assert "its tasks" in str(error)
    assert f"after {ATTEMPTS} attempts" in str(error)
    assert "What was read until then is kept" in str(error)
    assert slept == [1.0, 2.0, 4.0, 8.0]


def test_it_waits_as_long_as_the_platform_asks(source: RedBrickSource, fake: FakeRedBrick, slept: list[float]) -> None:
    fake.fail(EVENTS, status=429, headers={"Retry-After": "17"})
    assert len(read(source)) == TASKS
    assert slept == [17.0]


def test_it_waits_until_the_moment_the_platform_names(
    source: RedBrickSource, fake: FakeRedBrick, slept: list[float]
) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    fake.fail(EVENTS, status=503, headers={"Retry-After": moment})
    read(source)
    assert 0 < slept[0] <= 60


@pytest.mark.parametrize(("asked", "waited"), [("86400", LONGEST_ASKED), ("soon", 1.0), ("-5", 1.0), ("0", 0.0)])
def test_it_does_not_wait_for_ever_nor_by_nonsense(
    source: RedBrickSource, fake: FakeRedBrick, slept: list[float], asked: str, waited: float
) -> None:
    fake.fail(EVENTS, status=429, headers={"Retry-After": asked})
    read(source)
    assert slept == [waited]


@pytest.mark.parametrize("data", [None, {"tasksPaged": None}, {"tasksPaged": {"entries": [], "cursor": None}}])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_errors_fail_the_reading_on_any_page_whatever_data_comes_with_them(
    source: RedBrickSource, fake: FakeRedBrick, slept: list[float], data: object, after: int
) -> None:
    fake.fail(EVENTS, after=after, errors=[{"message": "Not allowed"}], data=data)
    error = refusal(source)
    assert (error.code, slept) == ("refused", [])
    assert "failed to tell its tasks: Not allowed" in str(error)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({}, 'it has no "tasksPaged"'),
        ({"tasksPaged": None}, 'it has no "tasksPaged"'),
        ({"tasksPaged": {"entries": None, "cursor": None}}, "it has no entries"),
        ({"tasksPaged": {"entries": {}, "cursor": None}}, "Expected"),
        ({"tasksPaged": []}, "Expected"),
        ([], "Expected"),
    ],
)
def test_an_answer_that_makes_no_sense_fails_the_reading(
    source: RedBrickSource, fake: FakeRedBrick, data: object, why: str
) -> None:
    fake.fail(EVENTS, after=1, data=data)
    error = refusal(source)
    assert error.code == "answer"
    assert why in str(error)
    assert "this is not all" in str(error)


def test_an_answer_with_neither_data_nor_errors_fails_the_reading(source: RedBrickSource, fake: FakeRedBrick) -> None:
    fake.fail(EVENTS, body=b"{}")
    assert "neither data nor errors" in str(refusal(source))


def test_a_cursor_that_leads_nowhere_ends_the_reading(source: RedBrickSource, fake: FakeRedBrick) -> None:
    def same(answer: dict[str, Any]) -> dict[str, Any]:
        answer["data"]["tasksPaged"]["cursor"] = "MA=="
        return answer

    fake.fail(EVENTS, times=99, edit=same)
    assert "the next page is to be the same one again" in str(refusal(source))
    assert fake.asked(EVENTS) == 2


def test_an_empty_page_that_leads_to_another_is_no_end(source: RedBrickSource, fake: FakeRedBrick) -> None:
    whole = read(source)
    beginning = base64.b64encode(b"0").decode()
    fake.fail(EVENTS, data={"tasksPaged": {"entries": [], "cursor": beginning}})
    assert read(source) == whole


def test_empty_pages_without_an_end_fail_the_reading(source: RedBrickSource, fake: FakeRedBrick) -> None:
    for page in range(EMPTY_PAGES + 2):
        cursor = base64.b64encode(b"%d" % page).decode()
        fake.fail(EVENTS, data={"tasksPaged": {"entries": [], "cursor": cursor}})
    assert "pages in a row are empty" in str(refusal(source))
    assert fake.asked(EVENTS) == EMPTY_PAGES + 1


@pytest.mark.parametrize("entry", [None, 7, {}, {"taskId": None}])
def test_an_entry_that_is_no_task_fails_the_reading(source: RedBrickSource, fake: FakeRedBrick, entry: object) -> None:
    fake.fail(EVENTS, data={"tasksPaged": {"entries": [entry], "cursor": None}})
    assert "something that is no task" in str(refusal(source))


def test_an_answer_about_another_task_is_refused(source: RedBrickSource, fake: FakeRedBrick) -> None:
    fake.fail("taskSDK", data={"task": {"taskId": "other"}})
    with pytest.raises(SourceError, match="was asked for task t-1 and sent other"):
        source.task("t-1")


def test_a_clock_that_is_none_is_refused(source: RedBrickSource, fake: FakeRedBrick) -> None:
    fake.fail(EVENTS, data={"tasksPaged": {"entries": [], "cursor": None, "cacheTime": "noon"}})
    assert "clock says 'noon'" in str(refusal(source))


REQUESTS: dict[str, Callable[[RedBrickSource], object]] = {
    "getProjectSDK": lambda source: source.check(),
    "membersSDK": lambda source: list(source.project_events()),
    "tasksPagedSDK": lambda source: source.count(),
    "taskSDK": lambda source: source.task("t-1"),
    "taskActiveTimeSDK": lambda source: list(source.time_pages()),
}


@pytest.mark.parametrize("operation", REQUESTS)
def test_errors_fail_every_other_request_too(source: RedBrickSource, fake: FakeRedBrick, operation: str) -> None:
    fake.fail(operation, errors=[{"message": "Not allowed"}], data={})
    with pytest.raises(SourceError, match="Not allowed"):
        REQUESTS[operation](source)


def test_a_project_that_does_not_exist_is_told_so(fake: FakeRedBrick) -> None:
    how = Conditions(allow_hosts=["127.0.0.1"])
    client = RedBrickClient(fake.url, fake.world.key, ORG, "dead0000-0000-4000-8000-000000000404", how)
    with pytest.raises(SourceError, match="has no project dead0000") as caught:
        RedBrickSource(client).check()
    assert caught.value.code == "missing"


def test_a_project_that_is_being_removed_is_told_so(source: RedBrickSource, fake: FakeRedBrick) -> None:
    fake.world.projects[LIVER.id].status = "REMOVING"
    with pytest.raises(SourceError, match="in the state REMOVING"):
        source.check()


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, "key", "does not accept the API key"),
        (403, "key", "does not accept the API key"),
        (404, "address", "there is no API of RedBrick AI at"),
        (400, "refused", "refused to tell its tasks (400)"),
        (302, "refused", "refused to tell its tasks (302)"),
        (413, "answer", "too large (413)"),
    ],
)
def test_a_refusal_is_not_asked_again(
    source: RedBrickSource, fake: FakeRedBrick, slept: list[float], status: int, code: str, words: str
) -> None:
    fake.fail(EVENTS, status=status, headers={"Location": "http://example.org/"})
    error = refusal(source)
    assert (error.code, slept, fake.asked(EVENTS)) == (code, [], 1)
    assert words in str(error)


def test_an_answer_that_trickles_for_too_long_is_broken_off(fake: FakeRedBrick) -> None:
    def passing() -> Iterator[float]:
        now = 0.0
        while True:
            yield now
            now += WHOLE + 1

    clock = passing()
    slept: list[float] = []
    how = Conditions(allow_hosts=["127.0.0.1"], sleep=slept.append, clock=lambda: next(clock))
    client = RedBrickClient(fake.url, fake.world.key, ORG, LIVER.id, how)
    with pytest.raises(SourceError, match="the answer did not come in time") as caught:
        client.count()
    assert caught.value.code == "unavailable"
    assert len(slept) == ATTEMPTS - 1


def test_a_server_that_is_not_there_is_told_so(slept: list[float]) -> None:
    how = Conditions(allow_hosts=["localhost"], sleep=slept.append)
    with FakeRedBrick(World(1)) as fake:
        url = fake.url.replace("127.0.0.1", "localhost")
    client = RedBrickClient(url, "k" * 43, ORG, LIVER.id, how)
    with pytest.raises(SourceError, match="gave no answer about the project") as caught:
        client.project_settings()
    assert caught.value.code == "unavailable"


def test_waiting_can_be_ended_from_outside(fake: FakeRedBrick) -> None:
    class Cancelled(Exception):
        pass

    def cancel(seconds: float) -> None:
        raise Cancelled

    client = RedBrickClient(
        fake.url, fake.world.key, ORG, LIVER.id, Conditions(allow_hosts=["127.0.0.1"], sleep=cancel)
    )
    fake.fail("tasksPagedSDK", status=429, headers={"Retry-After": "3600"})
    with pytest.raises(Cancelled):
        client.count()


def test_what_came_before_a_fault_is_delivered(source: RedBrickSource, fake: FakeRedBrick) -> None:
    fake.fail(EVENTS, after=2, errors=[{"message": "No"}])
    found: list[str] = []
    with pytest.raises(SourceError):
        for page in source.task_pages():
            found += [history.task for history in page.histories]
    assert len(found) == 10
    assert found + read(source)[10:] == read(source)
