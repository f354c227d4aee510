"""Times and lengths read as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from exportsite import clock

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("milliseconds", "shown"), [(0, "0:00"), (1_882_000, "31:22"), (5_900_000, "1:38:20"), (999, "0:01")]
)
def test_active_time_is_minutes_and_seconds(milliseconds: int, shown: str) -> None:
    assert clock.active(milliseconds) == shown


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(days=3, hours=7, minutes=5), "3 d 7 h"),
        (timedelta(hours=1, minutes=33), "1 h 33 min"),
        (timedelta(days=1, minutes=2), "1 d"),
        (timedelta(hours=15, seconds=52), "15 h"),
        (timedelta(minutes=2, seconds=5), "2 min 5 s"),
        (timedelta(), "0 s"),
    ],
)
def test_elapsed_time_has_its_largest_unit_and_the_one_below(span: timedelta, shown: str) -> None:
    assert clock.elapsed(span) == shown


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=4), "4 min ago"),
        (timedelta(hours=30), "1 d ago"),
        (timedelta(days=6000), "16 y ago"),
        (timedelta(hours=-2), "in 2 h"),
        (timedelta(seconds=-20), "in a moment"),
        (timedelta(milliseconds=-20), "just now"),
    ],
)
def test_how_long_ago(before: timedelta, shown: str) -> None:
    assert clock.ago(NOON - before, NOON) == shown


def test_the_offset_in_the_text_goes_before_the_zone() -> None:
    local = clock.local_time(NOON, "2026-07-01T21:00:00+09:00", "Europe/Berlin")
    assert local is not None
    assert (f"{local:%H:%M}", clock.offset_of(local)) == ("21:00", "+09:00")


def test_a_text_without_an_offset_is_read_in_the_projects_zone() -> None:
    local = clock.local_time(NOON, "2026-07-01 14:00", "Europe/Berlin")
    assert local is not None
    assert (f"{local:%H:%M}", clock.offset_of(local)) == ("14:00", "+02:00")


@pytest.mark.parametrize("text", ["2026-07-01T12:00:00Z", "last Tuesday", None])
def test_utc_and_unknown_zones_have_no_local_time(text: str | None) -> None:
    assert clock.local_time(NOON, text, "") is None
