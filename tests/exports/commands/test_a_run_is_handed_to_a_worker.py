"""`--queue` and `--wait` of export, report and verify."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import Project, Verification
from exports.models import Export, Report
from exportsite import queued
from exportsite.jobs import cancel, perform
from tests.factories import make_project, worked_task

pytestmark = pytest.mark.django_db
Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def project(tmp_path: Path, settings: Any) -> Project:
    settings.LABELTRAIL_ARTEFACTS = tmp_path / "artefacts"
    return make_project(worked_task())


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Let something happen while a command waits."""

    def arrange(happens: Callable[[], object]) -> None:
        monkeypatch.setattr(queued.time, "sleep", lambda seconds: happens())

    return arrange


def run(*words: object) -> str:
    said = StringIO()
    call_command(*map(str, words), stdout=said, stderr=StringIO())
    return said.getvalue().strip()


def test_the_id_of_the_queued_run_is_printed(project: Project) -> None:
    assert run("export", project.pk, "--format", "trail", "--queue") == str(Export.objects.get(state="queued").pk)
    assert json.loads(run("report", project.pk, "--queue", "--json")) == {
        "id": str(Report.objects.get(state="queued").pk)
    }
    assert run("verify", "--project", project.pk, "--queue") == str(Verification.objects.get(state="queued").pk)


def test_waiting_prints_what_a_run_in_this_process_prints(project: Project, meanwhile: Meanwhile) -> None:
    meanwhile(lambda: perform(Export, Export.objects.get().pk))
    path = Path(run("export", project.pk, "--format", "trail", "--queue", "--wait", "30"))
    assert path.is_file()
    assert str(Export.objects.get().pk) in path.name


def test_waiting_too_long_is_exit_status_4_and_the_run_goes_on(project: Project) -> None:
    with pytest.raises(CommandError, match="it goes on") as caught:
        run("export", project.pk, "--format", "trail", "--queue", "--wait", "0")
    assert caught.value.returncode == 4
    assert Export.objects.get().state == "queued"


def test_a_run_that_is_cancelled_meanwhile_is_exit_status_3(project: Project, meanwhile: Meanwhile) -> None:
    meanwhile(lambda: cancel(Report.objects.get()))
    with pytest.raises(CommandError, match="was cancelled") as caught:
        run("report", project.pk, "--queue", "--wait", "30")
    assert caught.value.returncode == 3


def test_one_that_fails_is_exit_status_1_with_its_text(project: Project, meanwhile: Meanwhile) -> None:
    meanwhile(lambda: Verification.objects.update(state="failed", error_code="lost", error_text="No memory."))
    with pytest.raises(CommandError, match="No memory") as caught:
        run("verify", "--project", project.pk, "--queue", "--wait", "30")
    assert caught.value.returncode == 1


@pytest.mark.parametrize(
    "words",
    [("--wait", "3"), ("--queue", "-o", "x.zip"), ("--queue", "--force")],
)
def test_options_that_contradict_each_other_are_refused(project: Project, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as caught:
        run("export", project.pk, "--format", "trail", *words)
    assert caught.value.returncode == 2
    assert not Export.objects.exists()


def test_a_command_of_its_own_leaves_a_run_that_says_how_it_ended(project: Project, tmp_path: Path) -> None:
    run("verify", "--project", project.pk)
    run("export", project.pk, "--format", "trail", "-o", tmp_path / "a.zip")
    verification, export = Verification.objects.get(), Export.objects.get()
    assert (verification.state, verification.attached, verification.result["holds"]) == ("succeeded", True, True)
    assert (export.state, export.attached, export.attempts) == ("succeeded", True, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_ctrl_c_leaves_a_cancelled_run_and_no_file(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("exports.run.record", interrupt)
    with pytest.raises(CommandError, match="No file was written") as caught:
        run("export", project.pk, "--format", "trail", "-o", tmp_path / "a.zip")
    assert caught.value.returncode == 3
    assert Export.objects.get().state == "cancelled"
    assert list(tmp_path.iterdir()) == []
