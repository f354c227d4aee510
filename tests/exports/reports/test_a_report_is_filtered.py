"""A filtered report shows what its filters let through, says so, and judges whole trails."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from audit.models import Person, Project, Task
from exports.models import Report
from exports.reports import page, volumes
from exports.reports.definition import Options, define
from exports.reports.gather import Gathered, context_of, events_of, gather
from exports.reports.listing import drafts
from exports.reports.service import make_report, request_report, resolve
from exports.reports.trail import trail_of
from exportsite.problems import WrongRequest
from tests.factories import START, make_event, make_project, worked_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    """Two tasks of the same shape, ten hours apart, and one that was created only."""
    events = worked_task("T1") + worked_task("T2", 600) + [make_event("T3", "task.created", 1200, None, stage=None)]
    return make_project(events, name="Liver")


def gathered(project: Project, task: Task | None = None, **filters: object) -> Gathered:
    return gather(resolve(project, task, None, Options(filters=filters)))


def test_a_stage_lets_through_what_happened_there(project: Project) -> None:
    found = gathered(project, stage="Review")
    assert (found.scope.events, found.scope.tasks, found.scope.project_events) == (4, 2, 0)
    assert found.scope.filters == (("done at stage", "Review"),)
    assert {person.name for person in found.people} == {"Mei Tanaka"}
    assert sum(item.value for item in found.process.kinds) == 4
    assert [len(item.rows) for item in found.printed.trails] == [2, 2]
    assert {row.stage for item in found.printed.trails for row in item.rows} == {"Review"}


def test_findings_and_quality_judge_whole_trails(project: Project) -> None:
    whole, found = gathered(project), gathered(project, person=_pseudonym(project, "Tomás Herrera"), task_words="T1")
    assert found.scope.tasks == 1
    assert found.quality.first is not None
    assert found.quality.first.all == 1
    tested = {rule.rule: rule.tested for rule in found.findings}
    assert tested["ORD-1"] == 8  # Every event of T1, not only the two that were let through.
    assert {rule.rule for rule in found.findings} == {rule.rule for rule in whole.findings}


def test_dates_bound_events_and_active_time(project: Project) -> None:
    found = gathered(project, **{"from": "2026-03-02T17:00:00Z", "to": "2026-03-02T19:00:00Z"})
    assert found.scope.first == datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
    assert found.scope.tasks == 1
    assert found.time.milliseconds == 1_800_000
    assert found.completeness.agrees
    assert found.completeness.checks[0].expected == found.scope.events


def test_tasks_are_chosen_by_what_they_are(project: Project) -> None:
    found = gathered(project, status="accepted", external_id=["T1", "T3"])
    assert (found.scope.tasks, found.scope.events) == (1, 8)


def test_the_state_of_a_task_comes_from_all_of_its_events(project: Project) -> None:
    subject = resolve(project, None, None, Options(filters={"type": "task.submitted"}))
    task = Task.objects.get(external_id="T1")
    trail = trail_of(task.pk, context_of(subject), 10)
    assert (trail.status, trail.stage, trail.events) == ("accepted", "Ground truth", 1)
    streamed = list(events_of(subject))
    assert sum(event.selected for event in streamed) == 2
    assert len(streamed) == 16


def test_volumes_list_what_is_let_through(project: Project, tmp_path: Path) -> None:
    subject = resolve(project, None, None, Options(filters={"stage": "Review"}))
    (draft,) = drafts(events_of(subject), context_of(subject), tmp_path)
    assert (draft.tasks, draft.rows) == (2, 4)
    about = volumes.About("T", "K", START, "as of", "a4", False, 17, "ab" * 32, "done at stage: Review")
    assert "only events that match are listed (done at stage: Review)" in volumes._said(draft, 2, about)["intro"]


def test_a_dossier_can_be_filtered(project: Project) -> None:
    found = gathered(project, Task.objects.get(external_id="T1"), type=["review.rejected", "review.accepted"])
    assert (found.scope.events, len(found.printed.trails[0].rows)) == (2, 2)


def test_nothing_that_matches_is_refused_before_anything_is_queued(project: Project) -> None:
    for filters in ({"words": "nowhere"}, {"from": "2030-01-01"}, {"status": "deleted"}):
        with pytest.raises(WrongRequest, match="No event matches the filters"):
            request_report(project, options=Options(filters=filters))
    with pytest.raises(WrongRequest, match="Did you mean “stage”"):
        request_report(project, options=Options(filters={"stag": "x"}))
    with pytest.raises(WrongRequest, match="No event matches"):
        request_report(project, Task.objects.get(external_id="T3"), options=Options(filters={"stage": "Review"}))
    assert not Report.objects.exists()


def test_the_definition_keeps_the_filters_as_they_were_resolved(project: Project) -> None:
    pseudonym = _pseudonym(project, "Mei Tanaka")
    by_id = Person.objects.get(pseudonym=pseudonym).pk
    subjects = [
        resolve(project, None, None, Options(filters={"person": value, "from": "2026-03-01"}))
        for value in (pseudonym, by_id)
    ]
    first, second = (define(subject, Options(), ()) for subject in subjects)
    assert first.values["filters"] == {"person": [pseudonym], "from": "2026-03-01T00:00:00Z"}
    assert first.sha256 == second.sha256
    unfiltered = resolve(project, None, None, Options())
    assert define(unfiltered, Options(), ()).values["filters"] == {}


def test_an_edition_without_names_keeps_them_out_of_the_filters(project: Project) -> None:
    pseudonym = _pseudonym(project, "Mei Tanaka")
    options = Options(redact=True, filters={"person": pseudonym})
    assert gather(resolve(project, None, None, options)).scope.filters == (("done by", pseudonym),)
    assert gathered(project, person=pseudonym).scope.filters == (("done by", "Mei Tanaka"),)


def test_cover_and_scope_print_the_filters(project: Project, sample: Any) -> None:
    scope = gathered(project, stage="Review", words="lesion").scope
    html, _ = page.write(sample(scope=scope))
    cover = html[html.index('class="cover"') : html.index('id="contents"')]
    assert "done at stage: <bdi>Review</bdi>; words in texts: <bdi>lesion</bdi>" in cover
    assert "· filtered" in html
    assert html.count("Filter: words in texts") == 1
    assert "with no filter" not in html


def test_it_is_made_and_made_again_the_same(project: Project, tmp_path: Path) -> None:
    options = Options(filters={"stage": "Review"})
    made = [make_report(project, output=tmp_path / f"{number}.pdf", options=options) for number in (1, 2)]
    assert made[0].files[0]["sha256"] == made[1].files[0]["sha256"]
    assert made[0].resolved["filters"] == {"stage": ["Review"]}


def _pseudonym(project: Project, name: str) -> str:
    return next(person.pseudonym for person in gathered(project).people if person.name == name)
