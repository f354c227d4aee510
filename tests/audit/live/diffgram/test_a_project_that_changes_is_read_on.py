"""What changes at Diffgram between two passes is what the second one adds."""

from __future__ import annotations

from copy import deepcopy

import pytest

from audit.live.run import sync
from audit.models import Event, LabelVersion, Mode, Project
from tests.audit.live.diffgram.compare import differences, label, newest
from tests.fakes.diffgram import FakeDiffgram
from tests.fakes.diffgram_story import BEN, box, event, picture, row

NOW = "2999-01-01 00:00:00.5"


@pytest.fixture
def read(project: Project) -> Project:
    """The project, read once."""
    sync(project, Mode.FULL)
    return project


def types(project: Project, task: str) -> list[str]:
    """Types of the task's events, in the order in which they were recorded."""
    events = Event.objects.filter(log__project=project, task__external_id=task)
    return list(events.order_by("n").values_list("type", flat=True))


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.INCREMENTAL])
def test_a_label_that_was_drawn_again_is_a_new_version(read: Project, fake: FakeDiffgram, mode: Mode) -> None:
    fake.installation.packets[4001] = picture(4001, box(8, 30, 502))
    fake.installation.row(61)["time_updated"] = NOW
    sync(read, mode)
    assert differences(read, fake) == []
    versions = LabelVersion.objects.filter(task__external_id="61").order_by("number")
    assert [version.event.type for version in versions] == ["label.created", "label.updated"]
    assert sync(read, mode).added == 0


def test_instances_in_another_order_and_new_signatures_are_no_news(read: Project, fake: FakeDiffgram) -> None:
    packet = fake.installation.packets[3001]
    packet["instance_list"].reverse()
    packet["image"] |= {"image_signed_expiry": 1, "image_signed_url": "https://storage.example.com/signed/img1?sig=x"}
    fake.installation.row(50)["time_updated"] = NOW
    assert sync(read, Mode.FULL).added == 0


def test_a_file_whose_instances_are_all_gone_has_an_empty_label(read: Project, fake: FakeDiffgram) -> None:
    fake.installation.packets[3001]["instance_list"] = []
    sync(read, Mode.FULL)
    held = label(read, "50")
    assert held is not None
    assert held["packet"]["instance_list"] == [], "somebody completed the task"
    fake.installation.packets[4001]["instance_list"] = []
    sync(read, Mode.FULL)
    assert label(read, "61") is None, "nobody worked on that one"
    assert "label.deleted" in types(read, "61")


def test_events_of_the_feed_are_read_on(read: Project, fake: FakeDiffgram) -> None:
    fake.installation.events.append(event(300, "task_in_progress", "2999-01-01", 60, 8))
    sync(read, Mode.INCREMENTAL)
    assert types(read, "60")[-1] == "task.started"


def test_a_state_and_people_that_change_are_events(read: Project, fake: FakeDiffgram) -> None:
    found = fake.installation.row(60)
    found |= {"status": "deferred", "task_assignees": [], "time_updated": NOW}
    found["task_reviewers"] = [{"id": 1, "user_id": 6, "user": BEN}]
    sync(read, Mode.INCREMENTAL)
    assert set(types(read, "60")[-3:]) == {"task.skipped", "task.unassigned", "task.assigned"}
    assert sync(read, Mode.FULL).added == 0


def test_a_new_task_and_an_archived_one_are_found(read: Project, fake: FakeDiffgram) -> None:
    home = fake.installation
    home.row(60)["status"] = "archived"
    home.packets[4009] = picture(4009, box(70, 1))
    home.tasks[13].append(row(69, 4009, home.packets[4009], "complete"))
    sync(read, Mode.FULL)
    assert differences(read, fake, deleted=1) == []
    home.row(60)["status"] = "available"
    sync(read, Mode.FULL)
    assert differences(read, fake) == []


def test_labels_attributes_jobs_and_directories_are_kept_when_they_change(read: Project, fake: FakeDiffgram) -> None:
    def kept(kind: str) -> int:
        return Event.objects.filter(log__project=read, source_type=kind).count()

    home = fake.installation
    assert (kept("PROJECT"), kept("JOB"), kept("DIRECTORY")) == (1, 2, 1)
    home.jobs[0]["stat_count_tasks"] = 99
    home.project["star_count"] = 7
    assert sync(read, Mode.FULL).added == 0, "counts make no version"
    home.labels[0]["label"]["name"] = "Van"
    home.jobs[0]["status"] = "complete"
    home.directories[0]["nickname"] = "Roads"
    sync(read, Mode.FULL)
    assert (kept("PROJECT"), kept("JOB"), kept("DIRECTORY")) == (2, 3, 2)


def test_names_that_change_are_no_new_version(read: Project, fake: FakeDiffgram) -> None:
    for found in fake.installation.project["member_list"]:
        found["first_name"] = "Other"
    fake.installation.row(50)["task_assignees"] = deepcopy(fake.installation.row(50)["task_assignees"])
    fake.installation.row(50)["task_assignees"][0]["user"]["last_name"] = "Name"
    assert sync(read, Mode.FULL).added == 0


def test_an_event_that_the_feed_loses_is_said(read: Project, fake: FakeDiffgram) -> None:
    fake.installation.events = [found for found in fake.installation.events if found["id"] != 102]
    assert sync(read, Mode.FULL).result["diverged"] == 1


def test_a_property_of_a_task_that_changes_is_a_new_version_of_it(read: Project, fake: FakeDiffgram) -> None:
    fake.installation.row(60)["task_type"] = "review"
    sync(read, Mode.FULL)
    assert newest(read, "60", "task.updated")["task"]["task_type"] == "review"


def test_events_of_a_day_with_too_many_are_not_gone(
    read: Project, fake: FakeDiffgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = fake.installation.events
    held = [one for one in told if one["task_id"] == 50]
    day = held[-1]["time_created"]
    more = [event(150 + number, "user_visit", day, None, 8) for number in range(12)]
    fake.installation.events = [*held, *more, *(one for one in told if one["time_created"] > day)]
    monkeypatch.setattr("audit.sources.diffgram.client.FEED", 8)
    monkeypatch.setattr("tests.fakes.diffgram.FEED", 8)
    run = sync(read, Mode.FULL)
    assert run.result["diverged"] == 0
    assert Event.objects.filter(log__project=read, source_type="EVENTS_LOST").exists()
    fake.installation.events.remove(held[0])
    assert sync(read, Mode.FULL).result["diverged"] == 1, "of another day it is told that it is gone"
