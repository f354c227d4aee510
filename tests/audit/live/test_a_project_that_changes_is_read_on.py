"""A pass is complete when the source's count before and after is what came; a project that moves is read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.demo.redbrick import FakeRedBrick
from audit.demo.redbrick.world import Project as Told
from audit.live import passes
from audit.live.run import sync
from audit.log import append
from audit.log.verify import verify
from audit.models import Mode, Project, SyncRun
from audit.sources.base import SourceEvent, TaskPage
from audit.sources.redbrick.live import RedBrickSource
from exportsite.jobs import RunFailed
from tests.audit.live.compare import differences
from tests.audit.live.conftest import TASKS

EVENTS, COUNT = "taskEventsSDK", "tasksPagedSDK"


@pytest.fixture
def told(fake: FakeRedBrick, project: Project) -> Told:
    return fake.world.projects[project.external_id]


def doing(what: Callable[[], Any]) -> Callable[[Any], Any]:
    """Do it when the answer is made, and leave the answer as it is."""

    def edit(answer: Any) -> Any:
        what()
        return answer

    return edit


def test_a_row_that_moves_between_pages_is_found(project: Project, fake: FakeRedBrick, told: Told) -> None:
    def move() -> None:
        told.order.insert(0, told.order.pop())  # The last of the second page goes to the front of the first.

    fake.fail(EVENTS, edit=doing(move))
    run = sync(project, Mode.FULL)
    assert run.state == "succeeded"
    assert fake.asked(EVENTS) == 4, "two rounds of two pages"
    assert run.found == run.added, "what came twice counts once (settings were known, the end of the pass is ours)"
    assert differences(project, fake.world) == []


def test_a_known_row_that_moves_is_asked_for_by_its_id(project: Project, fake: FakeRedBrick, told: Told) -> None:
    sync(project, Mode.FULL)
    fake.requests.clear()
    fake.fail(EVENTS, edit=doing(lambda: told.order.insert(0, told.order.pop())))
    sync(project, Mode.FULL)
    assert (fake.asked("taskSDK"), fake.asked(EVENTS)) == (1, 2)
    assert differences(project, fake.world) == []


def test_a_task_that_is_deleted_while_the_project_is_read_is_recorded_so(
    project: Project, fake: FakeRedBrick, told: Told
) -> None:
    fake.fail(EVENTS, edit=doing(lambda: told.order.remove(3)))
    run = sync(project, Mode.FULL)
    assert run.result["deleted"] == 1
    assert differences(project, fake.world, deleted=1) == []


def test_a_task_created_while_the_project_is_read_is_in_it(project: Project, fake: FakeRedBrick, told: Told) -> None:
    last = told.order.pop()
    fake.fail(EVENTS, after=1, edit=doing(lambda: told.order.append(last)))
    sync(project, Mode.FULL)
    assert differences(project, fake.world) == []


def test_a_project_that_never_rests_fails_in_words(project: Project, fake: FakeRedBrick, told: Told) -> None:
    def shrink() -> None:
        told.order.pop(0)

    fake.fail(EVENTS, times=100, edit=doing(shrink))
    with pytest.raises(RunFailed, match="changed while it was read, 3 times"):
        sync(project, Mode.FULL)
    assert SyncRun.objects.get().error_code == "changing"
    fake.faults.clear()
    deleted = sync(project, Mode.FULL).result["deleted"]
    assert deleted > 0
    assert differences(project, fake.world, deleted=deleted) == []


def test_a_count_that_does_not_match_fails_the_run(project: Project, fake: FakeRedBrick) -> None:
    def more(answer: Any) -> Any:
        answer["data"]["tasksPaged"]["count"] += 1
        return answer

    fake.fail(COUNT, times=100, edit=more)
    with pytest.raises(RunFailed, match=f"counts {TASKS + 1} tasks, it sent {TASKS}"):
        sync(project, Mode.FULL)
    fake.faults.clear()
    sync(project, Mode.FULL)
    assert differences(project, fake.world) == []


def test_a_missing_task_is_only_gone_when_the_source_says_so(project: Project, fake: FakeRedBrick, told: Told) -> None:
    sync(project, Mode.FULL)
    told.order.remove(5)
    fake.fail("taskSDK", times=100, errors=[{"message": "try later"}])
    with pytest.raises(RunFailed, match="try later"):
        sync(project, Mode.FULL)
    assert not project.task_set.filter(status="deleted").exists()
    fake.faults.clear()
    assert sync(project, Mode.FULL).result["deleted"] == 1
    assert differences(project, fake.world, deleted=1) == []
    assert sync(project, Mode.FULL).added == 0, "it is gone once"


def test_a_task_that_comes_back_is_there_again(project: Project, fake: FakeRedBrick, told: Told) -> None:
    told.order.remove(5)
    sync(project, Mode.FULL)
    told.order.append(5)
    sync(project, Mode.FULL)
    told.order.remove(5)
    sync(project, Mode.FULL)
    told.order.append(5)
    sync(project, Mode.FULL)
    assert differences(project, fake.world) == []
    task = project.task_set.get(external_id=told.story(5).id)
    types = list(task.trail.order_by("n").values_list("type", flat=True))
    assert [name for name in types if name in ("task.deleted", "task.reopened")] == ["task.deleted", "task.reopened"]


def test_the_story_goes_on_and_incremental_passes_follow_it(project: Project, fake: FakeRedBrick) -> None:
    clock = fake.world.clock
    clock.now -= timedelta(days=40)
    sync(project, Mode.FULL)
    assert differences(project, fake.world) == []
    for _ in range(6):
        clock.now += timedelta(days=3)
        run = sync(project, Mode.INCREMENTAL)
        assert run.mode == Mode.INCREMENTAL
    sync(project, Mode.FULL)
    assert differences(project, fake.world) == []
    assert project.log.events.filter(type="source.diverged").count() == 0


def test_a_clock_that_goes_wrong_loses_nothing(project: Project, fake: FakeRedBrick) -> None:
    """The source's clock counts, not ours: here it is months away from ours, and once it is put back."""
    clock = fake.world.clock
    clock.now -= timedelta(days=45)
    sync(project, Mode.FULL)
    project.refresh_from_db()
    assert project.watermark == clock.now
    clock.now += timedelta(days=5)
    sync(project, Mode.INCREMENTAL)
    clock.now -= timedelta(days=1)
    sync(project, Mode.INCREMENTAL)
    project.refresh_from_db()
    assert project.watermark == clock.now


@pytest.mark.parametrize("batch", [7, 10_000])
def test_pages_that_come_twice_are_recorded_once(
    project: Project, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    pages, times = RedBrickSource.task_pages, RedBrickSource.time_pages

    def doubled(self: RedBrickSource, since: datetime | None = None) -> Iterator[TaskPage]:
        for page in pages(self, since):
            for history in page.histories:
                twice = replace(page, histories=(history, history))
                yield from (twice, twice)

    def doubled_times(self: RedBrickSource) -> Iterator[tuple[SourceEvent, ...]]:
        for rows in times(self):
            yield from (rows, rows)

    monkeypatch.setattr(append, "BATCH", batch)
    monkeypatch.setattr(RedBrickSource, "time_pages", doubled_times)
    monkeypatch.setattr(passes, "ahead", lambda pages, idle=None: pages)  # Never idle: only full batches are written.
    monkeypatch.setattr(RedBrickSource, "task_pages", doubled)
    assert sync(project, Mode.FULL).state == "succeeded"
    assert differences(project, fake.world) == []
    assert verify(project.log).problems == []
