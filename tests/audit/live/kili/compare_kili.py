"""Where the record is not what the invented Kili has: each read in its own way."""

from __future__ import annotations

import json
from collections import Counter

from audit.models import ActiveTime, Event, LabelVersion, Project, Task
from audit.people import restorer
from tests.audit.live.compare import faults_of, unlike
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import Json


def differences(project: Project, fake: FakeKili) -> list[str]:
    """Where assets, labels with what they say, events and seconds are not those of the platform now, or the log does
    not hold."""
    told = fake.projects[project.external_id]
    tasks = {task.external_id: task for task in Task.objects.filter(project=project).exclude(status="deleted")}
    wrong = [*faults_of(project.log), *unlike("assets", set(tasks), {asset["id"] for asset in told.assets})]
    for asset in told.assets:
        if asset["id"] in tasks:
            wrong += _of_asset(project, tasks[asset["id"]], asset)
    noted = {event["id"] for event in told.events}
    held = Event.objects.filter(log__project=project).values_list("envelope", flat=True)
    keys = {json.loads(bytes(envelope))["source_key"] for envelope in held}
    if not fake.closed:
        wrong += unlike("events that the record lacks", noted - keys, set())
    return wrong


def _of_asset(project: Project, task: Task, asset: Json) -> list[str]:
    says = {}
    restore = restorer(project)
    for version in LabelVersion.objects.filter(task=task, to_index=None).select_related("event"):
        content = json.loads(restore(content_of(version.event)))
        says[version.external_id] = content["label"]["jsonResponse"]
    there = {label["id"]: label["jsonResponse"] for label in asset["labels"]}
    held = Counter(ActiveTime.objects.filter(task=task, to_index=None).values_list("milliseconds", flat=True))
    worked = [label for label in asset["labels"] if label["labelType"] not in ("PREDICTION", "INFERENCE")]
    # Labels that are gone took their time as well.
    lacking = Counter(round(label["secondsToLabel"] * 1000) for label in worked) - held
    return [
        *unlike(f"labels of {task.external_id}", says, there),
        *unlike(f"times of {task.external_id} that the record lacks", lacking, Counter()),
    ]


def content_of(event: Event) -> bytes:
    """The payload of an event, as it is kept."""
    return bytes(event.disclosures.get(group="content").data)
