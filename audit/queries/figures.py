"""A project's figures: ways through the stages, waits, decisions of reviews, completions by day, active time.

None of them reads more than READ rows, along an index and from the newest on: a page takes as long for ten million
events as for a hundred thousand. Where that is not all there is, the figures say since when they count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import msgspec
from django.db import connection

from audit.eventtypes import TYPES
from audit.log import superseded
from audit.log.fold import STAGE_GROUPS
from audit.models import Log, Project
from audit.queries.records import People, Who

READ = 20_000
"""Rows that a figure is made from, at most."""
TIMES = READ // 2
"""Records of active time that are summed: each costs twice what an event does."""
DAYS = 30
DONE = ("review.accepted", "review.corrected")
HANDED_IN = ("task.submitted", "rework.submitted")
DECISIONS = ("accepted", "corrected", "rejected")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WORKING = frozenset({"work", "review", "label", "activity"})


@dataclass(frozen=True, slots=True)
class Move:
    """How often tasks went from one stage to another; the list behind it: events of `types` at the stage `at`."""

    start: str
    end: str
    times: int
    types: tuple[str, ...]
    at: str


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions of reviews at a stage."""

    stage: str
    accepted: int
    corrected: int
    rejected: int

    @property
    def all(self) -> int:
        """How many decisions there are."""
        return self.accepted + self.corrected + self.rejected

    @property
    def rate(self) -> float:
        """Of a hundred decisions, how many were rejections."""
        return 100 * self.rejected / self.all


@dataclass(frozen=True, slots=True)
class Ways:
    """What the newest events say of the process.

    `waits` is the median from entering a stage to the first work there. `decided_tasks` have a decision; `sent_back`
    counts those of them that were rejected once, twice, or more often.
    """

    events: int
    whole: bool
    since: datetime | None
    moves: tuple[Move, ...]
    waits: dict[str, timedelta]
    decisions: tuple[Decided, ...]
    decided_tasks: int
    sent_back: tuple[int, int, int]

    @property
    def rework_rate(self) -> float:
        """Of a hundred tasks with a decision, how many were sent back at least once."""
        return 100 * sum(self.sent_back) / self.decided_tasks if self.decided_tasks else 0.0


class _Told(msgspec.Struct):
    """What the columns do not hold."""

    occurred_at: str | None = None
    to_stage: str | None = None


_told = msgspec.json.Decoder(_Told).decode
_PLAIN = _Told(occurred_at="as the column has it")


