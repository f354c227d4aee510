"""What happens to one task, as RedBrick's API tells it: raw events, each with its time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from audit.demo.people import Worker

Raw = dict[str, Any]

ROBOT = "API:b1000000-0000-4000-8000-000000000001"
SYSTEM = "RB:system"
STRANGER = "a0000000-0000-4000-8000-0000000000ff"
"""Somebody who is in no list of members any more, not even among those who left."""


def stamp(moment: datetime) -> str:
    """A time as RedBrick writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


@dataclass(frozen=True)
class User:
    """A user entity. Services have a name and no address, some people neither."""

    id: str
    email: str | None
    given: str | None
    family: str | None = None

    def entity(self) -> Raw:
        """As payloads name them."""
        return {"userId": self.id, "email": self.email, "givenName": self.given}


def user(worker: Worker, number: int) -> User:
    """The account of one of the demo's people."""
    given, _, family = worker.name.partition(" ")
    return User(f"a0000000-0000-4000-8000-{number:012d}", worker.account, given, family)


@dataclass
class TimeRow:
    """A sum of active time that grows: `steps` are (from when on, milliseconds)."""

    stage: str
    cycle: int
    user: User
    steps: list[tuple[datetime, int]]


@dataclass(frozen=True)
class LabelData:
    """A row of label data: what somebody drew by then. `round` counts the times that the task was drawn anew or
    corrected; `alone` is the number of the reader whose work on a consensus it is, from 1."""

    id: str
    at: datetime
    stage: str
    by: str
    round: int
    alone: int = 0


