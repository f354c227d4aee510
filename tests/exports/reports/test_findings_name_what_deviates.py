"""Each rule finds what it says, and lets pass what it does not say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit.log.append import Appender
from audit.models import Project
from exports.reports import facts
from exports.reports.definition import Options
from exports.reports.gather import gather
from exports.reports.service import resolve
from tests.factories import AMARA, MEI, START, TOMAS, make_event, make_project, time_event, worked_task

pytestmark = pytest.mark.django_db


def found(project: Project, rule: str) -> facts.Finding:
    gathered = gather(resolve(project, None, None, Options()))
    return next(item for item in gathered.findings if item.rule == rule)


def test_who_labels_and_reviews_a_task_is_found():
    project = make_project([
        make_event("T1", "task.submitted", 0, AMARA),
        make_event("T1", "review.accepted", 10, AMARA, stage="Review"),
        make_event("T2", "task.submitted", 0, AMARA),
        make_event("T2", "review.accepted", 10, MEI, stage="Review"),
    ])  # fmt: skip
    finding = found(project, "SOD-1")
    assert (finding.tested, finding.found, finding.events) == (2, 1, (("T1", 1),))


def test_a_correction_at_the_stage_of_the_review_is_no_labelling():
    project = make_project([
        make_event("T1", "task.submitted", 0, AMARA),
        make_event("T1", "label.updated", 9, MEI, stage="Review"),
        make_event("T1", "review.corrected", 10, MEI, stage="Review"),
    ])  # fmt: skip
    assert found(project, "SOD-1").found == 0


def test_a_label_without_a_stage_counts_against_its_reviewer():
    project = make_project([
        make_event("T1", "label.created", 0, MEI, stage=None),
        make_event("T1", "review.accepted", 10, MEI, stage=None),
    ])  # fmt: skip
    assert found(project, "SOD-1").found == 1


def test_ground_truth_without_a_review_is_found():
    project = make_project([
        *worked_task("T1"),
        make_event("T2", "task.submitted", 5, AMARA, to_stage="Ground truth"),
        make_event("T3", "review.rejected", 5, MEI, stage="Review"),
        make_event("T3", "task.moved", 6, None, stage="Review", to_stage="END"),
    ])  # fmt: skip
    finding = found(project, "GT-1")
    assert finding.tested == 3
    assert [task for task, _ in finding.events] == ["T2", "T3"]


def test_a_label_that_changes_after_it_became_ground_truth_is_found():
    edited = make_event("T1", "groundtruth.edited", 300, MEI, stage="Ground truth")
    project = make_project([*worked_task("T1"), edited, *worked_task("T2", 500)])
    finding = found(project, "GT-2")
    assert (finding.tested, finding.found, finding.events) == (2, 1, (("T1", 8),))


def test_a_rejection_that_nobody_answered_is_found():
    project = make_project([
        *worked_task("T1"),
        make_event("T2", "task.submitted", 0, AMARA),
        make_event("T2", "review.rejected", 10, MEI, stage="Review", text="No."),
        make_event("T2", "comment.added", 20, AMARA, text="I will."),
    ])  # fmt: skip
    finding = found(project, "REJ-1")
    assert (finding.tested, finding.found, finding.events) == (2, 1, (("T2", 9),))


def test_a_decision_without_a_reason_is_found_unless_its_issue_tells_it():
    project = make_project([
        make_event("T1", "review.rejected", 10, MEI, stage="Review"),
        make_event("T2", "issue.opened", 9, MEI, stage="Review", text="Lesion 2 is missing."),
        make_event("T2", "review.rejected", 10, MEI, stage="Review"),
        make_event("T3", "review.rejected", 10, MEI, stage="Review", text="No."),
        make_event("T4", "issue.opened", 9, TOMAS, stage="Review", text="Somebody else's words."),
        make_event("T4", "review.rejected", 10, MEI, stage="Review"),
    ])  # fmt: skip
    finding = found(project, "RSN-1")
    assert finding.tested == 4
    assert [task for task, _ in finding.events] == ["T1", "T4"]


def test_work_far_faster_than_its_class_is_found():
    usual = [time_event(f"T{k}", k, 300_000 + 9_000 * (k % 11)) for k in range(40)]
    project = make_project([*usual, time_event("quick", 90, 4_000)])
    finding = found(project, "PACE-1")
    assert (finding.tested, finding.found, finding.events) == (41, 1, (("quick", 40),))


def test_a_class_of_few_visits_has_no_usual_pace():
    few = [time_event(f"T{k}", k, 300_000 + 9_000 * k) for k in range(10)]
    finding = found(make_project([*few, time_event("quick", 90, 4_000)]), "PACE-1")
    assert (finding.tested, finding.found) == (0, 0)


def test_without_active_time_pace_is_that_from_start_to_submission():
    events = []
    for k in range(30):
        minutes = 30 + k % 7 if k else 0.1
        events.append(make_event(f"T{k}", "task.started", 100 * k))
        events.append(make_event(f"T{k}", "task.submitted", 100 * k + minutes))
    project = make_project(events)
    assert [task for task, _ in found(project, "PACE-1").events] == ["T0"]
    quality = gather(resolve(project, None, None, Options())).quality
    assert quality.measured == "seconds from start to submission, pauses included"
    assert (quality.visits[0].visits, quality.visits[0].quantiles[2]) == (30, 33 * 60)


def test_an_event_recorded_after_a_later_one_is_found():
    project = make_project([make_event("T1", "task.created", 60), make_event("T1", "task.started", 10)])
    assert found(project, "ORD-1").events == (("T1", 1),)


def test_what_came_before_the_log_began_is_not_late():
    assert found(make_project(worked_task()), "LATE-1").tested == 0


def test_what_came_more_than_a_day_after_it_occurred_is_late():
    project = make_project()
    with Appender(project, now=lambda: START - timedelta(hours=1)) as log:
        log.add(make_event("T0", "task.created", -600))
    with Appender(project, now=lambda: START + timedelta(days=3)) as log:
        log.add(make_event("T1", "task.created", 0))
        log.add(make_event("T2", "task.created", 60 * 24 * 2.5))
    finding = found(project, "LATE-1")
    assert (finding.tested, [task for task, _ in finding.events]) == (2, ["T1"])


def test_every_event_behind_a_finding_is_kept_and_five_are_printed():
    events = [make_event(f"T{k}", "review.rejected", k, MEI, stage="Review") for k in range(9)]
    finding = found(make_project(events), "REJ-1")
    assert (finding.found, len(finding.events), len(finding.listed)) == (9, 5, 9)


def test_an_accepting_review_after_a_rejection_is_enough():
    project = make_project([
        make_event("T1", "review.rejected", 5, MEI, stage="Review", text="No."),
        make_event("T1", "rework.submitted", 6, AMARA),
        make_event("T1", "review.accepted", 7, MEI, stage="Review", to_stage="Ground truth"),
    ])  # fmt: skip
    assert (found(project, "GT-1").found, found(project, "REJ-1").found) == (0, 0)
