"""One pass through a task's raw events: what RedBrick's audit trail calls each of them, and where it happened.

The 15 names are those of the SDK (`TaskEventTypes`). What it has no name for gets one of the same kind here:
TASK_ENTERED_STAGE (the webhooks' name), TASK_LEFT_STAGE (of RedBrick's own stages), TASK_STATE_<status>.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from audit.sources.redbrick.payload import user_id
from audit.sources.redbrick.project import GROUND_TRUTH
from audit.sources.values import Item, part, text, values

CREATED, SUBMITTED, ACCEPTED = "TASK_CREATED", "TASK_SUBMITTED", "TASK_ACCEPTED"
CORRECTED, REJECTED, MOVED = "TASK_CORRECTED", "TASK_REJECTED", "TASK_MOVED"
GROUND_TRUTH_EDITED = "GROUNDTRUTH_TASK_EDITED"
ASSIGNED, REASSIGNED, UNASSIGNED = "TASK_ASSIGNED", "TASK_REASSIGNED", "TASK_UNASSIGNED"
SKIPPED, SAVED = "TASK_SKIPPED", "TASK_SAVED"
CONSENSUS_EDITED, CONSENSUS_COMPUTED = "CONSENSUS_TASK_EDITED", "CONSENSUS_COMPUTED"
COMMENT = "COMMENT_ADDED"
NAMES = frozenset(
    {CREATED, SUBMITTED, ACCEPTED, CORRECTED, REJECTED, MOVED, GROUND_TRUTH_EDITED, ASSIGNED, REASSIGNED, UNASSIGNED}
    | {SKIPPED, SAVED, CONSENSUS_EDITED, CONSENSUS_COMPUTED, COMMENT}
)
ENTERED, LEFT, STATE = "TASK_ENTERED_STAGE", "TASK_LEFT_STAGE", "TASK_STATE_"

SDK_INTERNAL = frozenset({"Failed_Review", "Output"})
"""The stages that the SDK leaves out, by name; it does not leave out the `Failed_Review_1` of its own projects."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one raw event is: `stage` is where it happened, `assignee` who had the task then (a user as it came)."""

    name: str
    stage: str | None
    to_stage: str | None = None
    assignee: Any = None


class Walk:
    """Takes a task's raw events in their order. `internal` says which stages are RedBrick's own.

    With `as_sdk`, moves out of ground truth are edits of it, as the SDK has them.
    """

    def __init__(self, internal: Callable[[str], bool], *, as_sdk: bool = False) -> None:
        self._internal = internal
        self._as_sdk = as_sdk
        self.stage: str | None = None
        self.assignee: Any = None
        self._passed: Any = True

    def step(self, event: Item) -> Step:
        """What the next event is."""
        typename = event.get("__typename")
        if typename == "TaskEvent":
            return self._task_event(event)
        if typename == "Comment":
            self.stage = text(event, "stageName") or self.stage
            return Step(COMMENT, self.stage)
        if typename == "TaskStateChanges":
            return self._change(event)
        return Step(text(event, "__typename") or "UNKNOWN", self.stage)

    def _task_event(self, event: Item) -> Step:
        before = self.stage
        if created := part(event, "createEvent"):
            self.stage = text(created, "currentStageName")
            return Step(CREATED, self.stage)
        if entered := part(event, "inputEvent"):
            self.stage = text(entered, "currentStageName") or before
            if entered.get("overallConsensusScore") is not None:
                return Step(CONSENSUS_COMPUTED, before, self.stage)
            return Step(ENTERED, self.stage)
        if left := part(event, "outputEvent"):
            self.stage = text(left, "currentStageName") or before
            return self._output(left)
        return Step("TaskEvent", before)

    def _output(self, left: Item) -> Step:
        stage, to_stage = self.stage, text(left, "nextStageName")
        if stage is not None and self._internal(stage):
            return Step(LEFT, stage, to_stage)
        ground_truth = stage == GROUND_TRUTH
        if to_stage is not None and not (ground_truth and self._as_sdk):
            name = MOVED
        elif ground_truth:
            name = GROUND_TRUTH_EDITED
        elif left.get("outputBool") is None:
            name = SUBMITTED
        elif not left["outputBool"]:
            name = REJECTED
        else:
            name = ACCEPTED if self._passed else CORRECTED
        return Step(name, stage, to_stage, self.assignee)

    def _change(self, event: Item) -> Step:
        before, after = event.get("assignedToBeforeEntity"), event.get("assignedToAfterEntity")
        if event.get("reviewResultBefore") != event.get("reviewResultAfter"):
            self._passed = event.get("reviewResultAfter")
        status = text(event, "statusAfter")
        if any(
            values(event, f"consensus{what}Before") != values(event, f"consensus{what}After")
            for what in ("Assignees", "Statuses")
        ):
            name = CONSENSUS_EDITED
        elif user_id(before) != user_id(after):
            name = UNASSIGNED if user_id(after) is None else ASSIGNED if user_id(before) is None else REASSIGNED
        elif status == "SKIPPED" != event.get("statusBefore"):
            name = SKIPPED
        elif status == "IN_PROGRESS" and event.get("statusBefore") in ("SKIPPED", "ASSIGNED"):
            name = SAVED
        else:
            name = STATE + (status or "CHANGED")
        self.stage = text(event, "stageNameAfter") or self.stage
        self.assignee = after
        return Step(name, self.stage)
