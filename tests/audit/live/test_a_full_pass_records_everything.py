"""A full pass reads all of a project, and a second one adds nothing."""

from __future__ import annotations

from audit.demo.redbrick import FakeRedBrick
from audit.live.run import sync
from audit.log.verify import verify
from audit.models import Event, Mode, Project, Task
from tests.audit.live.conftest import TASKS


def test_a_full_pass_records_what_the_source_has(project: Project) -> None:
    run = sync(project, Mode.FULL)
    assert run.state == "succeeded", run.error_text
    assert run.message == f"Complete: {TASKS} tasks, as many as the source says it has."
    assert Task.objects.filter(project=project).count() == TASKS == run.result["tasks"]
    events = Event.objects.filter(log__project=project).count()
    assert run.added == events - 1, "the settings were there since it was connected"
    project.refresh_from_db()
    assert None not in (project.complete_at, project.watermark)
    result = verify(project.log)
    assert result.holds, result.problems


def test_a_second_pass_adds_nothing(project: Project, fake: FakeRedBrick) -> None:
    first = sync(project, Mode.FULL)
    size = Event.objects.filter(log__project=project).count()
    second = sync(project, Mode.FULL)
    assert (second.found, second.added) == (first.found, 0)
    assert second.result == {"tasks": TASKS, "deleted": 0, "diverged": 0}
    assert Event.objects.filter(log__project=project).count() == size


def test_an_incremental_pass_asks_only_for_what_changed(project: Project, fake: FakeRedBrick) -> None:
    sync(project, Mode.FULL)
    fake.requests.clear()
    run = sync(project, Mode.INCREMENTAL)
    assert run.state == "succeeded"
    assert run.message.startswith("Incremental; last complete pass at ")
    asked = [variables for name, variables in fake.requests if name == "taskEventsSDK"]
    assert [variables["cacheTime"] is None for variables in asked] == [False]
    assert fake.asked("taskActiveTimeSDK") == 0, "nobody worked, so there is no new time"


def test_an_incremental_pass_without_a_complete_one_before_it_is_full(project: Project) -> None:
    run = sync(project, Mode.INCREMENTAL)
    assert run.mode == Mode.FULL
    assert run.message.startswith("There was no complete pass yet")
