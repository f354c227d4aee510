"""Each row of label data is a label of the record, with its author, step, and files."""

from __future__ import annotations

import json
from hashlib import sha256

from audit.demo.redbrick import FakeRedBrick
from audit.files import Files, files_of, store
from audit.live.run import sync
from audit.log.rebuild import rebuild
from audit.log.verify import verify
from audit.models import Disclosure, LabelVersion, Media, Mode, Project, Task
from audit.sources import neutral, reading
from tests.audit.live.compare import differences
from tests.audit.live.redbrick.conftest import payloads

WORKED = {"Label", "Review_1", "Review_2", "END", "Input"}


def rows(project: Project) -> set[tuple[str, str]]:
    return set(
        LabelVersion.objects.filter(project=project, to_index=None).values_list("task__external_id", "external_id")
    )


def stories(fake: FakeRedBrick, project: Project) -> set[tuple[str, str]]:
    told = fake.world.projects[project.external_id]
    every = (told.story(number) for number in told.order)
    return {(story.id, label.id) for story in every for label in story.labels}


def test_the_record_has_every_label(recorded: Project, fake: FakeRedBrick) -> None:
    assert rows(recorded) == stories(fake, recorded) != set()
    assert differences(recorded, fake.world) == []
    steps = set(LabelVersion.objects.filter(project=recorded).values_list("step", "kind"))
    assert {step for step, _ in steps} <= WORKED
    assert {kind for step, kind in steps if step.startswith("Review")} <= {"REVIEW"}
    assert all(row.person_id and row.created_at and row.number == 1 for row in LabelVersion.objects.all())


def test_each_reader_of_a_consensus_has_one(images: Project, fake: FakeRedBrick) -> None:
    assert sync(images, Mode.FULL).state == "succeeded"
    assert rows(images) == stories(fake, images)
    kinds = list(LabelVersion.objects.filter(project=images).values_list("kind", flat=True))
    assert kinds.count("CONSENSUS") == 2 * kinds.count("REVIEW") > 0


def test_a_second_pass_adds_nothing_and_asks_for_no_label(recorded: Project, fake: FakeRedBrick) -> None:
    before = fake.asked("taskDataSDK"), fake.asked("file")
    assert before > (0, 0)
    assert sync(recorded, Mode.FULL).added == 0
    assert sync(recorded, Mode.INCREMENTAL).added == 0
    assert (fake.asked("taskDataSDK"), fake.asked("file")) == before


def test_masks_are_kept_and_the_payload_says_which_bytes(recorded: Project, fake: FakeRedBrick) -> None:
    kept = 0
    for told in payloads(recorded, "label.created"):
        for file in told["files"]:
            body = fake.world.file(file["name"])
            assert body is not None
            assert (file["sha256"], file["bytes"]) == (sha256(body).hexdigest(), len(body))
            with store().open(file["sha256"]) as found:
                assert found.read() == body
            kept += 1
    assert kept == fake.asked("file") > 0


def test_what_labels_say_is_read_from_the_record_alone(recorded: Project) -> None:
    understood = neutral("redbrick")
    (settings,) = Disclosure.objects.filter(event__type="project.updated", group="content")
    ontology = understood.ontology(bytes(settings.data))
    details = {json.loads(bytes(row.data))["taskId"]: bytes(row.data) for row in _contents("task.updated")}
    said = 0
    for row in _contents("label.created"):
        content = bytes(row.data)
        files: Files = files_of(content)
        task = details[json.loads(content)["taskId"]]
        found = understood.annotations(content, task, ontology, files.read)
        assert found.problems == ()
        said += len(found.annotations)
    assert said > 5 * LabelVersion.objects.count()


def _contents(type_: str) -> list[Disclosure]:
    return list(Disclosure.objects.filter(event__type=type_, group="content"))


def test_the_task_says_which_label_is_the_latest(recorded: Project, fake: FakeRedBrick) -> None:
    told = fake.world.projects[recorded.external_id]
    latest = {story.id: [one.id for one in story.labels][-1:] for story in map(told.story, told.order)}
    for row in _contents("task.updated"):
        content = bytes(row.data)
        assert list(reading("redbrick").task_details(content).latest) == latest[json.loads(content)["taskId"]]


def test_no_person_and_no_signature_stays_in_payloads(recorded: Project, fake: FakeRedBrick) -> None:
    everything = b"\n".join(bytes(data) for data in Disclosure.objects.values_list("data", flat=True))
    for user in fake.world.members:
        for value in (user.id, user.email, user.given):
            assert value is None or f'"{value}"'.encode() not in everything, value
    assert b"Signature" not in everything


def test_labels_come_back_from_the_log(recorded: Project) -> None:
    before = list(LabelVersion.objects.order_by("event_id").values())
    LabelVersion.objects.all().delete()
    assert not verify(recorded.log).holds
    rebuild(recorded.log)
    assert list(LabelVersion.objects.order_by("event_id").values()) == before
    assert verify(recorded.log).holds


def test_what_people_look_at_is_kept_where_the_project_says_so(project: Project, fake: FakeRedBrick) -> None:
    Project.objects.filter(pk=project.pk).update(media=Media.KEEP)
    assert sync(project, Mode.FULL).state == "succeeded"
    kept = [file for told in payloads(project, "task.updated") for file in told["files"]]
    assert len(kept) == sum(len(told["datapoint"]["items"]) for told in payloads(project, "task.updated")) > 0
    for file in kept:
        body = fake.world.file(file["name"])
        assert body is not None
        assert file["sha256"] == sha256(body).hexdigest()


def test_elsewhere_it_is_not_fetched(recorded: Project) -> None:
    assert all("files" not in told for told in payloads(recorded, "task.updated"))
    assert Task.objects.filter(project=recorded).count() > 0
