"""Rules of schedules as people and programs write them: `30m`; `02:00` in a zone, every day or on one weekday."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exportsite.nearest import nearest
from exportsite.text import visible_line

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST = 60 * 24 * 31
"""Minutes; who wants less than that takes a file."""
_UNITS = {"": 1, "m": 1, "min": 1, "h": 60, "d": 1440}
_EVERY = re.compile(r"([0-9]{1,6}) *([a-z]*)")


class BadSchedule(ValueError):
    """A schedule that there can't be; `field` is which part of it, and the text says why."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Rule:
    """Every `minutes`, or `at` a local time of `zone`, daily or on a `weekday` (0 is Monday). Raises BadSchedule."""

    minutes: int | None = None
    at: time | None = None
    zone: str = ""
    weekday: int | None = None

    def __post_init__(self) -> None:
        if (self.minutes is None) == (self.at is None):
            raise BadSchedule("minutes", "a schedule has either minutes, or a time of day")
        if self.minutes is not None:
            if not 1 <= self.minutes <= LONGEST:
                raise BadSchedule("minutes", f"{self.minutes:,} minutes can't be: they are from 1 to {LONGEST:,}")
            for field, given in (("zone", self.zone != ""), ("weekday", self.weekday is not None)):
                if given:
                    raise BadSchedule(field, f"a {field} goes with a time of day, not with minutes")
            return
        if not self.zone:
            raise BadSchedule("zone", "whose time of day it is, is missing: a zone, such as Europe/Paris or UTC")
        zone_of(self.zone)
        if self.weekday is not None and not 0 <= self.weekday <= 6:
            raise BadSchedule("weekday", "a weekday is a number from 0 (Monday) to 6 (Sunday)")


def every(text: str) -> Rule:
    """`30m`, `2h`, `1d`, or a number of minutes."""
    found = _EVERY.fullmatch(text.strip().lower())
    if found is None or found[2] not in _UNITS:
        raise BadSchedule("minutes", f"{_quoted(text)} is no length of time; write it as 30m, 2h or 1d")
    return Rule(minutes=int(found[1]) * _UNITS[found[2]])


def daily(text: str, zone: str) -> Rule:
    """`02:00`, of a zone."""
    return Rule(at=clock(text), zone=zone.strip())


def weekly(day: str, text: str, zone: str) -> Rule:
    """`mon` or `Monday`, `02:00`, of a zone."""
    return Rule(at=clock(text), zone=zone.strip(), weekday=weekday(day))


def clock(text: str) -> time:
    """A time of day to the minute: `02:00`."""
    try:
        return datetime.strptime(text.strip(), "%H:%M").time()
    except ValueError:
        raise BadSchedule("at", f"{_quoted(text)} is no time of day; write it as 02:00 or 23:30") from None


def weekday(text: str) -> int:
    """0 for `mon` or `Monday`."""
    word = text.strip().lower()
    for number, name in enumerate(DAY_NAMES):
        if word in (DAYS[number], name.lower()):
            return number
    close = nearest(word, DAYS)
    hint = f"did you mean {close}?" if close else f"one of {', '.join(DAYS)}"
    raise BadSchedule("weekday", f"{_quoted(text)} is no weekday; {hint}")


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSchedule("zone", f"{_quoted(name)} is no time zone; write it as Europe/Paris, or UTC") from None


def _quoted(text: str) -> str:
    return f'"{visible_line(text[:60])}"'
