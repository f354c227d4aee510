"""Whatever goes wrong on the way: a run completes fully or fails in words, and the next one ends with all there is."""

from __future__ import annotations

from typing import Any

import pytest

from audit.live.run import sync
from audit.models import Mode, Project, SyncRun
from exportsite.jobs import RunFailed
from tests.audit.live.diffgram.compare import same
from tests.fakes.diffgram import SECRET, FakeDiffgram

ALWAYS = 1_000

PASSING: dict[str, dict[str, Any]] = {
    "too many requests": {"status": 429, "headers": {"Retry-After": "0"}},
    "a server's error": {"status": 502},
    "a dropped connection": {"drop": True},
    "half an answer": {"truncate": True},
    "a wrong length": {"length": 10**6},
    "no JSON": {"body": b"<html>busy</html>"},
    "slow pieces": {"pieces": 4, "delay": 0.05},
}
LASTING: dict[str, tuple[str, dict[str, Any], str]] = {
    "too many requests": ("tasks", {"status": 429}, "busy"),
    "a server's error": ("tasks", {"status": 500}, "unavailable"),
    "a dropped connection": ("link", {"drop": True}, "unavailable"),
    "half an answer": ("link", {"truncate": True}, "unavailable"),
    "a bad request": ("to_file", {"status": 400}, "refused"),
    "forbidden": ("events", {"status": 403}, "key"),
    "not there": ("jobs", {"status": 404}, "missing"),
    "another API": ("tasks", {"body": b'{"items": []}'}, "answer"),
    "a list": ("tasks", {"body": b"[]"}, "answer"),
    "no tasks": ("tasks", {"body": b'{"task_list": [{"name": "no number"}]}'}, "answer"),
    "a page without end": ("tasks", {"edit": lambda page: {**page, "task_list": [{"id": 1}] * 3}}, "answer"),
    "a page that is too long": ("tasks", {"edit": lambda page: {**page, "task_list": [{"id": 1}] * 9}}, "answer"),
    "an export without a file": ("link", {"edit": lambda found: {"export_info": found["export_info"]}}, "answer"),
    "an export that fails": ("status", {"edit": lambda found: _failed(found)}, "refused"),
    "a text that is no export": ("link", {"body": b'"not JSON"'}, "answer"),
}


def _failed(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "export": {**found["export"], "status": "failed", "status_text": "File List is Empty."}}


@pytest.mark.parametrize(
    ("fault", "operation"),
    [(fault, ("tasks", "link", "events", "status")[number % 4]) for number, fault in enumerate(PASSING)],
)
def test_a_passing_fault_is_overcome(project: Project, fake: FakeDiffgram, fault: str, operation: str) -> None:
    fake.fail(operation, times=2, **PASSING[fault])
    assert sync(project, Mode.FULL).state == "succeeded"
    assert fake.faults[0].times < 2, "the fault came"
    same(project, fake)


@pytest.mark.parametrize("fault", LASTING)
def test_a_lasting_fault_fails_the_run_and_the_next_one_completes(
    project: Project, fake: FakeDiffgram, fault: str
) -> None:
    operation, how, code = LASTING[fault]
    fake.fail(operation, times=ALWAYS, **how)
    with pytest.raises(RunFailed):
        sync(project, Mode.FULL)
    run = SyncRun.objects.get()
    assert (run.state, run.error_code) == ("failed", code), run.error_text
    assert SECRET not in run.error_text
    project.refresh_from_db()
    assert (project.complete_at, project.watermark) == (None, None), "what is not complete is not called so"
    fake.faults.clear()
    assert sync(project, Mode.FULL).state == "succeeded"
    same(project, fake)


def test_an_export_that_takes_its_time_is_waited_for(project: Project, fake: FakeDiffgram) -> None:
    fake.installation.looks = 5
    sync(project, Mode.FULL)
    assert fake.asked("status") >= 10
    same(project, fake)


def test_a_file_that_an_export_of_the_job_leaves_out_is_asked_for_alone(project: Project, fake: FakeDiffgram) -> None:
    fake.fail("link", times=1, edit=lambda found: {name: value for name, value in found.items() if name != "4001"})
    sync(project, Mode.FULL)
    same(project, fake)


def test_rows_that_shift_between_pages_are_found(project: Project, fake: FakeDiffgram) -> None:
    # The count reads the lists first: pages of jobs 13 (2) and 12 (3), then the pass reads them again.
    fake.fail("tasks", after=6, times=1, edit=lambda page: {**page, "task_list": page["task_list"][1:]})
    assert sync(project, Mode.FULL).state == "succeeded"
    same(project, fake)
