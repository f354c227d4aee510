"""A project's figures as its page shows them: charts in percentages of their width, and behind each figure its list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from audit import stages
from audit.models import Project
from audit.pages.flow import flow
from audit.queries import figures
from audit.queries.figures import ActiveTimes, Decided, Move, Throughput, Ways, Worked
from exportsite.keyset import Count

PLOT = 128
"""Height of the plot of days, in pixels; 20 more hold the dates."""
_ROOM = 118
PEOPLE = 12
"""People whose active time is shown; the table below them says how many more there are."""
_TIMES = ("time.recorded", "time.revised")
_WHAT: dict[tuple[str, ...], str] = {figures.DONE: "Accepted", figures.HANDED_IN: "Handed in"}
_LOOK = {"accepted": "s4", "corrected": "s2", "rejected": "sbad"}


@dataclass(frozen=True, slots=True)
class Column:
    """A day's column: edges in percent, top and height in pixels; `date` is written below it where there is room."""

    x: str
    width: str
    y: float
    height: float
    label: str
    date: str
    partly: bool
    address: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Columns of days, with lines at whole numbers (text, y)."""

    what: str
    through: Throughput
    columns: tuple[Column, ...]
    lines: tuple[tuple[str, float], ...]
    first: date
    last: date
    address: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a bar: its class, left edge and width in percent, whether it is hatched."""

    css: str
    x: str
    width: str
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person's active time. `pieces` are (stage, piece)."""

    worked: Worked
    pieces: tuple[tuple[str, Piece], ...]
    hours: str
    did: str
    times: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """Decisions at a stage: (decision, how many, its list), the bar, and the list of all of them."""

    decided: Decided
    counts: tuple[tuple[str, int, str], ...]
    pieces: tuple[Piece, ...]
    all: str


def overview(project: Project, counts: dict[str, Count], until: datetime | None) -> dict[str, Any]:
    """All the figures of a project's page; `counts` are its tasks by stage, `until` the time of its latest activity."""
    ways = figures.ways(project.log)
    lists = _Lists(project, ways)
    times = figures.active_times(project)
    return {
        "ways": ways,
        "flow": flow([stage for stage in counts if stage], counts, ways, lists.tasks_at, lists.moved),
        "moves": [(move, lists.moved(move)) for move in ways.moves],
        "stages": [(stage, counts[stage], ways.waits.get(stage), lists.tasks_at(stage)) for stage in counts],
        "decisions": [_decisions(one, lists) for one in ways.decisions],
        "rejected_list": lists.events(["review.rejected"]),
        "times": times,
        "people_times": [_person(one, times, lists, project) for one in times.people[:PEOPLE]],
        "worked_stages": [
            stage for stage in counts if any(stage == part[0] for one in times.people for part in one.parts)
        ],
        "more_times": max(0, len(times.people) - PEOPLE),
        "plot": _plot(figures.throughput(project.log, until), lists) if until else None,
    }


class _Lists:
    """Addresses of the lists behind the figures."""

    def __init__(self, project: Project, ways: Ways) -> None:
        self.tasks = reverse("tasks", args=[project.pk])
        self.all_events = reverse("events", args=[project.pk])
        # Figures that leave out what is older lead to lists that do, too.
        self.since = "" if ways.whole or ways.since is None else f"{ways.since:%Y-%m-%dT%H:%M:%S.%fZ}"

    def tasks_at(self, stage: str) -> str:
        """Tasks at a stage now."""
        return f"{self.tasks}?{urlencode({'stage': stage})}" if stage else self.tasks

    def events(self, types: Iterable[str], stage: str = "", **more: str) -> str:
        """Events of these types at a stage, as far back as the figures go."""
        asked: list[tuple[str, str]] = [("type", type_) for type_ in types]
        asked += [("stage", stage)] if stage else []
        asked += [("from", self.since)] if self.since and "from" not in more else []
        asked += [(name.rstrip("_"), value) for name, value in more.items()]
        return f"{self.all_events}?{urlencode(asked)}"

    def moved(self, move: Move) -> str:
        """The events that moved tasks."""
        return self.events(move.types, move.at)


def _decisions(decided: Decided, lists: _Lists) -> DecisionRow:
    counts, pieces, x = [], [], 0.0
    for name in figures.DECISIONS:
        number = getattr(decided, name)
        share = 100 * number / decided.all
        counts.append((name, number, lists.events([f"review.{name}"], decided.stage)))
        if number:
            pieces.append(Piece(_LOOK[name], f"{x:.2f}%", f"{max(0.4, share - 0.4):.2f}%"))
        x += share
    every = lists.events([f"review.{name}" for name in figures.DECISIONS], decided.stage)
    return DecisionRow(decided, tuple(counts), tuple(pieces), every)


def _person(worked: Worked, times: ActiveTimes, lists: _Lists, project: Project) -> PersonRow:
    most = max(one.milliseconds for one in times.people) or 1
    pieces, x = [], 0.0
    for stage, again, milliseconds in worked.parts:
        share = 98 * milliseconds / most
        if share:
            css = stages.hue(stage, project.stages)
            pieces.append((stage, Piece(css, f"{x:.2f}%", f"{max(0.3, share - 0.3):.2f}%", again)))
        x += share
    did = times_ = ""
    if worked.person is not None:
        asked = urlencode({"person": worked.person.pseudonym})
        did = f"{lists.all_events}?{asked}"
        times_ = f"{lists.all_events}?{urlencode([('type', type_) for type_ in _TIMES])}&{asked}"
    return PersonRow(worked, tuple(pieces), f"{worked.milliseconds / 3_600_000:,.1f}", did, times_)


def _plot(through: Throughput, lists: _Lists) -> Plot:
    most = max((day.events for day in through.days), default=0)
    step = _step(most)
    top = max(step, -(-most // step) * step)
    wide = 100 / len(through.days)
    columns = []
    for at, day in enumerate(through.days):
        height = _ROOM * day.events / top
        of_day = {"from": f"{day.day}", "to": f"{day.day}"}
        columns.append(
            Column(
                x=f"{at * wide + 0.3:.2f}%",
                width=f"{wide - 0.7:.2f}%",
                y=round(PLOT - height, 1),
                height=round(height, 1),
                label=f"{day.day.day} {day.day:%B}: {day.events:,}{', or more' if day.partly else ''}",
                date=f"{day.day.day} {day.day:%b}" if at % 7 == 3 else "",
                partly=day.partly,
                address=lists.events(through.types, **of_day),
            )
        )
    lines = [(f"{value:,}", round(PLOT - _ROOM * value / top, 1)) for value in range(0, top + 1, step)]
    what = _WHAT.get(through.types, "Events")
    first, last = through.days[0].day, through.days[-1].day
    span = {"from": f"{first}", "to": f"{last}"}
    address = lists.events(through.types, **span)
    return Plot(what, through, tuple(columns), tuple(lines), first, last, address)


def _step(most: int) -> int:
    """A distance of lines that makes two to four of them: 1, 2 or 5 times a power of ten."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if most <= 3 * step:
                return step
        size *= 10
