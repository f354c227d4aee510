"""The first pass holds all that isahit lab tells, and the second one finds nothing new."""

from __future__ import annotations

import json
from hashlib import sha256

from audit.live.run import sync
from audit.log.verify import verify
from audit.models import Disclosure, Event, LabelVersion, Mode, Person, Project, Task
from audit.people import names_of
from tests.audit.live.isahit.compare import newest
from tests.fakes.isahit import FakeIsahit
from tests.fakes.isahit_story import ANN, BEN, NOBODY, PNG, SECRET_HEADER


def test_every_task_and_label_is_recorded(project: Project, fake: FakeIsahit) -> None:
    run = sync(project, Mode.FULL)
    assert run.state == "succeeded", run.error_text
    assert {task.external_id for task in Task.objects.filter(project=project)} == {
        task["_id"] for task in fake.account.tasks
    }
    labels = LabelVersion.objects.filter(project=project).values_list("external_id", flat=True)
    assert set(labels) == {task["_id"] for task in fake.account.tasks if task.get("data")}
    result = verify(project.log)
    assert result.holds, result.problems


def test_a_second_pass_adds_nothing(project: Project, fake: FakeIsahit) -> None:
    sync(project, Mode.FULL)
    assert sync(project, Mode.FULL).added == 0
    assert sync(project, Mode.INCREMENTAL).added == 0


def test_the_trail_of_a_reworked_task_is_told(project: Project, fake: FakeIsahit) -> None:
    sync(project, Mode.FULL)
    trail = Event.objects.filter(log__project=project, task__external_id="task0002").order_by("occurred_at", "n")
    envelopes = [json.loads(bytes(event.envelope)) for event in trail]
    told = [(found["type"], found["cycle"]) for found in envelopes if found["occurred_at"] is not None]
    assert [kind for kind, _ in told] == [
        "task.created",
        "task.assigned",
        "task.started",
        "task.submitted",
        "task.reopened",
        "rework.submitted",
        "review.accepted",
        "label.created",
    ]
    assert [cycle for kind, cycle in told if "submitted" in kind] == [1, 2]


def test_no_person_and_no_secret_stays_in_payloads(project: Project, fake: FakeIsahit) -> None:
    sync(project, Mode.FULL)
    kept = b"\n".join(bytes(data) for data in Disclosure.objects.values_list("data", flat=True))
    for person in (ANN, BEN, NOBODY):
        for value in person.values():
            assert f'"{value}"'.encode() not in kept, value
    assert SECRET_HEADER.encode() not in kept
    assert b"X-Amz-Signature" not in kept


def test_masks_are_kept_as_files(project: Project, fake: FakeIsahit) -> None:
    sync(project, Mode.FULL)
    kept = newest(project, "task0002", "label.created")
    assert kept["files"] == [{"name": "mask-1", "sha256": sha256(PNG).hexdigest(), "bytes": len(PNG)}]


def test_a_task_whose_id_differs_only_in_case_is_another(project: Project, fake: FakeIsahit) -> None:
    sync(project, Mode.FULL)
    ids = set(Task.objects.filter(project=project).values_list("external_id", flat=True))
    assert {"task0001", "TASK0001"} <= ids


def test_people_are_called_by_their_whole_names(project: Project, fake: FakeIsahit) -> None:
    sync(project, Mode.FULL)
    called = {shown.label for shown in names_of(Person.objects.filter(project=project)).values()}
    assert called >= {"Ann Marie Lee", "Ben Ode"}
    assert called.isdisjoint({"Ann", "Lee", "Ben", "Ode"})
