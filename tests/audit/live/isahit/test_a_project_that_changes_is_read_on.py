"""What changes at isahit lab between two passes is what the second one adds."""

from __future__ import annotations

from copy import deepcopy

import pytest

from audit.live.run import sync
from audit.models import Event, LabelVersion, Mode, Project
from tests.audit.live.isahit.compare import differences, label, newest
from tests.fakes.isahit import FakeIsahit
from tests.fakes.isahit_story import ANN, BEN, box, data, job, task

NOW = "2999-01-01T00:00:00.000Z"


@pytest.fixture
def read(project: Project) -> Project:
    """The project, read once."""
    sync(project, Mode.FULL)
    return project


def types(project: Project, task_id: str, *source_types: str) -> list[str]:
    """Types of the task's events, in the order in which they were recorded."""
    events = Event.objects.filter(log__project=project, task__external_id=task_id)
    found = events.filter(source_type__in=source_types) if source_types else events
    return list(found.order_by("n").values_list("type", flat=True))


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.INCREMENTAL])
def test_a_label_that_was_drawn_again_is_a_new_version(read: Project, fake: FakeIsahit, mode: Mode) -> None:
    changed = fake.account.task("task0001")
    changed["data"] = data("2026-03-01T00:00:00.000Z", BEN, box(0.3, 0.3))
    changed["updatedAt"] = NOW
    sync(read, mode)
    assert differences(read, fake) == []
    versions = LabelVersion.objects.filter(task__external_id="task0001").order_by("number")
    assert [version.event.type for version in versions] == ["label.created", "label.updated"]
    assert sync(read, mode).added == 0


def test_a_label_that_comes_back_to_what_it_was_is_a_third_version(read: Project, fake: FakeIsahit) -> None:
    before = deepcopy(fake.account.task("task0001")["data"])
    fake.account.task("task0001")["data"] = data("2026-03-01T00:00:00.000Z", BEN)
    sync(read, Mode.FULL)
    fake.account.task("task0001")["data"] = before
    sync(read, Mode.FULL)
    assert differences(read, fake) == []
    assert LabelVersion.objects.filter(task__external_id="task0001").count() == 3


def test_a_name_that_changes_is_no_new_version(read: Project, fake: FakeIsahit) -> None:
    fake.account.task("task0001")["data"]["user"] = {**ANN, "name": "Ann Other", "email": "ann@elsewhere.example"}
    fake.account.task("task0001")["updatedAt"] = NOW
    assert sync(read, Mode.FULL).added == 0


def test_a_signature_that_changes_is_no_new_version(read: Project, fake: FakeIsahit) -> None:
    fake.account.task("task0002")["resources"][0] = "https://files.example.org/a/2.jpg?X-Amz-Signature=other"
    assert sync(read, Mode.FULL).added == 0


def test_a_property_that_changes_is_a_new_version_of_the_task(read: Project, fake: FakeIsahit) -> None:
    fake.account.task("task0003")["properties"] = {"site": "south"}
    sync(read, Mode.FULL)
    assert newest(read, "task0003", "task.updated")["properties"] == {"site": "south"}


def test_a_task_sent_back_is_reopened_and_its_rework_counted(read: Project, fake: FakeIsahit) -> None:
    found = fake.account.task("task0003")
    found |= {"status": "complete", "data": data("2026-03-01T08:00:00Z", ANN, box(0.1, 0.1))}
    found["jobs"] = [job("j3", "annotation", "2026-03-01T08:00:00Z", ANN)]
    sync(read, Mode.FULL)
    found["status"] = "pending"
    sync(read, Mode.FULL)
    history = [{"completedAt": "2026-03-01T08:00:00Z", "completedBy": ANN}]
    found["jobs"] = [job("j3", "annotation", "2026-03-02T08:00:00Z", ANN, history)]
    found |= {"status": "complete", "data": data("2026-03-02T08:00:00Z", ANN, box(0.2, 0.1))}
    sync(read, Mode.FULL)
    assert differences(read, fake) == []
    told = [kind for kind in types(read, "task0003") if kind in ("task.submitted", "rework.submitted", "task.reopened")]
    assert told == ["task.submitted", "task.reopened", "rework.submitted"]
    assert sync(read, Mode.FULL).added == 0


def test_metrics_are_kept_whenever_they_change(read: Project, fake: FakeIsahit) -> None:
    fake.account.task("task0002")["metrics"] = {"duration": 50}
    sync(read, Mode.FULL)
    assert newest(read, "task0002", "activity.recorded", "METRICS") == {"duration": 50}
    fake.account.task("task0002")["metrics"] = {}
    sync(read, Mode.FULL)
    assert newest(read, "task0002", "activity.recorded", "METRICS") == {}


def test_a_new_task_and_a_vanished_one_are_found(read: Project, fake: FakeIsahit) -> None:
    gone = fake.account.tasks.pop(0)
    fake.account.tasks.append(task(50, data=data("2026-03-01T00:00:00Z", ANN, box(0.1, 0.1))))
    sync(read, Mode.FULL)
    assert differences(read, fake, deleted=1) == []
    fake.account.tasks.insert(0, gone)
    sync(read, Mode.FULL)
    assert differences(read, fake) == []


def test_data_that_is_reset_takes_its_label_away(read: Project, fake: FakeIsahit) -> None:
    fake.account.task("task0001")["data"] = None
    sync(read, Mode.FULL)
    assert label(read, "task0001") is None
    assert "label.deleted" in types(read, "task0001")


def test_an_entry_that_the_history_loses_is_said(read: Project, fake: FakeIsahit) -> None:
    del fake.account.task("task0002")["jobs"][0]["history"][1]
    run = sync(read, Mode.FULL)
    assert run.result["diverged"] == 1


def test_configuration_and_batches_are_kept_when_they_change(read: Project, fake: FakeIsahit) -> None:
    def kept(kind: str) -> int:
        return Event.objects.filter(log__project=read, source_type=kind).count()

    assert (kept("PROJECT"), kept("BATCH")) == (1, 1)
    fake.account.projects[read.external_id]["progress"] = 0.9
    fake.account.batches[0]["done"] = 4
    assert sync(read, Mode.FULL).added == 0, "progress makes no version"
    fake.account.batches[0]["status"] = "complete"
    fake.account.configurations[read.external_id]["metadata"]["toolOptions"]["sequence"] = True
    sync(read, Mode.FULL)
    assert (kept("PROJECT"), kept("BATCH")) == (2, 2)
