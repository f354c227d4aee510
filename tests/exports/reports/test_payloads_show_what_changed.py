"""The values of a payload that differ from those before are printed; what only says how it was sent is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.log.envelope import Envelope
from exports.reports.changes import of_payload


def envelope(**more: Any) -> Envelope:
    values: dict[str, Any] = dict.fromkeys(Envelope.__struct_fields__)
    values |= {
        "type": "task.started",
        "source_type": "STARTED",
        "source_key": "k",
        "log": "l",
        "received_at": "",
        "n": 1,
    }
    return Envelope(**(values | {"v": 1, "derived": False, "actor_kind": "system"} | more))


def changed(*payloads: object) -> list[tuple[str, str | None, str]]:
    values: dict[str, str] = {}
    found = [
        list(of_payload(json.dumps(payload).encode(), envelope(), None, values, lambda who: who))
        for payload in payloads
    ]
    return [(change.label, change.old, change.new) for change in found[-1]]


def test_a_value_that_differs_is_shown_with_the_one_before() -> None:
    assert changed({"pin": {"x": 1}, "tool": "brush"}, {"pin": {"x": 2}, "tool": "brush"}) == [("pin.x", "1", "2")]


def test_values_of_the_first_payload_are_new() -> None:
    assert changed({"tool": "brush"}) == [("tool", None, "brush")]


@pytest.mark.parametrize("nested", [False, True])
def test_names_of_graphqls_own_are_left_out(nested: bool) -> None:
    payload = {"__typename": "TaskEvent", "tool": "brush"}
    assert changed({"data": payload} if nested else payload) == [("data.tool" if nested else "tool", None, "brush")]
