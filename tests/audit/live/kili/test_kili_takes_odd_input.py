"""Wrong keys, ids and addresses are refused in words; odd texts, times and people are held as they came."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.live.connect import ConnectRefused, connect, projects
from audit.live.run import sync
from audit.models import Event, Mode, Project, Source, Task
from audit.sources.base import SourceError
from exportsite.jobs import RunFailed
from tests.audit.live.kili.compare_kili import content_of, differences
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import CARS, CLIPS, LEGACY

WRONG: dict[str, tuple[dict[str, str], str, str]] = {
    "a key of the wrong form": ({"key": "a key"}, "key", "no API key"),
    "a wrong key": ({"key": "0" * 36}, "key", "does not accept"),
    "an unknown project": ({"external_id": "cl-none"}, "missing", "no project cl-none"),
    "another API": ({"path": "/graphql"}, "address", "no API of Kili"),
    "another scheme": ({"url": "ftp://127.0.0.1"}, "address", "https"),
    "a private address": ({"url": "http://10.0.0.1"}, "address", "10.0.0.1"),
}


def asked(fake: FakeKili, **other: str) -> dict[str, str]:
    return {"url": fake.url + other.pop("path", ""), "account": "", "external_id": CARS, "key": fake.key, **other}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_connection_is_refused_and_nothing_is_stored(db: None, fake: FakeKili, what: str) -> None:
    changed, code, words = WRONG[what]
    with pytest.raises(SourceError, match=words) as caught:
        connect("kili", **asked(fake, **changed))
    assert caught.value.code == code
    assert not Source.objects.filter(kind="kili").exists()


def test_an_account_is_refused(db: None, fake: FakeKili) -> None:
    with pytest.raises(ConnectRefused, match="Kili needs no account"):
        connect("kili", **{**asked(fake), "account": "org"})


def test_projects_are_listed(db: None, fake: FakeKili) -> None:
    found = projects("kili", url=fake.url, account="", key=fake.key)
    assert [(one.external_id, one.name) for one in found] == [(CARS, "Cars"), (CLIPS, "Clips"), (LEGACY, "Old")]


@pytest.mark.parametrize("closed", ["schema", "rights"])
def test_a_closed_record_of_events_is_said(db: None, fake: FakeKili, closed: str) -> None:
    assert not any("own record of events" in told for told in connect("kili", **asked(fake)).cannot_tell)
    fake.closed = closed
    assert any("own record of events" in told for told in connect("kili", **asked(fake)).cannot_tell)


def test_what_is_concluded_is_marked_as_derived(project: Project, fake: FakeKili) -> None:
    fake.closed = "schema"
    sync(project, Mode.FULL)
    work = [
        "task.created",
        "task.submitted",
        "rework.submitted",
        "review.accepted",
        "review.corrected",
        "review.rejected",
    ]
    events = Event.objects.filter(
        log__project=project, type__in=[*work, "task.skipped", "issue.opened", "issue.resolved"]
    )
    assert {*work, "issue.opened", "task.skipped"} - {"review.accepted"} <= {event.type for event in events}
    assert all(json.loads(bytes(event.envelope))["derived"] for event in events)


def test_an_installation_without_some_fields_is_read(project: Project, fake: FakeKili) -> None:
    fake.unknown = {"totalSecondsToLabel", "skipped", "useHoneyPot", "inferenceMark", "comments"}
    sync(project, Mode.FULL)
    assert differences(project, fake) == []


def test_an_installation_that_does_not_tell_its_schema_is_read(project: Project, fake: FakeKili) -> None:
    fake.says_schema = False
    sync(project, Mode.FULL)
    assert differences(project, fake) == []


def test_ids_that_differ_in_case_alone_are_two_assets(project: Project, fake: FakeKili) -> None:
    told = fake.projects[project.external_id]
    told.assets[1]["id"], told.assets[2]["id"] = "Asset-É", "asset-é"
    sync(project, Mode.FULL)
    assert Task.objects.filter(project=project, external_id__in=["Asset-É", "asset-é"]).count() == 2


def test_names_of_every_script_are_kept(project: Project, fake: FakeKili) -> None:
    sync(project, Mode.FULL)
    names = set(Task.objects.filter(project=project).values_list("name", flat=True))
    assert {"تجربة/🚗 b.jpg", "nul\ufffd.jpg", "Same.jpg", "same.jpg"} <= names


TIMES = {
    "2026-03-02T08:00:00": "2026-03-02T08:00:00+00:00",
    "2026-03-02T08:00:00+05:30": "2026-03-02T02:30:00+00:00",
    "2999-01-01T00:00:00Z": "2999-01-01T00:00:00+00:00",
    "yesterday": None,
    "": None,
}


@pytest.mark.parametrize("written", TIMES)
def test_times_are_read_as_they_are_written(project: Project, fake: FakeKili, written: str) -> None:
    fake.projects[project.external_id].assets[1]["labels"][0]["createdAt"] = written
    sync(project, Mode.FULL)
    event = Event.objects.get(log__project=project, type="label.created", task__external_id=f"{CARS}-asset-00001")
    readable = TIMES[written] is not None
    assert json.loads(bytes(event.envelope))["occurred_at"] == (written if readable else None)
    assert event.occurred_at.isoformat() == TIMES[written] or not readable
    assert json.loads(content_of(event))["label"]["createdAt"] == written


@pytest.mark.parametrize("author", [None, {}, {"id": None, "email": None}])
def test_a_label_of_nobody_is_of_nobody(project: Project, fake: FakeKili, author: Any) -> None:
    fake.projects[project.external_id].assets[1]["labels"][0]["author"] = author
    sync(project, Mode.FULL)
    event = Event.objects.get(log__project=project, type="label.created", task__external_id=f"{CARS}-asset-00001")
    assert event.actor is None


def test_a_person_without_an_id_is_known_by_the_address(project: Project, fake: FakeKili) -> None:
    author = {"id": None, "email": "lone@example.com", "firstname": None, "lastname": None}
    fake.projects[project.external_id].assets[1]["labels"][0]["author"] = author
    sync(project, Mode.FULL)
    event = Event.objects.get(log__project=project, type="label.created", task__external_id=f"{CARS}-asset-00001")
    assert event.actor is not None
    assert b"lone@example.com" not in content_of(event)


def test_what_a_label_says_may_be_no_json(project: Project, fake: FakeKili) -> None:
    fake.projects[project.external_id].assets[1]["labels"][0]["jsonResponse"] = "{not JSON"
    sync(project, Mode.FULL)
    assert differences(project, fake) == []


def test_another_asset_than_was_asked_for_is_refused(project: Project, fake: FakeKili) -> None:
    sync(project, Mode.FULL)
    told = fake.projects[project.external_id]
    missing = told.assets.pop()

    def other(answer: Any) -> Any:
        return {"data": {"data": answer["data"]["data"] or [{**told.assets[0], "labels": []}]}}

    fake.fail("^assets$", times=1_000, edit=other)
    with pytest.raises(RunFailed, match=f"asked for asset {missing['id']}"):
        sync(project, Mode.FULL)
