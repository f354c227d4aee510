from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from audit.sources.files import BadOption, FileEvent, FileOptions
from audit.sources.files.times import instant, zone_named

PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2024-05-31T14:02:07Z", "2024-05-31T14:02:07"),
        ("2024-05-31 14:02:07+02:00", "2024-05-31T12:02:07"),
        ("2024-05-31T14:02:07.123456789-0330", "2024-05-31T17:32:07.123456"),
        (" 2024-05-31T14:02Z ", "2024-05-31T14:02:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999"),
    ],
)
def test_a_time_with_a_zone_is_one_instant(text: str, meant: str) -> None:
    assert instant(text, None) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2024-07-01T12:00:00", "2024-07-01T10:00:00"),
        ("2024-01-01", "2023-12-31T23:00:00"),
        ("2024-10-27T02:30:00", "2024-10-27T00:30:00"),  # Clocks show it twice: the first one.
        ("2024-03-31T02:30:00", "2024-03-31T01:30:00"),  # Clocks skip it: as if they had not.
        ("2024-07-01T12:00:00Z", "2024-07-01T12:00:00"),  # It has a zone of its own.
    ],
)
def test_a_time_without_a_zone_is_of_the_one_that_was_named(text: str, meant: str) -> None:
    assert instant(text, zone_named(PARIS)) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


def test_an_instant_is_in_utc() -> None:
    assert instant("2024-05-31T14:02:07+02:00", None).utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused_while_none_is_named() -> None:
    with pytest.raises(ValueError, match="has no zone; name the zone that is meant with --zone"):
        instant("2024-05-31T14:02:07", None)


@pytest.mark.parametrize(
    "text",
    [
        "31.05.2024 14:02",
        "1717156927",
        "20240531T140207Z",
        "2024-05-31x14:02:07Z",
        "2024-02-30T00:00:00Z",
        "2024-05-31T25:00:00Z",
        "2024-05-31T14:02:07+25:00",
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "yesterday",
        "٢٠٢٤-05-31T14:02:07Z",
        "-",
    ],
)
def test_what_is_no_time_is_refused_by_its_text(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        instant(text, None)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("0001-01-01T00:00:00+01:00", ""),
        ("9999-12-31T23:59:59-01:00", ""),
        ("0001-01-01T00:00:00", "Asia/Tokyo"),
        ("9999-12-31T23:59:59", "America/New_York"),
    ],
)
def test_a_time_that_utc_has_no_year_for_is_refused(text: str, zone: str) -> None:
    with pytest.raises(ValueError, match="is outside the years 1 to 9999 in UTC"):
        instant(text, zone_named(zone))


@pytest.mark.parametrize("zone", ["Europe/Pariss", "../../etc/passwd", "America", "/etc/localtime", "+02:00", "a\0b"])
def test_an_unknown_zone_is_refused_by_name(zone: str) -> None:
    with pytest.raises(BadOption, match="--zone: there is no time zone"):
        FileOptions.parse(zone=zone)


def test_a_bad_time_is_named_with_its_line(refusal: Callable[..., str]) -> None:
    found = refusal("task,event,time\n1,A,2024-01-01T00:00:00Z\n1,A,2024-01-01\n")
    assert found == '3: the time "2024-01-01" has no zone; name the zone that is meant with --zone'


def test_the_text_of_a_time_is_kept_as_it_is(read: Callable[..., list[FileEvent]]) -> None:
    (found,) = read("task,event,time\n1,A, 2024-01-01 10:00 \n", zone=PARIS)
    assert found.event.occurred_at == " 2024-01-01 10:00 "
