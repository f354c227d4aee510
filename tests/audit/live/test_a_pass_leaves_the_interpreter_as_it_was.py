"""A pass tunes the interpreter for itself; whatever the process does afterwards is not affected."""

from __future__ import annotations

import gc
import sys

import pytest

from audit.demo.redbrick import FakeRedBrick
from audit.live import passes
from audit.live.run import sync
from audit.live.seen import Seen
from audit.models import Mode, Project
from exportsite.jobs import RunFailed


def settings() -> tuple[tuple[int, int, int], float]:
    return gc.get_threshold(), sys.getswitchinterval()


@pytest.mark.parametrize("fails", [False, True])
def test_the_collector_and_the_turns_of_threads_are_as_before(
    project: Project, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    before, during = settings(), []

    def begun() -> Seen:
        during.append(settings())
        return Seen()

    monkeypatch.setattr(passes, "Seen", begun)
    if fails:
        fake.fail("taskEventsSDK", times=10**6, errors=[{"message": "no"}])
        with pytest.raises(RunFailed):
            sync(project, Mode.FULL)
    else:
        sync(project, Mode.FULL)
    assert during[0] != before
    assert settings() == before
