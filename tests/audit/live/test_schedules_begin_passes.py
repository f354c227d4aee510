"""Passes begin by themselves: every so many minutes, daily or weekly at a local time; never two at once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.live import schedules
from audit.live.rules import BadSchedule, Rule
from audit.live.run import request_sync
from audit.live.schedules import begin_due, following, pause, remove_schedule, resume, set_schedule, words
from audit.models import Mode, Project, Schedule, SyncRun
from exportsite.jobs.reaper import hooks


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(**columns: Any) -> None:
    """Let the only schedules be due that have these columns."""
    Schedule.objects.update(next_at=None)
    Schedule.objects.filter(**columns).update(next_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("rule", "now", "then"),
    [
        ({"minutes": 15}, "2026-11-22T10:00", "2026-11-22T10:15"),
        ({"at": time(2, 0), "zone": "UTC"}, "2026-11-22T01:59", "2026-11-22T02:00"),
        ({"at": time(2, 0), "zone": "UTC"}, "2026-11-22T02:00", "2026-11-23T02:00"),
        ({"at": time(6, 30), "zone": "Europe/Paris"}, "2026-11-22T10:00", "2026-11-23T05:30"),
        ({"at": time(6, 30), "zone": "Europe/Paris"}, "2026-07-01T10:00", "2026-07-02T04:30"),
        ({"at": time(23, 30), "zone": "Asia/Tokyo"}, "2026-11-22T23:00", "2026-11-23T14:30"),
        # Sunday the 29th of March 2026: clocks go from 02:00 to 03:00.
        ({"at": time(2, 30), "zone": "Europe/Paris"}, "2026-03-28T12:00", "2026-03-29T01:30"),
        # Berlin has no 02:00 that day either: it is 03:00.
        ({"at": time(2, 0), "zone": "Europe/Berlin", "weekday": 6}, "2026-03-28T12:00", "2026-03-29T01:00"),
        ({"at": time(2, 30), "zone": "Europe/Paris"}, "2026-03-29T01:30", "2026-03-30T00:30"),
        # Sunday the 25th of October 2026: 02:30 comes twice.
        ({"at": time(2, 30), "zone": "Europe/Paris"}, "2026-10-24T12:00", "2026-10-25T00:30"),
        ({"at": time(2, 30), "zone": "Europe/Paris"}, "2026-10-25T00:30", "2026-10-26T01:30"),
        ({"at": time(2, 0), "zone": "UTC", "weekday": 0}, "2026-11-22T10:00", "2026-11-23T02:00"),
        ({"at": time(2, 0), "zone": "UTC", "weekday": 6}, "2026-11-22T10:00", "2026-11-29T02:00"),
        ({"at": time(2, 0), "zone": "UTC", "weekday": 0}, "2026-11-23T02:00", "2026-11-30T02:00"),
    ],
)
def test_a_rule_says_when_it_is_due_next(rule: dict[str, Any], now: str, then: str) -> None:
    assert following(Rule(**rule), utc(now)) == utc(then)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"minutes": 1}, "every minute"),
        ({"minutes": 1440}, "every 1,440 minutes"),
        ({"at": time(2, 0), "zone": "UTC"}, "daily at 02:00 (UTC)"),
        ({"at": time(6, 30), "zone": "Europe/Paris", "weekday": 0}, "Mondays at 06:30 (Europe/Paris)"),
    ],
)
def test_a_rule_reads_as_words(rule: dict[str, Any], text: str) -> None:
    assert words(Schedule(mode=Mode.FULL, **rule)) == text


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"minutes": 0},
        {"minutes": 5, "at": time(2, 0), "zone": "UTC"},
        {"minutes": 5, "zone": "UTC"},
        {"minutes": 10**9},
        {"at": time(2, 0)},
        {"at": time(2, 0), "zone": "Europe/Atlantis"},
        {"at": time(2, 0), "zone": "../etc/passwd"},
        {"at": time(2, 0), "zone": "UTC", "weekday": 7},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(BadSchedule):
        Rule(**rule)


def test_a_due_pass_is_queued_once(project: Project) -> None:
    due(mode=Mode.INCREMENTAL)
    begin_due()
    begin_due()
    run = SyncRun.objects.get()
    assert (run.state, run.mode, run.created_by, run.attached) == ("queued", "incremental", "schedule", False)
    next_at = Schedule.objects.get(mode=Mode.INCREMENTAL).next_at
    assert next_at is not None
    assert next_at > timezone.now() + timedelta(minutes=14)


def test_a_pass_that_finds_another_under_way_waits_for_its_next_time_and_says_so(project: Project) -> None:
    other = request_sync(project, Mode.FULL)
    due(mode=Mode.INCREMENTAL)
    begin_due()
    assert SyncRun.objects.get() == other
    schedule = Schedule.objects.get(mode=Mode.INCREMENTAL)
    assert f"run {other.pk}" in schedule.missed
    assert schedule.next_at is not None
    SyncRun.objects.update(state="succeeded")
    due(mode=Mode.INCREMENTAL)
    begin_due()
    assert SyncRun.objects.count() == 2
    assert Schedule.objects.get(mode=Mode.INCREMENTAL).missed == ""


def test_a_daily_pass_is_tried_again_soon_when_another_was_in_its_way(project: Project) -> None:
    other = request_sync(project, Mode.INCREMENTAL)
    due(mode=Mode.FULL)
    begin_due()
    schedule = Schedule.objects.get(mode=Mode.FULL)
    assert f"run {other.pk}" in schedule.missed
    assert schedule.next_at is not None
    assert schedule.next_at < timezone.now() + timedelta(minutes=2)


def test_of_two_due_passes_the_full_one_goes_first(project: Project) -> None:
    due()
    begin_due()
    assert SyncRun.objects.get().mode == "full"
    assert "waits for a worker already" in Schedule.objects.get(mode=Mode.INCREMENTAL).missed


def test_nothing_begins_that_is_not_due_or_switched_off(project: Project) -> None:
    begin_due()
    Schedule.objects.update(next_at=None)
    begin_due()
    assert not SyncRun.objects.exists()


def test_what_was_due_long_ago_is_done_once(project: Project) -> None:
    Schedule.objects.filter(mode=Mode.FULL).delete()
    Schedule.objects.update(next_at=timezone.now() - timedelta(days=30))
    begin_due()
    begin_due()
    assert SyncRun.objects.count() == 1


def test_a_new_rule_takes_the_place_of_the_one_before(project: Project) -> None:
    set_schedule(project, Mode.FULL, Rule(at=time(3, 0), zone="Europe/Paris", weekday=6))
    schedule = set_schedule(project, Mode.FULL, Rule(minutes=60))
    assert Schedule.objects.filter(mode=Mode.FULL).count() == 1
    assert words(schedule) == "every 60 minutes"
    assert (remove_schedule(project, Mode.FULL), remove_schedule(project, Mode.FULL)) == (True, False)


def test_a_paused_schedule_begins_nothing_until_it_is_resumed(project: Project) -> None:
    assert (pause(project, Mode.FULL), pause(project, Mode.FULL)) == (True, False)
    Schedule.objects.filter(next_at__isnull=False).update(next_at=timezone.now() + timedelta(days=1))
    begin_due()
    assert not SyncRun.objects.exists()
    assert (resume(project, Mode.FULL), resume(project, Mode.FULL)) == (True, False)
    next_at = Schedule.objects.get(mode=Mode.FULL).next_at
    assert next_at is not None
    assert next_at > timezone.now(), "what was due meanwhile is not made up for"


def test_a_zone_that_the_machine_forgot_switches_its_schedule_off_and_no_other(project: Project) -> None:
    Schedule.objects.filter(mode=Mode.FULL).update(zone="Europe/Atlantis")
    due()
    begin_due()
    forgotten = Schedule.objects.get(mode=Mode.FULL)
    assert forgotten.next_at is None
    assert "Europe/Atlantis" in forgotten.missed
    assert SyncRun.objects.get().mode == "incremental"


def test_when_the_pass_can_not_be_queued_it_is_still_due(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise ConnectionError

    due(mode=Mode.FULL)
    monkeypatch.setattr(schedules, "request_sync", fail)
    with pytest.raises(ConnectionError):
        begin_due()
    monkeypatch.undo()
    begin_due()
    assert SyncRun.objects.get().mode == "full"


def test_workers_call_it_with_every_tick() -> None:
    assert any(hook.__module__ == "audit.apps" for hook in hooks)
