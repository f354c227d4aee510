"""Labels change, are replaced, vanish and come back: each is said once, and what is only not listed is not gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from audit.demo.redbrick import FakeRedBrick
from audit.demo.redbrick.story import LabelData, TaskStory, stamp
from audit.live.run import sync
from audit.log.verify import verify
from audit.models import Event, LabelVersion, Mode, Project
from tests.audit.live.redbrick.conftest import labelled, payloads


def versions(project: Project, label: LabelData) -> list[tuple[int, bool]]:
    """The numbers of a label's versions, each with whether it holds."""
    found = LabelVersion.objects.filter(project=project, external_id=label.id).order_by("number")
    return [(row.number, row.to_index is None) for row in found]


def differences(project: Project) -> list[str]:
    return [told["difference"] for told in payloads(project, "source.diverged")]


def draft(story: TaskStory, id_: str) -> LabelData:
    """A row that somebody saves now, and that no event names."""
    last = story.labels[-1]
    found = replace(last, id=id_, at=last.at + timedelta(hours=1), round=last.round + 1)
    story.labels.append(found)
    return found


def unnamed(story: TaskStory, id_: str) -> None:
    """From now on no event names this row."""
    for event in story.events:
        if (event.get("taskData") or {}).get("tdId") == id_:
            event["taskData"] = {**event["taskData"], "tdId": None}


@pytest.fixture
def story(recorded: Project, fake: FakeRedBrick) -> TaskStory:
    return labelled(fake, recorded)


def test_a_label_that_is_drawn_on_has_a_second_version(recorded: Project, story: TaskStory) -> None:
    label = story.labels[-1]
    story.labels[-1] = replace(label, round=label.round + 3)
    run = sync(recorded, Mode.FULL)
    assert (run.added, run.result["diverged"]) == (2, 0), "the label, and that a pass is complete"
    assert versions(recorded, label) == [(1, False), (2, True)]
    created, updated = (told for told in payloads(recorded, "label.created", "label.updated") if _is(told, label))
    assert created["files"][0]["sha256"] != updated["files"][0]["sha256"]
    assert verify(recorded.log).holds
    assert sync(recorded, Mode.FULL).added == 0


def _is(told: dict[str, dict[str, str]], label: LabelData) -> bool:
    return told["taskData"]["tdId"] == label.id


def test_a_draft_is_a_label_and_stays_one_when_another_replaces_it(
    recorded: Project, fake: FakeRedBrick, story: TaskStory
) -> None:
    first = draft(story, "d-draft-1")
    sync(recorded, Mode.FULL)
    assert versions(recorded, first) == [(1, True)]
    second = draft(story, "d-draft-2")
    asked = fake.asked("taskDataSDK")
    run = sync(recorded, Mode.FULL)
    assert run.result["diverged"] == 0
    assert (versions(recorded, first), versions(recorded, second)) == ([(1, True)], [(1, True)])
    assert fake.asked("taskDataSDK") == asked + 1, "whether the first one is still there"
    assert sync(recorded, Mode.FULL).added == 0


def test_a_draft_that_was_changed_before_it_was_replaced_is_told_so(recorded: Project, story: TaskStory) -> None:
    first = draft(story, "d-draft-1")
    sync(recorded, Mode.FULL)
    story.labels[-1] = replace(first, round=first.round + 3)
    draft(story, "d-draft-2")
    sync(recorded, Mode.FULL)
    assert versions(recorded, first) == [(1, False), (2, True)]


def test_a_label_that_vanishes_is_gone_and_said_to_differ_once(
    recorded: Project, fake: FakeRedBrick, story: TaskStory
) -> None:
    label = story.labels.pop()
    unnamed(story, label.id)
    assert sync(recorded, Mode.FULL).result["diverged"] >= 1
    assert versions(recorded, label) == [(1, False)]
    assert payloads(recorded, "label.deleted") == [{"label": label.id}]
    assert "gone" in differences(recorded)
    asked = fake.asked("taskDataSDK")
    assert sync(recorded, Mode.FULL).added == 0
    assert fake.asked("taskDataSDK") == asked
    assert verify(recorded.log).holds


def test_a_label_that_comes_back_is_there_again(recorded: Project, story: TaskStory) -> None:
    label = draft(story, "d-draft-1")
    sync(recorded, Mode.FULL)
    story.labels.pop()
    assert sync(recorded, Mode.FULL).result["diverged"] == 1
    assert differences(recorded) == ["gone"]
    story.labels.append(label)
    assert sync(recorded, Mode.FULL).result["diverged"] == 0
    assert differences(recorded) == ["gone", "back"]
    assert versions(recorded, label) == [(1, False), (2, True)]
    assert sync(recorded, Mode.FULL).added == 0


def test_a_label_that_is_named_and_was_never_there_is_recorded_as_gone(project: Project, fake: FakeRedBrick) -> None:
    story = labelled(fake, project, 2)
    label = story.labels.pop(0)
    run = sync(project, Mode.FULL)
    assert (run.state, run.result["diverged"]) == ("succeeded", 0)
    assert payloads(project, "label.deleted") == [{"label": label.id}]
    asked = fake.asked("taskDataSDK")
    assert sync(project, Mode.FULL).added == 0
    assert fake.asked("taskDataSDK") == asked, "it is not asked for again and again"
    assert verify(project.log).holds


def test_an_incremental_pass_reads_the_labels_of_changed_tasks(recorded: Project, fake: FakeRedBrick) -> None:
    story = labelled(fake, recorded)
    now = fake.world.clock()
    story.clock = now
    story.left("END", story.labels[-1].by, drawn=True)
    assert story.events[-1]["createdAt"] == stamp(now)
    assert sync(recorded, Mode.INCREMENTAL).added >= 3, "the edit, the label, the task's latest"
    assert versions(recorded, story.labels[-1]) == [(1, True)]
    assert Event.objects.filter(log__project=recorded, type="groundtruth.edited").exists()


def test_a_label_that_is_new_stands_before_what_came_of_it(recorded: Project) -> None:
    """Labels are asked for after their task's events, and stand among them by their times all the same."""
    late = Event.objects.filter(log__project=recorded, type="label.created", late=True)
    assert LabelVersion.objects.count() > 0
    assert not late.exists()
