"""`Idempotency-Key` of POST sync-runs/: the same request is the same sync."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from audit.models import Project, SyncRun
from exportsite.jobs import perform
from exportsite.models import IdempotencyKey


def post(client: Client, body: object, key: str) -> Any:
    return client.post(
        "/api/v1/sync-runs/", json.dumps(body), content_type="application/json", headers={"Idempotency-Key": key}
    )


def test_the_same_request_gets_the_same_sync(client: Client, project: Project) -> None:
    body = {"project": project.pk, "mode": "full"}
    first, again = post(client, body, "a"), post(client, body, "a")
    assert (again.status_code, again["Location"]) == (202, first["Location"])
    assert SyncRun.objects.count() == 1


def test_it_still_does_when_the_sync_is_over(client: Client, project: Project) -> None:
    first = post(client, {"project": project.pk}, "a")
    perform(SyncRun, first.json()["id"])
    again = post(client, {"project": project.pk}, "a")
    assert (again.json()["id"], again.json()["state"]) == (first.json()["id"], "succeeded")
    assert SyncRun.objects.count() == 1


def test_another_body_under_the_same_key_is_422(client: Client, project: Project) -> None:
    post(client, {"project": project.pk, "mode": "full"}, "a")
    answer = post(client, {"project": project.pk, "mode": "incremental"}, "a")
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


def test_a_conflict_leaves_the_key_free(client: Client, project: Project) -> None:
    first = post(client, {"project": project.pk}, "a").json()
    assert post(client, {"project": project.pk}, "b").status_code == 409
    assert not IdempotencyKey.objects.filter(key="b").exists()
    SyncRun.objects.update(state="succeeded")
    later = post(client, {"project": project.pk}, "b")
    assert later.status_code == 202
    assert later.json()["id"] != first["id"]


def test_one_key_may_ask_for_a_sync_and_for_an_export(client: Client, project: Project) -> None:
    post(client, {"project": project.pk}, "a")
    answer = client.post(
        "/api/v1/exports/",
        json.dumps({"project": project.pk, "format": "trail"}),
        content_type="application/json",
        headers={"Idempotency-Key": "a"},
    )
    assert answer.status_code == 202
    assert IdempotencyKey.objects.filter(key="a").count() == 2
