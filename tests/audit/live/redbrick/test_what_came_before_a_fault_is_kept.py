"""A label that can't be asked for fails the run; the tasks before its own are in the record all the same."""

from __future__ import annotations

import pytest

from audit.demo.redbrick import FakeRedBrick
from audit.live.run import sync
from audit.log.verify import verify
from audit.models import Mode, Project, Task
from exportsite.jobs import RunFailed
from tests.audit.live.compare import differences
from tests.audit.live.redbrick.conftest import TASKS


def test_tasks_of_the_same_page_stay(project: Project, fake: FakeRedBrick) -> None:
    fake.fail("taskDataSDK", after=2, times=1_000, errors=[{"message": "not today"}])
    with pytest.raises(RunFailed, match="not today"):
        sync(project, Mode.FULL)
    assert fake.asked("taskEventsSDK") == 1, "there is one page"
    assert 0 < Task.objects.filter(project=project).count() < TASKS
    assert verify(project.log).holds
    fake.faults.clear()
    sync(project, Mode.FULL)
    assert differences(project, fake.world) == []
