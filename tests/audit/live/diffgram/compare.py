"""Whether the record holds what the platform has, and nothing else."""

from __future__ import annotations

import json
from typing import Any

from audit.log.verify import verify
from audit.models import Disclosure, Event, LabelVersion, Project, Task
from audit.people import restorer
from audit.sources.diffgram.label import is_labelled
from tests.fakes.diffgram import FakeDiffgram


def same(project: Project, fake: FakeDiffgram, *, deleted: int = 0) -> None:
    """Assert that tasks, their details, labels and events are those of the platform now, and that the log holds."""
    result = verify(project.log)
    assert result.holds, result.problems
    home = fake.installation
    tasks = Task.objects.filter(project=project)
    listed = home.listed()
    gone = {str(event["task_id"]) for event in home.events if event["task_id"]} - set(map(str, listed))
    known = set(tasks.exclude(status="deleted").values_list("external_id", flat=True))
    assert known == {str(id_) for id_ in listed}
    assert tasks.filter(status="deleted").count() == deleted + len(gone)
    for id_, row in listed.items():
        details = newest(project, str(id_), "task.updated")
        assert details["task"]["task_type"] == row["task_type"]
        packet = home.packets[row["_file"]]
        held = label(project, str(id_))
        if packet is not None and is_labelled(row["status"], packet):
            assert held is not None
            assert {name: held["packet"].get(name) for name in LISTS} == {name: packet.get(name) for name in LISTS}
        else:
            assert held is None


LISTS = ("instance_list", "sequence_list", "parent_instance_list")


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
