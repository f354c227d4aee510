"""Whether the record holds what the platform has, and nothing else."""

from __future__ import annotations

import json
from typing import Any

from audit.log.verify import verify
from audit.models import Disclosure, Event, LabelVersion, Project, Task
from audit.people import restorer
from tests.fakes.isahit import FakeIsahit


def same(project: Project, fake: FakeIsahit, *, deleted: int = 0) -> None:
    """Assert that tasks, their details and labels are those of the platform now, and that the log holds."""
    result = verify(project.log)
    assert result.holds, result.problems
    tasks = Task.objects.filter(project=project)
    there = {task["_id"]: task for task in fake.account.tasks}
    assert set(tasks.exclude(status="deleted").values_list("external_id", flat=True)) == set(there)
    assert tasks.filter(status="deleted").count() == deleted
    for id_, task in there.items():
        details = newest(project, id_, "task.updated")
        assert details["properties"] == task["properties"]
        assert (label(project, id_) or {}).get("user") == (task.get("data") or {}).get("user")
        assert (label(project, id_) or {}).get("createdAt") == (task.get("data") or {}).get("createdAt")
        assert drawn(label(project, id_)) == drawn(task.get("data"))
        if task.get("jobs"):
            assert newest(project, id_, "activity.recorded", "JOB") is not None


def label(project: Project, task: str) -> dict[str, Any] | None:
    """The data that the record has as the task's label now; None when it has none."""
    rows = LabelVersion.objects.filter(project=project, task__external_id=task, to_index=None)
    version = rows.exclude(event__type="label.deleted").first()
    return None if version is None else payload(project, version.event_id)["data"]


def newest(project: Project, task: str, type_: str, source_type: str = "") -> dict[str, Any]:
    """The payload of the task's newest event of a type."""
    events = Event.objects.filter(log__project=project, task__external_id=task, type=type_).order_by("-id")
    if source_type:
        events = events.filter(source_type=source_type)
    return payload(project, events.values_list("id", flat=True)[0])


def payload(project: Project, event: int) -> dict[str, Any]:
    """The payload of an event, people put back."""
    data = Disclosure.objects.get(event=event, group="content").data
    found: dict[str, Any] = json.loads(restorer(project)(bytes(data)))
    return found


def drawn(data: dict[str, Any] | None) -> Any:
    """What was drawn."""
    return None if data is None else data["body"].get("annotations")
