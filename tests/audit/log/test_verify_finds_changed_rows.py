"""Rows that are gone, doubled, added, exchanged or rewritten together: `verify` names the first index to blame."""

from __future__ import annotations

import json

import pytest
from django.apps import apps

from audit.log.append import Appender
from audit.log.checkpoint import CheckpointError, sign
from audit.log.envelope import seal, unseal
from audit.log.verify import verify
from audit.models import Checkpoint, Event, Log, Project, Task
from tests.audit.log.conftest import ERASED_AT, person_of
from tests.audit.log.tables import size, unguarded
from tests.factories import AMARA, make_event, make_project, worked_task

pytestmark = pytest.mark.django_db


def texts(project: Project) -> str:
    return "\n".join(str(problem) for problem in verify(project.log).problems)


def run(project: Project, *statements: str) -> None:
    names = {
        "first": project.log.event_id(0), "log": project.log.pk, "project": project.pk,
        "amara": person_of(project, AMARA), "task": Task.objects.get(project=project, external_id="T2").pk,
    }  # fmt: skip
    with unguarded() as cursor:
        for statement in statements:
            cursor.execute(statement.format(**names))
            assert cursor.rowcount > 0, statement


@pytest.mark.parametrize(
    ("statement", "first", "text"),
    [
        ("DELETE FROM audit_event WHERE id = {first}", 0, "index 0: the event is missing"),
        ("DELETE FROM audit_event WHERE id = {first} + 5", 5, "index 5: the event is missing"),
        (
            "DELETE FROM audit_event WHERE id = {first} + 280",
            280,
            "the log says it has 281 events; the rest is missing",
        ),
        ("DELETE FROM audit_event WHERE id >= {first}", 0, "the log says it has 281 events; the rest is missing"),
        (
            "DELETE FROM audit_disclosure WHERE event_id = {first} + 5",
            5,
            "its content is gone, and no erasure accounts",
        ),
        ("DELETE FROM audit_disclosure WHERE event_id = {first} + 20 AND grp = 'text'", 20, "its text is gone, and no"),
        (
            "DELETE FROM audit_disclosure WHERE event_id = {first} + 280",
            4,
            "its content is gone, and no erasure accounts",
        ),
        ("DELETE FROM audit_tile WHERE log_id = {log}", 0, "tile 0/0, which begins here, is missing"),
        ("DELETE FROM audit_task WHERE id = {task}", 8, "the row of its task 'T2' is missing"),
        (
            "DELETE FROM audit_taskversion WHERE event_id = {first} + 16",
            16,
            "the versions of task 'T2' are not those of",
        ),
        (
            "DELETE FROM audit_activetime WHERE event_id = {first} + 18",
            18,
            "the active times of task 'T2' are not those",
        ),
        (
            "DELETE FROM audit_eventwords WHERE event_id = {first} + 20",
            20,
            "the words kept for searching are not those",
        ),
        ("DELETE FROM audit_person WHERE id = {amara}", 1, "it names the person"),
        ("DELETE FROM audit_identity", None, "3 people lead to no identity"),
        ("DELETE FROM audit_log WHERE id = {log}", None, "the log's row, its project's or its source's is missing"),
        ("DELETE FROM audit_project WHERE id = {project}", None, "the log's row, its project's or its source's is"),
        ("DELETE FROM audit_source", None, "the log's row, its project's or its source's is missing"),
    ],
)
def test_a_row_that_is_gone_is_missed(recorded, statement, first, text):
    run(recorded, statement)
    assert text in texts(recorded)
    assert verify(recorded.log).first == first


def test_a_checkpoint_that_is_gone_is_not_missed(recorded):
    """Known, and said in the documentation: that is why checkpoints are given away."""
    run(recorded, "DELETE FROM audit_checkpoint WHERE size = 200")
    assert verify(recorded.log).problems == []


