"""A mask that does not come fails the run, with the task's and the series' names; the next run has it all."""

from __future__ import annotations

from typing import Any

import pytest

from audit.demo.redbrick import FakeRedBrick
from audit.live.run import sync
from audit.models import LabelVersion, Mode, Project, SyncRun
from exportsite.jobs import RunFailed
from tests.audit.live.compare import differences

PASSING: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 429, "headers": {"Retry-After": "0"}},
    {"drop": True},
    {"truncate": True},
    {"delay": 0.2},
]
LASTING: list[tuple[str, dict[str, Any], str]] = [
    ("^file$", {"status": 404}, "missing"),
    ("^file$", {"status": 403}, "refused"),
    ("^file$", {"truncate": True}, "unavailable"),
    ("^file$", {"length": 10_000_000}, "unavailable"),
    ("^file$", {"length": 60}, "answer"),
    ("^file$", {"status": 500}, "unavailable"),
    ("presignItemsSDK", {"data": {"presignItems": [None]}}, "missing"),
    ("presignItemsSDK", {"errors": [{"message": "Internal error"}]}, "refused"),
    ("presignItemsSDK", {"status": 429}, "busy"),
    ("taskDataSDK", {"errors": [{"message": "Internal error"}]}, "refused"),
    ("taskDataSDK", {"truncate": True}, "unavailable"),
]


@pytest.mark.parametrize("operation", ["^file$", "presignItemsSDK", "taskDataSDK"])
@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_is_overcome(
    project: Project, fake: FakeRedBrick, operation: str, fault: dict[str, Any]
) -> None:
    fake.fail(operation, after=1, times=1, **fault)
    assert sync(project, Mode.FULL).state == "succeeded"
    assert fake.faults[0].times == 0, "the fault came"
    assert differences(project, fake.world) == []


@pytest.mark.parametrize(("operation", "fault", "code"), LASTING)
def test_a_lasting_fault_fails_the_run_and_the_next_one_has_it_all(
    project: Project, fake: FakeRedBrick, operation: str, fault: dict[str, Any], code: str
) -> None:
    fake.fail(operation, after=2, times=1_000, **fault)
    with pytest.raises(RunFailed) as caught:
        sync(project, Mode.FULL)
    assert caught.value.code == code
    run = SyncRun.objects.get()
    assert (run.state, run.error_code) == ("failed", code)
    if operation != "taskDataSDK":
        assert "of series" in run.error_text or "the labels of task" in run.error_text
        assert 'of task "CT_ABD_' in run.error_text
    project.refresh_from_db()
    assert project.complete_at is None
    fake.faults.clear()
    assert sync(project, Mode.FULL).state == "succeeded"
    assert differences(project, fake.world) == []
    told = fake.world.projects[project.external_id]
    assert LabelVersion.objects.count() == sum(len(told.story(number).labels) for number in told.order)
    assert sync(project, Mode.FULL).added == 0
