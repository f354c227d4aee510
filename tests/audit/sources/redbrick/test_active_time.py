from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from audit.sources.base import ActiveSpan, SourceError, SourceEvent
from audit.sources.redbrick.activetime import time_event
from audit.sources.redbrick.project import RedBrickProject
from audit.sources.redbrick.reading import RedBrickReading
from audit.sources.values import instant

PROJECT = RedBrickProject("p-1", "A project", {"Label": "manual-labeling"})


def row(**more: Any) -> SourceEvent:
    """One row of active time at Label."""
    user = {"userId": "u-1", "email": None, "givenName": None}
    found = {"taskId": "t-1", "user": user, "timeSpent": 1500, "cycle": 0, "date": "2025-03-01T10:00:00+00:00"}
    return time_event(json.dumps(found | more).encode(), "Label", PROJECT)


def test_a_row_says_who_worked_where_in_which_round() -> None:
    event = row(cycle=1)
    assert event.actor is not None
    assert (event.task, event.stage, event.cycle, event.actor.external_id) == ("t-1", "Label", 2, "u-1")


def test_a_first_sum_is_recorded_and_a_later_one_revises_it() -> None:
    before, after = row(), row(timeSpent=1600)
    opening = before.opening()
    assert opening is not None
    assert (opening.type, after.type) == ("time.recorded", "time.revised")
    assert before.version is not None
    assert after.version is not None
    assert (before.version.thing, before.version.state) == (after.version.thing, "1500")
    assert after.version.state == "1600"


@pytest.mark.parametrize("other", [{"cycle": 1}, {"user": {"userId": "u-2"}}, {"user": None}])
def test_another_round_or_person_is_another_time(other: dict[str, Any]) -> None:
    one, two = row().version, row(**other).version
    assert one is not None
    assert two is not None
    assert one.thing != two.thing


def test_the_payload_is_read_back_as_milliseconds_with_their_end() -> None:
    span = RedBrickReading().active_span(row().content or b"")
    assert span == ActiveSpan(1500, None, instant("2025-03-01T10:00:00+00:00"))


def test_a_row_without_milliseconds_is_kept_but_no_time() -> None:
    event = row(timeSpent=None)
    assert event.type == "activity.recorded"
    with pytest.raises(ValueError, match="no milliseconds"):
        RedBrickReading().active_span(event.content or b"")


@pytest.mark.parametrize("nonsense", [True, "1500", float("nan"), 10**16])
def test_what_can_be_no_time_is_none(nonsense: object) -> None:
    assert row(timeSpent=nonsense).type == "activity.recorded"


def test_fractions_of_milliseconds_are_rounded() -> None:
    assert RedBrickReading().active_span(row(timeSpent=1500.6).content or b"").milliseconds == 1501


def test_a_row_of_no_task_is_refused() -> None:
    with pytest.raises(SourceError, match='active time at "Label" that is of no task'):
        row(taskId=None)


def test_the_recorded_rows_read_as_the_sdk_reads_them(
    golden: dict[str, Any], projects: Callable[[str], RedBrickProject]
) -> None:
    rows = next(call["rows"] for call in golden["calls"] if "stage_name='Label'" in call["call"])
    events = [time_event(json.dumps(one).encode(), "Label", projects("01")) for one in rows]
    assert [event.version and event.version.state for event in events] == ["2312345", "1500000", "800000", "60000", "0"]
    assert [event.actor_kind for event in events] == ["person", "person", "person", "person", "service"]
