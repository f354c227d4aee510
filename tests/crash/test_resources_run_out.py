"""Full disks and tight memory end in words, and publish nothing."""

from __future__ import annotations

import resource
from pathlib import Path

from exports.reports.service import request_report
from exports.run import request_export
from tests.crash.conftest import Start
from tests.crash.labels import labelled_project
from tests.crash.workers import children, ended
from tests.factories import make_project, worked_task


def test_an_export_on_a_full_disk_fails_in_words(start_worker: Start, artefacts: Path) -> None:
    worker = start_worker()
    for pid in worker.ready():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (8_000, 8_000))
    export = ended(request_export(make_project(worked_task()), "trail"))
    assert (export.state, export.error_code, export.attempts) == ("failed", "disk_full", 1)
    assert "no room left" in export.error_text
    assert str(artefacts) not in export.error_text
    assert list(artefacts.iterdir()) == []


def test_one_whose_labels_helpers_draw_fails_so_too_and_may_be_tried_again(
    start_worker: Start, artefacts: Path, tmp_path: Path
) -> None:
    (tmp_path / "tmp").mkdir()
    worker = start_worker(LABELTRAIL_EXPORT_PROCESSES="2", TMPDIR=str(tmp_path / "tmp"))
    pids, project = worker.ready(), labelled_project()
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    failed = ended(request_export(project, "yolo_v8"))
    assert (failed.state, failed.error_code, failed.attempts) == ("failed", "disk_full", 1)
    assert [*artefacts.iterdir(), *(tmp_path / "tmp").iterdir()] == []
    assert [pid for worker in pids for pid in children(worker)] == []
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert ended(request_export(project, "yolo_v8")).state == "succeeded"


def test_a_report_that_needs_too_much_memory_fails_in_words(start_worker: Start, artefacts: Path) -> None:
    start_worker(TEST_REPORT_MEMORY_MIB="120")
    report = ended(request_report(make_project(worked_task())))
    assert (report.state, report.error_code) == ("failed", "refused")
    assert "more than 120 MiB of memory" in report.error_text
    assert list(artefacts.glob("*")) == []
