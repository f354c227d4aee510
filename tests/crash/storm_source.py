"""The storm's platform: a fake whose story goes on from round to round, and what the record must hold of it."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

TASKS = 40
FROM, TO = 6.0, 45.0
"""Days of the story: where it stands when the storm begins, and when it ends."""
HARMLESS = (
    {"status": 503},
    {"status": 429, "headers": {"Retry-After": "0"}},
    {"status": 429},
    {"drop": True},
    {"truncate": True},
    {"delay": 0.5},
    {"status": 502},
)
"""Met by asking again."""
FATAL = (
    {"errors": [{"message": "Internal error"}]},
    {"errors": [{"message": "Internal error"}], "data": {"tasksPaged": None}},
    {"status": 500, "times": 10},
    {"body": b"{"},
    {"status": 401},
)
"""A run that meets one of these may fail, and says so; the next one goes on."""
OF_VERSIONS = (
    *("task.updated", "time.recorded", "time.revised", "comment.added", "comment.edited", "issue.opened"),
    *("issue.resolved", "issue.reopened"),
)
"""Types of events that say how something is now: one raw thing yields as many of them as it was seen to change."""
OPERATIONS = ("", "tasksPaged", "taskEvents", "taskActiveTime", "members", "ProjectSDK")


class Platform:
    """The fake, its one project in the record, and its faults. Made after Django was set up."""

    def __init__(self, rng: random.Random, rounds: int) -> None:
        from audit.demo.redbrick import Clock, FakeRedBrick, World
        from audit.demo.redbrick.scripts import FIRST_DAY, LIVER, ORG
        from audit.live.connect import connect

        self.rng = rng
        self.clock = Clock(FIRST_DAY + timedelta(days=FROM))
        self.step = timedelta(days=(TO - FROM) / rounds)
        self.world = World(TASKS, self.clock)
        self.fake = FakeRedBrick(self.world)
        self.fake.__enter__()
        key = self.world.key
        self.project = connect("redbrick", url=self.fake.url, account=ORG, external_id=LIVER.id, key=key).project
        self.project.schedules.all().delete()
        self.harmed = False
        self.met: Counter[str] = Counter()

    def harm(self) -> None:
        """Let a few requests of this round fail, or none."""
        self.fake.faults.clear()
        self.harmed = False
        for _ in range(self.rng.choice([0, 0, 1, 2, 3])):
            fatal = self.rng.random() < 0.2
            how: dict[str, Any] = {**self.rng.choice(FATAL if fatal else HARMLESS)}
            self.fake.fail(self.rng.choice(OPERATIONS), after=self.rng.choice([0, 0, 1, 2]), **how)
            self.harmed = self.harmed or fatal
            self.met["fatal" if fatal else "harmless"] += 1

    def go_on(self) -> None:
        """Time passes there, half of it while it may be read."""
        self.clock.now += self.step / 2

    def heal(self) -> None:
        """No fault is left."""
        self.fake.faults.clear()

    def compare(self) -> list[str]:
        """What of the source the record lacks, has twice, or made up; after a complete pass."""
        from audit.demo.redbrick.entries import entry
        from audit.models import Event, Project, SyncRun
        from tests.audit.live.compare import differences

        project = Project.objects.select_related("source", "log").get(pk=self.project.pk)
        found = differences(project, self.world)  # As the SDK would tell it; and the log holds.
        told, now = self.world.projects[project.external_id], self.clock()
        events = Event.objects.filter(log__project=project)
        for number in told.order:
            raw = entry(told.story(number), now)
            if raw is None:
                continue
            # Rows of state changes have no ids: that each came once is seen by their number.
            there = Counter(event["__typename"] != "Comment" for event in raw["genericEvents"])[True]
            held = events.filter(task__external_id=raw["taskId"]).exclude(type__in=OF_VERSIONS).count()
            if held != there:
                found.append(f"{'lost' if held < there else 'doubled'}: {held} events of {there}, task {raw['taskId']}")
        for type_ in ("source.diverged", "task.deleted", "task.reopened"):
            if count := events.filter(type=type_).count():
                found.append(f"made up: {count} {type_}")
        ends = events.filter(type="sync.completed").count()
        good = SyncRun.objects.filter(project=project, state="succeeded").count()
        if ends > good:
            found.append(f"doubled: {ends} ends of {good} passes")
        return found