@dataclass(slots=True)
class _Walk:
    """Tasks on their way through the stages, as far as the events looked at tell."""

    at: dict[int, str] = field(default_factory=dict)
    entered: dict[int, tuple[str, int]] = field(default_factory=dict)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    by: defaultdict[tuple[str, str], Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    waits: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    decisions: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rejected: Counter[int] = field(default_factory=Counter)
    decided: set[int] = field(default_factory=set)

    def decide(self, task: int, type_: str, stage: str) -> None:
        """An event of the task, which may be a decision of a review; also one that was recorded late."""
        if type_.startswith("review.") and type_ in TYPES:
            decision = type_.removeprefix("review.")
            self.decisions[stage][decision] += 1
            self.decided.add(task)
            self.rejected[task] += decision == "rejected"

    def take(self, task: int, type_: str, stage: str, moment: int | None, to_stage: str | None) -> None:
        """The task's next event, none of which is late. `moment` in microseconds; None when none was recorded."""
        group = TYPES[type_].group if type_ in TYPES else ""
        if group in _WORKING and task in self.entered and self.entered[task][0] == stage and moment is not None:
            _, since = self.entered.pop(task)
            self.waits[stage].append(max(0, moment - since))
        after = (to_stage or stage) if group in STAGE_GROUPS else ""
        # An event that says from where to where needs nothing before it.
        before = self.at.get(task) or (stage if to_stage else "")
        if not after or after == before:
            return
        self.at[task] = after
        self.entered.pop(task, None)
        if moment is not None:
            self.entered[task] = (after, moment)
        if before:
            self.moves[before, after] += 1
            self.by[before, after][type_, stage] += 1


def ways(log: Log) -> Ways:
    """What the log's newest READ events say of the process."""
    # Whole microseconds, because a datetime for each row would take longer than all else here.
    # Most envelopes say no more than their columns. Quotes inside of strings are escaped: these bytes mean a member.
    sql = """
        SELECT task_id, type, stage, (extract(epoch FROM occurred_at) * 1000000)::bigint, late,
            CASE WHEN position(%s::bytea IN envelope) = 0 OR position(%s::bytea IN envelope) > 0 THEN envelope END
        FROM audit_event e WHERE log_id = %s {counted} ORDER BY occurred_at DESC, id DESC LIMIT %s
    """
    with connection.cursor() as db:
        db.execute(sql.format(counted=_counted(log)), [b',"to_stage":null', b',"occurred_at":null', log.pk, READ])
        rows = db.fetchall()
    walk = _Walk()
    for task, type_, stage, moment, late, envelope in reversed(rows):
        if task is None:
            continue
        walk.decide(task, type_, stage)
        if late:
            continue
        told = _PLAIN if envelope is None else _read(envelope)
        walk.take(task, type_, stage, moment if told.occurred_at else None, told.to_stage)
    often = Counter(times for times in walk.rejected.values() if times)
    return Ways(
        events=len(rows),
        whole=len(rows) >= log.size,
        since=_EPOCH + timedelta(microseconds=rows[-1][3]) if rows else None,
        moves=tuple(_move(way, times, walk.by[way]) for way, times in walk.moves.most_common()),
        waits={stage: timedelta(seconds=round(median(times) / 1_000_000)) for stage, times in walk.waits.items()},
        decisions=tuple(
            Decided(stage, *(made[name] for name in DECISIONS)) for stage, made in sorted(walk.decisions.items())
        ),
        decided_tasks=len(walk.decided),
        sent_back=(often[1], often[2], sum(tasks for times, tasks in often.items() if times > 2)),
    )


def _counted(log: Log) -> str:
    """The condition that leaves out conclusions which count no more; empty where there are none, as in most logs."""
    if not superseded.has_any(log):
        return ""
    return "AND NOT EXISTS (SELECT FROM audit_superseded s WHERE s.event_id = e.id)"


def _read(envelope: Any) -> _Told:
    try:
        return _told(envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Told()  # Not an envelope any more: the page of integrity says so.


def _move(way: tuple[str, str], times: int, by: Counter[tuple[str, str]]) -> Move:
    ((_, at), _), *_ = by.most_common()
    types = sorted({type_ for type_, stage in by if stage == at})
    return Move(*way, times, tuple(types), at)


@dataclass(frozen=True, slots=True)
class Day:
    """How many events there were on a day (UTC). `partly`: more lay on it than were looked at."""

    day: date
    events: int
    partly: bool = False


@dataclass(frozen=True, slots=True)
class Throughput:
    """Events of `types` on each of DAYS days, the oldest first; no types: all events."""

    types: tuple[str, ...]
    days: tuple[Day, ...]

    @property
    def events(self) -> int:
        """All of them."""
        return sum(day.events for day in self.days)

    @property
    def cut(self) -> bool:
        """Whether there were more than were looked at."""
        return any(day.partly for day in self.days)


def throughput(log: Log, until: datetime) -> Throughput:
    """What was accepted on each of the last days up to `until`; handed in, where nothing is reviewed; else events."""
    last = until.astimezone(UTC).date()
    since = datetime.combine(last - timedelta(days=DAYS - 1), datetime.min.time(), UTC)
    counted = _counted(log)
    each = (
        "(SELECT type, occurred_at FROM audit_event e WHERE log_id = %s AND type = %s AND occurred_at >= %s "  # noqa: S608 - ours
        f"{counted} ORDER BY occurred_at DESC LIMIT %s)"
    )
    wanted = (*DONE, *HANDED_IN)
    most = READ // len(wanted)
    found = _days(
        " UNION ALL ".join([each] * len(wanted)), [v for type_ in wanted for v in (log.pk, type_, since, most)]
    )
    for types in (DONE, HANDED_IN):
        if any(found.get(type_) for type_ in types):
            return Throughput(types, _filled({type_: found[type_] for type_ in types if type_ in found}, last, most))
    every = (
        "SELECT '', occurred_at FROM audit_event e WHERE log_id = %s AND occurred_at >= %s "  # noqa: S608 - ours
        f"{counted} ORDER BY occurred_at DESC LIMIT %s"
    )
    return Throughput((), _filled(_days(every, [log.pk, since, READ]), last, READ))


def _days(rows: str, values: list[Any]) -> dict[str, dict[date, int]]:
    """Events by type and day."""
    sql = (
        f"SELECT type, (occurred_at AT TIME ZONE 'UTC')::date, count(*) FROM ({rows}) AS read(type, occurred_at) "  # noqa: S608 - ours
        "GROUP BY 1, 2"
    )
    found: dict[str, dict[date, int]] = defaultdict(dict)
    with connection.cursor() as db:
        db.execute(sql, values)
        for type_, day, count in db.fetchall():
            found[type_][day] = count
    return found


def _filled(found: dict[str, dict[date, int]], last: date, most: int) -> tuple[Day, ...]:
    """A day for each of DAYS. A type of which `most` were read goes back to its oldest day, and that one partly."""
    cut = max((min(days) for days in found.values() if sum(days.values()) >= most), default=None)
    days = [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    return tuple(
        Day(day, sum(counts.get(day, 0) for counts in found.values()), cut is not None and day <= cut) for day in days
    )


@dataclass(slots=True)
class Worked:
    """Active time of a person in milliseconds, by stage and whether it was rework, and on how many tasks."""

    person: Who | None
    tasks: int = 0
    milliseconds: int = 0
    parts: list[tuple[str, bool, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ActiveTimes:
    """Active time by person, most first, from so many records; `whole`: those are all there are."""

    people: tuple[Worked, ...]
    records: int
    whole: bool

    @property
    def milliseconds(self) -> int:
        """Everybody's."""
        return sum(one.milliseconds for one in self.people)


def active_times(project: Project) -> ActiveTimes:
    """Active time that holds now, of the project's newest TIMES records."""
    # A range: with an equality the planner goes back through all projects' records until it meets those of this one.
    sql = """
        WITH read AS (SELECT person_id, stage, coalesce(cycle, 1) > 1 AS again, milliseconds, task_id, to_index
            FROM audit_activetime
            WHERE project_id >= %s AND project_id <= %s ORDER BY project_id DESC, event_id DESC LIMIT %s)
        SELECT person_id, stage, again, sum(milliseconds)::bigint, count(DISTINCT task_id),
            grouping(stage), (SELECT count(*) FROM read)
        FROM read WHERE to_index IS NULL GROUP BY GROUPING SETS ((person_id, stage, again), (person_id))
    """
    with connection.cursor() as db:
        db.execute(sql, [project.pk, project.pk, TIMES])
        rows = db.fetchall()
    people = People(project, {row[0] for row in rows})
    found: dict[int | None, Worked] = {}
    for person, stage, again, milliseconds, tasks, summed, _ in rows:
        one = found.setdefault(person, Worked(people.by_id.get(person) if person else None))
        if summed:
            one.tasks, one.milliseconds = tasks, milliseconds
        else:
            one.parts.append((stage, again, milliseconds))
    for one in found.values():
        one.parts.sort(key=lambda part: (_place(part[0], project.stages), part[0], part[1]))
    records = rows[0][6] if rows else 0
    return ActiveTimes(tuple(_most_first(found.values())), records, records < TIMES)


def _most_first(people: Iterable[Worked]) -> list[Worked]:
    return sorted(people, key=lambda one: (-one.milliseconds, one.person.label if one.person else ""))


def _place(stage: str, stages: list[str]) -> int:
    return stages.index(stage) if stage in stages else len(stages)
