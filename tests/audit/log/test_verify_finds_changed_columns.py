"""Every column of the record's tables: changed by a superuser, `verify` names it, or it is known why it can't.

A column that is in neither list fails the test, so that a new one has to be thought about.
"""

from __future__ import annotations

import pytest
from django.db.models import Model

from audit import models
from audit.log.verify import verify
from tests.audit.log.conftest import person_of
from tests.audit.log.tables import unguarded
from tests.factories import AMARA, TOMAS, make_project, worked_task

pytestmark = pytest.mark.django_db

ROWS = {
    models.Event: "id = {first} + 5",
    models.Disclosure: "event_id = {first} + 5",
    models.Tile: "log_id = {log} AND level = 0",
    models.Checkpoint: "log_id = {log} AND size = 8",
    models.Log: "id = {log}",
    models.Task: "project_id = {project} AND external_id = 'T2'",
    models.TaskVersion: "event_id = {first} + 16",
    models.ActiveTime: "event_id = {first} + 11",
    models.LabelVersion: "event_id = {first} + 277",
    models.EventWords: "event_id = {first} + 20",
    models.Superseded: "event_id = {first} + 274",
    models.Identity: "id = {identity}",
    models.Person: "id = {amara}",
    models.Project: "id = {project}",
}
"""The row of each table that is changed."""

FOUND: dict[type, dict[str, tuple[str, int | None]]] = {
    models.Event: {
        "id": ("id + 1000000", 5),
        "log_id": ("log_id + 1", 5),
        "task_id": ("(SELECT task_id FROM audit_event WHERE id = {first} + 8)", 5),
        "n": ("7", 5),
        "type": ("'task.saved'", 5),
        "source_type": ("'x'", 5),
        "occurred_at": ("occurred_at + interval '1 microsecond'", 5),
        "stage": ("'Review'", 5),
        "actor_id": ("{tomas}", 5),
        "late": ("NOT late", 5),
        "envelope": ("convert_to(replace(convert_from(envelope, 'UTF8'), '\"cycle\":2', '\"cycle\":3'), 'UTF8')", 5),
    },
    models.Disclosure: {
        "event_id": ("event_id + 1000000", 5),
        "grp": ("'text'", 5),
        "key_id": ("'a'", 5),
        "salt": ("set_byte(salt, 31, get_byte(salt, 31) # 1)", 5),
        "data": ("data || ' '::bytea", 5),
    },
    models.Tile: {
        "log_id": ("log_id + 1", 0),
        "level": ("1", 0),
        "index": ("1", 0),
        "hashes": ("set_byte(hashes, 7 * 32 + 31, get_byte(hashes, 7 * 32 + 31) # 1)", 7),
    },
    models.Checkpoint: {
        "size": ("9", None),
        "note": ("replace(note, E'\\n8\\n', E'\\n9\\n')", None),
    },
    models.Log: {
        "id": ("id + 1000000", None),
        "uuid": ("gen_random_uuid()", None),
        "origin": ("'example.org' || origin", 0),
        "project_id": ("project_id + 1000000", None),
        "size": ("size + 1", 281),
        "edge": ("set_byte(edge, 3 * 32, get_byte(edge, 3 * 32) # 1)", 259),
        "project_events": ("project_events + 1", None),
        "received_at": ("received_at + interval '1 microsecond'", None),
    },
    models.Task: {
        "id": ("id + 1000000", 8),
        "project_id": ("{other}", 8),
        "external_id": ("'t2'", 18),
        "number": ("7", 8),
        "name": ("name || ' '", 18),
        "stage": ("''", 18),
        "status": ("''", 18),
        "assignee_id": ("{tomas}", 18),
        "cycle": ("NULL", 18),
        "events": ("events + 1", 18),
        "first_at": ("first_at - interval '1 microsecond'", 18),
        "last_at": ("last_at - interval '1 microsecond'", 18),
        "dated": ("false", 18),
        "active_ms": ("active_ms + 1", 18),
        "from_index": ("from_index + 1", 18),
        "last_index": ("last_index + 1", 18),
        "words": ("words || 'x'::tsvector", 18),
    },
    models.TaskVersion: {
        "event_id": ("event_id + 3", 16),
        "task_id": ("task_id + 1000000", 16),
        "from_index": ("15", 16),
        "to_index": ("NULL", 16),
    },
    models.ActiveTime: {
        "event_id": ("event_id + 1", 11),
        "project_id": ("{other}", 11),
        "task_id": ("task_id + 1000000", 11),
        "person_id": ("NULL", 11),
        "stage": ("'Review'", 11),
        "cycle": ("9", 11),
        "milliseconds": ("milliseconds + 1", 11),
        "started_at": ("now()", 11),
        "ended_at": ("now()", 11),
        "from_index": ("from_index + 1", 11),
        "to_index": ("12", 11),
    },
    models.LabelVersion: {
        "event_id": ("event_id + 2", 277),
        "project_id": ("{other}", 277),
        "task_id": ("task_id + 1000000", 277),
        "external_id": ("'l1'", 277),
        "number": ("3", 277),
        "kind": ("'DEFAULT'", 277),
        "person_id": ("NULL", 277),
        "created_at": ("now()", 277),
        "milliseconds": ("0", 277),
        "step": ("''", 277),
        "skipped": ("true", 277),
        "sent_back": ("false", 277),
        "from_index": ("from_index + 1", 277),
        "to_index": ("NULL", 277),
    },
    models.Superseded: {
        "event_id": ("event_id + 1", 275),
        "from_index": ("from_index + 1", 275),
    },
    models.EventWords: {
        "event_id": ("event_id + 1", 20),
        "words": ("words || 'x'::tsvector", 20),
    },
    models.Identity: {
        "id": ("id + 1000000", None),
        "source_id": ("source_id + 1000000", None),
        "subject": ("set_byte(subject, 0, get_byte(subject, 0) # 1)", None),
        "key_id": ("'00000000'", None),
        "data": ("set_byte(data, 20, get_byte(data, 20) # 1)", None),
        "erased_at": ("now()", None),
    },
    models.Person: {
        "id": ("id + 1000000", 2),
        "project_id": ("{other}", 1),
        "identity_id": ("(SELECT identity_id FROM audit_person WHERE id = {tomas})", None),
        "pseudonym": ("'aaaaaaaaaaaaaaaa'", 1),
    },
    models.Project: {
        "id": ("id + 1000000", None),
        "source_id": ("{other_source}", None),
        "name": ("name || ' '", None),
        "description": ("'x'", None),
        "stages": ("'[]'", None),
        "tasks": ("tasks + 1", None),
    },
}
"""For each column: what it is changed to, and the first index that does not hold then (None: none is to blame)."""

