"""Events over time, in bins that fit on a page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from exports.reports import figures
from exports.reports.words import MONTHS

MAX_BINS = 32


def bins_of(days: dict[int, int]) -> tuple[str, tuple[figures.Bin, ...]]:
    """Events per day, week, month or year: the finest that needs at most 32 columns. Weeks begin on Monday."""
    if not days:
        return "day", ()
    first, last = date.fromordinal(min(days)), date.fromordinal(max(days))
    for unit in ("day", "week", "month", "year"):
        starts = list(_starts(first, last, unit))
        if len(starts) <= MAX_BINS or unit == "year":
            break
    sums = dict.fromkeys(starts, 0)
    for ordinal, events in days.items():
        sums[_start(date.fromordinal(ordinal), unit)] += events
    return unit, tuple(figures.Bin(_bin_label(start, unit), events) for start, events in sums.items())


def _start(day: date, unit: str) -> date:
    """The first day of the bin that `day` is in."""
    if unit == "week":
        return day - timedelta(days=min(day.weekday(), day.toordinal() - 1))
    return {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[unit]


def _starts(first: date, last: date, unit: str) -> Iterator[date]:
    """The bins from `first` to `last`; one more than is needed at most, so that a wild date costs nothing."""
    step = {"day": 1, "week": 7, "month": 32, "year": 367}[unit]
    at, number = _start(first, unit), 0
    while at <= last and (number <= MAX_BINS or unit == "year"):
        yield at
        number += 1
        if (date.max - at).days < step:
            return
        at = _start(at + timedelta(days=step), unit)


def _bin_label(start: date, unit: str) -> str:
    month = MONTHS[start.month - 1][:3]
    return {"month": f"{month} {start.year}", "year": str(start.year)}.get(unit, f"{start.day} {month}")
