"""The demo's platform: rich from its first day; its time never goes back; its projects stay at another port."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.demo import clock as clocks
from audit.demo.clock import KeptClock
from audit.demo.platform import BEGIN, SHOWN, connected, demo_world
from audit.demo.redbrick import Clock, FakeRedBrick
from audit.demo.redbrick.entries import entry
from audit.demo.redbrick.scripts import ORG
from audit.live.platforms import open_project
from audit.live.run import sync
from audit.models import Mode, Project, Schedule, Source, Task
from tests.audit.live.compare import differences

FIRST = datetime(2026, 9, 20, 6, tzinfo=UTC)


def test_its_time_goes_on_from_where_it_stood(tmp_path: Path) -> None:
    file = tmp_path / "demo" / "clock"
    first = KeptClock(file, FIRST, 1000.0)
    told = [first() for _ in range(50)]
    again = KeptClock(file, FIRST, 1000.0)
    assert told == sorted(told)
    assert again() >= told[-1] > FIRST


def test_a_demo_that_was_killed_loses_no_moment_that_it_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "AHEAD", timedelta(0))
    for _ in range(20):
        killed = KeptClock(tmp_path / "clock", FIRST, 10_000.0)
        told = killed()
        assert KeptClock(tmp_path / "clock", FIRST, 0.0)() >= told


def test_it_stands_still_and_leaves_no_trace_when_asked_to(tmp_path: Path) -> None:
    clock = KeptClock(tmp_path / "clock", FIRST, 0.0)
    assert clock() == clock() == FIRST
    assert not (tmp_path / "clock").exists()


def test_a_file_that_is_no_time_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("yesterday")
    assert KeptClock(tmp_path / "clock", FIRST, 0.0)() == FIRST


def test_it_shows_every_kind_of_event_from_the_first_day_and_goes_on() -> None:
    world = demo_world(Clock(BEGIN))
    kinds: Counter[str] = Counter()
    more = 0
    for project in world.projects.values():
        for number in project.order:
            first, later = (entry(project.story(number), when) for when in (BEGIN, BEGIN + timedelta(hours=1)))
            events = first["genericEvents"] if first else []
            kinds.update(kind for event in events for kind in _kinds(event))
            more += len(later["genericEvents"] if later else []) - len(events)
    wanted = {
        "created", "ground truth", "entered", "left", "passed", "failed", "moved", "ASSIGNED", "UNASSIGNED", "SKIPPED",
        "IN_PROGRESS", "COMPLETED", "PROBLEM", "consensus", "agreement", "comment", "issue", "pin", "reply",
    }  # fmt: skip
    assert wanted <= set(kinds)
    assert 3 <= more <= 30, "an hour of the story is a minute of ours"


def _kinds(event: dict[str, Any]) -> list[str]:
    if left := event.get("outputEvent"):
        results = {None: "left", True: "passed", False: "failed"}
        return ["moved" if left["nextStageName"] else results[left["outputBool"]]]
    if entered := event.get("inputEvent"):
        return ["agreement" if entered["consensusInfo"] else "entered"]
    if made := event.get("createEvent"):
        return ["ground truth" if made["isGroundTruth"] else "created"]
    if event["__typename"] == "Comment":
        more = (("issue", event["issueComment"]), ("pin", event["pin"]), ("reply", event["replies"]))
        return ["comment", *(kind for kind, has in more if has)]
    return ["consensus" if event["consensusAssigneesAfter"] else event["statusAfter"]]


@pytest.fixture
def allowed(settings: Any, db: None) -> None:
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]


def test_its_projects_are_connected_and_read_each_minute(allowed: None) -> None:
    world = demo_world(Clock(BEGIN))
    with FakeRedBrick(world) as platform:
        liver, _ = connected(platform.url)
        sync(liver, Mode.FULL)
        assert differences(liver, world) == []
    assert list(Schedule.objects.filter(mode="incremental").values_list("minutes", flat=True)) == [1, 1]
    shown = Task.objects.get(project=liver, name=SHOWN)
    types = set(shown.trail.values_list("type", flat=True))
    assert {"review.rejected", "rework.submitted", "issue.opened", "issue.resolved", "review.accepted"} <= types


def test_at_another_port_they_are_the_same_projects(allowed: None) -> None:
    with FakeRedBrick(demo_world(Clock(BEGIN))) as platform:
        first = connected(platform.url)
    with FakeRedBrick(demo_world(Clock(BEGIN))) as platform:
        assert connected(platform.url) == first
        live = open_project(Project.objects.select_related("source").get(pk=first[0].pk))
        assert live.count() > 0, "the key is good for the new address"
        live.close()
    assert Source.objects.filter(account=ORG).count() == 1


def test_what_was_set_since_stays(allowed: None) -> None:
    with FakeRedBrick(demo_world(Clock(BEGIN))) as platform:
        connected(platform.url)
        Schedule.objects.all().delete()
        connected(platform.url)
    assert not Schedule.objects.exists()
