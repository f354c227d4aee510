"""That a run succeeded and that its files have their names is true together, or not at all."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from audit.models import Project
from exports import files
from exports.models import Export
from exports.run import make_export, request_export
from exportsite.jobs import RunFailed, perform
from tests.factories import make_project, worked_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(artefacts: Path) -> Project:
    return make_project(worked_task())


@pytest.fixture
def broken_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names can't be brought to the disk; the files have them already."""

    def broken(folder: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(files, "_sync_folder", broken)


def test_a_commands_file_is_withdrawn(project: Project, broken_folder: None, tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="Input/output error") as caught:
        make_export(project, "xes", output=tmp_path / "a.xes")
    assert caught.value.code == "storage"
    assert str(tmp_path) not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []
    assert Export.objects.get().state == "failed"


def test_a_queued_runs_file_is_removed(project: Project, broken_folder: None, artefacts: Path) -> None:
    run = request_export(project, "xes")
    perform(Export, run.pk)
    run.refresh_from_db()
    assert (run.state, run.error_code, run.files) == ("failed", "storage", [])
    assert list(artefacts.iterdir()) == []


def test_a_file_that_came_meanwhile_stays(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle = files._settle

    def meanwhile(draft: files.Draft, check: Any) -> None:
        settle(draft, check)
        (tmp_path / "a.xes.proof.zip").write_text("somebody else's")

    monkeypatch.setattr(files, "_settle", meanwhile)
    with pytest.raises(RunFailed, match="--force overwrites it"):
        make_export(project, "xes", output=tmp_path / "a.xes")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.xes.proof.zip"]
    assert (tmp_path / "a.xes.proof.zip").read_text() == "somebody else's"


def test_a_second_attempt_clears_away_what_the_first_left(project: Project, artefacts: Path) -> None:
    run = request_export(project, "trail")
    artefacts.mkdir()
    (artefacts / f".{run.pk}.abc.part").write_bytes(b"half of it")
    (artefacts / f"project_trail_{run.pk}_early.zip").write_bytes(b"named, and never committed")
    perform(Export, run.pk)
    run.refresh_from_db()
    assert [path.name for path in artefacts.iterdir()] == [run.files[0]["name"]]


def test_the_same_export_by_a_worker_and_by_a_command_has_the_same_bytes(project: Project, tmp_path: Path) -> None:
    run = request_export(project, "trail")
    perform(Export, run.pk)
    run.refresh_from_db()
    here = make_export(project, "trail", output=tmp_path / "a.zip")
    assert here.files[0]["sha256"] == run.files[0]["sha256"]
