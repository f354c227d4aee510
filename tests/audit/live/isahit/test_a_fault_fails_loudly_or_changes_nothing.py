"""Whatever goes wrong on the way: a run completes fully or fails in words, and the next one ends with all there is."""

from __future__ import annotations

from typing import Any

import pytest

from audit.live.run import sync
from audit.models import Mode, Project, SyncRun
from exportsite.jobs import RunFailed
from tests.audit.live.isahit.compare import same
from tests.fakes.isahit import SECRET, FakeIsahit

ALWAYS = 1_000

PASSING: dict[str, dict[str, Any]] = {
    "too many requests": {"status": 429, "headers": {"Retry-After": "0"}},
    "a server's error": {"status": 500},
    "a dropped connection": {"drop": True},
    "half an answer": {"truncate": True},
    "a wrong length": {"length": 10**6},
    "no JSON": {"body": b"<html>busy</html>"},
    "slow pieces": {"pieces": 4, "delay": 0.05},
}
LASTING: dict[str, tuple[dict[str, Any], str]] = {
    "too many requests": ({"status": 429}, "busy"),
    "a server's error": ({"status": 503}, "unavailable"),
    "a dropped connection": ({"drop": True}, "unavailable"),
    "half an answer": ({"truncate": True}, "unavailable"),
    "a bad request": ({"status": 400}, "refused"),
    "forbidden": ({"status": 403}, "key"),
    "an expired token": ({"status": 401}, "key"),
    "another API": ({"body": b'{"items": []}'}, "answer"),
    "a list": ({"body": b"[]"}, "answer"),
    "the wrong page": ({"edit": lambda page: {**page, "page": 7}}, "answer"),
    "an empty page before others": ({"edit": lambda page: {**page, "docs": [], "hasNextPage": True}}, "answer"),
    "a page that follows itself": ({"edit": lambda page: {**page, "hasNextPage": True, "nextPage": 1}}, "answer"),
    "no tasks": ({"edit": lambda page: {**page, "docs": [{"name": "no id"}]}}, "answer"),
}


@pytest.mark.parametrize("operation", ["tasks", "login"])
@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_is_overcome(project: Project, fake: FakeIsahit, operation: str, fault: str) -> None:
    fake.fail(operation, times=2, **PASSING[fault])
    assert sync(project, Mode.FULL).state == "succeeded"
    assert fake.faults[0].times < 2, "the fault came"
    same(project, fake)


@pytest.mark.parametrize(("fault", "after"), [(fault, 1 + number % 2) for number, fault in enumerate(LASTING)])
def test_a_lasting_fault_fails_the_run_and_the_next_one_completes(
    project: Project, fake: FakeIsahit, fault: str, after: int
) -> None:
    how, code = LASTING[fault]
    fake.fail("tasks", after=after, times=ALWAYS, **how)
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


@pytest.mark.parametrize("operation", ["configuration", "batches", "projects"])
def test_a_setting_that_can_not_be_read_fails_the_run(project: Project, fake: FakeIsahit, operation: str) -> None:
    fake.fail(operation, times=ALWAYS, status=500)
    with pytest.raises(RunFailed):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    same(project, fake)


def test_a_token_that_ends_between_two_pages_is_replaced(project: Project, fake: FakeIsahit) -> None:
    fake.fail("tasks", after=2, times=1, status=401)
    sync(project, Mode.FULL)
    same(project, fake)


def test_rows_that_shift_between_pages_are_found(project: Project, fake: FakeIsahit) -> None:
    first = fake.account.tasks[0]
    fake.fail("tasks", after=2, times=1, edit=lambda page: {**page, "docs": [first, *page["docs"][1:]]})
    assert sync(project, Mode.FULL).state == "succeeded"
    same(project, fake)


def test_tasks_that_come_twice_count_once(project: Project, fake: FakeIsahit) -> None:
    fake.fail("tasks", after=1, times=1, edit=lambda page: {**page, "docs": [*page["docs"], *page["docs"][::-1]]})
    assert sync(project, Mode.FULL).state == "succeeded"
    same(project, fake)
