"""A sync is a leased run: queued for a worker, one at a time, cancelled at any step, asked for over the API."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from django.test import Client

from audit.demo.redbrick import FakeRedBrick
from audit.live import passes
from audit.live.run import SyncBusy, request_sync, sync
from audit.log import append
from audit.models import Event, Mode, Project, SyncRun
from exportsite.jobs import Cancelled, LeaseLost, cancel, perform
from tests.audit.live.compare import differences
from tests.audit.live.conftest import TASKS


def done(run: SyncRun) -> SyncRun:
    """The run after a worker's turn."""
    perform(SyncRun, run.pk)
    run.refresh_from_db()
    return run


def test_a_worker_does_a_queued_sync(project: Project, fake: FakeRedBrick) -> None:
    run = done(request_sync(project, Mode.FULL, "test"))
    assert (run.state, run.mode, run.error_text) == ("succeeded", "full", "")
    assert differences(project, fake.world) == []


def test_a_failed_sync_says_why(project: Project, fake: FakeRedBrick) -> None:
    fake.world.key = "another-key-of-an-invented-organisation-000"
    run = done(request_sync(project, Mode.FULL))
    assert (run.state, run.error_code) == ("failed", "key")


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.INCREMENTAL])
def test_two_syncs_of_a_project_are_refused_in_words(project: Project, mode: Mode) -> None:
    first = request_sync(project, Mode.FULL)
    for again in (request_sync, sync):
        with pytest.raises(SyncBusy, match=f"run {first.pk}"):
            again(project, mode)
    assert SyncRun.objects.count() == 1
    cancel(first)
    assert sync(project, mode).state == "succeeded"


def test_a_command_that_was_killed_does_not_keep_the_next_one_out(project: Project) -> None:
    dead = SyncRun.objects.create(
        project=project, mode=Mode.FULL, attached=True, state="running", holder=f"{socket.gethostname()}/4194399"
    )
    assert sync(project, Mode.FULL).state == "succeeded"
    dead.refresh_from_db()
    assert (dead.state, dead.error_code) == ("failed", "left")


def test_a_cancelled_sync_keeps_what_it_recorded(
    project: Project, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(append, "BATCH", 100)
    monkeypatch.setattr(passes.Pass, "_times", lambda self: SyncRun.objects.update(state="cancelling"))
    with pytest.raises(Cancelled):
        sync(project, Mode.FULL)
    assert SyncRun.objects.get().state == "cancelled"
    assert Event.objects.filter(log__project=project).exists()
    monkeypatch.undo()
    sync(project, Mode.FULL)
    assert differences(project, fake.world) == []


def test_a_run_that_lost_its_lease_commits_nothing_more(
    project: Project, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(append, "BATCH", 100)
    committed: list[int] = []
    write = append.Appender._write

    def stolen(self: Any, batch: Any) -> int:
        if len(committed) == 2:
            SyncRun.objects.update(lease_token=None)
        committed.append(len(batch))
        return write(self, batch)

    monkeypatch.setattr(append.Appender, "_write", stolen)
    with pytest.raises(LeaseLost):
        sync(project, Mode.FULL)
    assert Event.objects.filter(log__project=project).exclude(task=None).count() <= 200, "two batches, no third"
    monkeypatch.undo()
    SyncRun.objects.update(state="failed")
    sync(project, Mode.FULL)
    assert differences(project, fake.world) == []


def test_attempts_count_again_after_a_commit(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    run = request_sync(project, Mode.FULL)
    SyncRun.objects.filter(pk=run.pk).update(attempts=2)
    assert done(run).attempts == 1


def post(client: Client, path: str, body: object = None) -> Any:
    return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def test_a_sync_is_asked_for_over_the_api(client: Client, project: Project) -> None:
    answer = post(client, "sync-runs/", {"project": project.pk, "mode": "incremental"})
    assert answer.status_code == 202
    address = answer["Location"]
    assert client.get(address).json()["state"] == "queued"
    perform(SyncRun, answer.json()["id"])
    found = client.get(address).json()
    assert (found["state"], found["result"]["tasks"], found["error"]) == ("succeeded", TASKS, None)
    listed = client.get("/api/v1/sync-runs/", {"project": project.pk, "state": "succeeded"}).json()
    assert [row["id"] for row in listed["results"]] == [found["id"]]


def test_a_second_one_is_a_conflict_and_a_cancelled_one_ends(client: Client, project: Project) -> None:
    first = post(client, "sync-runs/", {"project": project.pk}).json()
    again = post(client, "sync-runs/", {"project": project.pk})
    assert again.status_code == 409
    assert "waits for a worker already" in again.json()["detail"]
    assert post(client, f"sync-runs/{first['id']}/cancel/").json()["state"] == "cancelled"
    assert post(client, f"sync-runs/{first['id']}/cancel/").status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "project"),
        ({"project": 10**17}, "project"),
        ({"project": "1"}, "project"),
        ({"project": 1, "mode": "load"}, "mode"),
        ({"project": 1, "modus": "full"}, "modus"),
    ],
)
def test_a_wrong_request_is_named(client: Client, project: Project, body: dict[str, Any], field: str) -> None:
    if body.get("project") == 1:
        body = {**body, "project": project.pk}
    answer = post(client, "sync-runs/", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not SyncRun.objects.exists()


def test_sources_are_listed_without_their_keys(client: Client, project: Project, fake: FakeRedBrick) -> None:
    answer = client.get("/api/v1/sources/")
    (source,) = answer.json()["results"]
    assert (source["kind"], source["live"], source["has_key"]) == ("redbrick", True, True)
    assert source["projects"][0]["schedules"][0]["words"] in ("every 15 minutes", "daily at 02:00 (UTC)")
    assert fake.world.key not in answer.content.decode()
    assert "credentials" not in answer.content.decode()
