"""Where the record is not what the platform has."""

from __future__ import annotations

import json
from typing import Any

from audit.models import Disclosure, Event, LabelVersion, Project, Task
from audit.people import restorer
from audit.sources.diffgram.label import is_labelled
from tests.audit.live.compare import faults_of, unlike
from tests.fakes.diffgram import FakeDiffgram


def differences(project: Project, fake: FakeDiffgram, *, deleted: int = 0) -> list[str]:
    """Where tasks, their details or labels are not those of the platform now, or the log does not hold.

    `deleted` tasks were listed once; those that only events name are deleted besides.
    """
    home = fake.installation
    tasks = Task.objects.filter(project=project)
    listed = home.listed()
    gone = {str(event["task_id"]) for event in home.events if event["task_id"]} - set(map(str, listed))
    known = set(tasks.exclude(status="deleted").values_list("external_id", flat=True))
    wrong = [*faults_of(project.log), *unlike("tasks", known, {str(id_) for id_ in listed})]
    wrong += unlike("deleted tasks", tasks.filter(status="deleted").count(), deleted + len(gone))
    for id_, row in listed.items():
        if str(id_) not in known:
            continue
        details = newest(project, str(id_), "task.updated")
        wrong += unlike(f"type of task {id_}", details["task"]["task_type"], row["task_type"])
        packet = home.packets[row["_file"]]
        held = label(project, str(id_))
        there = packet if packet is not None and is_labelled(row["status"], packet) else None
        wrong += unlike(f"label of task {id_}", drawn(held and held["packet"]), drawn(there))
    return wrong


def drawn(packet: dict[str, Any] | None) -> dict[str, Any] | None:
    """What was drawn; None where there is no label."""
    names = ("instance_list", "sequence_list", "parent_instance_list")
    return None if packet is None else {name: packet.get(name) for name in names}


def label(project: Project, task: str) -> dict[str, Any] | None:
    """The label that the record has of the task now; None when it has none."""
    rows = LabelVersion.objects.filter(project=project, task__external_id=task, to_index=None)
    version = rows.exclude(event__type="label.deleted").first()
    return None if version is None else payload(project, version.event_id)


def newest(project: Project, task: str, type_: str) -> dict[str, Any]:
    """The payload of the task's newest event of a type."""
    events = Event.objects.filter(log__project=project, task__external_id=task, type=type_).order_by("-id")
    return payload(project, events.values_list("id", flat=True)[0])


def payload(project: Project, event: int) -> dict[str, Any]:
    """The payload of an event, people put back."""
    data = Disclosure.objects.get(event=event, group="content").data
    found: dict[str, Any] = json.loads(restorer(project)(bytes(data)))
    return found
