"""Whether the record holds what the platform has: each read in its own way, compared as the SDK would tell it."""

from __future__ import annotations

from audit.demo.redbrick import World
from audit.demo.redbrick.entries import entry
from audit.demo.redbrick.scripts import LIVER
from audit.live.answers import RedBrickAnswers
from audit.log.verify import verify
from audit.models import ActiveTime, Project, Task
from audit.sources.redbrick.as_sdk import task_events


def same(project: Project, world: World, *, deleted: int = 0, script: str = LIVER.id) -> None:
    """Assert that tasks, trails, names, stages and active time are those of the platform now, and the log holds."""
    result = verify(project.log)
    assert result.holds, result.problems
    told = world.projects[script]
    now = world.clock()
    stories = [told.story(number) for number in told.order]
    there = {story.id: found for story in stories if (found := entry(story, now)) is not None}
    answers = RedBrickAnswers(project)
    tasks = list(Task.objects.filter(project=project).exclude(status="deleted"))
    assert {task.external_id for task in tasks} == set(there)
    assert Task.objects.filter(project=project, status="deleted").count() == deleted
    for task, held in zip(tasks, answers.entries(tasks), strict=True):
        found = task_events(held, answers.users, answers.platform, as_sdk=True)
        meant = task_events(_wire(there[task.external_id]), answers.users, answers.platform, as_sdk=True)
        assert found == meant
    times = {
        (row.task.external_id, row.stage, row.cycle): row.milliseconds
        for row in ActiveTime.objects.filter(project=project, to_index=None).select_related("task")
    }
    for story in stories:
        for row in story.times:
            steps = [ms for at, ms in row.steps if at <= now]
            if steps:
                assert times[story.id, row.stage, row.cycle + 1] == steps[-1]


def _wire(found: dict[str, object]) -> dict[str, object]:
    names = ("taskId", "currentStageName", "priority", "datapoint", "genericEvents")
    return {name: found[name] for name in names}
