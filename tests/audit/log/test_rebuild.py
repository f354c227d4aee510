"""From a log that holds, lost and garbled projections come back exactly as they were; from another, nothing is made."""

from __future__ import annotations

import pytest
from django.db import connection

from audit.log.append import Appender
from audit.log.rebuild import CannotRebuild, rebuild
from audit.log.verify import verify
from audit.models import Log, Project
from tests.audit.log.conftest import person_of
from tests.audit.log.tables import PEOPLE, PROJECTIONS, RECORD, contents, unguarded
from tests.factories import TOMAS, make_event, make_project, worked_task

pytestmark = pytest.mark.django_db

DAMAGE = {
    "nothing": [],
    "all rows lost": [
        "DELETE FROM audit_taskversion",
        "DELETE FROM audit_activetime",
        "DELETE FROM audit_labelversion",
        "DELETE FROM audit_eventwords",
        "DELETE FROM audit_task",
    ],
    "one task lost": ["DELETE FROM audit_task WHERE external_id = 'T2'"],
    "tasks garbled": [
        "UPDATE audit_task SET name = 'x', stage = 'x', status = 'x', assignee_id = {tomas}, cycle = 9, events = 0, "
        "first_at = 'infinity', last_at = '0044-03-15 BC', dated = false, active_ms = -1, from_index = -1, "
        "last_index = 0, words = 'x'::tsvector"
    ],
    "tasks exchanged": [
        "UPDATE audit_task SET external_id = external_id || '-', number = number + 100",
        "UPDATE audit_task SET external_id = CASE external_id WHEN 'T1-' THEN 'T2' WHEN 'T2-' THEN 'T1' ELSE 'T3' END, "
        "number = CASE external_id WHEN 'T1-' THEN -3 WHEN 'T2-' THEN 3 ELSE -2147483648 END "
        "WHERE project_id = {project}",
    ],
    "tasks moved away": ["UPDATE audit_task SET project_id = {other}, number = number + 50 WHERE external_id != 'T1'"],
    "tasks invented": [
        "INSERT INTO audit_task (project_id, external_id, number, name, stage, status, events, first_at, last_at, "
        "dated, active_ms, from_index, last_index, words) "
        "SELECT project_id, 'T9', 9, name, stage, status, events, first_at, last_at, dated, active_ms, from_index, "
        "last_index, words FROM audit_task WHERE external_id = 'T2'"
    ],
    "versions and times garbled": [
        "UPDATE audit_taskversion SET from_index = 0, to_index = 1",
        "UPDATE audit_activetime SET milliseconds = 0, stage = 'x', person_id = NULL, to_index = 5, cycle = 5",
    ],
    "versions and times filed elsewhere": [
        "UPDATE audit_taskversion SET task_id = 1 << 30",
        "UPDATE audit_activetime SET task_id = 1 << 30, project_id = 1 << 30",
    ],
    "labels garbled": [
        "UPDATE audit_labelversion SET external_id = 'x', number = number + 5, kind = 'x', person_id = {tomas}, "
        "created_at = now(), milliseconds = 1, step = 'x', skipped = NOT skipped, sent_back = NOT sent_back, "
        "from_index = 0, to_index = 1",
    ],
    "labels filed elsewhere": ["UPDATE audit_labelversion SET task_id = 1 << 30, project_id = 1 << 30"],
    "labels of nothing": [
        "INSERT INTO audit_labelversion (event_id, project_id, task_id, external_id, number, kind, step, skipped, "
        "sent_back, from_index) SELECT {first} + 21, project_id, task_id, 'x', 1, '', '', false, false, 21 "
        "FROM audit_labelversion WHERE event_id = {first} + 276"
    ],
    "words garbled": ["UPDATE audit_eventwords SET words = 'x'::tsvector"],
    "words of nothing": ["INSERT INTO audit_eventwords VALUES ({first} + 21, 'x'::tsvector)"],
    "project garbled": [
        "UPDATE audit_project SET name = 'x', description = 'x', stages = '[\"x\"]', tasks = 77 WHERE id = {project}",
        "UPDATE audit_source SET zone = 'Asia/Tokyo' WHERE id = {source}",
    ],
}


def damage(project: Project, statements: list[str], other: Project | None = None) -> None:
    names = {
        "project": project.pk,
        "source": project.source_id,
        "first": project.log.event_id(0),
        "tomas": person_of(project, TOMAS),
        "other": other.pk if other else 0,
    }
    with unguarded() as cursor:
        for statement in statements:
            cursor.execute(statement.format(**names))
            assert cursor.rowcount > 0, statement


