"""The log's tables as they are stored, and a way past the guard that protects them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from audit.models import Event, Log, Project

PROJECTIONS = (
    "audit_task",
    "audit_taskversion",
    "audit_activetime",
    "audit_labelversion",
    "audit_eventwords",
    "audit_superseded",
    "audit_project",
)
RECORD = ("audit_log", "audit_event", "audit_disclosure", "audit_tile", "audit_checkpoint")
PEOPLE = ("audit_person", "audit_identity")


@contextmanager
def unguarded() -> Iterator[Any]:
    """A cursor with which a superuser can change anything: neither guard nor foreign keys are looked at."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = origin")


def contents(*tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of these tables as texts, in an order that does not depend on where they lie."""
    with connection.cursor() as cursor:
        found = {}
        for table in tables or (*RECORD, *PROJECTIONS, *PEOPLE):
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            found[table] = cursor.fetchall()
        return found


def envelopes(project: Project) -> list[bytes]:
    """The log's envelopes by index."""
    events = Event.objects.filter(log__project=project).order_by("id")
    return [bytes(data) for data in events.values_list("envelope", flat=True)]


def trail(project: Project, task: str | None = "T1") -> list[Event]:
    """A task's events by n."""
    if task is None:
        return list(Event.objects.filter(log__project=project, task=None).order_by("n"))
    return list(Event.objects.filter(task__project=project, task__external_id=task).order_by("n"))


def size(project: Project) -> int:
    return Log.objects.get(project=project).size
