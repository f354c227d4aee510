"""An export's labels are drawn by helpers when its run, or its worker, comes to an end."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from audit.models import Project
from exports.models import Export
from exports.run import request_export
from exportsite.jobs import cancel
from exportsite.processes import is_alive
from tests.crash.conftest import Start
from tests.crash.labels import labelled_project
from tests.crash.workers import Worker, begun, ended, wait_for

HELPERS = 2


@dataclass(frozen=True)
class Drawing:
    """An export whose helpers hang in its first attempt, and the processes that work on it."""

    export: Export
    pid: int
    helpers: list[int]

    def ends(self) -> bool:
        return not any(map(is_alive, self.helpers))


@pytest.fixture
def start(start_worker: Start, tmp_path: Path) -> Callable[..., Worker]:
    (tmp_path / "drawing").mkdir()
    told = {"TEST_HANG": str(tmp_path / "drawing"), "LABELTRAIL_EXPORT_PROCESSES": str(HELPERS)}

    def start_them(**more: str) -> Worker:
        worker = start_worker(**told, **more)
        worker.ready()  # Or they would be taken for stuck, on a machine that is slow to start them.
        return worker

    return start_them


@pytest.fixture
def draw(tmp_path: Path) -> Callable[[Project], Drawing]:
    def helpers() -> list[int]:
        """Their numbers, once all of them have begun to draw."""
        found = [int(path.name) for path in (tmp_path / "drawing").iterdir()]
        return found if len(found) == HELPERS else []

    def begin(project: Project) -> Drawing:
        export = request_export(project, "coco")
        found = Drawing(export, begun(export), wait_for(helpers, "helpers that draw", 60))
        for path in (tmp_path / "drawing").iterdir():
            path.unlink()
        return found

    return begin


def test_when_it_is_cancelled_or_someone_else_has_it(
    start: Callable[..., Worker], draw: Callable[[Project], Drawing], artefacts: Path
) -> None:
    start(TEST_LEASE="15")  # After it a supervisor would kill a worker that does not end by itself.
    project = labelled_project()
    cancelled = draw(project)
    assert cancel(cancelled.export)
    assert ended(cancelled.export).state == "cancelled"
    wait_for(cancelled.ends, "the end of the helpers")
    assert list(artefacts.iterdir()) == []

    lost = draw(project)
    theirs = Export.objects.filter(pk=lost.export.pk)
    assert theirs.update(lease_token=uuid.uuid4(), attempts=2, holder="elsewhere/1")
    wait_for(lost.ends, "the end of the helpers")
    theirs.update(lease_until=timezone.now() - timedelta(minutes=1))
    assert ended(lost.export).state == "succeeded"  # In the third attempt, for nobody is elsewhere.
    assert [path.name for path in artefacts.iterdir()] == [lost.export.files[0]["name"]]
    assert is_alive(cancelled.pid)  # Nobody had to kill a worker.
    assert is_alive(lost.pid)


def test_when_its_worker_is_killed_or_hangs(
    start: Callable[..., Worker], draw: Callable[[Project], Drawing], artefacts: Path
) -> None:
    start()
    project = labelled_project()
    for number in (signal.SIGKILL, signal.SIGSTOP):
        drawing = draw(project)
        os.kill(drawing.pid, number)
        wait_for(drawing.ends, "the end of the helpers")
        assert (ended(drawing.export).state, drawing.export.attempts) == ("succeeded", 2)
    assert not list(artefacts.glob(".*.part"))


def test_when_its_worker_is_stopped(
    start: Callable[..., Worker], draw: Callable[[Project], Drawing], artefacts: Path
) -> None:
    worker = start(TEST_GRACE="20")
    drawing = draw(labelled_project())
    assert worker.stop() == 0
    assert worker.alive() == []
    assert drawing.ends()
    drawing.export.refresh_from_db()
    assert (drawing.export.state, drawing.export.attempts) == ("queued", 0)
    assert list(artefacts.iterdir()) == []
