"""The demo project's process: label, first review, senior review, ground truth; rework, corrections and comments."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from audit.demo.people import ANSWERS, CORRECTIONS, ISSUES, LABELERS, MANAGER, REVIEWERS, SENIOR, Worker

NAME = "Liver lesions CT, phase 2"
ZONE = "Europe/Berlin"
FIRST_DAY = datetime(2026, 8, 31, 6, 0, tzinfo=UTC)
TASKS = 260
BATCHES = ("site-01-september", "site-02-september", "site-03-october", "site-04-october")
PHASES = ("arterial", "portal", "delayed", "noncontrast")


def events() -> Iterator[bytes]:
    """The event log as NDJSON lines, task after task, each in the order of its times."""
    rng = random.Random(20260831)  # noqa: S311 - invented work, not a secret
    for number in range(1, TASKS + 1):
        for event in _Task(rng, number).history():
            yield json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class _Task:
    """One task on its way; `clock` is when the next thing can happen."""

    def __init__(self, rng: random.Random, number: int) -> None:
        self.rng = rng
        batch = (number - 1) * len(BATCHES) // TASKS
        self.batch = BATCHES[batch]
        self.id = f"task-{number:05d}"
        self.name = f"CT_ABD_{number:04d}_{PHASES[number % len(PHASES)]}"
        self.clock = FIRST_DAY + timedelta(days=14 * batch, minutes=7 * (number % 65))
        self.cycle = 1
        self.version = 0
        self.lesions = rng.choice((1, 1, 2, 2, 3, 4))
        self.log: list[dict[str, Any]] = []

    def history(self) -> list[dict[str, Any]]:
        """All events of the task. A few tasks are still on their way when the log ends."""
        rng = self.rng
        self.note("task.created", MANAGER, "Label", priority=rng.choice((1, 2, 2, 3)))
        reach = rng.random()
        if reach < 0.04:
            return self.log  # still waiting for someone
        labeler = rng.choice(LABELERS)
        self.assign(labeler, "Label")
        if reach < 0.08:
            return self.log
        if rng.random() < 0.06:
            labeler = self.hand_over(labeler)
        self.label(labeler, "task.submitted")
        if reach < 0.14:
            return self.log
        self.review(labeler)
        if reach < 0.22:
            return self.log
        self.senior_review()
        return self.log

    def assign(self, worker: Worker, stage: str) -> None:
        self.wait(20, 400)
        self.note("task.assigned", MANAGER, stage, assignee=worker)

    def hand_over(self, worker: Worker) -> Worker:
        self.wait(300, 2400)
        other = self.rng.choice([candidate for candidate in LABELERS if candidate is not worker])
        self.note("task.reassigned", MANAGER, "Label", assignee=other, comment=f"{worker.name} is away this week.")
        return other

    def label(self, worker: Worker, type_: str) -> None:
        self.wait(30, 1500)
        self.note("task.started", worker, "Label")
        minutes = self.work(worker, 14, 38)
        self.version += 1
        self.note(type_, worker, "Label", to_stage="Review_1", duration_ms=minutes, label=self.label_now())

    def review(self, labeler: Worker) -> None:
        reviewer = self.rng.choice(REVIEWERS)
        # Now and then a reviewer who also labels gets their own work: the report's rules find it.
        if self.rng.random() < 0.015:
            reviewer = labeler
        self.assign(reviewer, "Review_1")
        while self.rng.random() < 0.22 and self.cycle < 4:
            self.reject(reviewer)
            self.label(labeler, "rework.submitted")
            self.answer(labeler)
        minutes = self.work(reviewer, 4, 13, wait=True)
        if self.rng.random() < 0.15:
            self.lesions += 1
            self.version += 1
            self.note(
                "review.corrected",
                reviewer,
                "Review_1",
                to_stage="Review_2",
                duration_ms=minutes,
                comment=self.rng.choice(CORRECTIONS),
                label=self.label_now(),
            )
        else:
            self.note("review.accepted", reviewer, "Review_1", to_stage="Review_2", duration_ms=minutes)

    def reject(self, reviewer: Worker) -> None:
        minutes = self.work(reviewer, 5, 14, wait=True)
        self.issue = self.rng.randrange(len(ISSUES))
        pin = {"x": self.rng.randrange(80, 430), "y": self.rng.randrange(80, 430), "slice": self.rng.randrange(20, 90)}
        self.note("issue.opened", reviewer, "Review_1", comment=ISSUES[self.issue], pin=pin)
        self.clock += timedelta(minutes=1, seconds=7)
        self.note(
            "review.rejected",
            reviewer,
            "Review_1",
            to_stage="Label",
            duration_ms=minutes,
            comment="See the issue." if self.rng.random() < 0.6 else None,
        )
        self.cycle += 1

    def answer(self, labeler: Worker) -> None:
        self.clock += timedelta(seconds=50)
        self.note("issue.resolved", labeler, "Label", comment=ANSWERS[self.issue])

    def senior_review(self) -> None:
        self.assign(SENIOR, "Review_2")
        minutes = self.work(SENIOR, 3, 11, wait=True)
        if self.rng.random() < 0.1:
            self.note("comment.added", SENIOR, "Review_2", comment="A good example for the next training. 👍")
            self.clock += timedelta(seconds=40)
        self.note("review.accepted", SENIOR, "Review_2", to_stage="Ground truth", duration_ms=minutes)
        self.clock += timedelta(seconds=2)
        self.note("task.moved", None, "Review_2", to_stage="Ground truth")
        if self.rng.random() < 0.04:
            self.wait(4000, 12000)
            self.version += 1
            self.note("groundtruth.edited", SENIOR, "Ground truth", label=self.label_now())

    def work(self, worker: Worker, low: int, high: int, *, wait: bool = False) -> int:
        """Somebody works for `low` to `high` minutes; the active time in milliseconds, shorter than the clock's."""
        if wait:
            self.wait(40, 1800)
        active = int(self.rng.uniform(low, high) * worker.pace * 60_000)
        self.clock += timedelta(milliseconds=active * self.rng.uniform(1.0, 1.6))
        return active

    def wait(self, low: int, high: int) -> None:
        """Some minutes pass; then it is the next working hour (Monday to Friday, 06:00 to 16:00 UTC)."""
        self.clock += timedelta(minutes=self.rng.uniform(low, high))
        if self.clock.hour >= 16:
            self.clock = self.clock.replace(hour=6) + timedelta(days=1)
        elif self.clock.hour < 6:
            self.clock = self.clock.replace(hour=6)
        while self.clock.weekday() > 4:
            self.clock += timedelta(days=1)

    def label_now(self) -> dict[str, Any]:
        """What the label holds, in short; enough to see that versions differ."""
        kinds = ("metastasis", "cyst", "haemangioma")
        return {
            "version": self.version,
            "objects": [
                {
                    "name": f"lesion {k + 1}",
                    "class": kinds[(k + self.version) % 3],
                    "volume_ml": round(3.7 * (k + 1) + self.version / 10, 1),
                }
                for k in range(self.lesions)
            ],
        }

    def note(self, type_: str, who: Worker | None, stage: str, **more: Any) -> None:
        """Write down one event at `clock`."""
        local = self.clock.astimezone(ZoneInfo(ZONE))
        assignee = more.pop("assignee", None)
        event: dict[str, Any] = {
            "event_id": f"{self.id}/{len(self.log) + 1}",
            "task": self.id,
            "task_name": self.name,
            "event": type_,
            "time": local.isoformat(timespec="milliseconds"),
            "stage": stage,
            "cycle": self.cycle,
            "batch": self.batch,
        }
        if who is not None:
            event |= {"actor": who.account, "actor_name": who.name}
        if assignee is not None:
            event["assignee"] = assignee.account
        event |= {key: value for key, value in more.items() if value is not None}
        self.log.append(event)
