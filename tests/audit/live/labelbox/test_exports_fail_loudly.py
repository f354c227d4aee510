"""Faults that Labelbox's exports alone have; those that every platform may have are in the contract."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from audit.live.run import sync
from audit.models import Mode, Project
from exportsite.jobs import RunFailed
from tests.audit.live.labelbox.compare import differences
from tests.fakes.labelbox import FakeLabelbox
from tests.fakes.labelbox_story import World

ALWAYS = 1_000
POLL, HEADER, ADDRESS = "GetUserCreatedTasks", "GetExportMetadataHeader", "GetExportFileFromOffset"
VERSIONS = "GetLabelVersions"


@pytest.fixture
def rows() -> int:
    return 6


def test_an_error_on_the_second_page_of_versions_fails_the_run(
    project: Project, fake: FakeLabelbox, world: World
) -> None:
    fake.most = 10
    fake.fail(VERSIONS, after=1, times=ALWAYS, errors=[{"message": "page 2 is gone"}])
    with pytest.raises(RunFailed, match="page 2 is gone"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    assert differences(project, world) == []


def test_an_address_that_expired_is_asked_for_again(project: Project, fake: FakeLabelbox, world: World) -> None:
    def expire(answer: Any) -> Any:
        return {"data": {"task": {"exportFileFromOffset": _elsewhere(answer, "sig=1", "sig=old")}}}

    fake.fail(ADDRESS, edit=expire)
    assert sync(project, Mode.FULL).state == "succeeded"
    assert differences(project, world) == []


def test_a_chunk_that_begins_earlier_is_read_from_where_it_stopped(
    project: Project, fake: FakeLabelbox, world: World
) -> None:
    """Offsets are bytes: data rows have characters of up to four."""
    fake.chunk = 1
    assert sync(project, Mode.FULL).state == "succeeded"
    assert differences(project, world) == []


def test_lines_that_are_missing_are_noticed(project: Project, fake: FakeLabelbox, world: World) -> None:
    def one_more(answer: Any) -> Any:
        answer["data"]["task"]["exportMetadataHeader"]["totalLines"] += 1
        return answer

    world.slices.clear()  # Or the first header would be that of a slice's export.
    fake.fail(HEADER, edit=one_more)
    with pytest.raises(RunFailed, match="lines"):
        sync(project, Mode.FULL)
    sync(project, Mode.FULL)
    assert differences(project, world) == []


def test_data_rows_that_could_not_be_exported_fail_the_run_and_are_named(
    project: Project, fake: FakeLabelbox, world: World
) -> None:
    broken = next(iter(world.rows))
    world.broken[broken] = "asset deleted"
    with pytest.raises(RunFailed, match=f"1 data rows.*{broken}.*asset deleted"):
        sync(project, Mode.FULL)
    world.broken.clear()
    sync(project, Mode.FULL)
    assert differences(project, world) == []


def test_a_mask_that_can_not_be_fetched_fails_the_run_and_is_named(
    project: Project, fake: FakeLabelbox, world: World
) -> None:
    fake.fail("^mask$", after=0, times=ALWAYS, status=404)
    with pytest.raises(RunFailed, match=r"the mask masks/MASK_ID/index/1 of label cllabel0+ of data row clrow0+"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    assert differences(project, world) == []


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
    assert differences(project, world) == []


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
    assert differences(project, world) == []


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
    assert differences(project, world) == []
