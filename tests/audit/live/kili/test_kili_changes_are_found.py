"""What changes, vanishes, comes or comes back at Kili is in the record after the next pass, once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.live.run import sync
from audit.models import Event, LabelVersion, Mode, Project, Task
from tests.audit.live.kili.compare_kili import content_of, differences
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import JANE, OMAR, Told, stamp, tell

LATER = 60.0 * 24 * 20
"""Minutes after the story's beginning, when everything else is over."""

SOON = "2100-01-01T00:00:00.000Z"
"""After the first reading, whenever that is: clocks differ."""


@pytest.fixture
def told(project: Project, fake: FakeKili) -> Told:
    """The project at its platform, read once."""
    sync(project, Mode.FULL)
    return fake.projects[project.external_id]


def again(project: Project, fake: FakeKili, mode: Mode = Mode.FULL) -> list[tuple[str, str]]:
    """Read again, see that all is there and that a third reading adds nothing; what was added."""
    before = Event.objects.filter(log__project=project).order_by("-pk").values_list("pk", flat=True).first() or 0
    assert sync(project, mode).state == "succeeded"
    added = Event.objects.filter(log__project=project, pk__gt=before).exclude(type="sync.completed").order_by("pk")
    found = [(event.type, event.source_type) for event in added]
    assert differences(project, fake) == []
    assert sync(project, Mode.FULL).added == 0
    return found


def newest(project: Project, type_: str) -> dict[str, Any]:
    """The payload of the newest event of a type."""
    event = Event.objects.filter(log__project=project, type=type_).order_by("-pk").first()
    assert event is not None
    found: dict[str, Any] = json.loads(content_of(event))
    return found


def test_an_edited_label_is_a_version(project: Project, fake: FakeKili, told: Told) -> None:
    label = told.assets[1]["labels"][0]
    label |= {"jsonResponse": {"DAY": {"categories": [{"name": "DAY"}]}}, "updatedAt": stamp(LATER)}
    assert again(project, fake) == [("label.updated", "label.DEFAULT")]
    event = Event.objects.get(log__project=project, type="label.updated")
    assert event.occurred_at is not None
    assert event.occurred_at.isoformat() == "2026-03-22T08:00:00+00:00"
    assert LabelVersion.objects.filter(task=event.task, external_id=label["id"]).count() == 2


@pytest.mark.parametrize("field", ["isLatestLabelForUser", "consensusMark"])
def test_what_kili_computes_of_a_label_is_no_version_of_it(
    project: Project, fake: FakeKili, told: Told, field: str
) -> None:
    told.assets[1]["labels"][0] |= {field: 0.75, "updatedAt": stamp(LATER)}
    assert again(project, fake) == [("task.updated", "asset")]
    assert newest(project, "task.updated")["labels"][0][field] == 0.75


def test_a_signature_and_a_time_of_update_are_no_news(project: Project, fake: FakeKili, told: Told) -> None:
    told.assets[1]["content"] = told.assets[1]["content"].replace("0123", "9876")
    told.assets[1]["updatedAt"] = stamp(LATER)
    told.settings["updatedAt"] = stamp(LATER)
    assert again(project, fake) == []
    assert "Signature" not in json.dumps(newest(project, "task.updated"))


def test_more_seconds_are_revised_active_time(project: Project, fake: FakeKili, told: Told) -> None:
    told.assets[1]["labels"][0]["secondsToLabel"] = 99.5
    assert again(project, fake) == [("time.revised", "secondsToLabel")]


def test_a_label_that_vanished_is_deleted_and_comes_back(project: Project, fake: FakeKili, told: Told) -> None:
    label = told.assets[3]["labels"].pop()
    assert ("label.deleted", "LABEL_GONE") in again(project, fake)
    told.assets[3]["labels"].append(label)
    assert ("label.updated", "label.REVIEW") in again(project, fake)


