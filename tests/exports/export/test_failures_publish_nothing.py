"""An export that is not complete leaves no file, and a row that says why."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from exports import files, record, snapshot
from exports.archive import build
from exports.models import Export
from exports.run import make_export
from exportsite.jobs import RunFailed, State
from exportsite.problems import WrongRequest
from tests.factories import make_project, worked_task


@pytest.fixture
def project(db):
    return make_project([*worked_task("T1"), *worked_task("T2", 300)])


def failed(project, tmp_path: Path, slug: str = "trail", match: str | None = None, **options) -> Export:
    suffix = "zip" if slug == "trail" else "xes"
    with pytest.raises(RunFailed, match=match):
        make_export(project, slug, output=tmp_path / f"t.{suffix}", **options)
    assert list(tmp_path.iterdir()) == [], "neither a file nor a draft is left"
    export = Export.objects.get()
    assert export.state == State.FAILED
    assert export.finished_at is not None
    return export


@pytest.mark.parametrize("slug", ["trail", "xes"])
def test_an_event_that_gets_lost_on_the_way_fails_the_export(project, tmp_path, monkeypatch, slug) -> None:
    events = snapshot.LogSnapshot._events

    def losing(self, tasks):
        for number, row in enumerate(events(self, tasks)):
            if number != 5:
                yield row

    monkeypatch.setattr(snapshot.LogSnapshot, "_events", losing)
    export = failed(project, tmp_path, slug, "the check values differ")
    assert "events:" in export.error["text"]


def test_a_task_that_gets_lost_on_the_way_fails_the_export(project, tmp_path, monkeypatch) -> None:
    trails = snapshot.LogSnapshot.trails

    def losing(self):
        for trail in trails(self):
            if trail.task != "T1":
                yield trail
            else:
                list(trail.events)

    monkeypatch.setattr(snapshot.LogSnapshot, "trails", losing)
    assert "tasks: 2 expected, 1 written" in failed(project, tmp_path).error["text"]


def test_an_active_time_that_gets_lost_on_the_way_fails_the_export(project, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(snapshot.LogSnapshot, "times", lambda self: iter(()))
    assert "active_times: 4 expected, 0 written" in failed(project, tmp_path).error["text"]


@pytest.mark.parametrize("audit", ["all", "selection"])
def test_an_entry_that_gets_lost_on_the_way_fails_the_export(project, tmp_path, monkeypatch, audit) -> None:
    grouped = record._grouped
    monkeypatch.setattr(record, "_grouped", lambda rows, first: list(grouped(rows, first))[1:])
    assert (
        "15 entries of the log were read, 16 were expected"
        in failed(project, tmp_path, parameters={"audit": audit}).error["text"]
    )


def test_a_full_disk_fails_the_export(project, tmp_path, monkeypatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "no room left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "no room left" in failed(project, tmp_path).error["text"]


def test_an_unforeseen_error_leaves_a_row_too(project, tmp_path, monkeypatch) -> None:
    def broken(*_: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(build.manifest, "manifest", broken)
    with pytest.raises(ZeroDivisionError):
        make_export(project, "trail", output=tmp_path / "t.zip")
    assert Export.objects.get().state == State.FAILED
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_stays_unless_forced(project, tmp_path) -> None:
    target = tmp_path / "t.zip"
    target.write_text("mine")
    with pytest.raises(WrongRequest, match="--force"):
        make_export(project, "trail", output=target)
    assert target.read_text() == "mine"
    make_export(project, "trail", output=target, force=True)
    assert target.read_bytes()[:2] == b"PK"


def test_an_existing_proof_counts_as_well(project, tmp_path) -> None:
    (tmp_path / "t.xes.proof.zip").write_text("mine")
    with pytest.raises(WrongRequest, match=r"t\.xes\.proof\.zip exists"):
        make_export(project, "xes", output=tmp_path / "t.xes")


@pytest.mark.parametrize(("slug", "name"), [("trail", "t.json"), ("trail", "t"), ("xes", "t.zip"), ("xes", "t.xes.gz")])
def test_a_wrong_suffix_is_refused_by_name(project, tmp_path, slug, name) -> None:
    with pytest.raises(WrongRequest, match=name):
        make_export(project, slug, output=tmp_path / name)


def test_a_folder_is_no_file(project, tmp_path) -> None:
    (tmp_path / "t.zip").mkdir()
    with pytest.raises(WrongRequest, match="is a folder"):
        make_export(project, "trail", output=tmp_path / "t.zip")


def test_a_file_is_no_folder(project, tmp_path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(WrongRequest, match="is a file"):
        make_export(project, "trail", output=tmp_path / "a" / "b" / "t.zip")


def test_folders_are_made(project, tmp_path) -> None:
    make_export(project, "trail", output=tmp_path / "a" / "b" / "t.zip")
    assert (tmp_path / "a" / "b" / "t.zip").is_file()


def test_without_an_output_it_goes_where_artefacts_are_kept(project, settings, tmp_path) -> None:
    settings.LABELTRAIL_ARTEFACTS = tmp_path
    export = make_export(project, "xes")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[0].endswith(".xes")
    assert str(export.pk) in names[0]
    assert names == [file["name"] for file in export.files]
    assert names[1] == f"{names[0]}.proof.zip"


def test_of_several_files_all_appear_or_none(project, tmp_path, monkeypatch) -> None:
    second = tmp_path / "t.xes.proof.zip"
    monkeypatch.setattr(files, "_settle", lambda draft, check: second.write_text("someone else's"))
    with pytest.raises(RunFailed, match="came into being meanwhile"):
        make_export(project, "xes", output=tmp_path / "t.xes")
    assert [path.name for path in tmp_path.iterdir()] == [second.name]
    assert second.read_text() == "someone else's"


def test_the_row_says_what_lies_there(project, tmp_path) -> None:
    export = make_export(project, "xes", output=tmp_path / "t.xes")
    for file in export.files:
        data = Path(file["path"]).read_bytes()
        assert file["bytes"] == len(data)
        assert file["sha256"] == sha256(data).hexdigest()
