"""Passes that begin by themselves: every so many minutes, or daily or weekly at a time in a zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.live.rules import DAY_NAMES, BadSchedule, Rule, zone_of
from audit.live.run import SyncBusy, SyncRefused, request_sync
from audit.models import Mode, Project, Schedule
from audit.sources.origins import PLATFORMS, origin

MODES = (Mode.INCREMENTAL, Mode.FULL)
"""The passes that can begin by themselves."""
AGAIN = timedelta(minutes=1)
"""After which a daily or weekly pass is tried again that found another under way."""
MOST = 200
"""Schedules begun in one tick."""


class NoSchedule(Exception):
    """A project that can't have schedules; the text says why."""


def add_usual(project: Project) -> None:
    """Incremental every 15 minutes, full daily at 02:00 UTC; both when their time comes."""
    set_schedule(project, Mode.INCREMENTAL, Rule(minutes=15))
    set_schedule(project, Mode.FULL, Rule(at=time(2, 0), zone="UTC"))


def set_schedule(project: Project, mode: Mode, rule: Rule, *, paused: bool = False) -> Schedule:
    """Set the project's schedule for one kind of pass, instead of the one before. Raises NoSchedule."""
    if project.source.kind not in PLATFORMS:
        raise NoSchedule(
            f'"{project.name}" ({origin(project.source.kind)}) is not read over an API: it has no schedule'
        )
    values = {"minutes": rule.minutes, "at": rule.at, "zone": rule.zone, "weekday": rule.weekday, "missed": ""}
    next_at = None if paused else following(rule, timezone.now())
    schedule, _ = Schedule.objects.update_or_create(project=project, mode=mode, defaults={**values, "next_at": next_at})
    return schedule


def remove_schedule(project: Project, mode: Mode) -> bool:
    """Whether there was one."""
    return bool(Schedule.objects.filter(project=project, mode=mode).delete()[0])


@transaction.atomic
def replace_schedules(project: Project, rules: Mapping[Mode, tuple[Rule, bool]]) -> None:
    """Give the project these (rule, whether it is paused), and no others. One that stays as it is keeps its time."""
    now = {schedule.mode: schedule for schedule in project.schedules.select_for_update()}
    for mode in MODES:
        if mode not in rules:
            remove_schedule(project, mode)
            continue
        rule, paused = rules[mode]
        before = now.get(mode)
        if before is None or (rule_of(before), before.next_at is None) != (rule, paused):
            set_schedule(project, mode, rule, paused=paused)


def pause(project: Project, mode: Mode) -> bool:
    """Switch a schedule off; its rule stays. Whether there was one that was on."""
    return bool(Schedule.objects.filter(project=project, mode=mode, next_at__isnull=False).update(next_at=None))


def resume(project: Project, mode: Mode) -> bool:
    """Switch a schedule on again, from now on. Whether there was one that was off."""
    schedule = Schedule.objects.filter(project=project, mode=mode, next_at=None).first()
    if schedule is None:
        return False
    next_at = following(rule_of(schedule), timezone.now())
    return bool(Schedule.objects.filter(pk=schedule.pk, next_at=None).update(next_at=next_at, missed=""))


def rule_of(schedule: Schedule) -> Rule:
    """What was set. Raises BadSchedule for a zone that this machine does not know any more."""
    return Rule(schedule.minutes, schedule.at, schedule.zone, schedule.weekday)


def following(rule: Rule, moment: datetime) -> datetime:
    """The first time after `moment` at which the pass is due.

    A local time that clocks jump over is due as long after the jump as it would have been after its beginning; one
    that comes twice is due the first time.
    """
    if rule.minutes is not None:
        return moment + timedelta(minutes=rule.minutes)
    assert rule.at is not None
    zone = zone_of(rule.zone)
    today = moment.astimezone(zone).date()
    for days in range(-1, 9):
        day = today + timedelta(days=days)
        due = datetime.combine(day, rule.at, zone).astimezone(UTC)
        if due > moment and rule.weekday in (None, day.weekday()):
            return due
    raise AssertionError("every weekday comes within nine days")


def words(schedule: Schedule) -> str:
    """`every 15 minutes`, `daily at 02:00 (UTC)`, `Mondays at 06:30 (Europe/Paris)`."""
    if schedule.minutes is not None:
        return "every minute" if schedule.minutes == 1 else f"every {schedule.minutes:,} minutes"
    day = "daily" if schedule.weekday is None else f"{DAY_NAMES[schedule.weekday]}s"
    return f"{day} at {schedule.at:%H:%M} ({schedule.zone})"


def told(project: Project) -> str:
    """All of a project's schedules in words, as the service's log has them."""
    found = {schedule.mode: schedule for schedule in project.schedules.all()}
    ruled = [(mode, found[mode]) for mode in MODES if mode in found]
    rules = [f"{mode.value} {words(one)}{'' if one.next_at else ', paused'}" for mode, one in ruled]
    return "; ".join(rules) or "none"


def begin_due() -> None:
    """Queue every pass that is due; called by the worker's tick. One that can't begin says why."""
    now = timezone.now()
    due = Schedule.objects.filter(next_at__lte=now).select_related("project__source").order_by("next_at", "mode")
    # A full pass reads all that an incremental one would: when both are due, it goes first.
    for schedule in sorted(due[:MOST], key=lambda one: one.mode != Mode.FULL):
        with transaction.atomic():
            _begin(schedule, now)


def _begin(schedule: Schedule, now: datetime) -> None:
    # Whoever moves it on is the one who begins it: several workers tick. Both are true after the commit, or neither.
    mine = Schedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at)
    try:
        next_at: datetime | None = following(rule_of(schedule), now)
    except BadSchedule as problem:
        mine.update(next_at=None, missed=f"Switched off: {problem}.")
        return
    if not mine.update(next_at=next_at, missed=""):
        return
    try:
        request_sync(schedule.project, Mode(schedule.mode), "schedule")
    except SyncRefused as refusal:
        columns: dict[str, Any] = {"missed": str(refusal)}
        if schedule.at is not None and isinstance(refusal, SyncBusy):
            columns["next_at"] = now + AGAIN  # A day, or a week, is long to wait for one that was in the way.
        Schedule.objects.filter(pk=schedule.pk).update(**columns)
