"""Memory does not grow with the data: buffers of fixed size fill up, then nothing more is held."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from audit.models import Log, Project
from audit.queries.filters import Filters
from exports import files, record, selection, snapshot, streamed
from exports.archive import build, zipwriter
from exports.formats.base import Reads
from exports.run import make_export
from tests.factories import make_event, make_project


def peak(project: Project, folder: Path, slug: str, parameters: dict[str, Any]) -> int:
    """Bytes that an export holds at most."""
    target = folder / ("t.zip" if slug == "trail" else "t.xes")
    tracemalloc.start()
    make_export(project, slug, parameters=parameters, output=target, force=True)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


@pytest.fixture
def small_batches(monkeypatch) -> None:
    monkeypatch.setattr(selection, "BATCH_TASKS", 20)
    for module, name in (
        (selection, "BATCH_EVENTS"),
        (streamed, "FETCH"),
        (record, "ENTRIES"),
        (build, "ENTRIES_PER_FILE"),
    ):
        monkeypatch.setattr(module, name, 200)
    for module in (build, zipwriter, files):
        monkeypatch.setattr(module, "BLOCK", 4_096)
    monkeypatch.setattr(zipwriter, "PIECE", 4_096)


@pytest.mark.parametrize(
    ("slug", "parameters", "tasks"),
    [
        ("trail", {"payload": "true"}, 10),
        ("trail", {"encoding": "csv", "audit": "selection"}, 10),
        ("xes", {}, 10),
        ("trail", {}, 1),
    ],
)
def test_five_times_the_events_take_no_more_memory(db, tmp_path, small_batches, slug, parameters, tasks) -> None:
    peaks = []
    for events in (1_000, 5_000):
        each = events if tasks == 1 else tasks
        project = make_project(
            make_event(f"T{index // each}", minute=index, payload={"x": f"{index**9:0300}"}) for index in range(events)
        )
        peaks.append(peak(project, tmp_path, slug, parameters))
    # Psycopg's caches of statements take a little more; 4,000 events kept in any form would take megabytes.
    assert peaks[1] < peaks[0] + 500_000, f"{peaks}"


def test_batches_hold_so_many_events_and_every_task_once(db, monkeypatch) -> None:
    monkeypatch.setattr(selection, "BATCH_EVENTS", 10)
    monkeypatch.setattr(selection, "BATCH_TASKS", 3)
    counts = [1, 2, 30, 4, 5, 1, 1, 1, 1, 9]
    project = make_project(
        make_event(f"T{task}", minute=task * 100 + n) for task, count in enumerate(counts) for n in range(count)
    )
    chosen = snapshot.LogSnapshot(Log.objects.get(project=project), project.log.size, Filters(), Reads())
    batches = [[task.number for task in batch] for batch in chosen.batches()]
    assert [number for batch in batches for number in batch] == list(range(1, 11))
    assert all(len(batch) <= 3 for batch in batches)
    assert all(sum(counts[number - 1] for number in batch) <= 10 or len(batch) == 1 for batch in batches)
