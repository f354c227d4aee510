from __future__ import annotations

import logging
import traceback

import pytest

from audit.demo.redbrick import FakeRedBrick
from audit.demo.redbrick.scripts import LIVER, ORG
from audit.sources.base import SourceError
from audit.sources.redbrick import RedBrickClient
from audit.sources.web import Conditions

KEY = "very-secret-key-that-nobody-may-ever-see-xx"
HOW = Conditions(allow_hosts=["127.0.0.1"], sleep=lambda seconds: None)


@pytest.mark.parametrize("key", ["", "short", KEY + "x", KEY[:-1] + "\n", KEY[:-1] + "é", KEY[:-1] + " "])
def test_a_key_of_another_form_is_refused_before_anything_is_sent(key: str) -> None:
    with pytest.raises(SourceError, match=f"it has {len(key)} characters, a key has 43") as caught:
        RedBrickClient("https://api.redbrickai.com", key, ORG, LIVER.id)
    assert caught.value.code == "key"
    assert not key or key not in str(caught.value)


def test_a_wrong_key_is_told_so(fake: FakeRedBrick) -> None:
    with pytest.raises(SourceError, match="does not accept the API key") as caught:
        RedBrickClient(fake.url, KEY, ORG, LIVER.id, HOW).count()
    assert caught.value.code == "key"


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 401},
        {"status": 400},
        {"status": 500, "times": 9},
        {"drop": True, "times": 9},
        {"errors": [{"message": f"no user for {KEY}"}]},
        {"errors": [KEY]},
        {"body": f'{{"data": "{KEY}"}}'.encode(), "times": 9},
    ],
    ids=str,
)
def test_no_error_log_line_or_representation_has_the_key(
    fake: FakeRedBrick, caplog: pytest.LogCaptureFixture, fault: dict[str, object]
) -> None:
    fake.world.key = KEY
    client = RedBrickClient(fake.url, KEY, ORG, LIVER.id, HOW)
    fake.fail("tasksPagedSDK", **fault)
    with caplog.at_level(logging.DEBUG), pytest.raises(SourceError) as caught:
        client.count()
    said = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert KEY not in said + caplog.text + repr(client) + repr(client.web)


def test_an_address_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(SourceError, match="user name or password") as caught:
        RedBrickClient("https://me:hunter2@example.org/graphql/", KEY, ORG, LIVER.id)
    assert "hunter2" not in str(caught.value)


def test_what_a_server_says_is_shown_on_one_line_and_cut(fake: FakeRedBrick) -> None:
    client = RedBrickClient(fake.url, fake.world.key, ORG, LIVER.id, HOW)
    fake.fail("tasksPagedSDK", errors=[{"message": "a\nb\x1b[31m" + "x" * 5000}])
    with pytest.raises(SourceError) as caught:
        client.count()
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 600
