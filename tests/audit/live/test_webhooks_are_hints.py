"""A platform's message has its tasks read soon. It is no record: what the platform says when it is asked, is."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from audit.demo.redbrick import FakeRedBrick
from audit.live import hooks
from audit.live.run import sync, work
from audit.models import Event, Hint, Mode, Project, SyncRun, Task
from exportsite.jobs import RunFailed, claim
from tests.factories import make_project, worked_task


@pytest.fixture
def synced(project: Project) -> Project:
    sync(project, Mode.FULL)
    hooks.renew(project)
    project.refresh_from_db()
    return project


def message(task: str, event: str = "TASK_ENTERED_STAGE") -> dict[str, Any]:
    data = {"orgId": "o", "projectId": "p", "taskId": task, "stageName": "Label", "updatedBy": "RB:system"}
    return {"version": "v1.0", "events": 1, "payload": [{"event": event, "id": "1", "timestamp": "t", "data": data}]}


def send(project: Project, body: Any, key: str | None = None) -> Any:
    address = f"/hooks/{project.pk}/{key or hooks.address_key(project)}/"
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client(enforce_csrf_checks=True).post(address, content, content_type="application/json")


def run_waiting() -> SyncRun:
    """What a worker does with the pass that its tick begins."""
    hooks.begin_hinted()
    run = SyncRun.objects.filter(mode=Mode.HINTED).latest("id")
    lease = claim(SyncRun, run.pk)
    assert lease is not None
    with lease:
        work(lease.run, lease)
    run.refresh_from_db()
    return run


def test_a_task_that_is_named_is_read(synced: Project, fake: FakeRedBrick) -> None:
    task = Task.objects.filter(project=synced).order_by("number").first()
    assert task is not None
    fake.requests.clear()
    answer = send(synced, message(task.external_id))
    assert (answer.status_code, answer.json()) == (202, {"tasks": 1})
    run = run_waiting()
    assert run.message == "Read 1 task of which the platform told."
    assert fake.asked("tasksPagedSDK") == fake.asked("taskEventsSDK") == 0, "nothing else was read"
    assert not Hint.objects.exists()


def test_a_deleted_task_is_found_by_asking(synced: Project, fake: FakeRedBrick, monkeypatch: Any) -> None:
    task = Task.objects.filter(project=synced).order_by("number")[3]
    true = type(fake.world).answer

    def without(world: Any, field: str, variables: Any) -> Any:
        gone = field == "task" and variables["taskId"] == task.external_id
        return None if gone else true(world, field, variables)

    monkeypatch.setattr(type(fake.world), "answer", without)
    send(synced, message(task.external_id, "TASK_DELETED"))
    run_waiting()
    task.refresh_from_db()
    assert task.status == "deleted"


def test_a_message_that_lies_changes_nothing(synced: Project) -> None:
    task = Task.objects.filter(project=synced).order_by("number")[3]
    before = Event.objects.count()
    send(synced, message(task.external_id, "TASK_DELETED"))
    send(synced, message("00000000-0000-4000-8000-00000000dead", "TASK_DELETED"))
    run_waiting()
    task.refresh_from_db()
    assert task.status != "deleted"
    assert Event.objects.count() == before


def test_the_same_message_twice_is_one_hint(synced: Project) -> None:
    for _ in range(3):
        send(synced, message("a"))
    assert Hint.objects.count() == 1


def test_a_pass_that_fails_leaves_the_hints(synced: Project, fake: FakeRedBrick) -> None:
    task = Task.objects.filter(project=synced).order_by("number")[0]
    send(synced, message(task.external_id))
    fake.fail("taskSDK", times=20, status=500)
    with pytest.raises(RunFailed):
        run_waiting()
    assert Hint.objects.count() == 1


def test_many_hints_are_one_incremental_pass(synced: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "MOST", 3)
    for number in range(5):
        send(synced, message(f"task-{number}"))
    hooks.begin_hinted()
    assert SyncRun.objects.latest("id").mode == Mode.INCREMENTAL
    assert not Hint.objects.exists()


@pytest.mark.parametrize(
    ("body", "said"), [(b"{", "no JSON"), (b"[]", "no list"), (b'{"payload": 5}', "no list"), (b"\xff", "no")]
)
def test_what_is_no_message_is_refused(synced: Project, body: bytes, said: str) -> None:
    answer = send(synced, body)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def test_a_wrong_or_old_address_is_no_address(synced: Project) -> None:
    old = hooks.address_key(synced)
    assert send(synced, message("a"), "0" * 32).status_code == 404
    hooks.renew(synced)
    assert send(synced, message("a"), old).status_code == 404
    assert hooks.address_key(synced) != old
    hooks.switch_off(synced)
    with pytest.raises(hooks.NoHook):
        hooks.address_key(synced)
    assert send(synced, message("a"), old).status_code == 404
    assert Client().post("/hooks/999999/x/").status_code == 404
    assert not Hint.objects.exists()


def test_a_message_of_any_length_is_not_read(synced: Project) -> None:
    assert send(synced, b" " * (hooks.LARGEST + 1)).status_code == 413


def test_the_command_shows_the_address(synced: Project) -> None:
    out = StringIO()
    call_command("hook", str(synced.pk), "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["path"] == f"/hooks/{synced.pk}/{hooks.address_key(synced)}/"
    call_command("hook", str(synced.pk), "--new", stdout=StringIO())
    synced.refresh_from_db()
    assert hooks.address_key(synced) not in told["path"]
    call_command("hook", str(synced.pk), "--off", stdout=StringIO())
    synced.refresh_from_db()
    assert synced.hook < 1


def test_a_file_project_has_no_webhook(db: None) -> None:
    with pytest.raises(CommandError, match="no messages are sent from there"):
        call_command("hook", str(make_project(worked_task()).pk), stdout=StringIO())
