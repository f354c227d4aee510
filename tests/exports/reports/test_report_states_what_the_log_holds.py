"""The facts of a report are those of the log: counts, gaps, findings, active time, what changed."""

import json

import pytest

from audit.log.append import Appender
from audit.models import Project
from audit.sources.base import PersonRef
from exports.reports import gather as gathering
from exports.reports import listing
from exports.reports.definition import Options
from exports.reports.gather import gather
from exports.reports.rows import Change
from exports.reports.service import resolve
from tests.factories import AMARA, MEI, make_event, make_project, time_event, worked_task

pytestmark = pytest.mark.django_db


def gathered(project, task=None, *, as_of=None, redact=False):
    return gather(resolve(project, task, as_of, Options(redact=redact)))


def missing(found) -> dict[str, tuple[int, int]]:
    return {item.what: (item.events, item.of) for item in found.completeness.missing}


def rows(found):
    return found.printed.trails[0].rows


def test_people_are_counted_with_what_they_did_and_their_active_time():
    found = gathered(make_project(worked_task("T1") + worked_task("T2", 300)))
    people = {person.name: person for person in found.people}
    assert set(people) == {"Amara Okafor", "Mei Tanaka", "Tomás Herrera"}
    amara = people["Amara Okafor"]
    assert (amara.tasks, amara.events, amara.active_ms) == (2, 8, 4_800_000)
    assert dict(amara.did) == {"Active time recorded": 4, "Rework submitted": 2, "Submitted": 2}
    assert people["Mei Tanaka"].active_ms is None
    assert len(people["Mei Tanaka"].pseudonym) == 16


def test_somebody_who_was_only_given_work_is_listed():
    found = gathered(make_project([make_event(type_="task.assigned", assignee=MEI)]))
    mei = next(person for person in found.people if person.name == "Mei Tanaka")
    assert (mei.events, mei.did, mei.first) == (0, (), None)


def test_stages_and_transitions_follow_the_log():
    found = gathered(make_project(worked_task("T1") + worked_task("T2", 300)))
    assert [stage.name for stage in found.process.stages] == ["Label", "Review", "Ground truth"]
    assert [stage.tasks_now for stage in found.process.stages] == [0, 0, 2]
    moves = {(item.start, item.end): item.times for item in found.process.transitions}
    assert moves == {("Label", "Review"): 4, ("Review", "Label"): 2, ("Review", "Ground truth"): 2}


def test_every_count_agrees_in_a_whole_log():
    found = gathered(make_project(worked_task()))
    assert found.completeness.agrees
    assert [check.expected for check in found.completeness.checks] == [8, 8, 8, 1]


def test_what_the_source_left_out_is_counted_and_named():
    found = gathered(
        make_project(
            [
                make_event(),
                make_event(minute=1, occurred_at=None, instant=None),
                make_event(minute=2, actor=None),
                make_event(minute=3, stage=None),
                make_event("T2", minute=4, occurred_at=None, instant=None, actor=None, stage=None),
            ]
        )
    )
    assert missing(found) == {
        "Time it occurred": (2, 5),
        "Who did it": (2, 5),
        "Stage": (2, 5),
        "Tasks none of whose events has a time": (1, 2),
    }
    timeless = next(item for item in found.completeness.missing if item.what == "Time it occurred")
    assert timeless.first == (1, 4)


def test_what_labeltrail_concluded_or_the_system_did_is_no_gap():
    found = gathered(
        make_project(
            [
                make_event(),
                make_event(
                    minute=1, type_="task.updated", derived=True, actor=None, stage=None, occurred_at=None, instant=None
                ),
                make_event(minute=2, actor=None, actor_kind="system"),
            ]
        )
    )
    assert not any(events for events, _ in missing(found).values())
    assert found.derived == 1


def test_who_labels_and_reviews_the_same_task_is_found():
    events = [
        *worked_task("T1"),
        make_event("T1", "review.accepted", 200, AMARA, stage="Review"),
        *worked_task("T2", 300),
    ]
    finding = {rule.rule: rule for rule in gathered(make_project(events)).findings}["SOD-1"]
    assert (finding.found, finding.tested, finding.events) == (1, 5, (("T1", 8),))


def test_a_rule_that_finds_nothing_says_how_much_it_tested():
    findings = {rule.rule: rule for rule in gathered(make_project(worked_task())).findings}
    assert (findings["SOD-1"].found, findings["SOD-1"].tested) == (0, 2)
    assert (findings["ORD-1"].found, findings["ORD-1"].tested) == (0, 8)


def test_an_event_recorded_after_a_later_one_is_found_and_marked():
    found = gathered(make_project([make_event(minute=10), make_event(minute=5, type_="task.saved")]))
    assert {rule.rule: rule.found for rule in found.findings}["ORD-1"] == 1
    assert [(row.n, row.late) for row in rows(found)] == [(2, True), (1, False)]


def test_a_trail_is_printed_by_the_time_things_occurred():
    found = gathered(make_project([make_event(minute=10), make_event(minute=20), make_event(minute=15)]))
    assert [row.n for row in rows(found)] == [1, 3, 2]


