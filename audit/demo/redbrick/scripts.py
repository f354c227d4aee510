"""The invented projects: who works in them, by which stages, and what happens to each task."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from audit.demo.people import ANSWERS, CORRECTIONS, ISSUES, LABELERS, MANAGER, REVIEWERS, SENIOR
from audit.demo.redbrick.story import ROBOT, STRANGER, SYSTEM, Raw, TaskStory, User, user
from audit.demo.redbrick.taxonomy import IMAGES, VOLUMES

ORG = "0f9d4b52-5c1e-4d7b-9a53-0d6a3c1f2b10"
FIRST_DAY = datetime(2026, 8, 31, 6, 0, tzinfo=UTC)
DAYS = 60
"""After so many days nothing more happens."""

BOSS, EXPERT = user(MANAGER, 1), user(SENIOR, 2)
STAFF = tuple(user(worker, 10 + number) for number, worker in enumerate(LABELERS))
CHECKERS = tuple(user(worker, 20 + number) for number, worker in enumerate(REVIEWERS))
GONE = STAFF[-1]
QUIET = User("a0000000-0000-4000-8000-000000000030", None, None)
"""Signs in by the clinic's own accounts: RedBrick knows neither address nor name."""
MEMBERS = (BOSS, EXPERT, *STAFF, *CHECKERS, QUIET)


@dataclass(frozen=True)
class Script:
    """A project: its stages, and what happens to its n-th task (from 1). Tasks are about volumes, or about images."""

    id: str
    name: str
    description: str
    stages: tuple[Raw, ...]
    consensus: bool
    write: Callable[[random.Random, TaskStory], None]
    taxonomy: Raw
    images: bool = False


