"""A signed message of Labelbox has its data row read soon; one of another secret has nothing read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from audit.live import hooks
from audit.live.run import sync, work
from audit.models import Event, Hint, Mode, Project, SyncRun
from audit.sources.labelbox.hook import signature
from exportsite.jobs import claim
from tests.fakes.labelbox_story import LABELER, World, version


@pytest.fixture
def rows() -> int:
    return 2


@pytest.fixture
def synced(project: Project) -> Project:
    sync(project, Mode.FULL)
    hooks.renew(project)
    project.refresh_from_db()
    return project


def send(project: Project, row: str, secret: str) -> Any:
    body = json.dumps({"dataRow": {"id": row}}).encode()
    headers = {"X-Hub-Signature": signature(body, secret), "X-Labelbox-Event": "LABEL_UPDATED", "X-Labelbox-Id": "1"}
    address = f"/hooks/{project.pk}/{hooks.address_key(project)}/"
    return Client().post(address, body, content_type="application/json", headers=headers)


def test_a_data_row_that_is_named_is_read_with_its_versions(synced: Project, world: World) -> None:
    first = next(iter(world.rows))
    world.versions.append(version(first, world.label(first), "SAVED", "2026-03-05T09:00:00.000Z", LABELER, None))
    answer = send(synced, first, hooks.signing_key(synced))
    assert (answer.status_code, answer.json()) == (202, {"tasks": 1})
    hooks.begin_hinted()
    run = SyncRun.objects.get(mode=Mode.HINTED)
    lease = claim(SyncRun, run.pk)
    assert lease is not None
    with lease:
        work(lease.run, lease)
    assert Event.objects.filter(log__project=synced, source_type="SAVED", task__external_id=first).count() == 1


def test_another_secret_has_nothing_read(synced: Project, world: World) -> None:
    assert send(synced, next(iter(world.rows)), "a guess").status_code == 400
    assert not Hint.objects.exists()
