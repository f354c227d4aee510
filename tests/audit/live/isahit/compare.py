"""Where the record is not what the platform has."""

from __future__ import annotations

import json
from typing import Any

from audit.models import Disclosure, Event, LabelVersion, Project, Task
from audit.people import restorer
from tests.audit.live.compare import faults_of, unlike
from tests.fakes.isahit import FakeIsahit


def differences(project: Project, fake: FakeIsahit, *, deleted: int = 0) -> list[str]:
    """Where tasks, their details or labels are not those of the platform now, or the log does not hold.

    `deleted` tasks were there once.
    """
    tasks = Task.objects.filter(project=project)
    there = {task["_id"]: task for task in fake.account.tasks}
    known = set(tasks.exclude(status="deleted").values_list("external_id", flat=True))
    wrong = [*faults_of(project.log), *unlike("tasks", known, set(there))]
    wrong += unlike("deleted tasks", tasks.filter(status="deleted").count(), deleted)
    for id_, task in there.items():
        if id_ not in known:
            continue
        properties = newest(project, id_, "task.updated")["properties"]
        wrong += unlike(f"properties of {id_}", properties, task["properties"])
        wrong += unlike(f"label of {id_}", said(label(project, id_)), said(task.get("data")))
        jobs = Event.objects.filter(log__project=project, task__external_id=id_, source_type="JOB")
        if task.get("jobs") and not jobs.exists():
            wrong.append(f"jobs of {id_}: the record has none")
    return wrong


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


def said(data: dict[str, Any] | None) -> tuple[Any, ...] | None:
    """Who said it and when, and what was drawn; None where there is no label."""
    return None if data is None else (data.get("user"), data.get("createdAt"), data["body"].get("annotations"))
