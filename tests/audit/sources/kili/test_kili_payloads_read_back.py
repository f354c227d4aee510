"""What events of Kili say is read back from their payloads, and compared without what may change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.sources.base import SourceEvent
from audit.sources.kili.reading import KiliReading
from tests.audit.sources.kili.conftest import golden, history

READING = KiliReading()


def of_type(type_: str, **label: Any) -> SourceEvent:
    """An event of the first recorded asset, its label changed so."""
    found = golden("05a_unknown_category")
    asset = found["assets"][0]
    asset["labels"][0] |= label
    return next(event for event in history(found["project"], asset).events if event.type == type_)


def content(event: SourceEvent) -> bytes:
    assert event.content is not None
    return event.content


def test_a_label_tells_its_kind_time_and_seconds() -> None:
    details = READING.label_details(content(of_type("label.updated", labelType="REVIEW", isSentBackToQueue=True)))
    assert details is not None
    assert (details.kind, details.milliseconds, details.sent_back) == ("REVIEW", 12_000, True)
    assert details.created_at is not None
    assert details.created_at.isoformat() == "2024-03-01T10:00:00+00:00"


def test_an_event_that_says_that_a_label_was_edited_is_no_label() -> None:
    assert READING.label_details(b'{"id":"e","event":"label.workflow.edited","payload":{}}') is None
    with pytest.raises(ValueError, match="no label"):
        READING.label_details(b"{}")


def test_an_active_time_is_in_milliseconds_and_ended_with_the_label() -> None:
    event = of_type("time.revised", secondsToLabel=1.25)
    span = READING.active_span(content(event))
    assert span.milliseconds == 1250
    assert span.ended_at is not None
    assert event.version is not None
    assert event.version.first is not None
    assert event.version.first.type == "time.recorded"


def test_a_label_without_seconds_has_no_active_time() -> None:
    for seconds in (None, "12", -1, True, 1e300):
        with pytest.raises(StopIteration):
            of_type("time.revised", secondsToLabel=seconds)


@pytest.mark.parametrize("kind", ["PREDICTION", "INFERENCE"])
def test_nobody_worked_on_what_a_model_said(kind: str) -> None:
    with pytest.raises(StopIteration):
        of_type("time.revised", labelType=kind)


def test_names_are_in_one_text_in_payloads() -> None:
    author = json.loads(content(of_type("label.updated")))["label"]["author"]
    assert author["name"] == "Jane Doe"
    assert author["name"][: author["firstnameLength"]] == "Jane"
    assert not author.keys() & {"firstname", "lastname"}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"isLatestLabelForUser": False}, True),
        ({"secondsToLabel": 99}, True),
        ({"updatedAt": "2030-01-01T00:00:00Z"}, True),
        ({"honeypotMark": 0.5}, True),
        ({"jsonResponse": {}}, False),
        ({"labelType": "REVIEW"}, False),
        ({"isSentBackToQueue": True}, False),
        ({"author": {"id": "user-2", "email": "a@example.com"}}, False),
        ({"author": {"id": "user-1", "email": "new@example.com", "firstname": "J", "lastname": "D"}}, True),
    ],
)
def test_a_version_is_what_a_label_says_and_who_said_it(change: dict[str, Any], same: bool) -> None:
    before, after = of_type("label.updated").version, of_type("label.updated", **change).version
    assert before is not None
    assert after is not None
    assert (before.state == after.state) is same


def test_what_never_changes_of_a_label_is_who_made_it_when() -> None:
    before, after = (content(of_type("label.updated", jsonResponse=says)) for says in ({}, {"BOX": {}}))
    assert before != after
    assert READING.settled(before) == READING.settled(after)
    other = content(of_type("label.updated", createdAt="2024-03-01T10:00:01.000Z"))
    assert READING.settled(other) != READING.settled(before)


def test_an_asset_is_called_by_its_external_id() -> None:
    assert READING.task_details(content(of_type("task.updated"))).name == "ok"
    created = b'{"event":"asset.created","payload":{"assetId":"a","externalId":"car"}}'
    assert READING.task_details(created).name == "car"
    assert READING.task_details(b"[]").name is None


def test_the_label_that_kili_calls_the_latest_is_known() -> None:
    told = READING.task_details(b'{"asset":{"externalId":"car","latestLabel":{"id":"l-2"}}}')
    assert told.latest == ("l-2",)
    assert READING.task_details(b'{"asset":{"externalId":"car","latestLabel":null}}').latest == ()


def test_steps_of_one_name_are_told_apart() -> None:
    steps = [{"id": "a", "name": "Label", "stepGroupId": "g1"}, {"id": "b", "name": "Label", "stepGroupId": "g2"}]
    details = READING.project_details(json.dumps({"title": "T", "steps": steps}).encode())
    assert (details.name, details.stages) == ("T", ("Label (g1)", "Label (g2)"))
