"""The nine modes of the SDK's `list_tasks`, and what each of them asks the server for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

Mode = Literal["ALL", "GROUNDTRUTH", "UNASSIGNED", "QUEUED", "DRAFT", "SKIPPED", "COMPLETED", "FAILED", "ISSUES"]
MODES: tuple[Mode, ...] = get_args(Mode)

GROUND_TRUTH = "END"
"""The stage of tasks that went through all others. Their list is asked for by the name of the output stage."""


class BadSearch(ValueError):
    """A search that can't be asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class TaskSearch:
    """A search, resolved: `mode` with the stage it looks at, and who, what and when it is narrowed to.

    `stage` is None for all stages. `name` is the beginning of a task's name, or the whole with `exact`.
    """

    mode: Mode
    stage: str | None = None
    user: str | None = None
    task: str | None = None
    name: str | None = None
    exact: bool = False
    completed_from: datetime | None = None
    completed_to: datetime | None = None

    def variables(self) -> dict[str, object]:
        """The variables of `tasksListSDK`, without paging."""
        filters: dict[str, object] = {}
        if self.user is not None and self.mode not in {"ALL", "GROUNDTRUTH", "UNASSIGNED", "FAILED", "ISSUES"}:
            filters["userId"] = self.user
        if self.task is not None:
            filters["taskId"] = self.task
        if self.mode == "UNASSIGNED":
            filters["userId"] = None
        elif self.mode in _STATUS:
            filters["status"] = _STATUS[self.mode]
        elif self.mode == "FAILED":
            filters["reviewState"] = "FAILED"
        elif self.mode == "COMPLETED":
            filters["recentlyCompleted"] = True
            if self.completed_from is not None:
                filters["completedAtFrom"] = self.completed_from.astimezone(UTC).isoformat()
            if self.completed_to is not None:
                filters["completedAtTo"] = self.completed_to.astimezone(UTC).isoformat()
        name = self.name
        if name is not None and self.exact:
            name = '"' + name.strip('"') + '"'
        return {"stageName": self.stage, "taskSearch": self.task or name, "manualLabelingFilters": filters}


_STATUS: dict[str, str] = {"DRAFT": "STAGED", "SKIPPED": "SKIPPED", "ISSUES": "PROBLEM"}


def resolve(
    mode: Mode | None,
    *,
    label_stages: Sequence[str],
    review_stages: Sequence[str],
    output_stage: str,
    stage: str | None = None,
    user: str | None = None,
    task: str | None = None,
    name: str | None = None,
    exact: bool = False,
    completed_from: datetime | None = None,
    completed_to: datetime | None = None,
) -> TaskSearch:
    """A search as `list_tasks` understands its parameters. Raises BadSearch where the SDK would fail.

    Without a mode it is ALL; with a stage QUEUED, or COMPLETED when a time of completion is given.
    """
    completed = completed_from is not None or completed_to is not None
    if mode is None:
        mode = "ALL" if stage is None else "COMPLETED" if completed else "QUEUED"
    first = [*label_stages, *review_stages, output_stage][0]
    if mode == "ALL":
        stage = None
    elif mode == "GROUNDTRUTH":
        stage = output_stage
    elif mode == "FAILED":
        if not review_stages:
            raise BadSearch("FAILED looks at a review stage, and the project has none")
        stage = stage if stage in review_stages else review_stages[0]
    elif mode == "ISSUES":
        if not label_stages:
            raise BadSearch("ISSUES looks at the first label stage, and the project has none")
        stage = label_stages[0]
    else:
        stage = stage or first
    return TaskSearch(mode, stage, user, task, name, exact, completed_from, completed_to)
