"""A message to a webhook counts when its signature fits; it only says where to look."""

from __future__ import annotations

import json

import pytest

from audit.sources.labelbox.hook import BadHook, Hint, read_hook, signature

SECRET = "a secret of nobody"
BODY = json.dumps({"id": "cllabel", "project": {"id": "clproject"}, "dataRow": {"id": "clrow"}}).encode()
HEADERS = {"X-Hub-Signature": signature(BODY, SECRET), "X-Labelbox-Event": "LABEL_UPDATED", "X-Labelbox-Id": "d-1"}


def test_a_signed_message_says_what_it_is_about() -> None:
    assert read_hook(HEADERS, BODY, SECRET) == Hint("LABEL_UPDATED", "d-1", "clproject", "clrow", "cllabel")


def test_the_signature_is_that_of_labelboxs_documentation() -> None:
    """HMAC-SHA1, RFC 2202 section 3, test case 2."""
    assert signature(b"what do ya want for nothing?", "Jefe") == "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"


@pytest.mark.parametrize(
    ("body", "project", "row"),
    [
        ({"projectId": "p", "dataRowId": "r"}, "p", "r"),
        ({"project_id": "p", "data_row_id": "r"}, "p", "r"),
        ({"data_row": {"id": "r"}}, None, "r"),
        ([], None, None),
    ],
)
def test_messages_of_other_forms_say_what_they_do(body: object, project: str | None, row: str | None) -> None:
    sent = json.dumps(body).encode()
    headers = {**HEADERS, "X-Hub-Signature": signature(sent, SECRET), "X-Labelbox-Event": "WORKFLOW_ACTION"}
    assert read_hook(headers, sent, SECRET) == Hint("WORKFLOW_ACTION", "d-1", project, row, None)


@pytest.mark.parametrize(
    ("changes", "body", "secret", "why"),
    [
        ({"X-Hub-Signature": "sha1=0000"}, BODY, SECRET, "does not fit"),
        ({"X-Hub-Signature": "sha1=é"}, BODY, SECRET, "does not fit"),
        ({"X-Hub-Signature": "md5=0000"}, BODY, SECRET, "missing"),
        ({}, BODY + b" ", SECRET, "does not fit"),
        ({}, BODY, "another secret", "does not fit"),
        ({}, BODY, "", "no secret"),
        ({"X-Labelbox-Event": "LABEL_EATEN"}, BODY, SECRET, "none of"),
        ({"X-Labelbox-Id": ""}, BODY, SECRET, "missing"),
        ({"X-Hub-Signature": signature(b"{", SECRET)}, b"{", SECRET, "no JSON"),
    ],
)
def test_a_message_that_is_none_is_refused(changes: dict[str, str], body: bytes, secret: str, why: str) -> None:
    with pytest.raises(BadHook, match=why):
        read_hook({**HEADERS, **changes}, body, secret)
