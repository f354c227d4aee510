"""A message to a webhook counts when its signature fits; it only says at which data row to look."""

from __future__ import annotations

import json

import pytest

from audit.sources.hook import BadHook
from audit.sources.labelbox import PLATFORM
from audit.sources.labelbox.hook import read_hook, signature

SECRET = "a secret of nobody"
BODY = json.dumps({"id": "cllabel", "project": {"id": "clproject"}, "dataRow": {"id": "clrow"}}).encode()
HEADERS = {"X-Hub-Signature": signature(BODY, SECRET), "X-Labelbox-Event": "LABEL_UPDATED", "X-Labelbox-Id": "d-1"}


def test_a_signed_message_says_which_data_row_it_is_about() -> None:
    assert PLATFORM.hook is not None
    assert PLATFORM.hook(HEADERS, BODY, SECRET) == ("clrow",)


def test_the_signature_is_hmac_sha1() -> None:
    """RFC 2202 section 3, test case 2."""
    assert signature(b"what do ya want for nothing?", "Jefe") == "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ({"dataRowId": "r"}, ("r",)),
        ({"data_row_id": "r"}, ("r",)),
        ({"data_row": {"id": "r"}}, ("r",)),
        ({"dataRow": {"id": 7}}, ()),
        ([], ()),
    ],
)
def test_messages_of_other_forms_say_what_they_do(body: object, rows: tuple[str, ...]) -> None:
    sent = json.dumps(body).encode()
    headers = {**HEADERS, "X-Hub-Signature": signature(sent, SECRET), "X-Labelbox-Event": "WORKFLOW_ACTION"}
    assert read_hook(headers, sent, SECRET) == rows


@pytest.mark.parametrize(
    ("changes", "body", "secret", "why"),
    [
        ({"X-Hub-Signature": "sha1=0000"}, BODY, SECRET, "does not fit"),
        ({"X-Hub-Signature": "sha1=é"}, BODY, SECRET, "does not fit"),
        ({"X-Hub-Signature": "md5=0000"}, BODY, SECRET, "missing"),
        ({}, BODY + b" ", SECRET, "does not fit"),
        ({}, BODY, "another secret", "does not fit"),
        ({"X-Labelbox-Event": "LABEL_EATEN"}, BODY, SECRET, "none of"),
        ({"X-Hub-Signature": signature(b"{", SECRET)}, b"{", SECRET, "no JSON"),
    ],
)
def test_a_message_that_is_none_is_refused(changes: dict[str, str], body: bytes, secret: str, why: str) -> None:
    with pytest.raises(BadHook, match=why):
        read_hook({**HEADERS, **changes}, body, secret)