def test_active_time_states_the_rule_that_its_records_name():
    found = gathered(
        make_project([make_event(), time_event("T1", 1, 90_000), time_event("T1", 2, 30_000, MEI, stage="Review")])
    )
    assert (found.time.milliseconds, found.time.records) == (120_000, 2)
    assert found.time.rules[0].value == 2
    assert "duration" in found.time.rules[0].label
    assert [(item.label, item.milliseconds) for item in found.time.by_person] == [
        ("Amara Okafor", 90_000),
        ("Mei Tanaka", 30_000),
    ]
    assert [(item.label, item.milliseconds) for item in found.time.by_stage] == [("Label", 90_000), ("Review", 30_000)]


def test_active_time_of_an_earlier_state_is_what_held_then():
    project = make_project([make_event(), time_event("T1", 1, 90_000)])
    size = project.log.size
    with Appender(Project.objects.get(pk=project.pk)) as log:
        log.add(time_event("T1", 2, 60_000, type_="time.revised"))
    assert gathered(project).time.milliseconds == 60_000
    assert gathered(project, as_of=size).time.milliseconds == 90_000


def test_changes_of_people_stages_and_outcomes_are_shown_old_and_new():
    found = gathered(make_project(worked_task()))
    by_type = {row.event: row.changes for row in rows(found)}
    assert Change("", None, "Amara Okafor") in by_type["task.assigned"]
    assert Change("", "Label", "Review") in by_type["task.submitted"]
    assert Change("", "submitted", "sent back") in by_type["review.rejected"]
    assert Change("", None, "30 min") in next(row.changes for row in rows(found) if row.event == "time.recorded")


def test_values_of_payloads_are_shown_when_they_differ_from_those_before():
    found = gathered(
        make_project(
            [
                make_event(payload={"priority": 1, "pin": {"x": 205}, "same": "s"}),
                make_event(minute=1, type_="task.saved", payload={"priority": 2.50, "pin": {"x": 205}, "same": "s"}),
            ]
        )
    )
    first, second = rows(found)
    assert first.changes == (Change("priority", None, "1"), Change("pin.x", None, "205"), Change("same", None, "s"))
    assert second.changes == (Change("priority", "1", "2.5"),)


def test_a_redacted_report_holds_no_name_text_or_payload():
    project = make_project(
        [make_event(payload={"note": "ask Amara Okafor"}, text="Amara wrote this"), *worked_task("T2", 9)]
    )
    found = gathered(project, redact=True)
    everything = repr(found)
    for word in ("Amara", "Okafor", "Mei", "example.org", "wrote this", "missing."):
        assert word not in everything
    texts = {row.text_withheld for trail in found.printed.trails for row in trail.rows if row.text_withheld}
    assert texts == {"withheld in this edition"}


def test_people_of_one_name_are_told_apart():
    one, two = PersonRef("1", name="Anna Berg"), PersonRef("2", name="Anna Berg")
    found = gathered(make_project([make_event(actor=one), make_event(minute=1, actor=two)]))
    who = [row.who for row in rows(found)]
    assert len(set(who)) == 2
    assert all(name.startswith("Anna Berg (") for name in who)


def test_a_decision_without_a_reason_is_a_gap():
    found = gathered(make_project(worked_task()))
    due = {row.event: (row.reason_due, row.text) for row in rows(found)}
    assert due["review.rejected"] == (True, "Lesion 2 is missing.")
    assert due["task.submitted"] == (False, None)


def test_the_tasks_of_newest_activity_are_printed_until_the_rows_are_used(monkeypatch):
    monkeypatch.setattr(gathering, "MAX_ROWS", 20)
    monkeypatch.setattr(listing, "MAX_VOLUMES", 0)
    project = make_project([event for k in range(5) for event in worked_task(f"T{k}", k * 300)])
    printed = gathered(project).printed
    assert [trail.external_id for trail in printed.trails] == ["T4", "T3"]
    assert (printed.rows, printed.left_tasks, printed.left_events, printed.cut) == (16, 3, 24, False)


def test_a_trail_that_is_too_long_is_cut_and_says_so(monkeypatch):
    monkeypatch.setattr(gathering, "MAX_ROWS", 5)
    monkeypatch.setattr(listing, "MAX_VOLUMES", 0)
    project = make_project(worked_task())
    printed = gathered(project, project.task_set.get()).printed
    assert (printed.rows, printed.trails[0].events, printed.left_events, printed.cut) == (5, 8, 0, True)
    assert [row.n for row in printed.trails[0].rows] == [1, 2, 3, 4, 5]


def test_a_dossier_counts_its_own_task_only():
    project = make_project(worked_task("T1") + worked_task("T2", 300))
    found = gathered(project, project.task_set.get(external_id="T2"))
    assert (found.scope.tasks, found.scope.events) == (1, 8)
    assert found.completeness.agrees
    assert found.time.milliseconds == 2_400_000


def test_the_readings_that_brought_the_events_are_listed():
    said = {"file": "liver.csv", "sha256": "ab" * 32, "bytes": 10, "found": 1, "added": 1}
    reading = make_event(
        None,
        "sync.completed",
        5,
        None,
        actor_kind="system",
        derived=True,
        content=json.dumps(said).encode(),
        stage=None,
    )
    found = gathered(make_project([make_event(), reading]))
    assert [(item.index, item.file, item.found) for item in found.completeness.readings] == [(1, "liver.csv", 1)]
    assert found.scope.project_events == 1
    assert found.completeness.agrees
