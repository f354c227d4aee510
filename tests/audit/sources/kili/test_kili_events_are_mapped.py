"""Each of the 79 kinds of Kili's own events is mapped, or kept under its own name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.eventtypes import TYPES
from audit.sources.base import SourceError
from audit.sources.kili import catalogue
from audit.sources.kili.events import Standing, asset_events, project_event, walked
from audit.sources.kili.project import KiliProject
from tests.audit.sources.kili.conftest import GOLDEN

KINDS: dict[str, list[str]] = {
    kind["event"]: kind["payload"] for kind in json.loads((GOLDEN / "events.json").read_text())
}
PROJECT = KiliProject("p", "IMAGE", legacy=False, steps={"s1": "Labeling", "s2": "Review"}, kinds={"s1": "DEFAULT"})


def event(name: str, number: int = 1, **payload: Any) -> bytes:
    found = {"id": f"e{number}", "event": name, "createdAt": f"2026-03-02T08:00:{number:02d}.000Z", "userId": "u"}
    return json.dumps({**found, "payload": {"assetId": "a", **payload}}).encode()


def test_the_catalogue_is_complete() -> None:
    assert set(catalogue.SUBJECTS) == set(KINDS)
    assert len(catalogue.SUBJECTS) == 79
    assert {name for name, payload in KINDS.items() if "assetId" not in payload} == set(catalogue.OF_PROJECT)
    assert set(catalogue.MAPPED.values()) <= set(TYPES)


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_keeps_its_name_and_is_no_conclusion(name: str) -> None:
    if name in catalogue.OF_PROJECT:
        found = project_event(event(name), PROJECT)
        assert (found.task, found.type) == (None, "activity.recorded")
    else:
        (found,) = asset_events("a", walked([event(name)], PROJECT), PROJECT)
        assert found.task == "a"
        assert found.type == catalogue.MAPPED.get(name, "activity.recorded")
    assert (found.source_type, found.derived, found.source_key) == (name, False, "e1")
    assert found.content == event(name)


def test_a_kind_that_nobody_knows_is_kept_under_its_name() -> None:
    (found,) = asset_events("a", walked([event("asset.dreamt.of")], PROJECT), PROJECT)
    assert (found.type, found.source_type) == ("activity.recorded", "asset.dreamt.of")


def test_the_stage_follows_the_moves() -> None:
    moved = {"previousStepId": "s1", "newStepId": "s2"}
    rows = [
        event("label.workflow.created.default", 1, labelId="l"),
        event(catalogue.STEP_CHANGED, 2, **moved),
        event("label.workflow.validated", 3, labelId="l"),
    ]
    found = list(asset_events("a", walked(rows, PROJECT, "Elsewhere"), PROJECT))
    assert [(one.stage, one.to_stage) for one in found] == [
        ("Labeling", None),
        ("Labeling", "Review"),
        ("Review", None),
    ]


def test_a_step_that_the_project_has_no_more_is_told_by_its_id() -> None:
    (found,) = asset_events(
        "a", walked([event(catalogue.STEP_CHANGED, previousStepId="s1", newStepId="s9")], PROJECT), PROJECT
    )
    assert found.to_stage == "s9"


def test_work_after_a_rejection_is_rework() -> None:
    rows = [
        event(catalogue.SUBMITTED, 1, labelId="l"),
        event(catalogue.REJECTED, 2, labelId="l", previousStepId="s2", newStepId="s1"),
        event(catalogue.SUBMITTED, 3, labelId="m"),
    ]
    assert [one.type for one in asset_events("a", walked(rows, PROJECT), PROJECT)] == [
        "task.submitted",
        "review.rejected",
        "rework.submitted",
    ]


def test_labels_tell_what_events_leave_open() -> None:
    rows = [event(catalogue.SUBMITTED, 1, labelId="m"), event(catalogue.REVIEWED, 2, labelId="r")]
    found = asset_events("a", walked(rows, PROJECT), PROJECT, standing=Standing(reworked={"m"}, corrected={"r"}))
    assert [one.type for one in found] == ["rework.submitted", "review.corrected"]


@pytest.mark.parametrize(("status", "type_"), [("IN_PROGRESS", "task.started"), ("DONE", "activity.recorded")])
def test_a_step_in_progress_was_started(status: str, type_: str) -> None:
    (found,) = asset_events(
        "a", walked([event(catalogue.STATUS_CHANGED, stepId="s2", status=status)], PROJECT), PROJECT
    )
    assert (found.type, found.stage) == (type_, "Review")


@pytest.mark.parametrize("raw", [b"[]", b"{}", b'{"id":"e"}', b"no JSON", b'{"event":"asset.created"}'])
def test_what_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(SourceError, match="event"):
        list(asset_events("a", walked([raw], PROJECT), PROJECT))


def test_a_hundred_thousand_events_of_one_asset_are_a_history() -> None:
    rows = [event("asset.workflow.lock.created") for _ in range(100_000)]
    assert sum(1 for _ in asset_events("a", walked(rows, PROJECT), PROJECT)) == 100_000
