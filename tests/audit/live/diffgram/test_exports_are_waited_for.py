"""An export is waited for, and a file that it leaves out is asked for alone."""

from __future__ import annotations

from audit.live.run import sync
from audit.models import Mode, Project
from tests.audit.live.diffgram.compare import differences
from tests.fakes.diffgram import FakeDiffgram


def test_an_export_that_takes_its_time_is_waited_for(project: Project, fake: FakeDiffgram) -> None:
    fake.installation.looks = 5
    sync(project, Mode.FULL)
    assert fake.asked("status") >= 10
    assert differences(project, fake) == []


def test_a_file_that_an_export_of_the_job_leaves_out_is_asked_for_alone(project: Project, fake: FakeDiffgram) -> None:
    fake.fail("link", times=1, edit=lambda found: {name: value for name, value in found.items() if name != "4001"})
    sync(project, Mode.FULL)
    assert differences(project, fake) == []
