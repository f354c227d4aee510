"""A project whose media are on_export: an export fetches them once; then they come from the record."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from audit.demo.redbrick import FakeRedBrick
from audit.files import store
from audit.live.media import Lacking, MediaKeeper
from audit.live.platforms import open_project
from audit.live.run import sync
from audit.log.rebuild import rebuild
from audit.log.verify import verify
from audit.models import Disclosure, Event, LabelVersion, Log, Mode, Project, Task
from exports.run import make_export
from tests.exports.media.conftest import errors, exported, kept, members, pictures


def test_the_archive_has_the_platforms_files(project: Project, fake: FakeRedBrick) -> None:
    export = exported(project)
    found = pictures(export)
    labels = next(data for name, data in members(export).items() if name.endswith("labels.json"))
    assert set(found) == {image["file_name"] for image in json.loads(labels)["images"]} != set()
    assert set(found.values()) <= {fake.world.file(path) for path in _asked(fake)}
    assert "no_file" not in {line["code"] for line in errors(export)}


def _asked(fake: FakeRedBrick) -> set[str]:
    return {variables["path"] for name, variables in fake.requests if name == "file"}


def _labelled(project: Project) -> int:
    return LabelVersion.objects.filter(project=project, to_index=None).values("task").distinct().count()


def test_tasks_that_are_not_in_the_archive_are_not_asked_for(project: Project, fake: FakeRedBrick) -> None:
    assert _labelled(project) < Task.objects.filter(project=project).count()
    exported(project)
    assert kept() == _labelled(project)
    make_export(project, "coco", parameters={"with_assets": "true", "label_type_in": "PREDICTION"})
    assert kept() == _labelled(project)


def test_a_sync_fetches_none(project: Project, fake: FakeRedBrick) -> None:
    sync(project, Mode.FULL)
    assert all(not path.endswith(".png") for path in _asked(fake))
    assert kept() == 0


def test_an_export_without_media_asks_the_platform_for_nothing(project: Project, fake: FakeRedBrick) -> None:
    make_export(project, "coco")
    assert fake.requests == []


def test_the_log_says_what_was_fetched_and_of_which_version(project: Project, fake: FakeRedBrick) -> None:
    exported(project)
    rows = Disclosure.objects.filter(event__type="media.kept", group="content")
    assert rows.count() == _labelled(project) > 0
    for row in rows.select_related("event"):
        told = json.loads(bytes(row.data))
        version = Event.objects.get(log=row.event.log, pk=project.log.event_id(told["of"]))
        assert (version.type, version.task_id) == ("task.updated", row.event.task_id)
        for file in told["files"]:
            body = fake.world.file(file["name"])
            assert body is not None
            assert (file["sha256"], file["bytes"]) == (sha256(body).hexdigest(), len(body))


def test_a_second_export_of_the_snapshot_has_the_same_bytes_and_asks_for_nothing(
    project: Project, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = exported(project)
    fake.requests.clear()
    monkeypatch.setattr(fake.world, "file", lambda path: b"another picture")
    second = exported(project, as_of=first.as_of)
    assert Path(second.files[0]["path"]).read_bytes() == Path(first.files[0]["path"]).read_bytes()
    assert "file" not in [name for name, _ in fake.requests]


def test_the_first_of_two_fetches_counts(project: Project, fake: FakeRedBrick) -> None:
    """As when two exports fetch the same at the same time, and the platform changes the file between."""
    first = exported(project)
    before = kept()
    row = Disclosure.objects.filter(event__type="media.kept", group="content").select_related("event__task")[0]
    told = json.loads(bytes(row.data))
    task = row.event.task
    assert task is not None
    lacking = Lacking(task.external_id, told["of"], (told["files"][0]["name"],))
    fake.fail("file", times=99, body=b"another picture")
    source = open_project(project)
    for _ in MediaKeeper(project, source, lambda: None, lambda: None).keep([lacking]):
        pass
    source.close()
    assert kept() == before + 1
    assert pictures(exported(project, as_of=first.as_of)) == pictures(first)


def test_a_new_version_of_a_task_has_its_own_files(
    project: Project, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = exported(project)
    before = kept()
    told = fake.world.projects[project.external_id]
    story = told.task(told.order[0])
    story.priority = 0.75
    sync(project, Mode.FULL)
    real = fake.world.file
    monkeypatch.setattr(fake.world, "file", lambda path: b"retouched" if path.endswith(".png") else real(path))
    newer = exported(project)
    assert kept() == before + 1
    assert list(pictures(newer).values()).count(b"retouched") >= 1
    assert pictures(exported(project, as_of=first.as_of)) == pictures(first)


def test_the_record_holds_and_comes_back(project: Project) -> None:
    first = exported(project)
    log = Log.objects.get(project=project)
    assert verify(log).holds
    rebuild(log)
    assert verify(log).holds
    assert pictures(exported(project, as_of=first.as_of)) == pictures(first)


def test_a_kept_file_that_was_changed_is_found(project: Project) -> None:
    exported(project)
    told = json.loads(bytes(Disclosure.objects.filter(event__type="media.kept", group="content")[0].data))
    store().path(told["files"][0]["sha256"]).write_bytes(b"not it")
    (problem,) = verify(Log.objects.get(project=project)).problems
    assert "has other bytes than it had" in str(problem)


def test_a_full_pass_finds_nothing_new_because_of_it(project: Project) -> None:
    exported(project)
    run = sync(project, Mode.FULL)
    assert (run.added, run.result["diverged"]) == (0, 0)
