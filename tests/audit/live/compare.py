"""Where the record is not what the platform has: each read in its own way, compared as the SDK would tell it."""

from __future__ import annotations

from audit.demo.redbrick import World
from audit.demo.redbrick.entries import entry
from audit.demo.redbrick.scripts import LIVER
from audit.live.answers import RedBrickAnswers
from audit.log.verify import verify
from audit.models import ActiveTime, Log, Project, Task
from audit.sources.redbrick.as_sdk import task_events


def unlike(what: str, held: object, there: object) -> list[str]:
    """What differs, in words; nothing where the record and the platform say the same."""
    return [] if held == there else [f"{what}: the record has {held!r}, the platform {there!r}"]


def faults_of(log: Log) -> list[str]:
    """What is wrong with a log, in words."""
    return [f"the log: {problem}" for problem in verify(log).problems]


def differences(project: Project, world: World, *, deleted: int = 0, script: str = LIVER.id) -> list[str]:
    """Where tasks, trails, names, stages and active time are not those of the platform now, or the log does not hold.

    `deleted` tasks were there once.
    """
    told = world.projects[script]
    now = world.clock()
    stories = [told.story(number) for number in told.order]
    there = {story.id: found for story in stories if (found := entry(story, now)) is not None}
    answers = RedBrickAnswers(project)
    tasks = list(Task.objects.filter(project=project).exclude(status="deleted"))
    wrong = [*faults_of(project.log), *unlike("tasks", {task.external_id for task in tasks}, set(there))]
    wrong += unlike("deleted tasks", Task.objects.filter(project=project, status="deleted").count(), deleted)
    for task, held in zip(tasks, answers.entries(tasks), strict=True):
        if task.external_id not in there:
            continue
        found = task_events(held, answers.users, answers.platform, as_sdk=True)
        meant = task_events(_wire(there[task.external_id]), answers.users, answers.platform, as_sdk=True)
        wrong += unlike(f"task {task.external_id}", found, meant)
    times = {
        (row.task.external_id, row.stage, row.cycle): row.milliseconds
        for row in ActiveTime.objects.filter(project=project, to_index=None).select_related("task")
    }
    for story in stories:
        for row in story.times:
            steps = [ms for at, ms in row.steps if at <= now]
            if steps:
                of = (story.id, row.stage, row.cycle + 1)
                wrong += unlike(f"milliseconds of {of}", times.get(of), steps[-1])
    return wrong


def _wire(found: dict[str, object]) -> dict[str, object]:
    names = ("taskId", "currentStageName", "priority", "datapoint", "genericEvents")
    return {name: found[name] for name in names}
