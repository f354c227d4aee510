"""Passes that begin by themselves: every so many minutes, or daily or weekly at a time in a zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from audit.live.run import SyncBusy, SyncRefused, request_sync
from audit.models import Mode, Project, Schedule

USUAL_MINUTES = 15
USUAL_TIME = time(2, 0)
LONGEST = 60 * 24 * 31
AGAIN = timedelta(minutes=1)
"""After which a daily or weekly pass is tried again that found another under way."""
MOST = 200
"""Schedules begun in one tick."""


class BadSchedule(ValueError):
    """A schedule that there can't be; the text says why."""


def add_usual(project: Project) -> None:
    """Incremental every 15 minutes, full daily at 02:00 UTC; both are due at once or when their time comes."""
    set_schedule(project, Mode.INCREMENTAL, minutes=USUAL_MINUTES)
    set_schedule(project, Mode.FULL, at=USUAL_TIME, zone="UTC")


def set_schedule(
    project: Project,
    mode: Mode,
    *,
    minutes: int | None = None,
    at: time | None = None,
    zone: str = "",
    weekday: int | None = None,
) -> Schedule:
    """Set the project's schedule for one kind of pass, instead of the one before. Raises BadSchedule."""
    if (minutes is None) == (at is None):
        raise BadSchedule("a schedule has either minutes, or a time of day")
    if minutes is not None and (not 1 <= minutes <= LONGEST or zone or weekday is not None):
        raise BadSchedule(f"minutes are from 1 to {LONGEST:,}, without zone and weekday")
    if at is not None:
        _zone(zone)
    if weekday is not None and not 0 <= weekday <= 6:
        raise BadSchedule("a weekday is a number from 0 (Monday) to 6 (Sunday)")
    values = {"minutes": minutes, "at": at, "zone": zone, "weekday": weekday, "missed": ""}
    schedule, _ = Schedule.objects.update_or_create(project=project, mode=mode, defaults=values)
    schedule.next_at = following(schedule, timezone.now())
    schedule.save(update_fields=["next_at"])
    return schedule


def remove_schedule(project: Project, mode: Mode) -> bool:
    """Whether there was one."""
    return bool(Schedule.objects.filter(project=project, mode=mode).delete()[0])


def following(schedule: Schedule, moment: datetime) -> datetime:
    """The first time after `moment` at which the pass is due.

    A local time that clocks jump over is due when they have jumped; one that comes twice is due the first time.
    """
    if schedule.minutes is not None:
        return moment + timedelta(minutes=schedule.minutes)
    assert schedule.at is not None
    zone = _zone(schedule.zone)
    today = moment.astimezone(zone).date()
    for days in range(-1, 9):
        day = today + timedelta(days=days)
        due = datetime.combine(day, schedule.at, zone).astimezone(UTC)
        if due > moment and schedule.weekday in (None, day.weekday()):
            return due
    raise AssertionError("every weekday comes within nine days")


def words(schedule: Schedule) -> str:
    """`every 15 minutes`, `daily at 02:00 (UTC)`, `Mondays at 06:30 (Europe/Paris)`."""
    if schedule.minutes is not None:
        return "every minute" if schedule.minutes == 1 else f"every {schedule.minutes:,} minutes"
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    day = "daily" if schedule.weekday is None else f"{days[schedule.weekday]}s"
    return f"{day} at {schedule.at:%H:%M} ({schedule.zone})"


def begin_due() -> None:
    """Queue every pass that is due; called by the worker's tick. One that can't begin says why."""
    now = timezone.now()
    due = Schedule.objects.filter(next_at__lte=now).select_related("project__source").order_by("next_at", "mode")
    # A full pass reads all that an incremental one would: when both are due, it goes first.
    for schedule in sorted(due[:MOST], key=lambda one: one.mode != Mode.FULL):
        # Whoever moves it on is the one who begins it: several workers tick.
        moved = Schedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at)
        if not moved.update(next_at=following(schedule, now), missed=""):
            continue
        try:
            request_sync(schedule.project, Mode(schedule.mode), "schedule")
        except SyncRefused as refusal:
            columns: dict[str, Any] = {"missed": str(refusal)}
            if schedule.at is not None and isinstance(refusal, SyncBusy):
                columns["next_at"] = now + AGAIN  # A day, or a week, is long to wait for one that was in the way.
            Schedule.objects.filter(pk=schedule.pk).update(**columns)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSchedule(f'"{name[:60]}" is no time zone; write it as Europe/Paris, or UTC') from None
