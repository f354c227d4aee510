"""Whatever goes wrong on the way: a run completes fully or fails in words, and the next one ends with all there is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.demo.redbrick import FakeRedBrick
from audit.live.run import sync
from audit.models import Event, Mode, Project, SyncRun
from exportsite.jobs import RunFailed
from tests.audit.live.compare import same

ALWAYS = 1_000
EVENTS, TIMES, COUNT, MEMBERS, PROJECT = "taskEventsSDK", "taskActiveTimeSDK", "tasksPagedSDK", "members", "getProject"

PASSING: dict[str, dict[str, Any]] = {
    "too many requests": {"status": 429},
    "too many requests, ask later": {"status": 429, "headers": {"Retry-After": "0"}},
    "a server's error": {"status": 500},
    "a gateway's error": {"status": 502},
    "a dropped connection": {"drop": True},
    "half an answer": {"truncate": True},
    "no JSON": {"body": b"<html>busy</html>"},
    "a slow answer": {"delay": 0.3},
}
LASTING: dict[str, tuple[dict[str, Any], str]] = {
    "too many requests": ({"status": 429}, "busy"),
    "a server's error": ({"status": 500}, "unavailable"),
    "a dropped connection": ({"drop": True}, "unavailable"),
    "half an answer": ({"truncate": True}, "unavailable"),
    "errors without data": ({"errors": [{"message": "Internal error"}]}, "refused"),
    "errors with data": (
        {"errors": [{"message": "Internal error"}], "data": {"tasksPaged": {"entries": [], "cursor": None}}},
        "refused",
    ),
    "no data": ({"body": b'{"data":null}'}, "answer"),
    "nothing asked for": ({"data": {"tasksPaged": None, "taskActiveTime": None}}, "answer"),
    "an expired key": ({"status": 401}, "key"),
    "forbidden": ({"status": 403}, "key"),
    "another API": ({"body": json.dumps({"data": {"tasksPaged": {"entries": [{"no": "task"}]}}}).encode()}, "answer"),
}


@pytest.mark.parametrize("operation", [EVENTS, TIMES])
@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_is_overcome(project: Project, fake: FakeRedBrick, operation: str, fault: str) -> None:
    fake.fail(operation, after=1, times=2, **PASSING[fault])
    run = sync(project, Mode.FULL)
    assert run.state == "succeeded"
    assert fake.faults[0].times < 2, "the fault came"
    same(project, fake.world)


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("fault", LASTING)
def test_a_lasting_fault_fails_the_run_and_the_next_one_completes(
    project: Project, fake: FakeRedBrick, fault: str, after: int
) -> None:
    how, code = LASTING[fault]
    fake.fail(EVENTS, after=after, times=ALWAYS, **how)
    with pytest.raises(RunFailed):
        sync(project, Mode.FULL)
    run = SyncRun.objects.get()
    assert (run.state, run.error_code) == ("failed", code)
    assert run.error_text
    assert fake.world.key not in run.error_text
    project.refresh_from_db()
    assert (project.complete_at, project.watermark) == (None, None), "what is not complete is not called so"
    came = Event.objects.filter(log__project=project).exclude(task=None).count()
    assert (came > 0) == (after > 0), "what came before the fault is kept"
    fake.faults.clear()
    assert sync(project, Mode.FULL).state == "succeeded"
    same(project, fake.world)


def test_active_time_that_can_not_be_read_fails_the_run(project: Project, fake: FakeRedBrick) -> None:
    fake.fail(TIMES, after=1, times=ALWAYS, errors=[{"message": "no"}], data={"taskActiveTime": {"entries": []}})
    with pytest.raises(RunFailed, match="active time"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    same(project, fake.world)


@pytest.mark.parametrize("operation", [COUNT, MEMBERS, PROJECT])
def test_a_count_or_setting_that_can_not_be_read_fails_the_run(
    project: Project, fake: FakeRedBrick, operation: str
) -> None:
    fake.fail(operation, times=ALWAYS, errors=[{"message": "no"}])
    with pytest.raises(RunFailed, match="no"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    same(project, fake.world)


def test_a_failed_incremental_pass_keeps_its_watermark(project: Project, fake: FakeRedBrick) -> None:
    sync(project, Mode.FULL)
    project.refresh_from_db()
    mark = project.watermark
    fake.fail(EVENTS, times=ALWAYS, status=500)
    with pytest.raises(RunFailed):
        sync(project, Mode.INCREMENTAL)
    project.refresh_from_db()
    assert project.watermark == mark


def test_an_empty_page_that_has_a_cursor_fails_the_run(project: Project, fake: FakeRedBrick) -> None:
    page = {"tasksPaged": {"entries": [], "cursor": "MTA=", "cacheTime": None}}
    fake.fail(EVENTS, times=ALWAYS, data=page)
    with pytest.raises(RunFailed, match="empty"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    same(project, fake.world)


def test_the_run_closes_what_an_earlier_one_left_open(project: Project, fake: FakeRedBrick) -> None:
    fake.fail(TIMES, times=ALWAYS, status=500)
    with pytest.raises(RunFailed):
        sync(project, Mode.FULL)
    assert not Event.objects.filter(log__project=project, type="sync.completed").exists()
    fake.faults.clear()
    for story in fake.world.projects[project.external_id].order:
        fake.world.projects[project.external_id].task(story).times.clear()
    run = sync(project, Mode.FULL)
    assert run.added == 1, "nothing is new but the end of the reading"
    assert Event.objects.filter(log__project=project, type="sync.completed").count() == 1
    assert sync(project, Mode.FULL).added == 0
