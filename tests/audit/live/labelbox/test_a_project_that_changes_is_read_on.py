"""What changes at Labelbox is new in the record; what vanishes or is told otherwise is said to differ."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from audit.live.run import sync
from audit.models import Event, LabelVersion, Mode, Project, SyncRun, Task
from tests.audit.live.labelbox.compare import differences
from tests.fakes.labelbox import FakeLabelbox
from tests.fakes.labelbox_story import LABELER, World, version


@pytest.fixture
def rows() -> int:
    return 6


@pytest.fixture
def read(project: Project) -> Project:
    """The project, read once."""
    sync(project, Mode.FULL)
    return project


@pytest.fixture
def first(world: World) -> str:
    """A data row with a label."""
    return next(iter(world.rows))


def again(project: Project) -> tuple[SyncRun, Counter[str]]:
    """A full pass, and the types of events that it added, but for its own."""
    before = Event.objects.filter(log__project=project).order_by("-id").values_list("id", flat=True)[0]
    run = sync(project, Mode.FULL)
    types = Event.objects.filter(log__project=project, id__gt=before).values_list("type", flat=True)
    return run, Counter(type_ for type_ in types if type_ != "sync.completed")


def test_a_label_that_changed_has_a_new_version(read: Project, world: World, first: str) -> None:
    label = world.label(first)
    label["label_details"]["content_last_updated_at"] = "2026-03-06T10:00:00.000+00:00"
    label["annotations"]["objects"][0]["bounding_box"]["top"] = 49.0
    _, types = again(read)
    assert differences(read, world) == []
    assert types == {"label.updated": 1}
    versions = LabelVersion.objects.filter(project=read, external_id=label["id"]).order_by("number")
    assert [one.to_index is None for one in versions] == [False, True]


def test_what_is_volatile_makes_no_version_of_a_label_or_data_row(read: Project, world: World, first: str) -> None:
    label = world.label(first)
    label["label_details"]["updated_at"] = "2026-03-06T10:00:00.000+00:00"
    label["performance_details"]["consensus_score"] = 0.5
    details = world.rows[first]["data_row"]["details"]
    details["last_activity_at"] = details["updated_at"] = "2026-03-06T10:00:00.000+00:00"
    world.rows[first]["data_row"]["row_data"] += "0"  # Another signature.
    run, types = again(read)
    assert differences(read, world) == []
    assert (run.added, types) == (0, {})


def test_active_time_that_grew_is_revised(read: Project, world: World, first: str) -> None:
    world.label(first)["performance_details"]["performance_details_v2"]["seconds_to_rework"] += 5
    _, types = again(read)
    assert differences(read, world) == []
    assert types == {"time.revised": 1}


def test_a_label_that_vanished_and_came_back_is_said_to(read: Project, world: World, first: str) -> None:
    labels = world.labels(world.rows[first])
    label = labels.pop()
    _, types = again(read)
    assert differences(read, world, times=False) == []  # What was worked on it was worked.
    assert types["label.deleted"] == 1
    assert types["source.diverged"] >= 1
    labels.append(label)
    _, types = again(read)
    assert differences(read, world) == []
    assert types["label.updated"] == 1


def test_a_data_row_that_left_the_project_is_deleted_and_may_come_back(read: Project, world: World, first: str) -> None:
    row = world.rows.pop(first)
    versions = [one for one in world.versions if one["dataRowId"] == first]
    run, types = again(read)
    assert differences(read, world, deleted=1) == []
    assert run.result["deleted"] == 1
    assert types == {"task.deleted": 1, "project.updated": 1}, "its batch is smaller"
    world.rows[first] = row
    _, types = again(read)
    assert differences(read, world) == []
    assert types == {"task.reopened": 1, "project.updated": 1}
    assert len(versions) == 4


def test_a_new_data_row_and_a_new_hand_on_are_found_by_an_incremental_pass(
    read: Project, fake: FakeLabelbox, world: World, first: str
) -> None:
    row = json.loads(json.dumps(world.rows[first]))
    row["data_row"]["id"] = row["data_row"]["external_id"] = "clROW00000000000000000000"  # Differs in case alone.
    world.rows[row["data_row"]["id"]] = row
    for changed in (row, world.rows[first]):
        changed["data_row"]["details"]["last_activity_at"] = "2026-03-05T09:00:00.000+00:00"
    world.versions.append(version(first, world.label(first), "SAVED", "2026-03-05T09:00:00.000Z", LABELER, None))
    run = sync(read, Mode.INCREMENTAL)
    assert run.result["tasks"] == 2
    assert Task.objects.filter(project=read, external_id__iexact=first).count() == 2
    assert Event.objects.filter(log__project=read, source_type="SAVED", task__external_id=first).count() == 1


def test_an_issue_is_resolved_opened_again_and_its_comment_edited(read: Project, world: World) -> None:
    resolved, opened = world.issues[0], world.issues[1]
    assert (resolved["status"], opened["status"]) == ("Resolved", "Open")
    resolved |= {"status": "Open", "resolvedBy": None, "resolvedAt": None}
    opened |= {"status": "Resolved", "resolvedBy": resolved["createdBy"], "resolvedAt": "2026-03-06T08:00:00.000Z"}
    opened["comments"][0] |= {"content": "I meant another", "updatedAt": "2026-03-06T08:01:00.000Z"}
    sync(read, Mode.FULL)
    found = Event.objects.filter(log__project=read, source_type__in=("ISSUE_STATUS", "COMMENT")).order_by("-id")
    told = {(event.type, json.loads(bytes(event.envelope))["occurred_at"]) for event in found[:3]}
    assert told == {
        ("issue.reopened", None),
        ("issue.resolved", "2026-03-06T08:00:00.000Z"),
        ("comment.edited", "2026-03-06T08:01:00.000Z"),
    }


def test_versions_that_vanish_or_change_are_divergences(read: Project, world: World, first: str) -> None:
    gone = next(one for one in world.versions if one["dataRowId"] == first)
    changed = next(one for one in world.versions if one["dataRowId"] != first)
    world.versions.remove(gone)
    changed["annotationCount"] += 1
    run = sync(read, Mode.FULL)
    assert run.result["diverged"] == 2
    assert sync(read, Mode.FULL).added == 0, "each is said once"


def test_somebody_who_left_is_no_divergence(read: Project, world: World) -> None:
    del world.users[LABELER]
    run = sync(read, Mode.FULL)
    assert (run.result["diverged"], run.added) == (0, 0)


def test_somebody_with_another_address_is_no_divergence(read: Project, world: World) -> None:
    for id_, row in world.rows.items():
        world.rows[id_] = json.loads(json.dumps(row).replace("reviewer1@example.com", "rita@example.org"))
        world.rows[id_] = json.loads(json.dumps(world.rows[id_]).replace("admin@example.com", "ada@example.org"))
    run = sync(read, Mode.FULL)
    assert (run.result["diverged"], run.added) == (0, 0)


def test_a_data_row_that_moves_while_it_is_read_is_found(read: Project, fake: FakeLabelbox, world: World) -> None:
    def leave(answer: Any) -> Any:
        world.rows.pop(next(iter(world.rows)))
        return answer

    fake.fail("GetProjectIssues", edit=leave)
    run = sync(read, Mode.FULL)
    assert run.result["deleted"] == 1
    assert differences(read, world, deleted=1) == []