@dataclass
class TaskStory:
    """A task, and all that ever happens to it. `clock` is when the next thing happens."""

    number: int
    id: str
    name: str
    clock: datetime
    events: list[Raw] = field(default_factory=list)
    times: list[TimeRow] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    series: list[str] = field(default_factory=list)
    priority: float | None = None
    cycle: int = 0
    holder: User | None = None
    labelled: bool = False
    images: bool = False
    labels: list[LabelData] = field(default_factory=list)
    _made: int = 0

    def drew(self, stage: str, by: str, *, alone: int = 0) -> Raw:
        """Somebody's drawing is saved as a row of its own: how events name it."""
        id_ = self.id_of("d")
        if not self.labelled:
            return {"tdId": None}
        round_ = 1 + sum(1 for one in self.labels if not one.alone)
        self.labels.append(LabelData(id_, self.clock, stage, by, round_, alone))
        return {"tdId": id_}

    def id_of(self, kind: str) -> str:
        """The next id of a kind: e events, c comments, d label data, f pins."""
        self._made += 1
        return f"{kind}0000000-0000-4000-8000-{self.number:06d}{self._made:06d}"

    def wait(self, **length: float) -> None:
        """Time passes."""
        self.clock += timedelta(**length)

    def created(self, by: str, *, ground_truth: bool = False) -> None:
        """The task is uploaded."""
        self._event(
            self._data("Input", by, drawn=ground_truth),
            by,
            createEvent={"currentStageName": "Input", "isGroundTruth": ground_truth, "priority": self.priority},
        )

    def entered(self, stage: str, by: str, score: float | None = None, agreement: list[Raw] | None = None) -> None:
        """The task comes to a stage, a few tenths of a second later."""
        self.wait(seconds=0.3)
        self.holder = None
        self._event(
            self._data(stage, by),
            None,
            inputEvent={
                "currentStageName": stage,
                "overallConsensusScore": score,
                "priority": self.priority,
                "consensusInfo": agreement,
            },
        )

    def left(
        self,
        stage: str,
        by: str,
        passed: bool | None = None,
        *,
        ms: int | None = None,
        to: str | None = None,
        moved_by: str | None = None,
        labels: list[Raw] | None = None,
        cycle: int | None = None,
        drawn: bool = False,
    ) -> None:
        """The task leaves a stage: submitted, reviewed (`passed`) or moved (`to`); `drawn`: with other labels."""
        self._event(
            self._data(stage, by, drawn=drawn),
            moved_by,
            outputEvent={
                "currentStageName": stage,
                "cycleCount": self.cycle if cycle is None else cycle,
                "outputBool": passed,
                "nextStageName": to,
                "timeSpentMs": ms,
                "extraData": None,
                "multiLabels": labels,
            },
        )

    def changed(
        self,
        stage: str,
        before: str,
        after: str,
        who: User | None = None,
        *,
        by: str | None = None,
        keep: bool = True,
        passed: bool | None = None,
    ) -> None:
        """A state change; the task goes to `who`, or stays with whom it is (`keep`)."""
        now = self.holder if keep and who is None else who
        self.events.append(
            {
                "__typename": "TaskStateChanges",
                "createdAt": stamp(self.clock),
                "updatedBy": by,
                "stageName": stage,
                "assignedAtAfter": stamp(self.clock) if now else None,
                "statusBefore": before,
                "statusAfter": after,
                "assignedToBeforeEntity": self.holder.entity() if self.holder else None,
                "assignedToAfterEntity": now.entity() if now else None,
                "consensusAssigneesBefore": [],
                "consensusAssigneesAfter": [],
                "consensusStatusesBefore": [],
                "consensusStatusesAfter": [],
                "reviewResultBefore": None,
                "reviewResultAfter": passed,
            }
        )
        self.holder = now

    def consensus(self, stage: str, before: dict[str, str], after: dict[str, str]) -> None:
        """The labelers of a consensus, or the states of their work, change: states by user id."""
        self.changed(stage, "ASSIGNED", "ASSIGNED")
        self.events[-1] |= {
            "consensusAssigneesBefore": list(before),
            "consensusStatusesBefore": list(before.values()),
            "consensusAssigneesAfter": list(after),
            "consensusStatusesAfter": list(after.values()),
        }

    def comment(self, stage: str, by: User, words: str, *, issue: bool = False, pinned: bool = False) -> Raw:
        """Somebody writes something, at a place in the image when `pinned`. The comment's dict, to reply to."""
        place = (
            {
                "pinId": self.id_of("f"),
                "pointX": 0.41,
                "pointY": 0.56,
                "pointZ": 17.0,
                "frameIndex": 17,
                "volumeIndex": 0,
            }
            if pinned
            else None
        )
        found: Raw = {
            "__typename": "Comment",
            "commentId": self.id_of("c"),
            "createdAt": stamp(self.clock),
            "createdBy": by.entity(),
            "textVal": words,
            "stageName": stage,
            "issueComment": issue,
            "issueResolved": False,
            "taskData": None,
            "labelEntityLabelId": None,
            "pin": place,
            "replies": [],
        }
        self.events.append(found)
        return found

    def reply(self, comment: Raw, by: User, words: str) -> None:
        """Somebody answers a comment."""
        self.comment(comment["stageName"], by, words)
        comment["replies"].append(self.events.pop())

    def resolve(self, comment: Raw) -> None:
        """From now on the comment's issue counts as resolved."""
        comment["resolvedAt"] = stamp(self.clock)

    def spent(self, stage: str, by: User, *steps: tuple[float, int]) -> None:
        """Active time: (minutes from now, milliseconds in all by then)."""
        moments = [(self.clock + timedelta(minutes=minutes), ms) for minutes, ms in steps]
        self.times.append(TimeRow(stage, self.cycle, by, moments))

    def _data(self, stage: str, by: str, *, drawn: bool = False) -> Raw:
        """The newest label data, as events name it: new ones where something was drawn."""
        if drawn or not self.labelled:
            return {**self.drew(stage, by), "stageName": stage, "createdBy": by}
        self.id_of("d")
        newest = next((one for one in reversed(self.labels) if not one.alone), None)
        if newest is None:
            return {"tdId": None, "stageName": stage, "createdBy": by}
        return {"tdId": newest.id, "stageName": newest.stage, "createdBy": newest.by}

    def _event(self, data: Raw, by: str | None, **what: Raw) -> None:
        self.events.append(
            {
                "__typename": "TaskEvent",
                "eventId": self.id_of("e"),
                "createdAt": stamp(self.clock),
                "updatedBy": by,
                "createEvent": None,
                "inputEvent": None,
                "outputEvent": None,
                "taskData": data,
            }
            | what
        )
