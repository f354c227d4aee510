"""An export's labels are drawn by several processes, and nobody can tell from the archive."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from django.db import connection

from audit.models import Project
from exports import drawing
from exports.formats.base import LabelledTask
from exports.run import make_export
from exportsite.jobs import RunFailed
from tests.exports.export.test_labels_are_exported_from_the_record import _recorded

SLUGS = ("coco", "yolo_v8", "pascal_voc", "kili", "raw")


@pytest.fixture
def project(db: None) -> Project:
    return _recorded("02_all_image_tools")


@pytest.fixture(autouse=True)
def tiny_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "FEW", 1)
    monkeypatch.setattr(drawing, "BATCH_TASKS", 1)


def _export(project: Project, slug: str, path: Path, processes: int, settings, **more) -> bytes:
    settings.LABELTRAIL_EXPORT_PROCESSES = processes
    make_export(project, slug, output=path, **more)
    return path.read_bytes()


@pytest.mark.parametrize("slug", SLUGS)
def test_an_archive_has_the_same_bytes_whoever_drew_it(project, tmp_path, settings, slug) -> None:
    alone, two, five = (_export(project, slug, tmp_path / f"{count}.zip", count, settings) for count in (1, 2, 5))
    assert alone == two == five


def test_bad_items_are_told_in_the_same_order(db, tmp_path, settings) -> None:
    project = _recorded("04_degenerate_geometry")
    assert _export(project, "coco", tmp_path / "1.zip", 1, settings) == _export(
        project, "coco", tmp_path / "2.zip", 2, settings
    )


def test_a_strict_export_fails_on_the_same_item(db, tmp_path, settings) -> None:
    project = _recorded("04_degenerate_geometry")
    texts = []
    for processes in (1, 2):
        with pytest.raises(RunFailed) as failed:
            _export(project, "coco", tmp_path / "x.zip", processes, settings, strict=True)
        texts.append(str(failed.value))
    assert texts[0] == texts[1] != ""


def test_an_export_survives_the_end_of_those_who_draw(project, tmp_path, settings, monkeypatch) -> None:
    whole = _export(project, "coco", tmp_path / "1.zip", 1, settings)
    here = os.getpid()

    def begin() -> None:
        assert os.getpid() != here
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(drawing, "_without_database", begin)
    assert _export(project, "coco", tmp_path / "2.zip", 2, settings) == whole


def test_those_who_draw_have_no_database(db, settings) -> None:
    settings.LABELTRAIL_EXPORT_PROCESSES = 2

    def draw(task: LabelledTask) -> tuple[int, str]:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except RuntimeError as refused:
            return os.getpid(), str(refused)
        return os.getpid(), "answered"

    tasks = [LabelledTask(f"{number}", number, "", "", "", None, (), ()) for number in range(4)]
    found = [drawn for _, drawn in drawing.drawn(iter(tasks), draw, alone=False)]
    assert {text for _, text in found} == {"a process that draws labels has no database"}
    assert os.getpid() not in {pid for pid, _ in found}


def test_few_tasks_start_nobody(settings, monkeypatch) -> None:
    settings.LABELTRAIL_EXPORT_PROCESSES = 2
    monkeypatch.setattr(drawing, "FEW", 5)
    tasks = [LabelledTask(f"{number}", number, "", "", "", None, (), ()) for number in range(4)]
    found = drawing.drawn(iter(tasks), lambda task: os.getpid(), alone=False)
    assert {pid for _, pid in found} == {os.getpid()}
