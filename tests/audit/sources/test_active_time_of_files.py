from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from audit.sources.base import SourceEvent
from audit.sources.files import BadOption, FileOptions

Trails = Callable[..., list[SourceEvent]]
DURATIONS = "task,event,time,user,stage,cycle,duration_ms,seconds\n"
PAIRS = "task,activity,time,resource,lifecycle\n"


def times(events: list[SourceEvent]) -> list[dict[str, object]]:
    return [json.loads(event.content or b"") for event in events if event.type == "time.recorded"]


def test_a_duration_becomes_an_event_of_its_own(trails: Trails) -> None:
    event, time = trails(f"{DURATIONS}1,TASK_SUBMITTED,2024-01-01T00:00:00Z,Kim,Label,2,61000,\n")
    assert json.loads(time.content or b"") == {
        "milliseconds": 61000,
        "started_at": None,
        "ended_at": None,
        "rule": "duration",
    }
    assert (time.type, time.derived, time.text) == ("time.recorded", True, None)
    for name in ("task", "actor", "actor_kind", "stage", "cycle", "occurred_at", "instant"):
        assert getattr(time, name) == getattr(event, name)


@pytest.mark.parametrize(
    ("cells", "milliseconds"),
    [
        ("0,", 0),
        ("12.6,", 13),
        ("1e3,", 1000),
        (",1.5", 1500),
        (",0.0004", 0),
        ("7,9", 7),
        ("9007199254740992,", 2**53),
    ],
)
def test_durations_are_rounded_to_milliseconds(trails: Trails, cells: str, milliseconds: int) -> None:
    found = times(trails(f"{DURATIONS}1,A,2024-01-01T00:00:00Z,Kim,Label,2,{cells}\n"))
    assert [time["milliseconds"] for time in found] == [milliseconds]


def test_no_duration_is_no_event(trails: Trails) -> None:
    assert times(trails(f"{DURATIONS}1,A,2024-01-01T00:00:00Z,Kim,Label,2,,\n")) == []


@pytest.mark.parametrize(
    "cells", ["-1,", "NaN,", "Infinity,", "9007199254740993,", "1e999999999,", ",-0.1", "soon,", ",1:30"]
)
def test_an_absurd_duration_is_refused_with_its_line(refusal: Callable[..., str], cells: str) -> None:
    found = refusal(f"{DURATIONS}1,A,2024-01-01T00:00:00Z,Kim,Label,2,{cells}\n")
    assert found.startswith(f'2: the duration "{cells.strip(",")}" is not a number of ')


def test_durations_are_not_looked_at_when_they_are_not_wanted(trails: Trails) -> None:
    assert times(trails(f"{DURATIONS}1,A,2024-01-01T00:00:00Z,Kim,Label,2,soon,\n", active_time="none")) == []


def pair_rows(*rows: tuple[str, int, str, str]) -> str:
    return PAIRS + "".join(f"1,{what},2024-01-01T00:00:{second:02}Z,{who},{how}\n" for what, second, who, how in rows)


def test_a_start_and_its_completion_are_a_time(trails: Trails) -> None:
    (time,) = times(trails(pair_rows(("label", 1, "Kim", "START"), ("label", 9, "Kim", "complete"))))
    assert time == {
        "milliseconds": 8000,
        "started_at": "2024-01-01T00:00:01Z",
        "ended_at": "2024-01-01T00:00:09Z",
        "rule": "start-complete",
    }


def test_the_first_start_goes_with_the_first_completion(trails: Trails) -> None:
    rows = (("x", 0, "Kim", "start"), ("x", 1, "Kim", "start"), ("x", 5, "Kim", ""), ("x", 9, "Kim", "complete"))
    assert [time["milliseconds"] for time in times(trails(pair_rows(*rows)))] == [5000, 8000]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (("x", 0, "Kim", "start"), ("x", 5, "Lee", "complete")),
        (("x", 0, "Kim", "start"), ("y", 5, "Kim", "complete")),
        (("x", 5, "Kim", "start"), ("x", 0, "Kim", "complete")),
        (("x", 0, "Kim", "start"), ("x", 5, "Kim", "suspend")),
    ],
)
def test_a_completion_of_something_else_ends_nothing(
    trails: Trails, start: tuple[str, int, str, str], end: tuple[str, int, str, str]
) -> None:
    assert times(trails(pair_rows(start, end))) == []


def test_a_completion_of_another_task_ends_nothing(trails: Trails) -> None:
    text = pair_rows(("x", 0, "Kim", "start")) + "2,x,2024-01-01T00:00:05Z,Kim,complete\n"
    assert times(trails(text)) == []


def test_pairs_are_by_time_whatever_the_order_of_the_file(trails: Trails) -> None:
    rows = (("x", 9, "Kim", "complete"), ("x", 4, "Kim", "start"))
    assert [time["milliseconds"] for time in times(trails(pair_rows(*rows)))] == [5000]


def test_times_of_a_named_zone_are_told_in_utc(trails: Trails) -> None:
    text = f"{PAIRS}1,x,2024-07-01 10:00,Kim,start\n1,x,2024-07-01 10:01,Kim,complete\n"
    (time,) = times(trails(text, zone="Europe/Paris"))
    assert (time["started_at"], time["ended_at"]) == ("2024-07-01T08:00:00+00:00", "2024-07-01T08:01:00+00:00")


MIXED = (
    "task,activity,time,resource,lifecycle,seconds\n"
    "1,x,2024-01-01T00:00:00Z,K,start,\n"
    "1,x,2024-01-01T00:00:05Z,K,complete,3\n"
)


@pytest.mark.parametrize(
    ("how", "milliseconds"), [("auto", [3000]), ("duration", [3000]), ("pairs", [5000]), ("none", [])]
)
def test_active_time_comes_from_one_of_the_two(trails: Trails, how: str, milliseconds: list[int]) -> None:
    assert [time["milliseconds"] for time in times(trails(MIXED, active_time=how))] == milliseconds


@pytest.mark.parametrize(("how", "field"), [("duration", "duration_ms"), ("pairs", "lifecycle")])
def test_active_time_that_the_file_can_not_give_is_refused(refusal: Callable[..., str], how: str, field: str) -> None:
    found = refusal("task,event,time\n1,A,2024-01-01T00:00:00Z\n", active_time=how)
    assert found.startswith(f"None: no column holds the {field}")


def test_an_unknown_way_to_active_time_is_refused() -> None:
    with pytest.raises(BadOption, match=r'--active-time: "pair" is none of .*\(nearest: pairs\)'):
        FileOptions.parse(active_time="pair")


def test_a_line_that_comes_twice_counts_its_time_once(trails: Trails) -> None:
    row = "1,A,2024-01-01T00:00:00Z,5000,e-1\n"
    assert len(times(trails(f"task,event,time,duration_ms,event_id\n{row}{row}"))) == 1