def begins(number: int, tasks: int) -> datetime:
    """When a task is uploaded: over thirty days, a batch in the morning."""
    return FIRST_DAY + timedelta(days=number * 30 // (tasks + 1), minutes=7 * (number % 65), seconds=number % 60)


def told(script: Script, number: int, tasks: int, *, labels: bool = False) -> TaskStory:
    """The story of one task, from its own seed: the same whenever it is told."""
    rng = random.Random(f"{script.id}/{number}")  # noqa: S311 - invented data, the same every time
    phase = ("arterial", "portal", "delayed", "noncontrast")[number % 4]
    story = TaskStory(
        number, f"{script.id[:8]}-0000-4000-8000-{number:012d}", f"CT_ABD_{number:04d}_{phase}", begins(number, tasks)
    )
    story.labelled, story.images = labels, script.images
    story.metadata = {"site": f"{1 + number % 3:02d}", "scanner": rng.choice(("Norden 64", "Aquila One"))}
    story.series = [phase] if number % 5 or script.images else [phase, "topogram"]
    story.priority = rng.choice((None, 0.25, 0.5, 0.9))
    script.write(rng, story)
    return story


def liver(rng: random.Random, story: TaskStory) -> None:
    """Label, first review, senior review, ground truth; with rework, issues, moves and second thoughts."""
    fate = rng.random()
    if fate > 0.97:
        _uploaded_as_ground_truth(story)
        return
    story.created(ROBOT if rng.random() < 0.5 else BOSS.id)
    story.entered("Label", ROBOT)
    if fate < 0.04:
        return  # Nobody has taken it yet.
    labeler = _given_out(rng, story)
    _labelled(rng, story, labeler, stop=fate < 0.09)
    if fate < 0.09:
        return
    while rng.random() < 0.25 and story.cycle < 3:
        _rejected(rng, story, labeler)
    if fate < 0.16:
        return
    _reviewed(rng, story, "Review_1", rng.choice(CHECKERS), rng.random() < 0.2)
    story.entered("Review_2", labeler.id)
    if fate < 0.24:
        _moved_back(rng, story)
        return
    _reviewed(rng, story, "Review_2", EXPERT, rng.random() < 0.1)
    _finished(story, EXPERT)
    if fate > 0.9:
        story.wait(days=rng.uniform(1, 4))
        story.left("END", EXPERT.id, ms=rng.randrange(60_000, 200_000), moved_by=EXPERT.id, drawn=True)


def agreement(rng: random.Random, story: TaskStory) -> None:
    """Two people label the same image; the expert takes the better one."""
    story.created(BOSS.id)
    story.entered("Consensus_Label", BOSS.id)
    first, second = rng.sample(STAFF[:-1], 2)
    assigned = {first.id: "ASSIGNED", second.id: "ASSIGNED"}
    story.wait(hours=rng.uniform(1, 30))
    story.consensus("Consensus_Label", {}, assigned)
    if rng.random() < 0.15:
        return
    done = dict(assigned)
    for labeler in (first, second):
        ms = rng.randrange(400_000, 2_000_000)
        story.spent("Consensus_Label", labeler, (60 * 20, ms))
        story.wait(hours=20)
        before, done[labeler.id] = dict(done), "COMPLETED"
        story.consensus("Consensus_Label", before, dict(done))
    labels = [
        {"user": one.entity(), "taskData": story.drew("Consensus_Label", one.id, alone=number)}
        for number, one in enumerate((first, second), 1)
    ]
    story.wait(seconds=0.3)
    story.left("Consensus_Label", second.id, ms=ms, labels=labels)
    score = round(rng.uniform(0.55, 0.98), 2) if rng.random() < 0.9 else -1.0
    others = (second, first)
    info = [
        {**label, "scores": [{"user": other.entity(), "score": score}]}
        for label, other in zip(labels, others, strict=True)
    ]
    story.entered("Consensus_Best", second.id, score, info)
    _reviewed(rng, story, "Consensus_Best", EXPERT, False, drawn=True)
    _finished(story, EXPERT)


def _given_out(rng: random.Random, story: TaskStory) -> User:
    """Somebody gets the task; now and then it goes from hand to hand first."""
    labeler = rng.choice((*STAFF, QUIET))
    story.wait(hours=rng.uniform(0.5, 20))
    story.changed("Label", "UNASSIGNED", "ASSIGNED", labeler, by=BOSS.id)
    turn = rng.random()
    if turn < 0.08:
        other = rng.choice([one for one in STAFF if one is not labeler])
        story.wait(hours=8)
        story.changed("Label", "ASSIGNED", "ASSIGNED", other, by=BOSS.id)
        labeler = other
    elif turn < 0.16:
        story.wait(hours=9)
        story.changed("Label", "ASSIGNED", "UNASSIGNED", by=BOSS.id, keep=False)
        labeler = rng.choice(STAFF)
        story.wait(hours=2)
        story.changed("Label", "UNASSIGNED", "ASSIGNED", labeler)
    if rng.random() < 0.12:
        story.wait(minutes=4)
        story.changed("Label", "ASSIGNED", "SKIPPED")
        story.wait(hours=20)
        story.changed("Label", "SKIPPED", "IN_PROGRESS")
    return labeler


def _labelled(rng: random.Random, story: TaskStory, labeler: User, *, stop: bool = False) -> None:
    ms = rng.randrange(500_000, 2_400_000)
    story.wait(minutes=rng.uniform(5, 300))
    story.spent("Label", labeler, (12, ms // 2), *(() if stop else ((40, ms),)))
    story.wait(minutes=12)
    story.changed("Label", "ASSIGNED", "IN_PROGRESS")
    if rng.random() < 0.15:
        question = story.comment("Label", labeler, ISSUES[2], issue=True, pinned=True)
        story.changed("Label", "IN_PROGRESS", "PROBLEM")
        story.wait(hours=3)
        story.reply(question, BOSS, ANSWERS[2])
        story.wait(minutes=1)
        story.resolve(question)
        story.changed("Label", "PROBLEM", "ASSIGNED", by=BOSS.id)
        story.wait(minutes=10)
        story.changed("Label", "ASSIGNED", "IN_PROGRESS")
    if stop:
        return
    story.wait(minutes=28)
    story.changed("Label", "IN_PROGRESS", "COMPLETED")
    story.wait(seconds=0.06)
    story.left("Label", labeler.id, ms=ms, drawn=True)
    story.entered("Review_1", labeler.id)


def _rejected(rng: random.Random, story: TaskStory, labeler: User) -> None:
    """A reviewer turns it down and says why; it goes back through RedBrick's own stage and is done again."""
    reviewer, issue = rng.choice(CHECKERS), rng.randrange(len(ISSUES))
    _taken(rng, story, "Review_1", reviewer)
    found = story.comment("Review_1", reviewer, ISSUES[issue], issue=True, pinned=True)
    story.wait(minutes=1)
    ms = rng.randrange(100_000, 500_000)
    story.spent("Review_1", reviewer, (0, ms))
    story.changed("Review_1", "ASSIGNED", "COMPLETED", passed=False)
    story.left("Review_1", reviewer.id, False, ms=ms)
    story.entered("Failed_Review_1", reviewer.id)
    story.left("Failed_Review_1", reviewer.id, cycle=0)
    story.entered("Label", reviewer.id)
    story.cycle += 1
    story.wait(hours=rng.uniform(1, 20))
    story.changed("Label", "UNASSIGNED", "ASSIGNED", labeler, by=SYSTEM)
    _labelled(rng, story, labeler)
    story.reply(found, labeler, ANSWERS[issue])
    story.resolve(found)


def _reviewed(
    rng: random.Random, story: TaskStory, stage: str, reviewer: User, correct: bool, *, drawn: bool = False
) -> None:
    _taken(rng, story, stage, reviewer)
    ms = rng.randrange(80_000, 600_000)
    story.spent(stage, reviewer, (0, ms))
    if correct:
        story.comment(stage, reviewer, rng.choice(CORRECTIONS))
    story.changed(stage, "ASSIGNED", "COMPLETED", passed=not correct)
    story.wait(seconds=0.06)
    story.left(stage, reviewer.id, True, ms=ms, drawn=correct or drawn)


def _taken(rng: random.Random, story: TaskStory, stage: str, reviewer: User) -> None:
    story.wait(hours=rng.uniform(1, 30))
    story.changed(stage, "UNASSIGNED", "ASSIGNED", reviewer)
    story.wait(minutes=rng.uniform(3, 15))


def _moved_back(rng: random.Random, story: TaskStory) -> None:
    """The manager sends a task that waits for the senior review to the labelers again."""
    story.wait(hours=2)
    story.changed("Review_2", "UNASSIGNED", "ASSIGNED", EXPERT)
    story.wait(hours=rng.uniform(1, 9))
    story.left("Review_2", STRANGER, to="Label", moved_by=BOSS.id)
    story.entered("Label", STRANGER)


def _finished(story: TaskStory, by: User) -> None:
    story.entered("Output", by.id)
    story.wait(seconds=0.3)
    story.left("Output", by.id, cycle=0)


def _uploaded_as_ground_truth(story: TaskStory) -> None:
    story.created(ROBOT, ground_truth=True)
    _finished(story, BOSS)


def _stage(name: str, brick: str, config: Raw | None = None, **routing: str) -> Raw:
    kind = {"passed": "BooleanRouting", "feedbackStageName": "FeedbackRouting"}.get(next(iter(routing)), "NextRouting")
    return {
        "stageName": name,
        "brickName": brick,
        "stageConfig": json.dumps(config or {}),
        "routing": {"__typename": kind, **routing},
    }


LIVER = Script(
    "7b1a2c34-0d5e-4f60-8a71-92b3c4d5e6f7",
    "Liver lesions CT, phase 2",
    "Lesions on abdominal CT; protocol 3.2",
    (
        _stage("Input", "labelset-input", nextStageName="Label"),
        _stage("Label", "manual-labeling", {"autoAssign": True}, nextStageName="Review_1"),
        _stage("Review_1", "expert-review", {"reviewPercent": 1}, passed="Review_2", failed="Failed_Review_1"),
        _stage("Failed_Review_1", "feedback", feedbackStageName="Label"),
        _stage("Review_2", "expert-review", {"reviewPercent": 1}, passed="Output", failed="Failed_Review_2"),
        _stage("Failed_Review_2", "feedback", feedbackStageName="Label"),
        _stage("Output", "labelset-output", nextStageName="END"),
    ),
    False,
    liver,
    VOLUMES,
)
AGREEMENT = Script(
    "c05e5000-1d2e-4f3a-8b4c-5d6e7f809101",
    "Liver lesions CT, agreement",
    "Two readers for each image",
    (
        _stage("Input", "labelset-input", nextStageName="Consensus_Label"),
        _stage("Consensus_Label", "manual-labeling", {"isConsensusLabel": True}, nextStageName="Consensus_Best"),
        _stage(
            "Consensus_Best", "expert-review", {"isConsensusMerge": True}, passed="Output", failed="Failed_Review_1"
        ),
        _stage("Failed_Review_1", "feedback", feedbackStageName="Consensus_Label"),
        _stage("Output", "labelset-output", nextStageName="END"),
    ),
    True,
    agreement,
    IMAGES,
    images=True,
)
