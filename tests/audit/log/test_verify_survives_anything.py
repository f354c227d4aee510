"""Whatever is stored, `verify` answers with problems: no bytes, times, sizes or missing rows make it raise."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from audit import models
from audit.log import read
from audit.log.rebuild import CannotRebuild, rebuild
from audit.log.verify import verify
from tests.audit.log.tables import unguarded
from tests.factories import make_project

pytestmark = pytest.mark.django_db

TIMES = [
    pytest.param(model._meta.db_table, field.column, id=f"{model.__name__}.{field.column}")
    for model in (models.Event, models.Log, models.Task, models.ActiveTime, models.Identity)
    for field in model._meta.concrete_fields
    if field.get_internal_type() == "DateTimeField"
]


@pytest.mark.parametrize("value", ["infinity", "-infinity", "0044-03-15 12:00 BC", "294276-01-01"])
@pytest.mark.parametrize(("table", "column"), TIMES)
def test_times_beyond_the_calendar_are_problems(recorded, table, column, value):
    log = recorded.log
    with unguarded() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s", [value])
    result = verify(log)
    assert result.problems
    assert not any("could not be finished" in problem.text for problem in result.problems)


@pytest.mark.parametrize("table", ["audit_checkpoint", "audit_project", "audit_source"])
def test_absurd_times_that_nothing_depends_on_do_no_harm(recorded, table):
    with unguarded() as cursor:
        cursor.execute(f"UPDATE {table} SET created_at = 'infinity'")
    assert verify(recorded.log).problems == []


ENVELOPES = {
    "empty": b"",
    "text": b"hello",
    "utf-8": b"\xff\xfe",
    "deep": b"[" * 100_000,
    "null": b"null",
    "other version": b'{"v":2}',
}


@pytest.mark.parametrize("data", ENVELOPES.values(), ids=ENVELOPES)
@pytest.mark.parametrize("index", [0, 19, 150, 280])
def test_any_bytes_for_an_envelope_are_a_problem_at_its_index(recorded, data, index):
    with unguarded() as cursor:
        cursor.execute("UPDATE audit_event SET envelope = %s WHERE id = %s", [data, recorded.log.event_id(index)])
    result = verify(recorded.log)
    assert result.first in {index, 4}  # 4: without the erasure at 280 what it erased is missed
    assert any(problem.index == index and "not an envelope" in problem.text for problem in result.problems)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"type":"task.submitted"', b'"type":"task.finished"'),
        (b'"received_at":"', b'"received_at":"x'),
        (b'"occurred_at":"2026', b'"occurred_at":"when 2026'),
        (b'"occurred_at":"2026', b'"occurred_at":"0001-01-01T00:00:00+14:00 2026'),
        (b'"task":"T3"', b'"task":null'),
        (b'"n":131', b'"n":9007199254740991'),
        (b'"cycle":null', b'"cycle":-9007199254740991'),
    ],
)
def test_envelopes_that_say_the_absurd_are_a_problem_at_their_index(recorded, old, new):
    event = models.Event.objects.get(pk=recorded.log.event_id(150))
    data = bytes(event.envelope)
    assert old in data
    with unguarded() as cursor:
        cursor.execute("UPDATE audit_event SET envelope = %s WHERE id = %s", [data.replace(old, new), event.pk])
    result = verify(recorded.log)
    assert result.first == 150
    assert not any("could not be finished" in problem.text for problem in result.problems)
    with pytest.raises(CannotRebuild):
        rebuild(recorded.log)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff", b"[1]", b'{"milliseconds":"x"}', b'{"milliseconds":1e999}', b"9" * 9999]
)
@pytest.mark.parametrize("index", [11, 16, 19, 20, 280])
def test_any_payload_is_a_problem_at_its_index(recorded, data, index):
    with unguarded() as cursor:
        cursor.execute(
            "UPDATE audit_disclosure SET data = %s WHERE event_id = %s", [data, recorded.log.event_id(index)]
        )
    result = verify(recorded.log)
    assert any(problem.index == index for problem in result.problems)
    assert not any("could not be finished" in problem.text for problem in result.problems)


@pytest.mark.parametrize("size", [-1, -(2**63), 0, 1, 282, 2**40, 2**62])
def test_any_size_is_a_problem(recorded, size):
    with unguarded() as cursor:
        cursor.execute("UPDATE audit_log SET size = %s WHERE id = %s", [size, recorded.log.pk])
    assert not verify(recorded.log).holds


@pytest.mark.parametrize("column", ["from_index", "last_index", "id", "active_ms", "number", "events", "cycle"])
@pytest.mark.parametrize("value", [-1, 0, 2**31 - 1])
def test_absurd_numbers_of_a_task_are_problems(recorded, column, value):
    with unguarded() as cursor:
        cursor.execute(
            f"UPDATE audit_task SET {column} = %s WHERE external_id = 'T2' AND project_id = %s", [value, recorded.pk]
        )
    assert not verify(recorded.log).holds


@pytest.mark.parametrize("value", ["null", "5", '"Label"', '{"a":1}', "[[]]", "[null]"])
def test_stages_that_are_no_list_of_names_are_a_problem(recorded, value):
    with unguarded() as cursor:
        cursor.execute("UPDATE audit_project SET stages = %s WHERE id = %s", [value, recorded.pk])
    assert not verify(recorded.log).holds


@pytest.mark.parametrize(("column", "value"), [("zone", "Atlantis"), ("zone", "../etc"), ("kind", "abacus")])
def test_an_absurd_source_is_a_problem(recorded, column, value):
    with unguarded() as cursor:
        cursor.execute(f"UPDATE audit_source SET {column} = %s WHERE id = %s", [value, recorded.source_id])
    assert not verify(recorded.log).holds


@pytest.mark.parametrize("origin", ["", "a b", "a\nb", "x" * 5000, "é+"])
def test_an_absurd_origin_is_a_problem(recorded, origin):
    with unguarded() as cursor:
        cursor.execute("UPDATE audit_log SET origin = %s WHERE id = %s", [origin, recorded.log.pk])
    assert verify(recorded.log).first == 0


@pytest.mark.parametrize("note", ["", "\n\n", "x", "— \n\n— x y\n", "\ufffd" * 1000])
def test_an_absurd_note_is_a_problem(recorded, note):
    with unguarded() as cursor:
        cursor.execute("UPDATE audit_checkpoint SET note = %s", [note])
    assert "does not hold" in verify(recorded.log).problems[0].text


def test_a_pass_that_trips_is_a_problem_and_the_others_still_run(recorded, monkeypatch):
    def trip(*_: object) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("audit.log.verify.check_trails", trip)
    result = verify(recorded.log)
    assert [str(problem) for problem in result.problems] == [
        "the check of the tasks could not be finished: ZeroDivisionError: on purpose"
    ]
    assert result.people == 3


def test_a_database_that_can_not_be_asked_is_no_problem_of_the_log(recorded, monkeypatch):
    def lose(*_: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("audit.log.verify.check_trails", lose)
    with pytest.raises(OperationalError):
        verify(recorded.log)


def test_reading_any_time_ends_with_the_check():
    project = make_project()
    with unguarded() as cursor:
        cursor.execute("UPDATE audit_project SET created_at = 'infinity' WHERE id = %s", [project.pk])
    with read.any_time():
        assert models.Project.objects.get(pk=project.pk).created_at.tzinfo is None
    from django.db import DataError

    with pytest.raises(DataError):
        models.Project.objects.get(pk=project.pk)
