"""What a failed run left open, the next one closes, even when it finds nothing new."""

from __future__ import annotations

import pytest

from audit.demo.redbrick import FakeRedBrick
from audit.live.run import sync
from audit.models import Event, Mode, Project
from exportsite.jobs import RunFailed

ALWAYS = 1_000
TIMES = "taskActiveTimeSDK"


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
