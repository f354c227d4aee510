"""The first pass holds all that Diffgram's API tells, and the second one finds nothing new."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from audit.live.run import sync
from audit.models import Disclosure, Event, Mode, Person, Project
from audit.people import names_of
from exportsite.jobs import RunFailed
from tests.audit.live.diffgram.compare import differences, label
from tests.fakes.diffgram import FakeDiffgram
from tests.fakes.diffgram_story import ANN, BEN


def test_every_task_and_label_is_recorded(project: Project, fake: FakeDiffgram) -> None:
    run = sync(project, Mode.FULL)
    assert run.state == "succeeded", run.error_text
    assert differences(project, fake) == []


def test_a_second_pass_adds_nothing(project: Project, fake: FakeDiffgram) -> None:
    sync(project, Mode.FULL)
    assert sync(project, Mode.FULL).added == 0
    assert sync(project, Mode.INCREMENTAL).added == 0


def test_the_trail_of_a_reworked_task_is_told(project: Project, fake: FakeDiffgram) -> None:
    sync(project, Mode.FULL)
    trail = Event.objects.filter(log__project=project, task__external_id="50").order_by("occurred_at", "n")
    envelopes = [json.loads(bytes(event.envelope)) for event in trail]
    told = [(found["type"], found["occurred_at"]) for found in envelopes if found["source_type"].islower()]
    assert told == [
        ("activity.recorded", "2026-03-01"),
        ("task.started", "2026-03-01"),
        ("task.submitted", "2026-03-01"),
        ("task.moved", "2026-03-02"),
        ("review.rejected", "2026-03-02"),
        ("rework.submitted", "2026-03-02"),
        ("review.accepted", "2026-03-03"),
        ("comment.added", "2026-03-03"),
    ]


def test_events_of_the_project_and_of_tasks_that_are_listed_no_more_are_recorded(
    project: Project, fake: FakeDiffgram
) -> None:
    sync(project, Mode.FULL)
    events = Event.objects.filter(log__project=project)
    assert set(
        events.filter(task=None, source_type__in=["new_project", "user_visit"]).values_list("type", flat=True)
    ) == {"activity.recorded"}
    assert events.filter(task__external_id="64", source_type="task_completed").count() == 1
    assert not events.filter(source_type="export_generation").exists()


def test_no_person_and_no_signature_stays_in_payloads(project: Project, fake: FakeDiffgram) -> None:
    sync(project, Mode.FULL)
    kept = b"\n".join(bytes(data) for data in Disclosure.objects.values_list("data", flat=True))
    for person in (ANN, BEN):
        for name in ("email", "first_name", "last_name"):
            assert f'"{person[name]}"'.encode() not in kept, name
    assert b"X-Amz-Signature" not in kept


def test_people_are_called_by_their_whole_names(project: Project, fake: FakeDiffgram) -> None:
    sync(project, Mode.FULL)
    called = {shown.label for shown in names_of(Person.objects.filter(project=project)).values()}
    assert called >= {"Ann Lee", "Ben Ode"}
    assert called.isdisjoint({"Ann", "Lee", "Ben", "Ode"})


def test_masks_are_kept_as_files(project: Project, fake: FakeDiffgram) -> None:
    fake.installation.files["m.png"] = b"a picture"
    mask = {"id": 1, "type": "mask", "label_file_id": 501, "mask": f"{fake.url}/files/m.png?X-Amz-Signature=abc"}
    fake.installation.packets[4001]["instance_list"] = [mask]
    sync(project, Mode.FULL)
    kept = label(project, "61")
    assert kept is not None
    address = f"{fake.url}/files/m.png"
    assert kept["files"] == [{"name": address, "sha256": sha256(b"a picture").hexdigest(), "bytes": 9}]


def test_a_mask_that_is_not_there_fails_the_run(project: Project, fake: FakeDiffgram) -> None:
    mask = {"id": 1, "type": "mask", "label_file_id": 501, "mask": f"{fake.url}/files/none.png"}
    fake.installation.packets[4001]["instance_list"] = [mask]
    with pytest.raises(RunFailed, match="the mask of instance 1 of task 61"):
        sync(project, Mode.FULL)
    fake.installation.files["none.png"] = b"a picture"
    assert sync(project, Mode.FULL).state == "succeeded"
