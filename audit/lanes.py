"""The chart of active time: a lane for each stage, person and cycle, on one axis with its long pauses folded.

A bar ends when the work was completed and is as long as the time that was counted. Pauses of more than two hours in
which nobody was active are folded to a narrow column; the scale is the same on both sides. Positions along the axis
are percentages, so that text keeps its size at every width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

FOLD = timedelta(hours=2)
MARGIN = timedelta(minutes=5)
MOST_LANES = 24
_STEPS = tuple(timedelta(minutes=m) for m in (5, 10, 15, 30, 60, 120, 240, 480, 1440, 2880, 10080))
_MOST_LINES = 18
_LABEL = 9.0
"""Percent of the axis that a label needs; what a narrow screen always shows is further apart."""
_ALWAYS = 34.0


@dataclass(frozen=True, slots=True)
class Closing:
    """The event with which the work was handed in or judged: its number in the task, type and verb."""

    n: int
    type: str
    verb: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """Active time to draw: who and where (`lane`), until when, for how long; the log entry that recorded it."""

    lane: tuple[str, str, int | None]
    ended_at: datetime
    milliseconds: int
    entry: int
    closed_by: Closing | None = None

    @property
    def started_at(self) -> datetime:
        """The bar's beginning."""
        return self.ended_at - timedelta(milliseconds=self.milliseconds)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: left edge, width and right end in percent; the entry that recorded it and the event that ended it."""

    x: str
    width: str
    end: str
    milliseconds: int
    entry: int
    closed_by: Closing | None


@dataclass(slots=True)
class Lane:
    """A stage, a person's name and a cycle, with bars and their sum in milliseconds."""

    stage: str
    person: str
    cycle: int | None
    milliseconds: int = 0
    bars: list[Bar] = field(default_factory=list)

    @property
    def hatched(self) -> bool:
        """Whether it is a second or later cycle."""
        return self.cycle is not None and self.cycle > 1


@dataclass(frozen=True, slots=True)
class Label:
    """Text on the axis at x percent: the day (empty where it is the one before) and the time.

    `kind` is its CSS classes: `opt` is left out where the axis is narrow.
    """

    x: str
    day: str
    time: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole chart; `folds` are (left edge, width) in percent, `lines` positions of grid lines."""

    lanes: list[Lane]
    folds: list[tuple[str, str]]
    lines: list[str]
    labels: list[Label]
    left_out: int


def chart(sittings: Sequence[Sitting]) -> Chart | None:
    """The chart of these sittings, lanes in the order in which they begin; None when there is nothing to draw."""
    sittings = sorted((one for one in sittings if one.milliseconds > 0), key=lambda one: one.started_at)
    if not sittings:
        return None
    axis = _Axis(sittings)
    lanes: dict[tuple[str, str, int | None], Lane] = {}
    for one in sittings:
        lane = lanes.setdefault(one.lane, Lane(*one.lane))
        lane.milliseconds += one.milliseconds
        left, right = axis.at(one.started_at), axis.at(one.ended_at)
        # Not less than a hair's breadth: a sitting of a second must still be seen.
        width, end = _percent(max(right - left, 0.3)), _percent(max(right, left + 0.3))
        lane.bars.append(Bar(_percent(left), width, end, one.milliseconds, one.entry, one.closed_by))
    shown = list(lanes.values())
    return Chart(shown[:MOST_LANES], axis.folds(), axis.lines(), axis.labels(), max(0, len(shown) - MOST_LANES))


class _Axis:
    """Where an instant lies, in percent, with pauses folded."""

    def __init__(self, sittings: Sequence[Sitting]) -> None:
        self.spans: list[tuple[datetime, datetime]] = []
        for one in sittings:
            start, end = one.started_at - MARGIN, one.ended_at + MARGIN
            if self.spans and start - self.spans[-1][1] <= FOLD:
                self.spans[-1] = (self.spans[-1][0], max(self.spans[-1][1], end))
            else:
                self.spans.append((start, end))
        self.total = sum((end - start for start, end in self.spans), timedelta())
        self.fold = min(3.5, 30 / max(1, len(self.spans) - 1))
        # What is left free at the end is room for the glyph of the last bar.
        self.width = 97 - self.fold * (len(self.spans) - 1)

    def lefts(self) -> list[float]:
        """The left edge of each span."""
        found, x = [], 0.0
        for start, end in self.spans:
            found.append(x)
            x += (end - start) / self.total * self.width + self.fold
        return found

    def at(self, moment: datetime) -> float:
        """The position of an instant that lies in a span."""
        for (start, end), left in zip(self.spans, self.lefts(), strict=True):
            if moment <= end:
                return left + max(moment - start, timedelta()) / self.total * self.width
        return 100.0

    def folds(self) -> list[tuple[str, str]]:
        return [(_percent(left - self.fold), _percent(self.fold)) for left in self.lefts()[1:]]

    def lines(self) -> list[str]:
        """Lines at whole steps of the clock, few enough to be told apart."""
        step = next((step for step in _STEPS if self.total / step <= _MOST_LINES), None)
        if step is None:
            return []
        found = []
        for start, end in self.spans:
            moment = _ceil(start, step)
            while moment <= end:
                found.append(_percent(self.at(moment)))
                moment += step
        return found

    def labels(self) -> list[Label]:
        """Day and time at the beginning of each span, where there is room; the end of the last one."""
        found: list[Label] = []
        last, last_always, day = -_LABEL, -_ALWAYS, ""
        lefts = self.lefts()
        for (start, _), left in zip(self.spans, lefts, strict=True):
            if left - last < _LABEL or (len(lefts) > 1 and left > 100 - _LABEL):
                continue
            shown = f"{start.astimezone(UTC):%-d %b %Y}"
            optional = left - last_always < _ALWAYS or left > 100 - _ALWAYS / 2
            time = f"{start.astimezone(UTC):%H:%M}"
            found.append(Label(_percent(left), shown if shown != day else "", time, "opt" if optional else ""))
            last, day = left, shown
            last_always = last_always if optional else left
        end = self.spans[-1][1].astimezone(UTC)
        if 100 - last >= 2 * _LABEL:
            found.append(Label("100%", "", f"{end:%H:%M}", "end opt"))
        return found


def _ceil(moment: datetime, step: timedelta) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + -(-(moment - midnight) // step) * step


def _percent(value: float) -> str:
    return f"{value:.2f}%"
