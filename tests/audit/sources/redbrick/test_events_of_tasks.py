from __future__ import annotations

from collections.abc import Callable
from typing import Any

from audit.sources.base import SourceEvent
from audit.sources.redbrick.walk import NAMES

Trail = Callable[[int], list[SourceEvent]]
Tell = Callable[..., list[SourceEvent]]

LEFT: dict[str, Any] = {"cycleCount": 0, "outputBool": None, "nextStageName": None, "timeSpentMs": 5}


def event(n: int, at: str = "2025-03-01T09:00:00+00:00", by: str | None = None, **what: Any) -> dict[str, Any]:
    """A raw event of a task."""
    data = {"tdId": "d-1", "stageName": "Label", "createdBy": "u-1"}
    return {"__typename": "TaskEvent", "eventId": f"e-{n}", "createdAt": at, "updatedBy": by, "taskData": data, **what}


def change(before: str, after: str, was: str | None, now: str | None, **more: Any) -> dict[str, Any]:
    """A raw change of state."""
    return {
        "__typename": "TaskStateChanges",
        "stageNameAfter": "Label",
        "createdAt": "2025-03-01T09:30:00+00:00",
        "statusBefore": before,
        "statusAfter": after,
        "assignedToBeforeEntity": was and {"userId": was, "email": None, "givenName": None},
        "assignedToAfterEntity": now and {"userId": now, "email": None, "givenName": None},
        **more,
    }


def of_name(events: list[SourceEvent], name: str) -> list[SourceEvent]:
    return [event for event in events if event.source_type == name]


def test_all_fifteen_types_of_the_audit_trail_come_out(trail: Trail) -> None:
    names = {event.source_type for number in (1, 2, 3, 4, 5, 6, 11, 12) for event in trail(number)}
    assert len(NAMES) == 15
    assert names >= NAMES


def test_each_raw_event_becomes_an_event_and_the_task_itself_one_more(golden: dict[str, Any], trail: Trail) -> None:
    task = golden["tasks"]["70000000-0000-4000-8000-000000000001"]
    assert len(trail(1)) == len(task["genericEvents"]) + 1


def test_events_keep_the_ids_of_the_platform(golden: dict[str, Any], trail: Trail) -> None:
    task = golden["tasks"]["70000000-0000-4000-8000-000000000003"]
    ids = [event["eventId"] for event in task["genericEvents"] if "eventId" in event]
    assert [event.source_key for event in trail(3) if event.source_key] == ids


def test_a_move_names_who_moved_and_where_to_not_whose_turn_it_was(trail: Trail) -> None:
    (moved,) = of_name(trail(6), "TASK_MOVED")
    assert moved.actor is not None
    assert (moved.actor.email, moved.stage, moved.to_stage) == ("admin@example.org", "Review_1", "Label")


def test_a_move_of_which_nobody_is_told_is_nobodys(tell: Tell) -> None:
    events = tell(
        change("UNASSIGNED", "ASSIGNED", None, "u-1"),
        event(1, outputEvent={**LEFT, "currentStageName": "Check", "nextStageName": "Label"}),
    )
    (moved,) = of_name(events, "TASK_MOVED")
    assert (moved.type, moved.actor, moved.actor_kind) == ("task.moved", None, "unknown")


def test_an_assignment_names_who_assigned(trail: Trail) -> None:
    first, second = of_name(trail(6), "TASK_ASSIGNED")
    assert [event.actor and event.actor.email for event in (first, second)] == ["admin@example.org"] * 2
    assert first.assignee is not None
    assert first.assignee.email == "labeler@example.org"


def test_an_assignment_of_which_nobody_is_told_is_nobodys(trail: Trail) -> None:
    (assigned, _) = of_name(trail(1), "TASK_ASSIGNED")
    assert (assigned.actor, assigned.actor_kind) == (None, "unknown")


def test_services_and_the_platform_itself_are_no_people(trail: Trail) -> None:
    events = trail(3)
    assert of_name(events, "TASK_CREATED")[0].actor_kind == "service"
    (submitted,) = of_name(events, "TASK_SUBMITTED")
    assert (submitted.actor, submitted.actor_kind) == (None, "system")


def test_people_who_left_are_named_in_full(trail: Trail) -> None:
    submitted = of_name(trail(2), "TASK_SUBMITTED")[0]
    assert submitted.actor is not None
    assert (submitted.actor.email, submitted.actor.name) == ("left@example.org", "Gone Person")


def test_work_that_comes_back_is_rework_of_the_second_cycle(trail: Trail) -> None:
    first, second = of_name(trail(2), "TASK_SUBMITTED")
    assert [(event.type, event.cycle) for event in (first, second)] == [("task.submitted", 1), ("rework.submitted", 2)]


def test_stages_of_the_platform_itself_yield_no_submission(trail: Trail) -> None:
    left = of_name(trail(2), "TASK_LEFT_STAGE")
    assert [(event.type, event.stage, event.to_stage) for event in left] == [
        ("activity.recorded", "Failed_Review_1", None),
        ("activity.recorded", "Output", "END"),
    ]
    assert {event.cycle for event in left} == {None}


