"""A trigger refuses to change what is written once; erasing disclosures is allowed, editing them is not."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from audit.models import Disclosure
from tests.factories import make_event, make_project

pytestmark = pytest.mark.django_db

REFUSED = [
    *((table, verb) for table in ("audit_event", "audit_tile", "audit_checkpoint") for verb in ("UPDATE", "DELETE")),
    *((table, "TRUNCATE") for table in ("audit_event", "audit_tile", "audit_checkpoint", "audit_disclosure")),
    ("audit_disclosure", "UPDATE"),
]
STATEMENTS = {
    "UPDATE": "UPDATE {table} SET {column} = {column}",
    "DELETE": "DELETE FROM {table}",
    "TRUNCATE": "TRUNCATE {table} CASCADE",
}
COLUMNS = {"audit_event": "late", "audit_tile": "level", "audit_checkpoint": "size", "audit_disclosure": "grp"}


@pytest.mark.parametrize(("table", "verb"), REFUSED)
def test_changing_the_record_is_refused(table, verb):
    make_project([make_event("T1", minute=minute) for minute in range(256)])
    statement = STATEMENTS[verb].format(table=table, column=COLUMNS[table])
    with (
        pytest.raises(IntegrityError, match=rf"append-only: {verb} on {table} is refused"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE would say that foreign keys are not checked yet.
        cursor.execute(statement)


@pytest.mark.parametrize(("table", "verb"), [pair for pair in REFUSED if pair[1] != "TRUNCATE"])
def test_it_is_refused_even_when_no_row_is_meant(table, verb):
    statement = STATEMENTS[verb].format(table=table, column=COLUMNS[table]) + " WHERE false"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_erasing_a_disclosure_is_allowed():
    project = make_project([make_event("T1")])
    assert Disclosure.objects.filter(event__log=project.log).delete()[0] == 1
