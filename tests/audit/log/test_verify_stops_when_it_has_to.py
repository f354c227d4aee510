"""A verification that is cancelled or handed back says nothing of the log; least of all that it does not hold."""

from __future__ import annotations

import pytest

from audit.log.verify import verify
from audit.models import Project, Verification
from audit.verification import request_verification
from exportsite.jobs import Cancelled, HandedBack, Lease, LeaseLost, Stopped, perform
from tests.factories import make_project, worked_task


@pytest.fixture
def project(db: None) -> Project:
    return make_project([event for n in range(3) for event in worked_task(f"T{n}", n)])


@pytest.mark.parametrize("verdict", [Cancelled, HandedBack, LeaseLost])
@pytest.mark.parametrize("after", [0, 1])
def test_the_reason_to_stop_comes_out(project: Project, verdict: type[Stopped], after: int) -> None:
    told: list[str] = []

    def progress(step: str, done: int, total: int) -> None:
        if len(told) == after:
            raise verdict
        told.append(step)

    with pytest.raises(verdict):
        verify(project.log, progress)


def test_a_verification_that_is_handed_back_is_done_anew(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    run = request_verification(project)
    said = Lease.progress

    def leave(self: Lease[Verification], *args: object, **named: object) -> None:
        self.stop(HandedBack)
        said(self, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Lease, "progress", leave)
    perform(Verification, run.pk)
    run.refresh_from_db()
    assert (run.state, run.result, run.attempts) == ("queued", {}, 0)
    monkeypatch.undo()
    perform(Verification, run.pk)
    run.refresh_from_db()
    assert (run.state, run.result["holds"]) == ("succeeded", True)
