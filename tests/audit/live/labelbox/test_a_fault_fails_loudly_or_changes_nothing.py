"""Whatever goes wrong on Labelbox's wire: a run completes or fails in words, and the next one has all there is."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from audit.live.run import sync
from audit.models import Mode, Project, SyncRun
from exportsite.jobs import RunFailed
from tests.audit.live.labelbox.compare import same
from tests.fakes.labelbox import FakeLabelbox
from tests.fakes.labelbox_story import World

ALWAYS = 1_000
EXPORT, POLL, HEADER = "exportDataRowsInProject", "GetUserCreatedTasks", "GetExportMetadataHeader"
ADDRESS, FILE = "GetExportFileFromOffset", "^file$"
VERSIONS, ISSUES, RUNS = "GetLabelVersions", "GetProjectIssues", "exportDataRowsInCatalog"

PASSING: dict[str, dict[str, Any]] = {
    "too many requests, ask later": {"status": 429, "headers": {"Retry-After": "0"}},
    "a server's error": {"status": 500},
    "a dropped connection": {"drop": True},
    "half an answer": {"truncate": True},
    "fewer bytes than announced": {"length": 1_000_000},
    "slow pieces": {"delay": 0.02, "pieces": 3},
}
INSIDE = {"errors": [{"message": "oops", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}
NO_KEY = {"errors": [{"message": "Invalid API key", "extensions": {"code": "AUTHENTICATION_ERROR"}}]}
LASTING: dict[str, tuple[str, dict[str, Any], str]] = {
    "too many requests": (VERSIONS, {"status": 429}, "busy"),
    "a server's error": (ISSUES, {"status": 500}, "unavailable"),
    "half an answer": (ADDRESS, {"truncate": True}, "unavailable"),
    "a dropped chunk": (FILE, {"drop": True}, "unavailable"),
    "half a chunk": (FILE, {"truncate": True}, "unavailable"),
    "a chunk of the wrong length": (FILE, {"body": b'{"data_row":{"id":"x"}}\n'}, "answer"),
    "errors with data": (
        VERSIONS,
        {"errors": [{"message": "no"}], "data": {"labelVersions": {"nodes": []}}},
        "refused",
    ),
    "errors inside": (POLL, INSIDE, "unavailable"),
    "an expired key": (HEADER, NO_KEY, "key"),
    "forbidden": (EXPORT, {"status": 403}, "key"),
    "no data": (HEADER, {"body": b'{"data":null}'}, "answer"),
    "no JSON": (VERSIONS, {"body": b"<html>busy</html>"}, "unavailable"),
    "another API": (VERSIONS, {"body": b'{"data":{"labelVersions":{"nodes":[{"no":"version"}]}}}'}, "answer"),
    "a failed export": (
        POLL,
        {"data": {"user": {"createdTasks": [{"status": "FAILED", "errors": "out of memory"}]}}},
        "unavailable",
    ),
    "a cancelled export": (POLL, {"data": {"user": {"createdTasks": [{"status": "CANCELED"}]}}}, "refused"),
    "model runs that can not be read": (RUNS, {"errors": [{"message": "no"}]}, "refused"),
}


@pytest.fixture
def rows() -> int:
    return 6


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_is_overcome_wherever_it_comes(
    project: Project, fake: FakeLabelbox, world: World, fault: str
) -> None:
    for operation in (EXPORT, POLL, HEADER, ADDRESS, FILE, VERSIONS, ISSUES, RUNS):
        fake.fail(operation, **PASSING[fault])
    run = sync(project, Mode.FULL)
    assert run.state == "succeeded"
    assert [found.operation for found in fake.faults if found.times] == [], "each fault came"
    same(project, world)


@pytest.mark.parametrize("fault", LASTING)
def test_a_lasting_fault_fails_the_run_and_the_next_one_completes(
    project: Project, fake: FakeLabelbox, world: World, fault: str
) -> None:
    operation, how, code = LASTING[fault]
    fake.fail(operation, after=1 if operation == FILE else 0, times=ALWAYS, **how)
    with pytest.raises(RunFailed):
        sync(project, Mode.FULL)
    run = SyncRun.objects.get()
    assert (run.state, run.error_code) == ("failed", code), run.error_text
    assert run.error_text
    assert world.key not in run.error_text
    project.refresh_from_db()
    assert (project.complete_at, project.watermark) == (None, None), "what is not complete is not called so"
    fake.faults.clear()
    assert sync(project, Mode.FULL).state == "succeeded"
    same(project, world)


def test_an_error_on_the_second_page_of_versions_fails_the_run(
    project: Project, fake: FakeLabelbox, world: World
) -> None:
    fake.most = 10
    fake.fail(VERSIONS, after=1, times=ALWAYS, errors=[{"message": "page 2 is gone"}])
    with pytest.raises(RunFailed, match="page 2 is gone"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    same(project, world)


def test_an_address_that_expired_is_asked_for_again(project: Project, fake: FakeLabelbox, world: World) -> None:
    def expire(answer: Any) -> Any:
        return {"data": {"task": {"exportFileFromOffset": _elsewhere(answer, "sig=1", "sig=old")}}}

    fake.fail(ADDRESS, edit=expire)
    assert sync(project, Mode.FULL).state == "succeeded"
    same(project, world)


def test_a_chunk_that_begins_earlier_is_read_from_where_it_stopped(
    project: Project, fake: FakeLabelbox, world: World
) -> None:
    """Offsets are bytes: data rows have characters of up to four."""
    fake.chunk = 1
    assert sync(project, Mode.FULL).state == "succeeded"
    same(project, world)


def test_lines_that_are_missing_are_noticed(project: Project, fake: FakeLabelbox, world: World) -> None:
    def one_more(answer: Any) -> Any:
        answer["data"]["task"]["exportMetadataHeader"]["totalLines"] += 1
        return answer

    world.slices.clear()  # Or the first header would be that of a slice's export.
    fake.fail(HEADER, edit=one_more)
    with pytest.raises(RunFailed, match="lines"):
        sync(project, Mode.FULL)
    sync(project, Mode.FULL)
    same(project, world)


def test_data_rows_that_could_not_be_exported_fail_the_run_and_are_named(
    project: Project, fake: FakeLabelbox, world: World
) -> None:
    broken = next(iter(world.rows))
    world.broken[broken] = "asset deleted"
    with pytest.raises(RunFailed, match=f"1 data rows.*{broken}.*asset deleted"):
        sync(project, Mode.FULL)
    world.broken.clear()
    sync(project, Mode.FULL)
    same(project, world)


def test_a_mask_that_can_not_be_fetched_fails_the_run_and_is_named(
    project: Project, fake: FakeLabelbox, world: World
) -> None:
    fake.fail("^mask$", after=0, times=ALWAYS, status=404)
    with pytest.raises(RunFailed, match=r"the mask masks/MASK_ID/index/1 of label cllabel0+ of data row clrow0+"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    same(project, world)


def test_versions_that_come_twice_and_in_another_order_are_recorded_once(
    project: Project, fake: FakeLabelbox, world: World
) -> None:
    def again(answer: Any) -> Any:
        found = answer["data"]["labelVersions"]
        found["nodes"] = [*reversed(found["nodes"]), *found["nodes"][:3]]
        return answer

    fake.fail(VERSIONS, edit=again)
    sync(project, Mode.FULL)
    same(project, world)
    assert sync(project, Mode.FULL).added == 0


def test_a_clock_that_goes_wrong_is_the_platforms_own(project: Project, fake: FakeLabelbox, world: World) -> None:
    fake.now = "2031-01-01T00:00:00.000Z"
    sync(project, Mode.FULL)
    project.refresh_from_db()
    assert project.watermark is not None
    assert project.watermark.year == 2031, "the next pass asks for what came since then, by the same clock"
    fake.now = "no time"
    with pytest.raises(RunFailed, match="is no time"):
        sync(project, Mode.FULL)
    fake.now = "2031-01-02T00:00:00.000Z"
    sync(project, Mode.FULL)
    same(project, world)


def _elsewhere(answer: Any, before: str, after: str) -> Any:
    found = answer["data"]["task"]["exportFileFromOffset"]
    return {**found, "file": found["file"].replace(before, after)}


def test_versions_that_fail_do_not_wait_for_an_export_that_takes_its_time(
    project: Project, fake: FakeLabelbox, world: World
) -> None:
    fake.polls = 10**9
    fake.fail(VERSIONS, times=ALWAYS, errors=[{"message": "no versions today"}])
    with pytest.raises(RunFailed, match="no versions today"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    fake.polls = 1
    sync(project, Mode.FULL)
    same(project, world)


def test_an_export_that_fails_does_not_wait_for_versions_without_end(
    project: Project, fake: FakeLabelbox, world: World
) -> None:
    numbers = count(1)

    def more(answer: Any) -> Any:
        answer["data"]["labelVersions"]["nextCursor"] = str(next(numbers))
        return answer

    fake.fail(VERSIONS, times=10**9, edit=more)
    fake.fail(POLL, times=ALWAYS, errors=[{"message": "no exports today"}])
    with pytest.raises(RunFailed, match="no exports today"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    same(project, world)
