"""Whether the record holds what the fake Kili has: each read in its own way."""

from __future__ import annotations

import json
from collections import Counter

from audit.log.verify import verify
from audit.models import ActiveTime, Event, LabelVersion, Project, Task
from audit.people import restorer
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import Json


def same(project: Project, fake: FakeKili) -> None:
    """Assert that assets, labels with what they say, events and seconds are those of the platform now."""
    result = verify(project.log)
    assert result.holds, result.problems
    told = fake.projects[project.external_id]
    tasks = {task.external_id: task for task in Task.objects.filter(project=project).exclude(status="deleted")}
    assert set(tasks) == {asset["id"] for asset in told.assets}
    for asset in told.assets:
        _same_asset(project, tasks[asset["id"]], asset)
    noted = {event["id"] for event in told.events}
    held = Event.objects.filter(log__project=project).values_list("envelope", flat=True)
    keys = {json.loads(bytes(envelope))["source_key"] for envelope in held}
    assert noted <= keys or fake.closed


def _same_asset(project: Project, task: Task, asset: Json) -> None:
    says = {}
    restore = restorer(project)
    for version in LabelVersion.objects.filter(task=task, to_index=None).select_related("event"):
        content = json.loads(restore(content_of(version.event)))
        says[version.external_id] = content["label"]["jsonResponse"]
    assert says == {label["id"]: label["jsonResponse"] for label in asset["labels"]}
    held = Counter(ActiveTime.objects.filter(task=task, to_index=None).values_list("milliseconds", flat=True))
    worked = [label for label in asset["labels"] if label["labelType"] not in ("PREDICTION", "INFERENCE")]
    # Labels that are gone took their time as well.
    assert Counter(round(label["secondsToLabel"] * 1000) for label in worked) <= held


def content_of(event: Event) -> bytes:
    """The payload of an event, as it is kept."""
    return bytes(event.disclosures.get(group="content").data)
