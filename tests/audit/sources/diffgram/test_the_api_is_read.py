"""Diffgram's wire: what is asked, the feed beyond a thousand events, and what wrong keys and ids are met with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from audit.sources.base import PersonRef, SourceError
from audit.sources.diffgram import PLATFORM, DiffgramClient, DiffgramReading, DiffgramSource
from audit.sources.diffgram import client as module
from audit.sources.diffgram.events import task_id
from audit.sources.diffgram.feed import read_feed
from audit.sources.diffgram.spool import Spool
from audit.sources.web import Conditions
from tests.audit.sources.diffgram.conftest import content, history
from tests.fakes.diffgram import KEY, PROJECT, SECRET, FakeDiffgram
from tests.fakes.diffgram_story import ANN, box, event, picture

Connect = Callable[..., DiffgramClient]


def test_exports_are_asked_for_as_the_sdk_does(connect: Connect, fake: FakeDiffgram) -> None:
    found = connect().export(job=12)
    asked = dict(fake.requests)["to_file"]
    assert {name: asked[name] for name in ("kind", "source", "job_id", "ann_is_complete", "masks")} == {
        "kind": "Annotations",
        "source": "job",
        "job_id": 12,
        "ann_is_complete": None,
        "masks": False,
    }
    assert {name for name in found if name.isdecimal()} == {"3001", "3002", "3003", "3004", "3005", "3006", "3007"}


def test_an_export_that_comes_as_a_text_is_read(connect: Connect, fake: FakeDiffgram) -> None:
    fake.fail("link", edit=lambda found: '{"3001": {"file": {"id": 3001}}}')
    assert connect().export(job=12) == {"3001": b'{"file": {"id": 3001}}'}


def test_an_export_is_not_waited_for_without_end(
    connect: Connect, fake: FakeDiffgram, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL", 300.0)
    fake.installation.looks = 10**9
    with pytest.raises(SourceError, match="in 60 minutes") as caught:
        connect().export(job=12)
    assert caught.value.code == "busy"
    assert sum(slept) == module.PATIENCE


def test_a_feed_of_more_than_a_page_is_read_by_days(
    connect: Connect, fake: FakeDiffgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEED", 4)
    monkeypatch.setattr("tests.fakes.diffgram.FEED", 4)
    days = [1, 1, 2, 2, 2, 3, 4, 4]
    fake.installation.events = [event(n, "user_visit", f"2026-03-0{day}") for n, day in enumerate(days)]
    with closing(Spool()) as spool:
        feed = read_feed(connect(), spool)
        assert (len(feed.of(None)), feed.lost) == (8, ())


def test_a_day_of_more_events_than_can_be_told_is_noted(
    connect: Connect, fake: FakeDiffgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEED", 4)
    monkeypatch.setattr("tests.fakes.diffgram.FEED", 4)
    days = [1, 2, 2, 2, 2, 2, 2, 3]
    fake.installation.events = [event(n, "user_visit", f"2026-03-0{day}") for n, day in enumerate(days)]
    source = DiffgramSource(connect())
    events = list(source.project_events())
    assert sum(found.source_type == "user_visit" for found in events) == 6, "of the second day the four newest"
    (lost,) = (found for found in events if found.source_type == "EVENTS_LOST")
    assert lost.content == b'{"day":"2026-03-02","told":4}'


def test_a_server_that_knows_no_pages_is_not_read_in_circles(
    connect: Connect, fake: FakeDiffgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    fake.fail("tasks", times=99, edit=lambda page: {**page, "task_list": [{"id": n} for n in range(3)]})
    with pytest.raises(SourceError, match="the server knows no pages"):
        list(connect().task_pages(12))


@pytest.mark.parametrize("key", ["", "client", ":secret", "client:", "cli ent:secret", "client:sec\nret"])
def test_what_is_no_key_is_refused_at_once(connect: Connect, fake: FakeDiffgram, key: str) -> None:
    with pytest.raises(SourceError, match="with a colon between") as caught:
        connect(key)
    assert caught.value.code == "key"
    assert fake.requests == []


def test_a_wrong_key_is_said_without_it(connect: Connect) -> None:
    with pytest.raises(SourceError, match="does not let this key read the project") as caught:
        connect("LIVE__client:another-secret").settings()
    assert caught.value.code == "key"
    assert "another-secret" not in caught.value.text


def test_a_project_that_is_being_deleted_is_missing(connect: Connect, fake: FakeDiffgram) -> None:
    fake.fail("view", edit=lambda found: "Project scheduled for deletion")
    with pytest.raises(SourceError, match="Project scheduled for deletion") as caught:
        DiffgramSource(connect()).check()
    assert caught.value.code == "missing"


def test_a_project_that_is_none_is_missing(connect: Connect, fake: FakeDiffgram) -> None:
    fake.fail("view", edit=lambda found: {"none_found": True})
    with pytest.raises(SourceError) as caught:
        DiffgramSource(connect()).check()
    assert caught.value.code == "missing"


def test_a_private_address_is_refused(fake: FakeDiffgram) -> None:
    with pytest.raises(SourceError) as caught:
        DiffgramClient(fake.url, KEY, PROJECT, Conditions())
    assert caught.value.code == "address"


def test_what_the_platform_says_of_a_refusal_is_told(connect: Connect, fake: FakeDiffgram) -> None:
    fake.fail("directories", status=400)
    with pytest.raises(SourceError, match="injected") as caught:
        connect().directories()
    assert caught.value.code == "refused"
    assert SECRET not in repr(connect()) + str(caught.value)


def test_keys_list_no_projects(fake: FakeDiffgram) -> None:
    with pytest.raises(SourceError, match="belong to one project each"):
        list(PLATFORM.projects(fake.url, KEY, "", Conditions(allow_hosts=["127.0.0.1"])))


def test_one_task_is_asked_for_by_its_number(connect: Connect) -> None:
    source = DiffgramSource(connect())
    found = source.task("61")
    assert found is not None
    assert (found.task, found.labels) == ("61", {"4001"})
    assert source.task("999") is None
    assert source.task("64") is None, "an archived one is not listed"


def test_people_have_ids_that_are_no_bare_numbers() -> None:
    found = history(picture(1), event(1, "task_in_progress", "2026-03-01", 50, 7))
    started = next(entry for entry in found.events if entry.type == "task.started")
    assert started.actor == PersonRef("user-5", "ann@example.org")
    stranger = history(picture(1), event(1, "task_in_progress", "2026-03-01", 50, 99))
    assert next(entry for entry in stranger.events if entry.type == "task.started").actor == PersonRef("member-99")
    assigned = next(entry for entry in found.events if entry.type == "task.assigned")
    assert [ref.name for ref in assigned.people] == [None, "annlee", "Lee", "Ann", "Ann Lee"]


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2999-01-01", datetime(2999, 1, 1, tzinfo=UTC)),
        ("soon", None),
    ],
)
def test_days_are_their_beginnings(day: str, instant: datetime | None) -> None:
    found = history(picture(1), event(1, "task_in_progress", day, 50))
    started = next(entry for entry in found.events if entry.type == "task.started")
    assert (started.instant, started.occurred_at) == (instant, day if instant else None)


def test_payloads_read_back() -> None:
    found = history(picture(1, box(1, 5)))
    reading = DiffgramReading()
    assert reading.task_details(content(found, "task.updated")).name == "plain1.jpg"
    details = reading.label_details(content(found, "label.updated"))
    assert (details.external_id, details.kind, details.created_at) == ("1", "DEFAULT", None)
    assert reading.active_span(b'{"time_spent": 1.5, "time_updated": "2026-01-01T00:00:00"}').milliseconds == 1500
    for broken in (b"{}", b'{"time_spent": "long"}', b'{"time_spent": 1e300}'):
        with pytest.raises(ValueError, match="no time"):
            reading.active_span(broken)
    with pytest.raises(ValueError, match="no file or no packet"):
        reading.label_details(b"{}")


@pytest.mark.parametrize("row", [b"{}", b"[]", b'{"id": "x"}'])
def test_what_is_no_task_is_refused(row: bytes) -> None:
    with pytest.raises(SourceError, match="without a number"):
        task_id(row)


def test_emoji_other_directions_and_nul_come_in() -> None:
    name = "🐕 \u202eשלום\x00"
    packet: Any = picture(1, box(1, 5, attribute_groups={"18": name}))
    packet["file"]["original_filename"] = name
    found = history(packet)
    assert DiffgramReading().task_details(content(found, "task.updated")).name == name
    assert ANN["email"] not in content(found, "label.updated").decode()