def test_a_new_asset_is_read_by_an_incremental_pass(project: Project, fake: FakeKili, told: Told) -> None:
    before = len(told.events)
    asset = tell(told, 8 * len(told.assets) + 2)
    asset["updatedAt"] = SOON
    for event in told.events[before:]:
        event["createdAt"] = SOON
    types = [type_ for type_, _ in again(project, fake, Mode.INCREMENTAL)]
    assert types.count("label.created") == 1
    assert {"task.created", "task.submitted", "review.accepted", "time.recorded"} <= set(types)


def test_an_event_alone_makes_an_incremental_pass_read_its_asset(project: Project, fake: FakeKili, told: Told) -> None:
    told.event("asset.workflow.assigned", LATER, OMAR, assetId=told.assets[0]["id"])["createdAt"] = (
        "2030-01-01T00:00:00Z"
    )
    assert again(project, fake, Mode.INCREMENTAL) == [("task.assigned", "asset.workflow.assigned")]


def test_a_deleted_asset_says_who_deleted_it(project: Project, fake: FakeKili, told: Told) -> None:
    asset = told.assets.pop(2)
    told.event("asset.deleted", LATER, OMAR, assetId=asset["id"], externalId=asset["externalId"])
    assert again(project, fake) == [("task.deleted", "TASK_GONE"), ("task.deleted", "asset.deleted")]
    assert Task.objects.get(project=project, external_id=asset["id"]).status == "deleted"


def test_an_asset_that_was_gone_before_the_first_reading_is_known_by_its_events(
    project: Project, fake: FakeKili, told: Told
) -> None:
    asset = tell(told, len(told.assets) * 8 + 2)
    told.assets.remove(asset)
    told.event("asset.destroyed", LATER, None, assetId=asset["id"])
    types = [type_ for type_, _ in again(project, fake)]
    assert (types[0], types[-1]) == ("task.created", "task.deleted")


def test_an_asset_that_left_nothing_but_events_is_gone(project: Project, fake: FakeKili, told: Told) -> None:
    asset = tell(told, len(told.assets) * 8 + 2)
    told.assets.remove(asset)
    found = again(project, fake)
    assert (found[0][0], found[-1]) == ("task.created", ("task.deleted", "TASK_GONE"))


def test_an_event_that_changed_or_vanished_is_said(project: Project, fake: FakeKili, told: Told) -> None:
    index = next(i for i, event in enumerate(told.events) if event["event"] == "label.workflow.validated")
    gone = told.events.pop(index)
    changed = next(event for event in told.events if event["event"] == "label.workflow.rejected")
    changed["payload"] |= {"newStepId": "another"}
    assert [type_ for type_, _ in _added(project)] == ["source.diverged", "source.diverged"]
    told.events.insert(index, gone)
    assert [type_ for type_, _ in _added(project)] == ["source.diverged"]
    assert newest(project, "source.diverged")["difference"] == "back"


def _added(project: Project) -> list[tuple[str, str]]:
    last = Event.objects.filter(log__project=project).order_by("-pk").values_list("pk", flat=True).first() or 0
    sync(project, Mode.FULL)
    found = Event.objects.filter(log__project=project, pk__gt=last).exclude(type="sync.completed").order_by("pk")
    return [(event.type, event.source_type) for event in found]


def test_a_renamed_member_is_no_news_and_a_new_role_is(project: Project, fake: FakeKili, told: Told) -> None:
    for label in told.assets[1]["labels"]:
        label["author"] = {**JANE, "lastname": "Smith"}
    told.members[1]["user"] = {**JANE, "lastname": "Smith"}
    assert again(project, fake) == []
    told.members[1]["role"] = "REVIEWER"
    assert again(project, fake) == [("activity.recorded", "MEMBER_CHANGED")]


def test_no_name_or_address_stays_in_what_is_stored(project: Project, fake: FakeKili, told: Told) -> None:
    stored = b"".join(
        content_of(event) for event in Event.objects.filter(log__project=project).exclude(type="sync.completed")
    )
    for person in ("Jane Doe", "jane.doe@example.com", "guest@example.com", "Gone Guest", "user-omar"):
        assert person.encode() not in stored