def test_stages_of_the_platform_are_known_by_their_brick_whatever_their_name(tell: Tell) -> None:
    events = tell(
        event(1, outputEvent={**LEFT, "currentStageName": "Back"}),
        event(2, outputEvent={**LEFT, "currentStageName": "Done"}),
    )
    assert [event.source_type for event in events[:2]] == ["TASK_LEFT_STAGE"] * 2
    assert events[1].to_stage == "END"


def test_a_stage_that_the_project_has_no_more_is_one_of_people_unless_it_has_the_platforms_name(tell: Tell) -> None:
    events = tell(
        event(1, outputEvent={**LEFT, "currentStageName": "Old_Label"}),
        event(2, outputEvent={**LEFT, "currentStageName": "Failed_Review_7"}),
    )
    assert [event.source_type for event in events[:2]] == ["TASK_SUBMITTED", "TASK_LEFT_STAGE"]


def test_a_move_out_of_ground_truth_is_a_move(tell: Tell) -> None:
    events = tell(event(1, by="u-1", outputEvent={**LEFT, "currentStageName": "END", "nextStageName": "Label"}))
    assert (events[0].type, events[0].to_stage) == ("task.moved", "Label")


def test_a_consensus_score_belongs_to_the_stage_before(trail: Trail) -> None:
    (computed,) = of_name(trail(11), "CONSENSUS_COMPUTED")
    assert (computed.type, computed.stage, computed.to_stage) == (
        "consensus.computed",
        "Consensus_Label",
        "Consensus_Best",
    )


def test_acceptance_after_a_change_of_the_result_is_a_correction_until_the_result_changes_again(tell: Tell) -> None:
    accepted = {**LEFT, "currentStageName": "Check", "outputBool": True}
    worked = change("ASSIGNED", "COMPLETED", "u-1", "u-1", reviewResultBefore=None, reviewResultAfter=False)
    again = {**worked, "createdAt": "2025-03-01T09:50:00+00:00", "reviewResultBefore": False, "reviewResultAfter": True}
    events = tell(
        worked,
        event(1, "2025-03-01T09:40:00+00:00", outputEvent=accepted),
        event(2, "2025-03-01T09:41:00+00:00", outputEvent=accepted),
        again,
        event(3, "2025-03-01T09:51:00+00:00", outputEvent=accepted),
    )
    reviews = [event.type for event in events if event.type.startswith("review.")]
    assert reviews == ["review.corrected", "review.corrected", "review.accepted"]


def test_states_without_a_name_in_the_audit_trail_are_kept_under_their_own(tell: Tell) -> None:
    events = tell(change("ASSIGNED", "PROBLEM", "u-1", "u-1"), change("PROBLEM", "ASSIGNED", "u-1", "u-1"))
    assert [(event.type, event.source_type) for event in events[:2]] == [
        ("activity.recorded", "TASK_STATE_PROBLEM"),
        ("activity.recorded", "TASK_STATE_ASSIGNED"),
    ]
    # Only the person who has the task can raise a problem; who gave it back is not told.
    assert [event.actor and event.actor.external_id for event in events[:2]] == ["u-1", None]


def test_events_of_one_moment_stay_in_the_servers_order(tell: Tell) -> None:
    moment = "2025-03-01T09:00:00.000000+00:00"
    events = tell(*(event(n, moment, outputEvent={**LEFT, "currentStageName": "Label"}) for n in (3, 1, 2)))
    assert [event.source_key for event in events[:3]] == ["e-3", "e-1", "e-2"]


def test_events_come_oldest_first_whatever_the_servers_order_and_offset(tell: Tell) -> None:
    output = {**LEFT, "currentStageName": "Label"}
    events = tell(
        event(1, "2025-03-01T10:30:00+02:00", outputEvent=output),
        event(2, "2025-03-01T08:00:00Z", outputEvent=output),
    )
    assert [event.source_key for event in events[:2]] == ["e-2", "e-1"]


def test_equal_rows_of_state_are_told_apart_by_what_they_say_not_by_what_people_are_called_now(tell: Tell) -> None:
    row = change("ASSIGNED", "SKIPPED", "u-1", "u-1")
    renamed = {**row, "assignedToAfterEntity": {"userId": "u-1", "email": "new@example.org", "givenName": "Uma"}}
    other = {**row, "statusBefore": "IN_PROGRESS"}
    first, second, third = tell(row, renamed, other)[:3]
    assert first.key_fields == second.key_fields != third.key_fields


def test_the_content_is_the_payload_byte_for_byte(tell: Tell) -> None:
    found = tell(event(1, outputEvent={**LEFT, "currentStageName": "Label", "timeSpentMs": 1.50}))[0]
    assert found.content is not None
    assert found.content.endswith(b'"timeSpentMs": 1.5, "currentStageName": "Label"}}')
