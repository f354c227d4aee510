"""A full pass says where the source no longer tells what it told; what may change there is no divergence."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from audit.demo.redbrick import FakeRedBrick
from audit.demo.redbrick.scripts import STAFF
from audit.demo.redbrick.story import TaskStory
from audit.erase import erase_person
from audit.live import passes
from audit.live.run import sync
from audit.log.envelope import unseal
from audit.log.verify import verify
from audit.models import Disclosure, Event, Identity, Mode, Project, Task
from audit.people.identity import subject_of
from tests.audit.live.compare import differences


@pytest.fixture
def recorded(project: Project) -> Project:
    sync(project, Mode.FULL)
    return project


def story_with(fake: FakeRedBrick, project: Project, wanted: Any) -> tuple[TaskStory, dict[str, Any]]:
    """The first task that has such an event, and the event, both to be changed."""
    told = fake.world.projects[project.external_id]
    for number in told.order:
        for at, event in enumerate(told.story(number).events):
            if wanted(event):
                story = told.task(number)
                return story, story.events[at]
    raise AssertionError("no task has such an event")


def submitted(event: dict[str, Any]) -> bool:
    return bool((event.get("outputEvent") or {}).get("timeSpentMs"))


def assigned(event: dict[str, Any]) -> bool:
    return event.get("statusBefore") == "UNASSIGNED" and event.get("statusAfter") == "ASSIGNED"


def divergences(project: Project) -> list[dict[str, Any]]:
    rows = Disclosure.objects.filter(event__log__project=project, event__type="source.diverged", group="content")
    return [json.loads(bytes(row.data)) for row in rows.order_by("event_id")]


def test_a_changed_event_is_named_once(recorded: Project, fake: FakeRedBrick) -> None:
    story, event = story_with(fake, recorded, submitted)
    event["outputEvent"]["timeSpentMs"] += 1
    assert sync(recorded, Mode.FULL).result["diverged"] == 1
    (found,) = divergences(recorded)
    assert (found["difference"], found["source_key"]) == ("changed", event["eventId"])
    assert found["now"]["outputEvent"]["timeSpentMs"] == event["outputEvent"]["timeSpentMs"]
    named = Event.objects.get(pk=recorded.log.event_id(found["event"]))
    assert unseal(bytes(named.envelope)).task == story.id
    assert sync(recorded, Mode.FULL).added == 0
    event["outputEvent"]["timeSpentMs"] += 1
    assert sync(recorded, Mode.FULL).result["diverged"] == 1, "another change is another divergence"
    assert verify(recorded.log).holds


def test_a_vanished_event_is_named_once(recorded: Project, fake: FakeRedBrick) -> None:
    story, event = story_with(fake, recorded, submitted)
    story.events.remove(event)
    assert sync(recorded, Mode.FULL).result["diverged"] == 1
    assert [(found["difference"], found["now"]) for found in divergences(recorded)] == [("gone", None)]
    assert sync(recorded, Mode.FULL).added == 0


def test_an_event_that_comes_back_is_noted_and_so_is_its_going_again(recorded: Project, fake: FakeRedBrick) -> None:
    story, event = story_with(fake, recorded, submitted)
    at = story.events.index(event)
    for wanted in ("gone", "back", "gone", "back"):
        if wanted == "gone":
            story.events.remove(event)
        else:
            story.events.insert(at, event)
        assert sync(recorded, Mode.FULL).result["diverged"] == (wanted == "gone"), "that it is back differs no more"
        assert sync(recorded, Mode.FULL).added == 0, "once is enough"
    found = divergences(recorded)
    assert [one["difference"] for one in found] == ["gone", "back", "gone", "back"]
    assert {one["source_key"] for one in found} == {event["eventId"]}
    assert [one["now"] for one in found] == [None] * 4
    assert verify(recorded.log).holds
    assert differences(recorded, fake.world) == []


def test_an_event_that_is_again_what_it_was_is_noted(recorded: Project, fake: FakeRedBrick) -> None:
    _, event = story_with(fake, recorded, submitted)
    for more in (1, -1, 1):
        event["outputEvent"]["timeSpentMs"] += more
        sync(recorded, Mode.FULL)
    assert [one["difference"] for one in divergences(recorded)] == ["changed", "back", "changed"]
    assert sync(recorded, Mode.FULL).added == 0


def test_an_event_without_an_id_comes_back_too(recorded: Project, fake: FakeRedBrick) -> None:
    story, event = story_with(fake, recorded, assigned)
    at = story.events.index(event)
    story.events.remove(event)
    sync(recorded, Mode.FULL)
    gone = [one["source_key"] for one in divergences(recorded)]
    story.events.insert(at, event)
    sync(recorded, Mode.FULL)
    back = [one["source_key"] for one in divergences(recorded) if one["difference"] == "back"]
    assert back == gone
    assert len(gone) == 1


def test_a_page_that_is_read_twice_in_a_pass_notes_a_difference_once(
    recorded: Project, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, event = story_with(fake, recorded, submitted)
    story.events.remove(event)
    read = passes.Pass._page

    def twice(self: passes.Pass, histories: Any) -> None:
        read(self, histories)
        read(self, histories)

    monkeypatch.setattr(passes.Pass, "_page", twice)
    sync(recorded, Mode.FULL)
    assert [one["difference"] for one in divergences(recorded)] == ["gone"]
    assert verify(recorded.log).holds


def test_an_event_without_an_id_that_changed_is_gone_and_another_came(recorded: Project, fake: FakeRedBrick) -> None:
    _, event = story_with(fake, recorded, assigned)
    event["assignedToAfterEntity"] = (
        STAFF[1].entity()
        if event["assignedToAfterEntity"] != STAFF[1].entity()
        else {"userId": "somebody-else", "email": None, "givenName": None}
    )
    run = sync(recorded, Mode.FULL)
    assert run.result["diverged"] >= 1
    assert "gone" in {found["difference"] for found in divergences(recorded)}
    assert sync(recorded, Mode.FULL).added == 0


def test_equal_events_are_told_apart_by_counting(recorded: Project, fake: FakeRedBrick) -> None:
    story, event = story_with(fake, recorded, assigned)
    at = story.events.index(event)
    story.events.insert(at, dict(event))
    assert sync(recorded, Mode.FULL).result["diverged"] == 0
    assert differences(recorded, fake.world) == []
    del story.events[at]
    assert sync(recorded, Mode.FULL).result["diverged"] == 1
    assert sync(recorded, Mode.FULL).added == 0


def test_an_incremental_pass_looks_for_no_divergence(recorded: Project, fake: FakeRedBrick) -> None:
    _, event = story_with(fake, recorded, submitted)
    event["outputEvent"]["timeSpentMs"] += 1
    assert sync(recorded, Mode.INCREMENTAL).result["diverged"] == 0
    assert sync(recorded, Mode.FULL).result["diverged"] == 1


def test_a_saved_state_that_is_gone_is_none(recorded: Project, fake: FakeRedBrick) -> None:
    saved = Event.objects.filter(log__project=recorded, type="task.saved").first()
    assert saved is not None
    occurred = unseal(bytes(saved.envelope)).occurred_at
    story, event = story_with(fake, recorded, lambda found: found["createdAt"] == occurred)
    story.events.remove(event)
    run = sync(recorded, Mode.FULL)
    assert (run.added, run.result["diverged"]) == (0, 0)


def test_a_renamed_task_has_a_new_version(recorded: Project, fake: FakeRedBrick) -> None:
    story, _ = story_with(fake, recorded, submitted)
    story.name = "CT_ABD_renamed"
    assert sync(recorded, Mode.FULL).result["diverged"] == 0
    task = Task.objects.get(project=recorded, external_id=story.id)
    assert task.name == "CT_ABD_renamed"
    assert task.trail.filter(type="task.updated").count() == 2
    assert differences(recorded, fake.world) == []


def test_an_issue_that_is_resolved_and_opened_again_is_followed(recorded: Project, fake: FakeRedBrick) -> None:
    story, comment = story_with(fake, recorded, lambda event: event.get("issueComment") and "resolvedAt" in event)
    resolved = comment.pop("resolvedAt")
    assert sync(recorded, Mode.FULL).result["diverged"] == 0
    comment["resolvedAt"] = resolved
    sync(recorded, Mode.FULL)
    trail = Task.objects.get(project=recorded, external_id=story.id).trail.order_by("n")
    found = [name for name in trail.values_list("type", flat=True) if name.startswith("issue.")]
    assert found[-2:] == ["issue.reopened", "issue.resolved"]
    assert found.count("issue.reopened") == 1
    assert differences(recorded, fake.world) == []


def test_an_edited_comment_is_a_version_and_a_removed_one_a_divergence(recorded: Project, fake: FakeRedBrick) -> None:
    story, comment = story_with(fake, recorded, lambda event: event["__typename"] == "Comment")
    comment["textVal"] = "I looked again: it is a cyst."
    assert sync(recorded, Mode.FULL).result["diverged"] == 0
    assert Event.objects.filter(log__project=recorded, type="comment.edited").count() == 1
    assert differences(recorded, fake.world) == []
    story.events.remove(comment)
    assert sync(recorded, Mode.FULL).result["diverged"] >= 1
    assert sync(recorded, Mode.FULL).added == 0


def test_active_time_that_grows_is_revised(recorded: Project, fake: FakeRedBrick) -> None:
    told = fake.world.projects[recorded.external_id]
    number = next(number for number in told.order if told.story(number).times)
    row = told.task(number).times[0]
    at, ms = row.steps[-1]
    row.steps[-1] = (at, ms + 5_000)
    run = sync(recorded, Mode.FULL)
    assert (run.added, run.result["diverged"]) == (2, 0), "the revision, and the end of the pass"
    assert Event.objects.filter(log__project=recorded, type="time.revised").count() == 1
    assert differences(recorded, fake.world) == []


def test_people_may_be_called_something_else(recorded: Project, fake: FakeRedBrick) -> None:
    world = fake.world
    world.members[2] = replace(world.members[2], email="renamed@example.org", given="Other")
    run = sync(recorded, Mode.FULL)
    assert (run.added, run.result["diverged"]) == (0, 0)


def erase(project: Project, user: str) -> None:
    identity = Identity.objects.get(source=project.source, subject=subject_of(project.source, user))
    erase_person(identity, reason="request of 2 November", with_texts=False)


def test_an_erased_person_is_no_divergence_and_does_not_come_back(recorded: Project, fake: FakeRedBrick) -> None:
    for worker in STAFF[:2]:
        erase(recorded, worker.id)
    run = sync(recorded, Mode.FULL)
    assert (run.added, run.result["diverged"]) == (0, 0)
    assert verify(recorded.log).holds


def test_what_changes_after_an_erasure_is_recorded_without_the_person(recorded: Project, fake: FakeRedBrick) -> None:
    _, event = story_with(fake, recorded, lambda found: submitted(found) and _by(found, STAFF[0].id))
    erase(recorded, STAFF[0].id)
    event["outputEvent"]["timeSpentMs"] += 1
    assert sync(recorded, Mode.FULL).result["diverged"] == 1
    held = b"".join(bytes(data) for (data,) in Disclosure.objects.values_list("data"))
    for value in (STAFF[0].id, STAFF[0].email or ""):
        assert b'"%b"' % value.encode() not in held
    assert sync(recorded, Mode.FULL).added == 0


def _by(event: dict[str, Any], user: str) -> bool:
    return bool((event.get("taskData") or {}).get("createdBy") == user)
