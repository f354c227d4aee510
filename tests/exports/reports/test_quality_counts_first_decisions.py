"""The section on quality counts decisions as the log has them, and its intervals are Wilson's."""

from __future__ import annotations

import pytest

from exports.reports.definition import Options
from exports.reports.gather import gather
from exports.reports.service import resolve
from exports.reports.spread import Spread, Visits, wilson
from tests.factories import AMARA, MEI, TOMAS, make_event, make_project, worked_task


def quality(project):
    return gather(resolve(project, None, None, Options())).quality


@pytest.mark.django_db
def test_the_first_decision_counts_for_who_labelled_last_before_it():
    project = make_project([
        *worked_task("T1"),
        make_event("T2", "task.submitted", 0, TOMAS),
        make_event("T2", "review.accepted", 10, MEI, stage="Review"),
        make_event("T3", "review.corrected", 10, MEI, stage="Review"),
    ])  # fmt: skip
    told = quality(project)
    assert (told.first.accepted, told.first.corrected, told.first.rejected) == (1, 1, 1)
    by = {item.label: (item.accepted, item.corrected, item.rejected) for item in told.by_labeller}
    assert by == {"Amara Okafor": (0, 0, 1), "Tomás Herrera": (1, 0, 0), None: (0, 1, 0)}
    assert {(item.label, item.value) for item in told.rejections} == {("0", 2), ("1", 1)}
    assert [(item.label, item.all) for item in told.by_stage] == [("Review", 4)]


@pytest.mark.django_db
def test_a_project_without_reviews_has_no_rate():
    told = quality(make_project([make_event("T1", "task.submitted", 0, AMARA)]))
    assert told.first is None
    assert told.by_stage == told.rejections == ()


@pytest.mark.django_db
def test_a_wait_is_from_entering_a_stage_to_the_first_work_there():
    project = make_project([
        make_event("T1", "task.created", -5, TOMAS),
        make_event("T1", "task.submitted", 0, AMARA, to_stage="Review"),
        make_event("T1", "task.assigned", 5, TOMAS, stage="Review", assignee=MEI),
        make_event("T1", "task.started", 90, MEI, stage="Review"),
        make_event("T1", "review.accepted", 95, MEI, stage="Review", to_stage="Ground truth"),
    ])  # fmt: skip
    transitions = {
        (item.start, item.end): item.wait
        for item in gather(resolve(project, None, None, Options())).process.transitions
    }
    assert transitions["Label", "Review"].median == 90
    assert transitions["Review", "Ground truth"] is None


@pytest.mark.parametrize(("good", "of", "low", "high"), [(9, 10, 0.596, 0.982), (0, 5, 0.0, 0.434), (5, 5, 0.566, 1.0)])
def test_the_interval_is_wilsons(good, of, low, high):
    # Compare: R's binom::binom.confint(method = "wilson").
    assert wilson(good, of) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


def test_quantiles_are_by_nearest_rank():
    spread = Spread()
    for value in (5, 1, 3, 2, 4):
        spread.add(value)
    assert [spread.quantile(share) for share in (0.05, 0.5, 0.9, 1)] == [1, 3, 5, 5]


def test_visits_of_equal_length_have_no_outliers():
    visits = Visits()
    for place in range(50):
        visits.visit(60_000, "T", place)
    visits.visit(1_000, "T", 50)
    assert visits.threshold() is None