def copied(table: str, where: str, **changes: str) -> str:
    """A statement that adds a row like another."""
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    columns = [field.column for field in model._meta.concrete_fields if field.column]
    if "id" in columns and "id" not in changes:
        columns.remove("id")
    values = ", ".join(changes.get(column, column) for column in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {where}"


@pytest.mark.parametrize(
    ("statement", "first", "text"),
    [
        (copied("audit_event", "id = {first} + 280", id="id + 1"), 281, "there are events behind the end of the log"),
        (
            copied("audit_event", "id = {first} + 280", id="id + (1::bigint << 39)"),
            281,
            "there are events behind the end",
        ),
        (
            copied("audit_event", "id = {first} + 5", id="id + (1::bigint << 40)"),
            None,
            "is filed under this log, and its id is not of it",
        ),
        (
            copied("audit_disclosure", "event_id = {first} + 5", grp="'other'"),
            5,
            "a disclosure of an unknown group 'other' is stored",
        ),
        (
            copied("audit_disclosure", "event_id = {first} + 5", grp="'text'"),
            5,
            "a text is stored, and the envelope commits to none",
        ),
        (
            copied("audit_disclosure", "event_id = {first} + 5", event_id="event_id + 1000"),
            281,
            "there are disclosures behind the end of the log",
        ),
        (
            copied("audit_tile", "log_id = {log}", index="index + 1"),
            None,
            "there are tiles that the log's events do not make",
        ),
        (copied("audit_checkpoint", "size = 8", size="9"), None, "the checkpoint of size 9 is of"),
        (
            copied("audit_task", "id = {task}", external_id="'T9'", number="9"),
            None,
            "task 'T9' has no event in the log",
        ),
        (
            copied("audit_task", "id = {task}", id="0", external_id="'T9'", number="9"),
            None,
            "task 'T9' has no event in the log",
        ),
        (
            copied("audit_taskversion", "event_id = {first} + 8", event_id="event_id + 1", from_index="9"),
            16,
            "the versions of task 'T2' are not those of its events from here on",
        ),
        (
            copied("audit_taskversion", "event_id = {first} + 8", event_id="event_id + 1", task_id="1 << 30"),
            9,
            "a version of event {first_plus_9} belongs to no task of the project",
        ),
        (
            copied("audit_activetime", "event_id = {first} + 11", event_id="1", task_id="1 << 30"),
            None,
            "an active time of event 1 belongs to no task of the project",
        ),
        (
            "INSERT INTO audit_eventwords VALUES ({first} + 21, 'x'::tsvector)",
            21,
            "words of a text are kept that is not there",
        ),
        (
            copied("audit_person", "id = {amara}", pseudonym="'aaaaaaaaaaaaaaaa'"),
            None,
            "person aaaaaaaaaaaaaaaa leads to an identity with another pseudonym",
        ),
    ],
)
def test_a_row_too_many_is_found(recorded, statement, first, text):
    run(recorded, statement)
    assert text.replace("{first_plus_9}", str(recorded.log.event_id(9))) in texts(recorded)
    assert verify(recorded.log).first == first


@pytest.mark.parametrize("columns", [["envelope"], ["envelope", "n", "occurred_at", "type", "source_type", "stage"]])
def test_two_exchanged_events_are_found(recorded, columns):
    changes = ", ".join(f"{column} = o.{column}" for column in columns)
    run(
        recorded,
        f"UPDATE audit_event e SET {changes} FROM audit_event o "
        "WHERE (e.id, o.id) IN (({first} + 30, {first} + 40), ({first} + 40, {first} + 30))",
    )
    assert verify(recorded.log).first == 30


def test_exchanged_disclosures_are_found(recorded):
    run(
        recorded,
        "UPDATE audit_disclosure d SET salt = o.salt, data = o.data FROM audit_disclosure o "
        "WHERE (d.event_id, o.event_id) IN (({first} + 30, {first} + 40), ({first} + 40, {first} + 30))",
    )
    result = verify(recorded.log)
    assert [problem.index for problem in result.problems] == [30, 40]


def test_an_event_whose_columns_were_changed_with_it_is_found(recorded):
    event = Event.objects.get(pk=recorded.log.event_id(42))
    envelope = unseal(bytes(event.envelope))
    forged = seal(
        type(envelope)(**{name: getattr(envelope, name) for name in envelope.__struct_fields__} | {"stage": "X"})
    )
    with unguarded() as cursor:
        cursor.execute("UPDATE audit_event SET envelope = %s, stage = 'X' WHERE id = %s", [forged, event.pk])
    result = verify(recorded.log)
    assert result.first == 42
    assert "index 42: the events 8 to 199 are not those whose root was signed" in texts(recorded)


def rewrite(project: Project, events: list) -> None:
    """What a superuser can do who knows everything but the key: empty the log, and append other events to it."""
    signed = list(Checkpoint.objects.filter(log=project.log))
    run(
        project,
        "DELETE FROM audit_event WHERE log_id = {log}",
        "DELETE FROM audit_disclosure WHERE event_id >= {first}",
        "DELETE FROM audit_tile WHERE log_id = {log}",
        "DELETE FROM audit_taskversion WHERE event_id >= {first}",
        "DELETE FROM audit_activetime WHERE event_id >= {first}",
        "DELETE FROM audit_eventwords WHERE event_id >= {first}",
        "DELETE FROM audit_checkpoint WHERE log_id = {log}",
        "DELETE FROM audit_task WHERE project_id = {project}",
        "UPDATE audit_log SET size = 0, edge = '', project_events = 0, received_at = NULL WHERE id = {log}",
        "UPDATE audit_project SET tasks = 0, stages = '[]' WHERE id = {project}",
    )
    with Appender(Project.objects.get(pk=project.pk)) as log:
        for event in events:
            log.add(event)
    assert verify(project.log).problems == [], "without checkpoints nothing can be seen of it"
    Checkpoint.objects.bulk_create(signed)


HISTORY = [*worked_task("T1"), *worked_task("T2"), *(make_event("T3", minute=minute) for minute in range(300))]


@pytest.fixture
def signed(db) -> Project:
    project = make_project(HISTORY, signed=False)
    for at in (8, 100):
        sign(project.log, at)
    return project


def test_a_log_that_was_cut_is_caught_by_its_checkpoint(signed):
    rewrite(signed, HISTORY[:60])
    assert "a checkpoint of size 100 was signed, and the log has only 60 events" in texts(signed)
    with pytest.raises(CheckpointError, match="size 100 was signed, and the log has only 60"):
        sign(signed.log)


def test_a_rewritten_log_is_caught_by_its_checkpoints_and_gets_no_signature(signed):
    rewrite(signed, [*HISTORY[:20], make_event("T3", "task.skipped", -1), *HISTORY[20:]])
    result = verify(signed.log)
    # The salts are new, so already the first events are others.
    assert [problem.index for problem in result.problems] == [0, 0]
    assert "the events 0 to 99 are not those whose root was signed" in texts(signed)
    with pytest.raises(CheckpointError, match="the log's root at size 100 is not the one that was signed"):
        sign(signed.log)
    assert not Checkpoint.objects.filter(log=signed.log, size=size(signed)).exists()


@pytest.mark.parametrize("damage", ["edge = substr(edge, 2)", "size = size - 1", "edge = ''"])
def test_a_damaged_head_gets_no_signature(signed, damage):
    run(signed, f"UPDATE audit_log SET {damage} WHERE id = {{log}}")
    with pytest.raises((CheckpointError, ValueError)):
        sign(signed.log)


def test_a_missing_tile_gets_no_signature(signed):
    run(signed, "DELETE FROM audit_tile WHERE log_id = {log}")
    with pytest.raises(CheckpointError, match=r"tile 0/0 of .* is missing or too short"):
        sign(signed.log)


def test_a_checkpoint_moved_to_another_log_is_found_there(recorded):
    other = make_project(worked_task())
    with unguarded() as cursor:
        cursor.execute(
            "UPDATE audit_checkpoint SET log_id = %s WHERE log_id = %s AND size = 200", [other.log.pk, recorded.log.pk]
        )
    assert "the checkpoint of size 200 does not hold: The note has no signature by" in texts(other)


def test_an_identity_that_was_erased_without_an_event_is_found(recorded):
    run(
        recorded,
        "UPDATE audit_identity SET data = NULL, key_id = NULL, erased_at = clock_timestamp() "
        "WHERE id = (SELECT identity_id FROM audit_person WHERE id = {amara})",
    )
    result = verify(recorded.log)
    assert [problem.index for problem in result.problems] == [1]
    assert "named here, is gone: no event erased it" in result.problems[0].text


def test_an_identity_that_came_back_after_its_erasure_is_found(recorded):
    run(
        recorded,
        "UPDATE audit_identity SET erased_at = NULL, data = ''::bytea WHERE erased_at IS NOT NULL",
    )
    result = verify(recorded.log)
    assert result.first == ERASED_AT
    assert "whose identity is still there" in texts(recorded)


def test_a_person_erased_before_this_project_met_them_needs_no_event_here(recorded):
    from audit.log.create import create_project

    other = create_project(recorded.source, "later", "Later")
    with Appender(other) as log:
        for event in worked_task():
            log.add(event)
    assert verify(other.log).problems == []


def test_a_text_put_back_after_its_erasure_is_found(recorded):
    with unguarded() as cursor:
        cursor.execute(
            "INSERT INTO audit_disclosure (event_id, grp, salt, data) VALUES (%s, 'text', %s, %s)",
            [recorded.log.event_id(4), bytes(32), b"Lesion 2 is missing."],
        )
    assert "index 4: its text is stored, although index 280 says that it was erased" in texts(recorded)


def test_an_erasure_accounts_only_for_what_stands_in_front_of_it(recorded):
    content = {"person": "aaaaaaaaaaaaaaaa", "groups": ["content"], "indices": [282, -1], "reason": "x"}
    with Appender(recorded) as log:
        log.add(make_event(None, "privacy.erased", content=json.dumps(content).encode(), derived=True, actor=None))
        log.add(make_event("T3", minute=2000))
    run(recorded, "DELETE FROM audit_disclosure WHERE event_id = {first} + 282")
    assert "index 281: it accounts for payloads of index 282, which is not in front of it" in texts(recorded)
    assert "index 282: its content is gone, and no erasure accounts for it" in texts(recorded)


def test_a_source_key_that_stands_twice_is_found():
    project = make_project([make_event("T1"), make_event("T1")])
    event = Event.objects.get(pk=project.log.event_id(1))
    envelope = unseal(bytes(event.envelope))
    twin = unseal(bytes(Event.objects.get(pk=project.log.event_id(0)).envelope)).source_key
    values = {name: getattr(envelope, name) for name in envelope.__struct_fields__} | {"source_key": twin}
    with unguarded() as cursor:
        cursor.execute("UPDATE audit_event SET envelope = %s WHERE id = %s", [seal(type(envelope)(**values)), event.pk])
    assert f"index 1: its source key {twin!r} stands twice in 'T1'" in texts(project)


def test_problems_are_kept_up_to_a_hundred_of_a_kind_and_the_first_index_is_right(recorded):
    run(recorded, "UPDATE audit_event SET stage = 'x' WHERE id >= {first} + 7")
    result = verify(recorded.log)
    assert len(result.problems) == 100
    assert result.first == 7
    run(recorded, "UPDATE audit_disclosure SET data = 'x' WHERE event_id = {first} + 270")
    assert verify(recorded.log).problems[-1].text == "its content is not what the envelope commits to"


def test_another_logs_damage_is_not_this_ones(recorded):
    other = make_project(worked_task())
    run(recorded, "UPDATE audit_event SET stage = 'x' WHERE id = {first} + 5")
    assert not verify(recorded.log).holds
    assert verify(other.log).problems == []
    assert Log.objects.count() >= 2
