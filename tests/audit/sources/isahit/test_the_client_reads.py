"""isahit lab's wire: the requests of its SDK, tokens, and what wrong keys, ids and answers are met with."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from audit.sources.base import SourceError
from audit.sources.isahit import PLATFORM, IsahitClient, IsahitSource
from audit.sources.isahit import client as module
from audit.sources.web import Conditions
from tests.audit.sources.isahit.conftest import GOLDEN
from tests.fakes.isahit import KEY, PROJECT, SECRET, FakeIsahit

Connect = Callable[..., IsahitClient]


def test_tasks_are_asked_for_as_the_sdk_does(connect: Connect, fake: FakeIsahit) -> None:
    recorded = json.loads((GOLDEN / "wire_log.json").read_bytes())
    path = next(urlsplit(path) for _, path, _ in recorded if path.startswith("/api/task-manager/tasks"))
    since = datetime(2024, 12, 25, tzinfo=UTC)
    list(connect(project="proj1").task_pages(since))
    asked = dict(fake.requests)["tasks"]
    sdk = parse_qsl(path.query)
    names = ("pagination", "page", "limit", "projectId", "optionalFields")
    ours = [pair for pair in asked if pair[0] in names]
    assert ours[:4] == sdk[:4]
    assert set(dict(sdk)) >= {"optionalFields", "updatedAt"}
    assert {pair for pair in sdk if pair[0] == "optionalFields"} <= set(ours)
    assert [pair for pair in asked if pair[0] == "updatedAt"] == [("updatedAt", ">=2024-12-25 00:00:00")]
    assert ("updatedAt", ">=2024-12-25 00:00:00") in sdk


def test_pages_follow_each_other_and_tell_the_time(
    connect: Connect, fake: FakeIsahit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    pages = list(connect().task_pages())
    assert [len(page.items) for page in pages] == [2, 2, 2, 1]
    assert all(page.clock is not None and page.total == 7 for page in pages)


def test_one_token_is_enough_until_it_is_about_to_end(connect: Connect, fake: FakeIsahit) -> None:
    now = [0.0]
    client = connect(clock=lambda: now[0])
    client.count()
    client.count()
    assert fake.asked("login") == 1
    now[0] = fake.account.lifetime - 14
    client.count()
    assert fake.asked("login") == 2


def test_a_token_that_the_platform_forgot_is_replaced(connect: Connect, fake: FakeIsahit) -> None:
    client = connect()
    client.count()
    fake.expire()
    assert client.count() == 7
    assert fake.asked("login") == 2


def test_a_token_that_never_holds_is_said(connect: Connect, fake: FakeIsahit) -> None:
    fake.fail("tasks", times=9, status=401)
    with pytest.raises(SourceError, match="does not accept it") as caught:
        connect().count()
    assert caught.value.code == "key"
    assert fake.asked("login") == 2


@pytest.mark.parametrize("key", ["", "access", ":secret", "access:", "access :secret", "access:sec\nret"])
def test_what_is_no_key_is_refused_at_once(connect: Connect, fake: FakeIsahit, key: str) -> None:
    with pytest.raises(SourceError, match="with a colon between") as caught:
        connect(key)
    assert caught.value.code == "key"
    assert fake.requests == []


def test_a_wrong_key_is_said_without_it(connect: Connect, fake: FakeIsahit) -> None:
    with pytest.raises(SourceError, match="does not accept the access id") as caught:
        connect("ACCESS-7:another-secret").count()
    assert caught.value.code == "key"
    assert "another-secret" not in caught.value.text


def test_an_unknown_project_is_said(connect: Connect) -> None:
    with pytest.raises(SourceError, match="has no project nowhere") as caught:
        IsahitSource(connect(project="nowhere")).check()
    assert caught.value.code == "missing"


def test_a_private_address_is_refused(fake: FakeIsahit) -> None:
    with pytest.raises(SourceError) as caught:
        IsahitClient(fake.url, KEY, PROJECT, Conditions())
    assert caught.value.code == "address"
    assert fake.requests == []


def test_an_address_of_something_else_is_said(fake: FakeIsahit) -> None:
    with pytest.raises(SourceError, match="no API of isahit lab") as caught:
        IsahitClient(fake.url + "/app", KEY, PROJECT, Conditions(allow_hosts=["127.0.0.1"])).count()
    assert caught.value.code == "address"


def test_what_the_platform_says_of_a_refusal_is_told(connect: Connect, fake: FakeIsahit) -> None:
    fake.fail("tasks", status=400)
    with pytest.raises(SourceError, match="injected") as caught:
        connect().count()
    assert caught.value.code == "refused"


def test_no_secret_stands_in_errors_or_representations(connect: Connect, fake: FakeIsahit) -> None:
    client = connect()
    fake.fail("login", status=400, times=1)
    with pytest.raises(SourceError) as caught:
        client.count()
    assert SECRET not in repr(client) + str(caught.value)
    client.count()
    fake.fail("tasks", body=f'{{"docs": 1, "secret": "{SECRET}"}}'.encode())
    with pytest.raises(SourceError) as caught:
        client.count()
    assert SECRET not in str(caught.value)


def test_half_characters_come_in(connect: Connect, fake: FakeIsahit) -> None:
    def broken(page: Any) -> Any:
        page["docs"] = [{"_id": "x", "name": "half \ud800"}]
        return page

    fake.fail("tasks", edit=broken)
    ((raw,),) = (page.items for page in connect().task_pages())
    assert b"\\ufffd" in raw


def test_one_task_is_asked_for_by_its_id(connect: Connect) -> None:
    source = IsahitSource(connect())
    found = source.task("TASK0001")
    assert found is not None
    assert found.task == "TASK0001"
    assert source.task("nothing") is None


def test_another_task_than_was_asked_for_is_refused(connect: Connect, fake: FakeIsahit) -> None:
    fake.fail("tasks", edit=lambda page: {**page, "docs": [{"_id": "other"}]})
    with pytest.raises(SourceError, match="was asked for task task0001 and sent other"):
        IsahitSource(connect()).task("task0001")


def test_projects_are_listed_but_those_that_are_gone(fake: FakeIsahit) -> None:
    fake.account.projects["p2"] = {"_id": "p2", "name": "Old", "status": "deleted"}
    fake.account.projects["p3"] = {"_id": "p3", "status": "complete"}
    how = Conditions(allow_hosts=["127.0.0.1"])
    found = list(PLATFORM.projects(fake.url, KEY, "", how))
    assert [(project.external_id, project.name, project.description) for project in found] == [
        (PROJECT, "Street", "Cars"),
        ("p3", "p3", None),
    ]


@pytest.mark.parametrize("raw", [[], {}, {"projectType": 7}])
def test_a_configuration_that_is_none_is_refused(connect: Connect, fake: FakeIsahit, raw: Any) -> None:
    fake.account.configurations[PROJECT] = raw
    with pytest.raises(SourceError):
        IsahitSource(connect()).check()
