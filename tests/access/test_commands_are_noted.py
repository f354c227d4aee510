"""Loads and syncs that a command begins are in the log of use, as what pages and programs begin is."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.live.run import SyncRefused, request_sync
from audit.models import Mode, Project, ServiceOutbox, Source
from tests.factories import make_project, worked_task


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text("case,activity,timestamp\nA,created,2026-03-02T08:00:00Z\n")
    return path


def noted() -> list[tuple[str, int | None, str]]:
    rows = ServiceOutbox.objects.filter(type="sync.requested").order_by("id")
    return [(row.content["about"].split()[0], row.content["project"], row.name) for row in rows]


def test_a_load_is_noted(db: None, events: Path) -> None:
    call_command("load", str(events), "--project", "Liver", stdout=StringIO())
    call_command("load", str(events), "--project", "Liver", stdout=StringIO())
    # When the first begins, its project is not there yet.
    assert noted() == [("load", None, ""), ("load", Project.objects.get().pk, "")]


def test_a_load_that_is_refused_is_noted_as_well(db: None, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("case,activity,timestamp\nA,created,not a time\n")
    with pytest.raises(CommandError):
        call_command("load", str(tmp_path / "bad.csv"), "--project", "Liver", stdout=StringIO())
    assert noted() == [("load", None, "")]


@pytest.mark.parametrize("by", ["command", "ada", "schedule"])
def test_a_sync_by_command_is_noted_by_whom_it_is_begun(db: None, by: str) -> None:
    project = make_project(worked_task())
    Source.objects.filter(pk=project.source_id).update(kind="redbrick")
    project = Project.objects.get(pk=project.pk)
    request_sync(project, Mode.FULL, created_by=by)
    assert noted() == ([("sync", project.pk, "")] if by == "command" else [])


def test_a_sync_that_can_not_begin_leaves_no_line(db: None) -> None:
    with pytest.raises(SyncRefused):
        request_sync(make_project(worked_task()), Mode.FULL, created_by="command")
    assert noted() == []
