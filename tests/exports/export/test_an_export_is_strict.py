"""`strict`: the first item that can't be written as it is fails the export; otherwise it is noted."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from audit.models import Project
from exports.models import Export
from exports.run import make_export, request_export
from exportsite.jobs import RunFailed, State, perform
from tests.factories import make_event, make_project, worked_task

pytestmark = pytest.mark.usefixtures("artefacts")


@pytest.fixture
def project(db: None) -> Project:
    """A project with a comment that XML can't hold."""
    return make_project([*worked_task(), make_event("T1", "comment.added", 200, text="bell \a rings")])


def test_a_bad_item_is_noted_unless_the_export_is_strict(project: Project) -> None:
    assert make_export(project, "xes").state == State.SUCCEEDED
    with pytest.raises(RunFailed, match=r"A strict export fails on its first bad item\. task 'T1'"):
        make_export(project, "xes", strict=True)


def test_nothing_is_published_of_a_strict_export_that_failed(project: Project, artefacts: Path) -> None:
    export = request_export(project, "xes", strict=True)
    perform(Export, export.pk)
    export.refresh_from_db()
    assert (export.state, export.error_code, export.files) == (State.FAILED, "refused", [])
    assert "strict" in export.error_text
    assert list(artefacts.iterdir()) == []


def test_a_strict_export_without_bad_items_is_the_same_as_any(project: Project) -> None:
    usual, strict = make_export(project, "trail"), make_export(project, "trail", strict=True)
    assert [file["sha256"] for file in usual.files] == [file["sha256"] for file in strict.files]


def test_it_stays_strict_when_it_is_asked_for_again(project: Project, client: Client) -> None:
    export = request_export(project, "xes", strict=True, name="For the audit")

    assert export.asked["strict"] is True
    answer = client.post(f"/api/v1/exports/{export.pk}/again/")
    made = Export.objects.get(pk=answer.json()["id"])
    assert (made.asked["strict"], made.name) == (True, "For the audit")


def test_the_command_is_strict_as_well(project: Project) -> None:
    with pytest.raises(CommandError, match="strict export fails"):
        call_command("export", str(project.pk), "--format", "xes", "--strict", stdout=StringIO())
