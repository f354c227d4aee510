from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from audit.sources.base import PersonRef, SourceError, SourceEvent
from audit.sources.labelstudio.reading import LabelStudioReading

Tell = Callable[[list[dict[str, Any]]], list[SourceEvent]]
JANE = {"id": 14, "email": "jane@example.com", "first_name": "Jane", "last_name": "Doe"}


def annotation(**more: Any) -> dict[str, Any]:
    """An annotation of Jane's, submitted in January."""
    made = {"created_at": "2026-01-01T10:00:00Z", "updated_at": "2026-01-01T10:05:00Z"}
    return {"id": 7, "completed_by": JANE, "result": [], "lead_time": 12.3456, **made, **more}


def task(*annotations: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    data = {"image": "https://h/scan%201.png?X-Amz-Signature=abc"}
    return [{"id": 1, "created_at": "2026-01-01T09:00:00Z", "data": data, "annotations": annotations, **more}]


def entry(id_: int, action: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "action": action, "created_by": 14, "created_at": f"2026-01-02T10:{id_:02}:00Z", **more}


def of_type(events: list[SourceEvent], type_: str) -> list[SourceEvent]:
    return [event for event in events if event.type == type_]


def test_a_history_is_told_as_it_was(told: Tell) -> None:
    actions = ("submitted", "rejected", "updated", "fixed_and_accepted", "deleted_review", "skipped", "prediction")
    history = [entry(number, action) for number, action in enumerate(actions)]
    events = [event for event in told(task(annotation(history=history))) if event.source_type.startswith("HISTORY_")]
    assert [event.type for event in events] == [
        "task.submitted",
        "review.rejected",
        "rework.submitted",
        "review.corrected",
        "activity.recorded",
        "task.skipped",
        "activity.recorded",
    ]
    assert {event.actor for event in events} == {PersonRef("user:14")}
    assert not any(event.derived for event in events)


def test_what_a_reviewer_wrote_is_a_text(told: Tell) -> None:
    (event,) = of_type(told(task(annotation(history=[entry(1, "rejected", comment="Redo")]))), "review.rejected")
    assert event.text == "Redo"


def test_without_history_the_submission_is_concluded_under_the_same_key(told: Tell) -> None:
    (derived,) = of_type(told(task(annotation())), "task.submitted")
    (recorded,) = of_type(told(task(annotation(history=[entry(1, "submitted")]))), "task.submitted")
    assert derived.derived
    assert not recorded.derived
    assert derived.source_key == recorded.source_key == "annotation/7"
    assert of_type(told(task(annotation(was_cancelled=True))), "task.skipped")[0].source_key == "annotation/7"


def test_a_review_counts_once(told: Tell) -> None:
    review = {"id": 3, "accepted": True, "created_by": JANE, "created_at": "2026-01-03T10:00:00Z"}
    (alone,) = of_type(told(task(annotation(reviews=[review]))), "review.accepted")
    both = annotation(reviews=[review], history=[entry(1, "accepted", review_id=3)])
    (event,) = of_type(told(task(both)), "review.accepted")
    assert alone.source_key == event.source_key == "review/3"
    assert alone.actor == PersonRef("user:14", "jane@example.com", "Jane Doe")
    assert of_type(told(task(annotation(reviews=[{**review, "accepted": False}]))), "review.rejected")
    assert of_type(told(task(annotation(reviews=[{**review, "fixed_annotation_history": 9}]))), "review.corrected")


def test_the_time_of_an_annotation_is_active_time(told: Tell) -> None:
    (event,) = of_type(told(task(annotation())), "time.revised")
    assert event.version is not None
    assert event.version.state == "12346"
    span = LabelStudioReading().active_span(event.content or b"")
    assert span.milliseconds == 12346
    assert not of_type(told(task(annotation(lead_time=None))), "time.revised")
    assert not of_type(told(task(annotation(lead_time=-1))), "time.revised")


def test_a_label_changes_with_what_it_says_and_not_with_names_or_counters(told: Tell) -> None:
    def state(**more: Any) -> str:
        (event,) = of_type(told(task(annotation(**more))), "label.updated")
        assert event.version is not None
        return event.version.state

    same = state()
    assert state(updated_at="2026-02-02T10:00:00Z", lead_time=99, completed_by={**JANE, "last_name": "Roe"}) == same
    assert state(completed_by=14) == same
    assert state(result=[{"type": "choices", "value": {"choices": ["A"]}}]) != same
    assert state(ground_truth=True) != same


def test_predictions_and_drafts_are_labels_of_their_own(told: Tell) -> None:
    predictions = [{"id": 7, "model_version": "m1", "result": []}, {"model_version": "m2", "result": []}]
    events = of_type(
        told(task(annotation(), predictions=predictions, drafts=[{"id": 7, "result": []}])), "label.updated"
    )
    found = [LabelStudioReading().label_details(event.content or b"") for event in events]
    assert {(label.external_id, label.kind) for label in found} == {
        ("7", "DEFAULT"),
        ("prediction/7", "PREDICTION"),
        ("prediction/number-2", "PREDICTION"),
        ("draft/7", "AUTOSAVE"),
    }


def test_a_task_is_named_after_its_file_and_keeps_no_signature(told: Tell) -> None:
    (event,) = of_type(told(task(annotation(), updated_at="x", total_annotations=9)), "task.updated")
    assert LabelStudioReading().task_details(event.content or b"").name == "scan 1.png"
    assert b"Signature" not in (event.content or b"")
    assert of_type(told(task(annotation(), updated_at="y")), "task.updated")[0].key_fields == event.key_fields


def test_names_of_people_stand_in_one_text(told: Tell) -> None:
    (event,) = of_type(told(task(annotation())), "label.updated")
    said = json.loads(event.content or b"")["annotation"]["completed_by"]
    assert said == {"id": 14, "email": "jane@example.com", "name": "Jane Doe"}
    assert PersonRef("user:14", "jane@example.com", "Jane Doe") in event.people


@pytest.mark.parametrize("written", ["yesterday", "", None, 7, "0001-01-01T00:00:00+23:00"])
def test_times_that_are_none_are_left_to_the_payload(told: Tell, written: object) -> None:
    events = told(task(annotation(created_at=written), created_at=written))
    assert not of_type(events, "task.created")
    assert not of_type(events, "task.submitted")
    assert of_type(events, "label.updated")


def test_a_time_without_a_zone_is_utc(told: Tell) -> None:
    (event,) = of_type(told(task(annotation(created_at="2026-01-01T10:00:00"))), "task.submitted")
    assert event.instant is not None
    assert event.instant.isoformat() == "2026-01-01T10:00:00+00:00"


@pytest.mark.parametrize("wrong", [{"annotations": 7}, {"annotations": [{"history": {}}]}, {"id": None}])
def test_what_is_no_task_is_refused(told: Tell, wrong: dict[str, Any]) -> None:
    with pytest.raises(SourceError):
        told([{**task()[0], **wrong}])