NOT_FOUND = {
    models.Checkpoint: {
        "id": "a number of the row's own, which nothing refers to",
        "log_id": "a checkpoint that is gone is not missed; the log that it is put into finds it",
        "created_at": "when we signed is not signed",
    },
    models.Project: {
        "external_id": "what the source calls the project is in no event",
        "created_at": "when we made the row is in no event",
        "watermark": "where the next incremental pass begins: how we read, not what was read",
        "complete_at": "when the last full pass ended: its event says so, too",
        "hook": "which address takes a platform's webhooks: how we read, not what was read",
        "media": "whether files that people look at are kept from now on; which were, their events say",
    },
}


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_every_column_is_thought_about(model):
    columns = {field.column for field in model._meta.concrete_fields if field.column}
    assert set(FOUND[model]) | set(NOT_FOUND.get(model, {})) == columns
    assert not set(FOUND[model]) & set(NOT_FOUND.get(model, {}))


def test_every_table_of_the_record_is_thought_about():
    # Settings, runs, and who may do what: no evidence. What waits for the service's log is not in it yet.
    others = {models.Instance, models.Source, models.Schedule, models.SyncRun, models.Verification, models.SavedView}
    others |= {models.Membership, models.ApiToken, models.Tries, models.ServiceOutbox, models.Hint}
    named = (getattr(models, name) for name in models.__all__)
    tables = {table for table in named if issubclass(table, Model)}
    assert set(ROWS) | others == tables


def change(project, model, column: str, value: str) -> None:
    other = make_project(worked_task())
    first = project.log.event_id(0)
    amara, tomas = (person_of(project, ref) for ref in (AMARA, TOMAS))
    names = {
        "first": first, "log": project.log.pk, "project": project.pk, "amara": amara, "tomas": tomas,
        "identity": models.Person.objects.get(pk=amara).identity_id, "other": other.pk, "other_source": other.source_id,
    }  # fmt: skip
    with unguarded() as cursor:
        sql = f"UPDATE {model._meta.db_table} SET {column} = {value} WHERE {ROWS[model]}"
        cursor.execute(sql.format(**names))
        assert cursor.rowcount == 1


CHANGES = [
    pytest.param(model, column, value, first, id=f"{model.__name__}.{column}")
    for model, columns in FOUND.items()
    for column, (value, first) in columns.items()
]


@pytest.mark.parametrize(("model", "column", "value", "first"), CHANGES)
def test_a_changed_column_is_found(recorded, model, column, value, first):
    assert verify(recorded.log).problems == []
    change(recorded, model, f'"{column}"', value)
    result = verify(recorded.log)
    assert not result.holds
    assert result.first == first, [str(problem) for problem in result.problems]


UNFOUND = [
    pytest.param(model, column, id=f"{model.__name__}.{column}") for model in NOT_FOUND for column in NOT_FOUND[model]
]
VALUES = {"id": "id + 1000000", "log_id": "log_id + 1000000", "created_at": "now()", "external_id": "'x'"}
VALUES |= {"watermark": "now()", "complete_at": "now()", "media": "'keep'", "hook": "7"}


@pytest.mark.parametrize(("model", "column"), UNFOUND)
def test_what_is_said_not_to_be_found_is_not(recorded, model, column):
    """When one of these is found after all, it belongs into the other list."""
    change(recorded, model, column, VALUES[column])
    assert verify(recorded.log).problems == []
