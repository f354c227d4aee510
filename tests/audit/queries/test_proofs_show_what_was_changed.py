"""A proof holds for what was signed, and says so when a stored byte is another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from audit.models import Log, Project
from audit.queries import logs
from audit.queries.records import EventRow
from tests.factories import make_event, make_project, worked_task


@contextmanager
def past_the_guard() -> Iterator[None]:
    """What someone with the database's password can do."""
    with connection.cursor() as db:
        db.execute("SET LOCAL session_replication_role = replica")
        yield
        db.execute("SET LOCAL session_replication_role = DEFAULT")


@pytest.fixture
def project(db: None) -> Project:
    """301 events: a full tile and a part of one."""
    events = [event for n in range(37) for event in worked_task(f"T{n}", n * 10)]
    return make_project([*events, *(make_event("last", minute=n) for n in range(5))])


def entry(project: Project, index: int) -> EventRow:
    found = logs.entry(project, index)
    assert found is not None
    return found


@pytest.mark.parametrize("index", [0, 1, 255, 256, 300])
def test_every_entry_leads_to_the_signed_root(project: Project, index: int) -> None:
    shown = logs.inclusion(project.log, entry(project, index), logs.newest_checkpoint(project.log))
    assert shown is not None
    assert shown.problem == ""
    assert shown.size == 301


def test_the_steps_of_a_proof_cover_the_whole_log_but_the_entry(project: Project) -> None:
    shown = logs.inclusion(project.log, entry(project, 42), logs.newest_checkpoint(project.log))
    assert shown is not None
    covered = [index for step in shown.steps for index in range(step.first, step.last + 1)]
    assert sorted([*covered, 42]) == list(range(301))
    assert all((step.side == "left") == (step.last < 42) for step in shown.steps)


def test_a_changed_envelope_does_not_lead_to_the_root(project: Project) -> None:
    event_id = project.log.event_id(42)
    with past_the_guard(), connection.cursor() as db:
        db.execute(
            "UPDATE audit_event SET envelope ="
            " convert_to(replace(convert_from(envelope, 'UTF8'), 'Label', 'Lapel'), 'UTF8') WHERE id = %s",
            [event_id],
        )
    shown = logs.inclusion(project.log, entry(project, 42), logs.newest_checkpoint(project.log))
    assert shown is not None
    assert "the entry at 42" in shown.problem


def test_a_changed_tile_fails_the_proofs_that_need_it(project: Project) -> None:
    with past_the_guard(), connection.cursor() as db:
        db.execute("UPDATE audit_tile SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1)")
    shown = logs.inclusion(project.log, entry(project, 1), logs.newest_checkpoint(project.log))
    assert shown is not None
    assert "leads to root" in shown.problem


def test_a_changed_head_does_not_have_the_signed_root(project: Project) -> None:
    with connection.cursor() as db:
        db.execute("UPDATE audit_log SET edge = set_byte(edge, 0, get_byte(edge, 0) # 1)")
    log = Log.objects.get(pk=project.log.pk)
    newest = logs.newest_checkpoint(log)
    assert newest is not None
    assert "not the one that was signed" in logs.standing(log, newest).problem


def test_a_changed_checkpoint_does_not_hold(project: Project) -> None:
    with past_the_guard(), connection.cursor() as db:
        db.execute("UPDATE audit_checkpoint SET note = replace(note, E'\\n301\\n', E'\\n300\\n')")
    newest = logs.newest_checkpoint(project.log)
    assert newest is not None
    assert "does not hold" in logs.standing(project.log, newest).problem


def test_entries_after_the_checkpoint_have_no_proof_yet(db: None) -> None:
    project = make_project([make_event()], signed=False)
    assert logs.inclusion(project.log, entry(project, 0), logs.newest_checkpoint(project.log)) is None


def test_a_disclosure_is_checked_against_its_commitment(project: Project) -> None:
    assert [one.holds for one in logs.opened(entry(project, 4))] == [True, True]
    with past_the_guard(), connection.cursor() as db:
        db.execute(
            "UPDATE audit_disclosure SET data = 'No lesion is missing.' WHERE event_id = %s AND grp = 'text'",
            [project.log.event_id(4)],
        )
    assert [(one.group, one.holds) for one in logs.opened(entry(project, 4))] == [("content", True), ("text", False)]


@pytest.mark.parametrize("index", [-1, 301, 2**70])
def test_there_is_no_entry_outside_the_log(project: Project, index: int) -> None:
    assert logs.entry(project, index) is None