@pytest.mark.parametrize("name", DAMAGE)
def test_rows_come_back_exactly_as_they_were(recorded, name):
    other = make_project([make_event("elsewhere")])
    everything = (*PROJECTIONS, "audit_source", *RECORD, *PEOPLE)
    before = contents(*everything)
    damage(recorded, DAMAGE[name], other)
    if "audit_task" in str(DAMAGE[name]):
        rebuild(other.log)  # Damage of all rows hit the other project's as well.
    assert verify(recorded.log).holds == (name == "nothing")
    assert rebuild(recorded.log) == 3
    assert verify(recorded.log).problems == []
    if name != "tasks moved away":
        rebuild(other.log)
    assert contents(*everything) == before


def test_other_projects_are_left_alone(recorded):
    other = make_project(worked_task())
    before = contents(*PROJECTIONS)
    rebuild(recorded.log)
    assert contents(*PROJECTIONS) == before
    assert verify(other.log).problems == []


def test_what_refers_to_a_task_is_kept(recorded):
    """Exports and reports have foreign keys to tasks; they are looked at when all rows are back."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE refers (task_id bigint REFERENCES audit_task DEFERRABLE INITIALLY DEFERRED)")
        cursor.execute("INSERT INTO refers SELECT id FROM audit_task")
        rebuild(recorded.log)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT count(*) FROM refers JOIN audit_task ON id = task_id")
        assert cursor.fetchone()[0] >= 3


def test_events_go_on_after_a_rebuild(recorded):
    damage(recorded, DAMAGE["all rows lost"])
    rebuild(recorded.log)
    with Appender(recorded) as log:
        for event in [*worked_task("T1"), make_event("T2", minute=900), make_event("T4")]:
            log.add(event)
    assert (log.added, log.known) == (2, 8)
    assert verify(recorded.log).problems == []


def test_columns_beside_the_envelopes_do_not_matter(recorded):
    before = contents(*PROJECTIONS)
    damage(
        recorded,
        [
            "UPDATE audit_event SET late = NOT late, stage = 'x', occurred_at = 'infinity', "
            "source_type = 'x', actor_id = NULL WHERE id IN ({first} + 3, {first} + 11)"
        ],
    )
    rebuild(recorded.log)
    assert contents(*PROJECTIONS) == before


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("DELETE FROM audit_event WHERE id = {first} + 5", "index 5: the event is missing"),
        ("UPDATE audit_event SET envelope = 'x' WHERE id = {first} + 5", "index 5: "),
        ("UPDATE audit_event SET n = n + 90 WHERE id = {first} + 5", "index 5: its column n is 96"),
        ("UPDATE audit_event SET type = 'x' WHERE id = {first} + 3", "index 3: its column type is 'x'"),
        ("UPDATE audit_event SET task_id = NULL WHERE id = {first} + 5", "index "),
        (
            "UPDATE audit_event "
            "SET envelope = convert_to(replace(convert_from(envelope, 'UTF8'), 'Label', 'Lapel'), 'UTF8') "
            "WHERE id = {first} + 5",
            "index 5: ",
        ),
        ("UPDATE audit_disclosure SET data = 'x' WHERE event_id = {first} + 17", "index 17: its content is not what"),
        ("DELETE FROM audit_disclosure WHERE event_id = {first} + 17", "index 17: its content is gone"),
        ("UPDATE audit_tile SET hashes = substr(hashes, 2)", "tile 0/0 has another hash"),
        ("UPDATE audit_log SET size = size - 20 WHERE project_id = {project}", "The log does not hold"),
        ("UPDATE audit_log SET size = size + 1 WHERE project_id = {project}", "the rest is missing"),
        ("UPDATE audit_checkpoint SET note = 'x' WHERE size = 200", "the checkpoint of size 200 does not hold"),
    ],
)
def test_nothing_is_made_from_a_log_that_does_not_hold(recorded, statement, text):
    damage(recorded, [statement, *DAMAGE["words garbled"]])
    before = contents(*PROJECTIONS)
    with pytest.raises(CannotRebuild, match=r"nothing is made from it: see verify") as refused:
        rebuild(recorded.log)
    assert text in str(refused.value)
    assert contents(*PROJECTIONS) == before


def test_an_empty_log_has_no_rows():
    project = make_project()
    assert rebuild(project.log) == 0
    assert verify(Log.objects.get(project=project)).problems == []
